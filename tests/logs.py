"""Logs for tests: every kind of shelf, a pen that writes a log as its room does, and a store that waits to be told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

import pytest

from salon.contracts.events import (
    AgentStatus,
    ChosenBy,
    Custom,
    Entry,
    Handoff,
    Interrupted,
    MsgDelta,
    MsgDone,
    MsgStarted,
    RoomChanged,
    RoomEvent,
    RoomOpened,
    RoomSummarised,
    RunStarted,
    StatePatched,
    ToolReady,
    ToolStarted,
    TurnStarted,
    UiA2ui,
    UiPatch,
    UiPut,
    lane_of,
)
from salon.contracts.feed import Published
from salon.contracts.types import AddOp, AgentCard, Author, Obj, TextPart
from salon.rooms.log.log_memory import MemoryLogs
from salon.rooms.log.logs_sql import SqlLogs
from salon.rooms.log.port import Head, Log, Logs
from salon.rooms.state import RoomState, fold
from salon.store.database import Database
from salon.store.log.entries import Entries
from salon.store.log.rows import RoomWrite
from salon.store.log.writer import Writer
from tests.clock import ManualClock
from tests.stores import KINDS
from tests.unit.rooms.stage import Recorder

HOST = Author(id="host", role="agent")
HEAD = Head("alice", shared=True)


def said(message: str, text: str = "hi") -> MsgDone:
    """A whole message."""
    return MsgDone(event="message.done", message=message, author=HOST, parts=[TextPart(kind="text", text=text)])


def starts(message: str = "m") -> MsgStarted:
    """A message begins to stream."""
    return MsgStarted(event="message.started", message=message, author=HOST)


def delta(text: str, at: int, message: str = "m") -> MsgDelta:
    """It goes on: `at` is its length then."""
    return MsgDelta(event="message.delta", message=message, text=text, at=at)


def ticks(count: int) -> list[RoomEvent]:
    """So many entries that mean nothing."""
    return [Custom(event="custom", name="tick", value=n) for n in range(count)]


OPENED = RoomOpened(event="room.opened", team="desk", roster=[AgentCard(id="host", host=True)])


def everything() -> list[RoomEvent]:
    """Entries after which a room's state has something of each kind, most of it still open."""
    shared: Obj = {"n": 1, "f": 3.0, "big": 1e300, "s": "\x00 ☃ \U0001f600", "deep": [[None, True, {}]]}
    return [
        OPENED,
        RoomChanged(event="room.changed", title="A title", archived=True),
        RunStarted(event="run.started", run="run", team="desk"),
        TurnStarted(
            event="turn.started", turn="turn", run="run", agent="host", chosen=ChosenBy(rule="host"), source="mock"
        ),
        AgentStatus(event="agent.status", agent="host", status="thinking", run="run"),
        ToolStarted(event="tool.started", call="call", name="add", run="run", where="server"),
        ToolReady(event="tool.ready", call="call", name="add", args={"a": [1, 2.5]}, where="server", agent="host"),
        Interrupted(event="interrupt.opened", interrupt="q", run="run", agent="host", reason="approval"),
        UiPut(event="ui.put", surface="s", owner="host", component="card", props=shared, version=1),
        UiPatch(event="ui.patch", surface="s", ops=[AddOp(op="add", path="/more", value=None)], version=2),
        UiA2ui(event="ui.a2ui", surface="a", owner="host", messages=[{"beginRendering": {}}]),
        StatePatched(event="state.patched", ops=[AddOp(op="add", path="/x", value=shared)], version=1),
        Handoff(event="agent.handoff", source="host", target="writer"),
        RoomSummarised(event="room.summarised", text="Not much.", upto=1),
        starts("open"),
    ]


class Pen:
    """Writes a log as its room does: numbers, folds, hands over."""

    def __init__(self, room: str, log: Log, clock: ManualClock) -> None:
        self.room = room
        self.log = log
        self.clock = clock
        self.state = log.state.copy()

    def write(self, *events: RoomEvent) -> int:
        """Append entries; gives the seq of the last one."""
        for event in events:
            entry = Entry(seq=self.state.seq + 1, at=self.clock.time(), body=event)
            fold(self.state, entry)
            data = entry.model_dump_json(by_alias=True).encode()
            self.log.append(Published(self.room, entry, lane_of(event), data))
        return self.state.seq

    def gap(self, seq: int) -> list[int] | None:
        """The seqs that the log gives a client which has seen `seq`."""
        entries = self.log.since(seq)
        return None if entries is None else [entry.seq for entry in entries]

    async def page(
        self, *, before: int | None = None, after: int | None = None, limit: int = 100
    ) -> tuple[list[int], bool]:
        """The seqs of a page of history, and whether there are more in that direction."""
        entries, more = await self.log.page(before=before, after=after, limit=limit)
        return [entry.seq for entry in entries], more


class Shelf(Protocol):
    """A process's logs, and what it let out."""

    clock: ManualClock
    published: Recorder
    logs: Logs

    def begin(self, room: str = "r") -> Pen:
        """An empty log that lasts."""


class MemoryShelf:
    """Logs in memory."""

    def __init__(self, *, window: int = 50, seconds: float = 60.0, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.published = Recorder()
        self.logs: Logs = MemoryLogs(clock=self.clock, publisher=self.published, window=window, seconds=seconds)

    def begin(self, room: str = "r") -> Pen:
        return Pen(room, self.logs.make(room, HEAD, lasting=True), self.clock)


class GatedEntries(Entries):
    """A store that can be stopped: `open` lets writes pass, `tries` counts them, `asked` says that one came."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()
        self.busy = asyncio.Lock()
        self.tries = 0
        self.trouble: Exception | None = None

    async def store(self, writes: Sequence[RoomWrite]) -> None:
        self.tries += 1
        self.asked.set()
        if self.trouble is not None:
            raise self.trouble
        await self.open.wait()
        async with self.busy:
            await super().store(writes)


class SqlShelf:
    """The logs of one process in a database. `restarted` is the process that comes after it, or beside it."""

    def __init__(
        self,
        database: Database,
        *,
        entries: GatedEntries | None = None,
        window: int = 50,
        seconds: float = 60.0,
        clock: ManualClock | None = None,
    ) -> None:
        self.database = database
        self.clock = clock or ManualClock()
        self.published = Recorder()
        self.entries = entries or GatedEntries(database)
        self.writer = Writer(self.entries)
        self.lost: list[str] = []
        self.when_lost: Callable[[str], None] = lambda _: None
        self._all = [self]
        self._window = window
        self._seconds = seconds
        self.logs: Logs = SqlLogs(
            self.entries,
            self.writer,
            clock=self.clock,
            publisher=self.published,
            window=window,
            seconds=seconds,
            lost=self._lose,
        )

    def _lose(self, room: str) -> None:
        self.lost.append(room)
        self.when_lost(room)

    def begin(self, room: str = "r", *, lasting: bool = True) -> Pen:
        return Pen(room, self.logs.make(room, HEAD, lasting=lasting), self.clock)

    async def found(self, room: str = "r") -> Pen:
        """The log of a room that is there."""
        log = await self.logs.find(room)
        assert log is not None
        return Pen(room, log, self.clock)

    async def settled(self) -> None:
        """Everything that waits to be stored is, drafts that are due included."""
        for _ in range(3):
            await asyncio.sleep(0)
        await self.writer.close(patience=5)

    def restarted(self, entries: GatedEntries | None = None) -> SqlShelf:
        """Another process with the same database: what this one has in memory stays behind."""
        after = SqlShelf(self.database, entries=entries, clock=self.clock, window=self._window, seconds=self._seconds)
        after._all = self._all
        self._all.append(after)
        return after

    async def close(self) -> None:
        """Wait until none of the processes uses the database any more."""
        for shelf in self._all:
            shelf.entries.open.set()
            await shelf.writer.close(patience=5)

    async def crashed(self) -> SqlShelf:
        """The process that comes after this one died, with whatever it had not stored."""
        self.entries.trouble = RuntimeError("this process is dead")
        async with self.entries.busy:  # a statement that the database has begun goes on to its end
            await self.writer.close(patience=0)
        return self.restarted()


@pytest.fixture
async def sql(database: Database) -> AsyncIterator[SqlShelf]:
    """A process with a database of each kind."""
    shelf = SqlShelf(database)
    yield shelf
    await shelf.close()


@pytest.fixture(params=["in memory", *KINDS])
def shelf_url(request: pytest.FixtureRequest) -> str | None:
    """Where logs are kept: DATABASE_URL, or None where there is no store."""
    if request.param == "in memory":
        return None
    if request.param == "memory":
        return "sqlite:///:memory:"
    url: str = request.getfixturevalue(f"{request.param.replace('postgresql', 'postgres')}_database_url")
    return url


@pytest.fixture
async def shelf(shelf_url: str | None) -> AsyncIterator[Shelf]:
    """A process with logs of each kind: without a store, and in every database."""
    if shelf_url is None:
        yield MemoryShelf()
        return
    database = Database(shelf_url)
    sql = SqlShelf(database)
    yield sql
    await sql.close()
    await database.close()


def shown(state: RoomState) -> str:
    """A state as clients see it, comparable."""
    return state.snapshot().model_dump_json()
