"""A client that leaves and comes back at random, over logs whose processes end and die: it never misses anything."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from salon.contracts.events import (
    AgentStatus,
    ChosenBy,
    Entry,
    MsgRemoved,
    RoomEvent,
    RunFinished,
    RunStarted,
    StatePatched,
    TurnFinished,
    TurnStarted,
    UiPatch,
    UiPut,
    UiRemoved,
)
from salon.contracts.types import AddOp
from salon.contracts.wire import Snapshot
from salon.rooms.log import log_sql
from salon.rooms.state import RoomState, fold, fold_all
from salon.store.database import Database
from tests.logs import MemoryShelf, Pen, SqlShelf, delta, said, shown, starts

T = TypeVar("T")


def unsaid(state: RoomState) -> dict[str, object]:
    """What a state is without the words of messages that still stream."""
    return state.snapshot().model_dump(exclude={"partial"})


class ComingAndGoing(RuleBasedStateMachine):
    """What happens in a room, and a client of it."""

    pen: Pen
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.client = RoomState()
        self.epoch = ""
        self.open: dict[str, int] = {}
        self.count = 0

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(doing)

    def write(self, *events: RoomEvent) -> None:
        async def append() -> None:
            self.pen.write(*events)

        self.run(append())

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    @rule()
    def message_starts(self) -> None:
        name = self.name("m")
        self.open[name] = 0
        self.write(starts(name))

    @precondition(lambda self: self.open)
    @rule(text=st.text(max_size=5), data=st.data())
    def message_streams(self, text: str, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.open)))
        self.open[name] += len(text)
        self.write(delta(text, self.open[name], name))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), removed=st.booleans())
    def message_ends(self, data: st.DataObject, removed: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.open)))
        del self.open[name]
        self.write(MsgRemoved(event="message.removed", message=name) if removed else said(name))

    @rule(props=st.dictionaries(st.sampled_from("ab"), st.integers(0, 9)))
    def surface_appears(self, props: dict[str, Any]) -> None:
        old = self.pen.state.surfaces.get("s")
        version = old.version + 1 if old else 1
        self.write(UiPut(event="ui.put", surface="s", owner="host", component="card", props=props, version=version))

    @precondition(lambda self: "s" in self.pen.state.surfaces)
    @rule(value=st.integers(), gone=st.booleans())
    def surface_changes(self, value: int, gone: bool) -> None:
        shown = self.pen.state.surfaces["s"]
        if gone:
            self.write(UiRemoved(event="ui.removed", surface="s"))
            return
        ops = [AddOp(op="add", path="/a", value=value)]
        self.write(UiPatch(event="ui.patch", surface="s", ops=[*ops], version=shown.version + 1))

    @rule(key=st.sampled_from("xyz"), value=st.integers())
    def state_changes(self, key: str, value: int) -> None:
        ops = [AddOp(op="add", path=f"/{key}", value=value)]
        self.write(StatePatched(event="state.patched", ops=[*ops], version=self.pen.state.version + 1))

    @rule()
    def a_run_happens(self) -> None:
        run, turn = self.name("run"), self.name("turn")
        why = ChosenBy(rule="host")
        self.write(
            RunStarted(event="run.started", run=run, team="t"),
            TurnStarted(event="turn.started", turn=turn, run=run, agent="host", chosen=why, source="mock"),
            AgentStatus(event="agent.status", agent="host", status="thinking", run=run),
            AgentStatus(event="agent.status", agent="host", status="idle", run=run),
            TurnFinished(event="turn.finished", turn=turn, outcome="success"),
            RunFinished(event="run.finished", run=run, outcome="success"),
        )

    @rule()
    def the_client_comes_back(self) -> None:
        """It folds what the log gives it, or begins with a snapshot; either way it sees what everyone sees."""
        log = self.pen.log
        gap = log.since(self.client.seq) if self.epoch == log.epoch else None
        if gap is None:
            self.epoch, self.client = log.epoch, log.state.copy()
        else:
            assert [e.seq for e in gap] == list(range(self.client.seq + 1, log.state.seq + 1))
            for missed in gap:
                fold(self.client, Entry.model_validate_json(missed.model_dump_json(by_alias=True)))
        assert shown(self.client) == shown(log.state)

    @rule()
    def the_log_alone_gives_the_state(self) -> None:
        async def whole() -> RoomState:
            await self.pen.log.stored()
            entries, more = await self.pen.log.page(before=None, after=0, limit=10_000)
            assert not more
            return fold_all(RoomState(), entries)

        assert unsaid(self.run(whole())) == unsaid(self.pen.log.state) == unsaid(self.pen.state)

    @invariant()
    def the_snapshot_is_always_valid(self) -> None:
        Snapshot.model_validate_json(shown(self.pen.log.state))


class InMemory(ComingAndGoing):
    """Over a log in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.pen = MemoryShelf(window=5, seconds=1e9).begin()

    def teardown(self) -> None:
        self.runner.close()


class InAStore(ComingAndGoing):
    """Over a log in a database, whose process ends in order or dies at any moment."""

    database: ClassVar[Database]
    shared: ClassVar[asyncio.Runner]
    rooms: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.runner = self.shared
        self.shelf = SqlShelf(self.database, window=5, seconds=1e9)
        type(self).rooms += 1
        self.pen = self.shelf.begin(f"room-{self.rooms}")
        self.saved: dict[str, int] = {}
        self.new = True

    @rule()
    def everything_is_stored(self) -> None:
        """Drafts included: as after a second of silence."""

        async def settle() -> None:
            await self.pen.log.stored()
            await self.shelf.settled()

        self.run(settle())
        self.new = self.pen.state.seq == 0
        self.saved = {name: m.length for name, m in self.pen.log.state.streaming.items()}

    @precondition(lambda self: self.pen.state.seq)
    @rule(stopped=st.booleans())
    def the_process_dies(self, stopped: bool) -> None:
        """What was let out is there again, but for words that are newer than the last draft."""
        before, let_out, epoch = self.pen.state, self.pen.log.state.copy(), self.pen.log.epoch

        async def die() -> None:
            if not stopped:
                await asyncio.sleep(0)
            self.shelf = await self.shelf.crashed()
            found = await self.shelf.logs.find(self.pen.room)
            log = found or self.shelf.logs.make(self.pen.room, self.pen.log.head, lasting=True)
            self.pen = Pen(self.pen.room, log, self.shelf.clock)

        self.run(die())
        found = self.pen.log.state
        assert self.pen.log.epoch != epoch or found.seq == let_out.seq  # else it had not begun to write
        assert [m.message for m in let_out.messages if m in before.messages] == [
            m.message for m in found.messages if m in let_out.messages
        ]
        if found.seq == before.seq:
            assert unsaid(found) == unsaid(before)
        for name, message in found.streaming.items():
            if name in before.streaming:
                said_so_far = before.streaming[name].text().replace("\0", "\N{REPLACEMENT CHARACTER}")
                assert said_so_far.startswith(message.text().replace("\0", "\N{REPLACEMENT CHARACTER}"))
                assert message.length >= self.saved.get(name, 0)
        self.open = {name: message.length for name, message in found.streaming.items()}

    @precondition(lambda self: self.pen.state.seq)
    @rule()
    def the_process_ends_in_order(self) -> None:
        """Everything is as it was, and under the same epoch."""
        before = self.pen

        async def restart() -> None:
            await self.shelf.settled()
            await before.log.close()
            self.shelf = self.shelf.restarted()
            self.pen = await self.shelf.found(before.room)

        self.run(restart())
        assert self.pen.log.epoch == before.log.epoch
        assert self.pen.log.state.seq == before.state.seq
        assert shown(self.pen.log.state) == shown(before.state).replace("\\u0000", "\N{REPLACEMENT CHARACTER}")
        self.open = {name: message.length for name, message in self.pen.state.streaming.items()}

    def teardown(self) -> None:
        self.run(self.shelf.close())


QUICK = hypothesis_settings(max_examples=25, stateful_step_count=30, suppress_health_check=list(HealthCheck))


class TestInMemory(InMemory.TestCase):  # type: ignore[misc, valid-type]
    """Runs it."""

    settings = QUICK


class TestInAStore(InAStore.TestCase):  # type: ignore[misc, valid-type]
    """Runs it, with one database for all examples and snapshots every few entries."""

    settings = QUICK

    @pytest.fixture(autouse=True, scope="class")
    @staticmethod
    def _database() -> Any:
        with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
            patch.setattr(log_sql, "DRAFT_SECONDS", 0.0)
            patch.setattr(log_sql, "SNAPSHOT_EVERY", 10)
            patch.setattr(log_sql, "SEAL_WITH_SNAPSHOT", 5)
            patch.setattr(log_sql, "MILESTONE", 50)
            InAStore.shared, InAStore.database = runner, Database("sqlite:///:memory:")
            yield
            runner.run(InAStore.database.close())
