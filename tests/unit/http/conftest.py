"""The HTTP surface over a real lobby, log and broker, with scripted answers in place of models."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Literal

import httpx
import pytest
from fastapi import FastAPI

from salon.agents.agent import Agent
from salon.agents.tools.tool import tool
from salon.chat.others import Outline
from salon.chat.team import Team
from salon.clock import Clock
from salon.contracts.runs import Principal
from salon.http.routes import add_routes
from salon.hub.broker_memory import MemoryBroker
from salon.hub.tap import Tap
from salon.rooms.lobby import Lobby
from salon.rooms.log.log_memory import MemoryLogs
from salon.settings import Settings
from tests.clock import ManualClock
from tests.fakes.answering import Play, Scripted, saying


@tool
def forecast(city: str) -> str:
    """What the weather will be."""
    return f"Sunny in {city}"


class FakeCatalog:
    """Real agents and teams, scripted answers."""

    def __init__(self, play: Play) -> None:
        host = Agent("host", "You greet people. " * 10, model=None, intents=["say hello"], handoffs=["writer"])
        writer = Agent("writer", "You write.", model="gpt-4o", tools=[forecast], intents=["what time is it"])
        self.agents = {"host": host, "writer": writer}
        self.teams = {"crew": Team("crew", [host, writer], description="All who are here")}
        self.responders = {name: Scripted(name, play) for name in ("crew", "host")}
        self.responders["writer"] = Scripted("writer", play, roster=("writer", "host"))
        self.default = self.responders["crew"]

    def names(self) -> list[str]:
        return list(self.responders)

    open = False

    async def find(self, name: str, who: Principal) -> Scripted | None:
        return self.responders.get(name)

    async def agent(self, name: str, who: Principal) -> Agent | None:
        return self.agents.get(name) or (self.agents["host"] if name == "crew" else None)

    async def listed(self, who: Principal) -> list[str]:
        return self.names()

    async def outlines(self, who: Principal) -> list[Outline]:
        return []

    def built(self, agent: str) -> SimpleNamespace:
        return SimpleNamespace(model="mock/gpt-4", source="mock", tools=())

    def mocks(self) -> list[str]:
        return list(self.agents)


@dataclass
class FakeRuntime:
    """What the HTTP surface needs of `salon.runtime.Runtime`."""

    catalog: FakeCatalog
    settings: Settings
    clock: Clock = field(default_factory=ManualClock)
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    mode: Literal["live", "mock"] = "mock"

    def __post_init__(self) -> None:
        self.published = Tap(self.broker)
        self.hub = SimpleNamespace(connections=3, watched=1)
        self.house = SimpleNamespace(keeps=self._keeps)
        self.store_answers = True
        logs = MemoryLogs(clock=self.clock, publisher=self.published, window=500, seconds=300)
        self.lobby = Lobby(
            responder=self.catalog.default, logs=logs, private=logs, clock=self.clock, max_rooms=100, idle=3600
        )

    async def _keeps(self, within: float) -> bool:
        assert within <= 1
        return self.store_answers


@dataclass
class Surface:
    """An application and a client of it."""

    app: FastAPI
    runtime: FakeRuntime
    http: httpx.AsyncClient

    @property
    def crew(self) -> Scripted:
        """Who answers for the team, and in live rooms."""
        return self.runtime.catalog.responders["crew"]

    async def ask(self, text: str = "Hello", path: str = "/v1/chat/completions", **more: Any) -> httpx.Response:
        """Post a chat request."""
        body = {"model": "crew", "messages": [{"role": "user", "content": text}], **more}
        return await self.http.post(path, json=body)


def application(runtime: FakeRuntime) -> FastAPI:
    """The application with nothing but the HTTP surface."""
    app = FastAPI()
    app.state.runtime = runtime
    add_routes(app)
    return app


MakeSurface = Callable[..., Surface]

HELLO = saying("Hello", " there")


@pytest.fixture
async def surface(settings: Settings) -> AsyncIterator[MakeSurface]:
    """Makes a surface on which every run goes as the given play has it."""
    opened: list[Surface] = []

    def make(play: Play = HELLO, **changes: Any) -> Surface:
        runtime = FakeRuntime(FakeCatalog(play), settings.model_copy(update=changes))
        app = application(runtime)
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://salon.test")
        opened.append(Surface(app, runtime, http))
        return opened[-1]

    yield make
    for one in opened:
        await one.http.aclose()
        await one.runtime.lobby.close()
