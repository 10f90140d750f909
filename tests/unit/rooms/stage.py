"""What the room tests share: a room over a memory log, with a responder that does what the test says."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from salon.clock import SystemClock
from salon.contracts.events import ChosenBy, Entry, MsgDelta, MsgDone, MsgStarted, TurnFinished, TurnStarted
from salon.contracts.feed import Published
from salon.contracts.runs import Principal, RunOrder, RunOutcome, Stage
from salon.contracts.types import AgentCard, Author, TextPart
from salon.rooms.lobby import Lobby
from salon.rooms.log.log_memory import MemoryLogs
from salon.rooms.room import Room

ALICE = Principal("alice", "Alice")
BOB = Principal("bob")

Behaviour = Callable[[Stage, RunOrder], Awaitable[RunOutcome]]


@dataclass
class Recorder:
    """Everything that was published, by room."""

    items: list[Published] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, item: Published) -> None:
        self.items.append(item)
        self.news.set()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until what was published makes `condition` true."""
        async with asyncio.timeout(5):
            while not condition():
                self.news.clear()
                await self.news.wait()

    def entries(self, room: str) -> list[Entry]:
        return [item.entry for item in self.items if item.room == room]


class Scripted:
    """A responder whose runs behave as told, in order; the last behaviour repeats."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.behaviours = list(behaviours) or [echo]
        self.orders: list[RunOrder] = []

    @property
    def team(self) -> str:
        return "team"

    def roster(self) -> list[AgentCard]:
        return [AgentCard(id="host", host=True), AgentCard(id="writer", host=False)]

    def tools(self) -> dict[str, str]:
        return {}

    async def respond(self, stage: Stage, order: RunOrder) -> RunOutcome:
        self.orders.append(order)
        behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
        return await behaviour(stage, order)


def open_turn(stage: Stage, order: RunOrder, agent: str = "host") -> str:
    turn = f"turn-{order.run}"
    stage.append(
        TurnStarted(
            event="turn.started", turn=turn, run=order.run, agent=agent, chosen=ChosenBy(rule="host"), source="mock"
        )
    )
    return turn


def say(stage: Stage, order: RunOrder, *pieces: str, done: bool = True) -> None:
    author = Author(id="host", role="agent")
    message = f"msg-{order.run}"
    stage.append(MsgStarted(event="message.started", message=message, author=author, run=order.run))
    length = 0
    for piece in pieces:
        length += len(piece)
        stage.append(MsgDelta(event="message.delta", message=message, text=piece, at=length))
    if done:
        parts = [TextPart(kind="text", text="".join(pieces))]
        stage.append(MsgDone(event="message.done", message=message, author=author, parts=[*parts], run=order.run))


async def echo(stage: Stage, order: RunOrder) -> RunOutcome:
    turn = open_turn(stage, order)
    say(stage, order, "you ", "said ", "it")
    stage.append(TurnFinished(event="turn.finished", turn=turn, outcome="success"))
    return RunOutcome(outcome="success", usage={"output_tokens": 3})


class House:
    """A lobby with everything it needs."""

    def __init__(self, *behaviours: Behaviour, window: int = 500, seconds: float = 300.0, max_rooms: int = 100) -> None:
        self.published = Recorder()
        self.responder = Scripted(*behaviours)
        self.clock = SystemClock()
        logs = MemoryLogs(clock=self.clock, publisher=self.published, window=window, seconds=seconds)
        self.lobby = Lobby(
            responder=self.responder, logs=logs, private=logs, clock=self.clock, max_rooms=max_rooms, idle=3600
        )

    async def room(self, name: str = "r") -> Room:
        return await self.lobby.open(name)

    def events(self, room: str = "r") -> list[str]:
        return [entry.body.event for entry in self.published.entries(room)]
