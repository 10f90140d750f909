"""What the tests of the group chat share: agents on scripted models, and a room with a team of them in it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from salon.agents.agent import Agent
from salon.chat.catalog import Catalog
from salon.chat.run import ChatLimits
from salon.chat.team import Team
from salon.contracts.actions import Send
from salon.contracts.events import Entry, MsgDone
from salon.contracts.runs import Principal, RunOutcome
from salon.contracts.types import TextPart
from salon.models.mock.scenario import Scenario
from salon.models.openai import SharedHttp
from salon.models.resolve import Models, ModelSettings
from salon.rooms.lobby import Lobby
from salon.rooms.log.log_memory import MemoryLogs
from salon.rooms.room import Room
from tests.clock import ManualClock
from tests.unit.rooms.stage import ALICE, Recorder


def script(*turns: dict[str, Any]) -> Scenario:
    return Scenario.of(turns)


def agent(name: str, *turns: dict[str, Any], tools: Sequence[Any] = (), **fields: Any) -> Agent:
    scenario = script(*turns) if turns else None
    return Agent(name, f"You are {name}.", model="mock", tools=tools, scenario=scenario, **fields)


class Stand:
    """A room with a team in it, and everything that it published."""

    def __init__(self, team: Team, limits: ChatLimits | None = None, pace: float = 0.0) -> None:
        clock = ManualClock()
        models = Models(ModelSettings(mock_mode=True, mock_pace=pace), SharedHttp())
        self.catalog = Catalog([], [team], resolve=models.resolve, limits=limits or ChatLimits(), clock=clock)
        self.recorder = Recorder()
        logs = MemoryLogs(clock=clock, publisher=self.recorder, window=500, seconds=300)
        self.lobby = Lobby(
            responder=self.catalog.default, logs=logs, private=logs, clock=clock, max_rooms=10, idle=3600
        )
        self.sent = 0

    async def room(self) -> Room:
        return await self.lobby.open("r")

    async def say(self, text: str, *, who: Principal = ALICE, **fields: Any) -> RunOutcome:
        room = await self.room()
        self.sent += 1
        parts = [TextPart(kind="text", text=text)]
        tools = fields.pop("tools", ())
        action = Send(kind="send", id=f"a{self.sent}", room="r", parts=[*parts], **fields)
        receipt = await room.act(who, action, tools=tools)
        assert receipt.result is not None
        async with asyncio.timeout(5):
            return await room.outcome(str(receipt.result["run"]))

    @property
    def entries(self) -> list[Entry]:
        return self.recorder.entries("r")

    def bodies(self, kind: type[Any]) -> list[Any]:
        return [entry.body for entry in self.entries if isinstance(entry.body, kind)]

    def texts(self) -> list[tuple[str, str]]:
        return [
            (done.author.id, "".join(p.text for p in done.parts if isinstance(p, TextPart)))
            for done in self.bodies(MsgDone)
        ]

    async def until(self, kind: type[Any], count: int = 1) -> Any:
        await self.recorder.until(lambda: len(self.bodies(kind)) >= count)
        return self.bodies(kind)[-1]
