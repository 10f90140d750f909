"""The application: an ASGI app from settings, agents and teams. `uvicorn salon.app:app` serves the demo team."""

import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from salon import demo, journal
from salon.agents.agent import Agent
from salon.chat.team import Team
from salon.http.routes import add_routes
from salon.runtime import VERSION, Runtime
from salon.settings import Settings
from salon.ws.endpoint import add_socket

if TYPE_CHECKING:
    app: FastAPI


def create_app(
    settings: Settings | None = None, *, agents: Sequence[Agent] = (), teams: Sequence[Team] = ()
) -> FastAPI:
    """The server as an ASGI app.

    Args:
        settings: read from the environment and `.env` when left out.
        agents, teams: who answers; the demo team when there are none. The first team answers in rooms.

    Raises:
        ValueError: a setting, agent or team that cannot be used; the text names it and the remedy.
    """
    if not agents and not teams:
        teams = [demo.team()]
    settings = settings or Settings.load()
    if not structlog.is_configured():  # whoever embeds Salon may have a log of its own
        journal.configure(settings.log_level, settings.log_format)
    runtime = Runtime(settings, agents=agents, teams=teams)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await runtime.open()
        gc.collect()
        gc.freeze()  # what is here now stays: the collector need not look at it again
        yield
        await runtime.close()

    app = FastAPIOffline(  # the documentation's scripts come from here, not from somewhere on the network
        static_url="/static/docs",
        title="Salon",
        version=VERSION,
        description="Rooms in which people and teams of AI agents talk.",
        lifespan=lifespan,
    )
    app.state.runtime = runtime
    add_socket(app)
    add_routes(app)
    return app


def __getattr__(name: str) -> object:
    """`app` is made when a server asks for it, so that importing this module costs nothing."""
    if name == "app":
        globals()["app"] = made = create_app()
        return made
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
