"""A conversation with the demo team in a real room, on the mock model."""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar

from salon.chat.catalog import Catalog
from salon.chat.run import ChatLimits
from salon.contracts.actions import Resolve, Send, UiAction
from salon.contracts.events import Entry, Handoff, Interrupted, MsgDone, RoomEvent, RunFinished, ToolReady, UiPut
from salon.contracts.runs import Receipt
from salon.contracts.types import Json, Obj, TextPart
from salon.demo import team
from salon.models.openai import SharedHttp
from salon.models.resolve import Models, ModelSettings
from salon.rooms.lobby import Lobby
from salon.rooms.log.log_memory import MemoryLogs
from tests.clock import ManualClock
from tests.unit.rooms.stage import ALICE, Recorder

E = TypeVar("E", bound=RoomEvent)


class Talk:
    """One room; every method returns what its run wrote into the log."""

    def __init__(self) -> None:
        clock = ManualClock()
        models = Models(ModelSettings(mock_mode=True), SharedHttp())
        catalog = Catalog([], [team()], resolve=models.resolve, limits=ChatLimits(), clock=clock)
        self.recorder = Recorder()
        logs = MemoryLogs(clock=clock, publisher=self.recorder, window=500, seconds=300)
        self.lobby = Lobby(responder=catalog.default, logs=logs, private=logs, clock=clock, max_rooms=1, idle=3600)
        self.actions = 0

    async def say(self, text: str, answer: Json = None) -> "Heard":
        """Send a message; `answer` resolves the question that the run asks."""
        return await self._do("send", {"parts": [TextPart(kind="text", text=text)]}, answer)

    async def use(self, surface: str, name: str, context: Obj) -> "Heard":
        """Use a surface."""
        return await self._do("ui_action", {"surface": surface, "name": name, "context": context}, None)

    async def surface(self, component: str) -> UiPut:
        """The newest surface of a kind, as it is now."""
        room = await self.lobby.open("r")
        return [shown for shown in room.snapshot().surfaces if shown.component == component][-1]

    async def state(self) -> Json:
        """The room's shared state."""
        return (await self.lobby.open("r")).snapshot().state

    async def _do(self, kind: str, fields: Mapping[str, Any], answer: Json) -> "Heard":
        room = await self.lobby.open("r")
        before = len(self.recorder.entries("r"))
        self.actions += 1
        shape = Send if kind == "send" else UiAction
        receipt: Receipt = await room.act(ALICE, shape(kind=kind, id=f"a{self.actions}", room="r", **fields))  # type: ignore[arg-type]
        assert receipt.result is not None
        async with asyncio.timeout(5):
            run = asyncio.create_task(room.outcome(str(receipt.result["run"])))
            while not run.done():
                await asyncio.sleep(0)
                for question in room.snapshot().interrupts if answer is not None else ():
                    resolve = Resolve(
                        kind="resolve",
                        id=question.interrupt,
                        room="r",
                        interrupt=question.interrupt,
                        status="resolved",
                        value=answer,
                    )
                    await room.act(ALICE, resolve)
        return Heard(self.recorder.entries("r")[before:])


class Heard:
    """What one run wrote into the log."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries

    def all(self, kind: type[E]) -> list[E]:
        """Its events of one kind."""
        return [entry.body for entry in self.entries if isinstance(entry.body, kind)]

    @property
    def handed(self) -> list[tuple[str, str]]:
        """Who handed over to whom."""
        return [(event.source, event.target) for event in self.all(Handoff)]

    @property
    def called(self) -> list[str]:
        """The tools that were called."""
        return [event.name for event in self.all(ToolReady)]

    @property
    def shown(self) -> list[str]:
        """The kinds of surfaces that were put up."""
        return [event.component for event in self.all(UiPut)]

    @property
    def asked(self) -> list[str]:
        """The questions to people."""
        return [event.message or "" for event in self.all(Interrupted)]

    @property
    def outcome(self) -> str:
        """How the run ended."""
        return self.all(RunFinished)[-1].outcome

    def words(self, agent: str) -> str:
        """What an agent said."""
        said = [event for event in self.all(MsgDone) if event.author.id == agent]
        return "\n".join(part.text for event in said for part in event.parts if isinstance(part, TextPart))
