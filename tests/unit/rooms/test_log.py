"""Recovery, history and forks: a log gives exactly what was asked, or says that it cannot."""

from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from salon.contracts.events import (
    AgentStatus,
    ChosenBy,
    Custom,
    Entry,
    MsgDelta,
    MsgDone,
    MsgRemoved,
    MsgStarted,
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
from salon.contracts.types import AddOp, Author, TextPart
from salon.contracts.wire import Snapshot
from salon.errors import SalonError
from salon.rooms import log_memory
from salon.rooms.log_memory import MemoryLog
from salon.rooms.state import SNAPSHOT_MESSAGES, RoomState, fold
from tests.clock import ManualClock

HOST = Author(id="host", role="agent")


def entry(seq: int, body: RoomEvent | None = None, at: float = 0.0) -> Entry:
    return Entry(seq=seq, at=at, body=body or Custom(event="custom", name="tick", value=seq))


def done(message: str, text: str = "hi") -> MsgDone:
    return MsgDone(event="message.done", message=message, author=HOST, parts=[TextPart(kind="text", text=text)])


def log(window: int = 5, seconds: float = 60.0, clock: ManualClock | None = None) -> MemoryLog:
    return MemoryLog(epoch="e", clock=clock or ManualClock(), window=window, seconds=seconds)


def test_the_whole_gap_or_nothing() -> None:
    kept = log()
    for seq in range(1, 11):
        kept.append(entry(seq, at=1e12))
    assert [e.seq for e in kept.since(7) or []] == [8, 9, 10]
    assert [e.seq for e in kept.since(5) or []] == [6, 7, 8, 9, 10]
    assert kept.since(10) == []
    assert kept.since(4) is None
    assert kept.since(11) is None


def test_old_entries_leave_the_window_by_age() -> None:
    clock = ManualClock()
    kept = log(window=100, seconds=60, clock=clock)
    kept.append(entry(1, at=clock.time()))
    clock.advance(61)
    kept.append(entry(2, at=clock.time()))
    assert kept.since(0) is None
    assert [e.seq for e in kept.since(1) or []] == [2]
    clock.advance(61)
    assert kept.since(1) is None
    assert kept.since(2) == []


def test_history_pages_forwards_and_backwards_without_superseded_kinds() -> None:
    kept = log(window=50)
    kept.append(entry(1, MsgStarted(event="message.started", message="m", author=HOST)))
    kept.append(entry(2, MsgDelta(event="message.delta", message="m", text="hi", at=2)))
    kept.append(entry(3, done("m")))
    for seq in range(4, 11):
        kept.append(entry(seq))
    page, more = kept.page(before=None, after=None, limit=3)
    assert ([e.seq for e in page], more) == ([8, 9, 10], True)
    page, more = kept.page(before=8, after=None, limit=100)
    assert ([e.seq for e in page], more) == ([1, 3, 4, 5, 6, 7], False)
    page, more = kept.page(before=None, after=3, limit=2)
    assert ([e.seq for e in page], more) == ([4, 5], True)
    assert kept.first == 1


def test_the_history_in_memory_is_bounded_and_says_where_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_memory, "HISTORY_ENTRIES", 10)
    kept = log(window=3)
    for seq in range(1, 13):
        kept.append(entry(seq, done(f"m{seq}")))
    assert kept.first == 6
    assert kept.state_at(4) is None
    late = kept.state_at(8)
    assert late is not None
    assert [m.message for m in late.messages] == [f"m{i}" for i in range(1, 9)]


class LogAndFold(RuleBasedStateMachine):
    """A client that leaves and comes back at random ends up with the state of one that never left."""

    @initialize(window=st.integers(1, 12))
    def start(self, window: int) -> None:
        self.clock = ManualClock()
        self.log = log(window=window, seconds=1e9, clock=self.clock)
        self.state = RoomState()
        self.client = RoomState()
        self.away = 0
        self.open: dict[str, int] = {}
        self.count = 0

    def write(self, body: RoomEvent) -> None:
        entry_ = Entry(seq=self.state.seq + 1, at=self.clock.time(), body=body)
        fold(self.state, entry_)
        self.log.append(entry_)

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    @rule()
    def message_starts(self) -> None:
        name = self.name("m")
        self.open[name] = 0
        self.write(MsgStarted(event="message.started", message=name, author=HOST))

    @precondition(lambda self: self.open)
    @rule(text=st.text(max_size=5), data=st.data())
    def message_streams(self, text: str, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.open)))
        self.open[name] += len(text)
        self.write(MsgDelta(event="message.delta", message=name, text=text, at=self.open[name]))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), removed=st.booleans())
    def message_ends(self, data: st.DataObject, removed: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.open)))
        del self.open[name]
        self.write(MsgRemoved(event="message.removed", message=name) if removed else done(name))

    @rule(props=st.dictionaries(st.sampled_from("ab"), st.integers(0, 9)))
    def surface_appears(self, props: dict[str, Any]) -> None:
        old = self.state.surfaces.get("s")
        version = old.version + 1 if old else 1
        self.write(UiPut(event="ui.put", surface="s", owner="host", component="card", props=props, version=version))

    @precondition(lambda self: "s" in self.state.surfaces)
    @rule(value=st.integers(), gone=st.booleans())
    def surface_changes(self, value: int, gone: bool) -> None:
        shown = self.state.surfaces["s"]
        if gone:
            self.write(UiRemoved(event="ui.removed", surface="s"))
            return
        ops = [AddOp(op="add", path="/a", value=value)]
        self.write(UiPatch(event="ui.patch", surface="s", ops=[*ops], version=shown.version + 1))

    @rule(key=st.sampled_from("xyz"), value=st.integers())
    def state_changes(self, key: str, value: int) -> None:
        ops = [AddOp(op="add", path=f"/{key}", value=value)]
        self.write(StatePatched(event="state.patched", ops=[*ops], version=self.state.version + 1))

    @rule()
    def a_run_happens(self) -> None:
        run, turn = self.name("run"), self.name("turn")
        why = ChosenBy(rule="host")
        self.write(RunStarted(event="run.started", run=run, team="t"))
        self.write(TurnStarted(event="turn.started", turn=turn, run=run, agent="host", chosen=why, source="mock"))
        self.write(AgentStatus(event="agent.status", agent="host", status="thinking", run=run))
        self.write(AgentStatus(event="agent.status", agent="host", status="idle", run=run))
        self.write(TurnFinished(event="turn.finished", turn=turn, outcome="success"))
        self.write(RunFinished(event="run.finished", run=run, outcome="success"))

    @rule()
    def a_bad_entry_changes_nothing(self) -> None:
        before = self.state.snapshot()
        for bad in (
            MsgDelta(event="message.delta", message="unknown", text="x", at=1),
            UiPatch(event="ui.patch", surface="nothing", ops=[AddOp(op="add", path="/a", value=1)], version=1),
            StatePatched(
                event="state.patched", ops=[AddOp(op="replace", path="/no/no", value=1)], version=self.state.version + 1
            ),
        ):
            with pytest.raises(SalonError):
                fold(self.state, Entry(seq=self.state.seq + 1, at=0.0, body=bad))
        assert self.state.snapshot() == before

    @rule()
    def the_client_comes_back(self) -> None:
        gap = self.log.since(self.client.seq)
        if gap is None:
            self.client = self.state.copy()
        else:
            assert [e.seq for e in gap] == list(range(self.client.seq + 1, self.state.seq + 1))
            for missed in gap:
                fold(self.client, Entry.model_validate_json(missed.model_dump_json(by_alias=True)))
        assert self.client.snapshot().model_dump_json() == self.state.snapshot().model_dump_json()

    @rule()
    def the_log_alone_gives_the_state(self) -> None:
        again = self.log.state_at(self.state.seq)
        assert again is not None
        closed = {"open_messages", "partial"}  # a message whose deltas left the window is not whole any more
        assert again.snapshot().model_dump(exclude=closed) == self.state.snapshot().model_dump(exclude=closed)

    @invariant()
    def the_snapshot_is_always_valid(self) -> None:
        if hasattr(self, "state"):
            Snapshot.model_validate_json(self.state.snapshot().model_dump_json(by_alias=True))


TestLogAndFold = LogAndFold.TestCase
TestLogAndFold.settings = hypothesis_settings(
    max_examples=60, stateful_step_count=40, suppress_health_check=list(HealthCheck)
)


def test_a_snapshot_holds_the_newest_messages_and_says_that_there_are_more() -> None:
    state = RoomState()
    for seq in range(1, 2 * SNAPSHOT_MESSAGES + 50):
        fold(state, entry(seq, done(f"m{seq}")))
    snapshot = state.snapshot()
    assert len(snapshot.messages) == SNAPSHOT_MESSAGES
    assert snapshot.messages[-1].message == f"m{2 * SNAPSHOT_MESSAGES + 49}"
    assert snapshot.more
