"""The application: an ASGI app from agents, teams and settings. `uvicorn salon.app:app` serves the demo team."""

import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import FastAPI

from salon import demo, journal
from salon.agents.agent import Agent
from salon.chat.team import Team
from salon.http.custom.agent import CustomAgent
from salon.http.custom.answer import Handler
from salon.http.custom.hooks import A, B, RequestHooks
from salon.http.pages import add_pages
from salon.http.routes import add_routes
from salon.http.web import add_web
from salon.runtime import VERSION, Runtime
from salon.settings import Settings
from salon.sources.dynamic import DynamicAgents
from salon.ws.endpoint import add_socket

if TYPE_CHECKING:
    app: FastAPI

H = TypeVar("H", bound=Handler)


class AgentServer(FastAPI):
    """A FastAPI application in which agents answer: on the socket, on /v1, and each under its own name.

    Routes, routers and middleware are added to it as to any other; `uvicorn.run(server)` runs it.

    Args:
        agents, teams: who answers; there may be nobody yet. The first team answers in rooms.
        dynamic: agents that are made when they are asked for, beside those of AGENTS_FOLDER and of the database.
        settings: read from the environment and `.env` when left out.
        options: FastAPI's own, such as `title`. A `lifespan` begins when the agents are ready, and ends before them;
            with `docs_url=None` there are no pages: neither documentation nor the web app.

    Raises:
        ValueError: a setting, agent or team that cannot be used; the text names it and the remedy.
    """

    def __init__(
        self,
        agents: Sequence[Agent] = (),
        *,
        teams: Sequence[Team] = (),
        dynamic: DynamicAgents | None = None,
        settings: Settings | None = None,
        **options: Any,
    ) -> None:
        settings = settings or Settings.load()
        if not journal.is_owned():  # whoever embeds Salon may have a log of its own
            journal.configure(settings.log_level, settings.log_format)
        runtime = Runtime(settings, agents=agents, teams=teams, dynamic=dynamic)
        inner = options.pop("lifespan", None)

        @asynccontextmanager
        async def lifespan(server: FastAPI) -> AsyncIterator[Any]:
            await runtime.open()
            gc.collect()
            gc.freeze()  # what is here now stays: the collector need not look at it again
            try:
                if inner is None:
                    yield
                else:
                    async with inner(server) as state:
                        yield state
            finally:
                await runtime.close()

        shown = options.pop("docs_url", True) is not None and options.get("openapi_url", True) is not None
        options.pop("redoc_url", None)
        described = {
            "title": "Salon",
            "version": VERSION,
            "description": "Rooms in which people and teams of AI agents talk.",
        }
        super().__init__(**{**described, **options}, docs_url=None, redoc_url=None, lifespan=lifespan)
        self.state.runtime = runtime
        self._runtime = runtime
        if shown:
            add_pages(self)
            add_web(self)
        add_socket(self)
        add_routes(self)
        self._hooks: RequestHooks = self.state.hooks

    @property
    def app(self) -> "AgentServer":
        """The server itself, for those who look for an application in it."""
        return self

    def agent(self, path: str, *, description: str = "") -> Callable[[H], H]:
        """Make a function an agent: `@server.agent("/weather/{location}")`.

        It is called with an AgentRequest and the path's parameters, and returns a text, a completion, or a stream of
        texts or chunks. It is asked by POST {path} and POST {path}/chat/completions, and described by GET {path}. As a
        model on /v1 it is called like the path, `weather/paris`; one without parameters is an agent like any other.

        Raises ValueError: a path that cannot be one, or whose name is taken.
        """

        def serve(handler: H) -> H:
            custom = CustomAgent(path, handler, description)
            if custom.path.everywhere and custom.path.fixed:
                self._runtime.catalog.add(custom.agent({}))
            elif custom.path.everywhere:
                self._runtime.catalog.ask_too(custom.elsewhere(self._runtime.catalog))
            self.include_router(custom.routes())
            return handler

        return serve

    def before_request(self, hook: B) -> B:
        """Call `hook(request, context)` before a request is answered. It may answer itself: with a Response, or by
        raising HTTPException or SalonError."""
        self._hooks.before.append(hook)
        return hook

    def after_request(self, hook: A) -> A:
        """Call `hook(request, response, context)` once a request is answered in full, also by an error; `response` has
        `status_code` and `headers`, `context.get_usage()` tells what the answer used."""
        self._hooks.after.append(hook)
        return hook

    def finalize_request(self, hook: A) -> A:
        """Call `hook(request, response, context)` last of all, also for requests that were refused before."""
        self._hooks.finalize.append(hook)
        return hook


def create_app(
    settings: Settings | None = None, *, agents: Sequence[Agent] = (), teams: Sequence[Team] = ()
) -> AgentServer:
    """The server that `salon serve` runs: an AgentServer with the demo team when there is nobody else to answer."""
    if not agents and not teams:
        teams = [demo.team()]
    return AgentServer(agents, teams=teams, settings=settings)


def __getattr__(name: str) -> object:
    """`app` is made when a server asks for it, so that importing this module costs nothing."""
    if name == "app":
        globals()["app"] = made = create_app()
        return made
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
