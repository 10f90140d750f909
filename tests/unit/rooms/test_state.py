"""The fold: what does not follow from the state is refused and changes nothing; what does is bounded and shared."""

import pytest

from salon.contracts.events import (
    AgentStatus,
    Custom,
    Entry,
    Handoff,
    Interrupted,
    JobUpdated,
    MsgDone,
    MsgRemoved,
    MsgStarted,
    Reasoning,
    Resolved,
    RoomChanged,
    RoomCleared,
    RoomEvent,
    RoomOpened,
    RoomSummarised,
    RunFinished,
    RunStarted,
    StatePatched,
    ToolArgs,
    ToolDone,
    ToolReady,
    ToolRemoved,
    ToolStarted,
    UiA2ui,
    UiPatch,
    UiPut,
    UiRemoved,
)
from salon.contracts.types import AddOp, Author, TextPart
from salon.errors import SalonError
from salon.rooms.log.stored import read_state, state_bytes
from salon.rooms.state import SNAPSHOT_MESSAGES, RoomState, fold
from salon.rooms.transcript import OPENING_EVENTS, TRANSCRIPT_EVENTS, UNHEARD, Transcript

HOST = Author(id="host", role="agent")


def folded(*events: RoomEvent, state: RoomState | None = None) -> RoomState:
    state = state or RoomState()
    for event in events:
        fold(state, Entry(seq=state.seq + 1, at=0.0, body=event))
    return state


def said(message: str) -> MsgDone:
    return MsgDone(event="message.done", message=message, author=HOST, parts=[TextPart(kind="text", text="hi")])


def summed(text: str, upto: int) -> RoomSummarised:
    return RoomSummarised(event="room.summarised", text=text, upto=upto)


CLEARED = RoomCleared(event="room.cleared")


def put(version: int = 1) -> UiPut:
    return UiPut(event="ui.put", surface="s", owner="host", component="card", props={"n": 1}, version=version)


def patch(version: int, path: str = "/n", value: int = 2, surface: str = "s") -> UiPatch:
    ops = [AddOp(op="replace", path=path, value=value)]
    return UiPatch(event="ui.patch", surface=surface, ops=[*ops], version=version)


def started(call: str = "c") -> ToolStarted:
    return ToolStarted(event="tool.started", call=call, name="add", run="r", where="server")


def ready(call: str = "c") -> ToolReady:
    return ToolReady(event="tool.ready", call=call, name="add", args={}, where="server", agent="host")


def done(call: str = "c") -> ToolDone:
    return ToolDone(event="tool.done", call=call, ok=True, output=1)


ASKED = Interrupted(event="interrupt.opened", interrupt="q", run="r", agent="host", reason="input")
ANSWERED = Resolved(event="interrupt.resolved", interrupt="q", status="resolved")
STREAMING = MsgStarted(event="message.started", message="m", author=HOST)


@pytest.mark.parametrize(
    ("before", "refused", "code"),
    [
        ([STREAMING], STREAMING, "conflict"),
        ([started()], started(), "conflict"),
        ([started(), ready()], ready(), "conflict"),
        ([], done(), "already_resolved"),
        ([started(), ready(), done()], done(), "already_resolved"),
        ([put()], put(), "stale_state"),
        ([], put(2), "stale_state"),
        ([], patch(1), "not_found"),
        ([put()], patch(3), "stale_state"),
        ([put()], patch(2, path="/missing/deep"), "conflict"),
        ([put()], patch(2, path="", value=5), "conflict"),
        ([], UiRemoved(event="ui.removed", surface="s"), "not_found"),
        (
            [],
            StatePatched(event="state.patched", ops=[AddOp(op="add", path="/a", value=1)], version=2),
            "stale_state",
        ),
        ([ASKED, ANSWERED], ANSWERED, "already_resolved"),
    ],
)
def test_what_does_not_follow_is_refused_and_changes_nothing(
    before: list[RoomEvent], refused: RoomEvent, code: str
) -> None:
    state = folded(*before)
    was = state.snapshot()
    with pytest.raises(SalonError) as caught:
        folded(refused, state=state)
    assert caught.value.code == code
    assert state.snapshot() == was
    assert state.seq == len(before)


def test_an_entry_out_of_order_is_refused() -> None:
    with pytest.raises(SalonError, match="expected entry 1, got 2"):
        fold(RoomState(), Entry(seq=2, at=0.0, body=put()))


def test_a_call_is_open_from_its_start_to_its_result_and_then_remembered() -> None:
    args = ToolArgs(event="tool.args", call="c", text="{", at=1)
    state = folded(started(), args, ready())
    assert [call.call for call in state.snapshot().calls] == ["c"]
    folded(done(), state=state)
    assert state.snapshot().calls == []
    assert [event.event for event in state.transcript.events] == ["tool.ready", "tool.done"]


def test_surfaces_of_both_kinds_appear_and_go() -> None:
    foreign = UiA2ui(event="ui.a2ui", surface="a", owner="host", messages=[{"beginRendering": {}}])
    state = folded(put(), patch(2), foreign)
    shown = state.snapshot()
    assert (shown.surfaces[0].props, shown.surfaces[0].version) == ({"n": 2}, 2)
    assert shown.a2ui == [foreign]
    folded(UiRemoved(event="ui.removed", surface="s"), UiRemoved(event="ui.removed", surface="a"), state=state)
    assert [state.snapshot().surfaces, state.snapshot().a2ui] == [[], []]


def test_a_hand_off_moves_the_floor_and_an_idle_agent_is_not_listed() -> None:
    thinking = AgentStatus(event="agent.status", agent="host", status="thinking")
    state = folded(Handoff(event="agent.handoff", source="host", target="writer"), thinking)
    assert (state.snapshot().floor, state.snapshot().agents) == ("writer", [thinking])
    folded(thinking.model_copy(update={"status": "idle"}), state=state)
    assert state.snapshot().agents == []


def test_what_is_only_news_leaves_no_trace() -> None:
    thought = Reasoning(event="reasoning.delta", run="r", text="hm", at=2)
    job = JobUpdated(event="job.updated", job="j", name="title", status="pending")
    state = folded(Custom(event="custom", name="x", value=1), thought, job)
    assert state.snapshot() == RoomState().snapshot()
    assert state.seq == 3


def test_a_copy_goes_its_own_way() -> None:
    state = folded(STREAMING, put(), ASKED, started())
    other = state.copy()
    was = state.snapshot()
    folded(patch(2), ANSWERED, done(), UiRemoved(event="ui.removed", surface="s"), state=other)
    assert state.snapshot() == was


def test_a_snapshot_holds_the_newest_messages_and_says_that_there_are_more() -> None:
    count = 2 * SNAPSHOT_MESSAGES + 49
    snapshot = folded(*(said(f"m{n}") for n in range(count))).snapshot()
    assert [len(snapshot.messages), snapshot.messages[-1].message] == [SNAPSHOT_MESSAGES, f"m{count - 1}"]
    assert snapshot.more


def test_what_models_may_remember_is_bounded() -> None:
    state = RoomState()
    for n in range(3 * TRANSCRIPT_EVENTS):
        folded(said(f"m{n}"), state=state)
    assert TRANSCRIPT_EVENTS <= len(state.transcript.events) < 2 * TRANSCRIPT_EVENTS


def test_a_room_has_the_title_and_the_place_it_was_given_last() -> None:
    def changed(title: str | None = None, archived: bool | None = None) -> RoomChanged:
        return RoomChanged(event="room.changed", title=title, archived=archived)

    assert "archived" not in RoomState().snapshot().model_dump()
    state = folded(changed("One"), changed(archived=True), changed("Two"))
    assert (state.snapshot().title, state.snapshot().archived) == ("Two", True)
    folded(changed(archived=False), state=state)
    assert (state.title, state.archived, state.snapshot().archived) == ("Two", False, None)


def test_a_fork_of_what_was_put_away_is_not_put_away() -> None:
    state = folded(RoomChanged(event="room.changed", title="One", archived=True))
    folded(RoomOpened(event="room.opened", team="t", roster=[], forked_from="r"), state=state)
    assert (state.title, state.archived) == ("One", False)


def test_how_the_conversation_began_is_kept_however_long_it_gets() -> None:
    state = folded(*(said(f"m{n}") for n in range(3 * TRANSCRIPT_EVENTS)))
    assert [e.message for e in state.transcript.opening if isinstance(e, MsgDone)] == [
        f"m{n}" for n in range(OPENING_EVENTS)
    ]


def test_the_opening_is_always_how_the_transcript_begins_without_a_gap() -> None:
    state = folded(said("a"), said("b"), MsgRemoved(event="message.removed", message="a"), said("c"))
    assert state.transcript.opening == state.transcript.events == [said("b"), said("c")]
    state = folded(*(said(f"m{n}") for n in range(OPENING_EVENTS + 5)))
    folded(MsgRemoved(event="message.removed", message="m0"), said("late"), state=state)
    assert state.transcript.opening == state.transcript.events[: OPENING_EVENTS - 1]
    assert said("late") not in state.transcript.opening


def test_what_people_say_during_a_run_stands_where_the_run_that_it_asks_for_began() -> None:
    def asked(message: str) -> MsgDone:
        return said(message).model_copy(update={"author": Author(id="ann", role="user")})

    def began(run: str) -> RunStarted:
        return RunStarted(event="run.started", run=run, team="team")

    over = RunFinished(event="run.finished", run="r1", outcome="success")
    steps: list[tuple[str, RoomEvent]] = [
        ("a", asked("one")),
        ("a", began("r1")),
        ("b", asked("two")),
        ("c", asked("chat")),
        ("d", asked("gone")),
        ("e", MsgRemoved(event="message.removed", message="gone")),
        ("a", said("answer")),
        ("a", over),
        ("b", began("r2")),
        ("d", began("r3")),
    ]
    state = RoomState()
    for cause, event in steps:
        fold(state, Entry(seq=state.seq + 1, at=0.0, cause=cause, body=event))
    assert (
        state.transcript.events
        == state.transcript.opening
        == [asked("one"), asked("chat"), said("answer"), asked("two")]
    )
    assert [message.message for message in state.messages] == ["one", "two", "chat", "answer"]


def test_what_waits_to_be_heard_survives_being_stored() -> None:
    asked = said("two").model_copy(update={"author": Author(id="ann", role="user")})
    state = RoomState()
    began = [RunStarted(event="run.started", run=run, team="team") for run in ("r1", "r2")]
    for cause, event in (("a", began[0]), ("b", asked), ("a", said("answer"))):
        fold(state, Entry(seq=state.seq + 1, at=0.0, cause=cause, body=event))
    read = read_state("room", (state.seq, state_bytes(state)), [])
    fold(read, Entry(seq=read.seq + 1, at=0.0, cause="b", body=began[1]))
    assert read.transcript.events == [said("answer"), asked]


def test_of_what_people_say_among_themselves_no_more_is_kept_apart_than_runs_can_wait() -> None:
    transcript = Transcript()
    for number in range(UNHEARD + 1):
        message = said(f"m{number}")
        transcript.add(message)
        transcript.said(f"a{number}", f"m{number}")
    transcript.heard("a0")
    assert transcript.events[-1] == said(f"m{UNHEARD}"), "it was forgotten that this one asks for a run"
    transcript.heard("a1")
    assert transcript.events[-1] == said("m1")


def test_a_removed_call_takes_its_result_with_it_and_leaves_the_others() -> None:
    state = folded(started("a"), ready("a"), done("a"), started("b"), ready("b"), done("b"))
    folded(ToolRemoved(event="tool.removed", call="a"), state=state)
    assert state.transcript.events == state.transcript.opening == [ready("b"), done("b")]


def test_a_removed_call_is_not_open_any_more() -> None:
    state = folded(started(), ready(), ToolRemoved(event="tool.removed", call="c"))
    assert (state.started, state.calls, state.transcript.events) == ({}, {}, [])


def test_a_cleared_room_has_forgotten_what_was_said_and_keeps_what_is_shown() -> None:
    patched = StatePatched(event="state.patched", ops=[AddOp(op="add", path="/a", value=1)], version=1)
    handoff = Handoff(event="agent.handoff", source="host", target="expert")
    state = folded(put(), patched, said("a"), handoff, started(), ready(), done(), summed("Short.", 3), CLEARED)
    assert (state.messages, state.transcript.events, state.transcript.opening) == ([], [], [])
    assert (state.summary, state.floor, state.more) == (None, None, False)
    assert (list(state.surfaces), state.shared, state.version) == (["s"], {"a": 1}, 1)
    assert folded(said("b"), state=state).snapshot().messages == [said("b")]


def test_clearing_a_long_room_leaves_nothing_to_page_back_to() -> None:
    state = folded(*(said(f"m{n}") for n in range(401)))
    assert state.snapshot().more
    assert not folded(CLEARED, state=state).snapshot().more


def test_a_newer_summary_reaches_further_and_none_beyond_the_log() -> None:
    state = folded(said("a"), said("b"), summed("Short.", 1))
    folded(summed("Longer.", 2), state=state)
    assert state.snapshot().summary == summed("Longer.", 2)
    for late, code in ((summed("Old.", 1), "stale_state"), (summed("Prophecy.", 9), "conflict")):
        with pytest.raises(SalonError) as refused:
            folded(late, state=state)
        assert (refused.value.code, state.summary) == (code, summed("Longer.", 2))
