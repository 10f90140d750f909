"""The room: what actions do to the log, once each, and how runs follow one another."""

import asyncio
from typing import Any

import pytest

from salon.contracts.actions import (
    Cancel,
    Fork,
    NextSpeaker,
    PatchState,
    Regenerate,
    Resolve,
    Send,
    ToolResult,
    UiAction,
)
from salon.contracts.components import Screen
from salon.contracts.events import (
    Interrupted,
    MsgDone,
    Resolved,
    RunFinished,
    RunStarted,
    StatePatched,
    ToolDone,
    ToolReady,
    ToolStarted,
    UiA2ui,
    UiPatch,
    UiPut,
)
from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.contracts.types import AddOp, ClientTool, Json, TextPart
from salon.errors import RequestError, SalonError
from salon.rooms.room import Room
from tests.unit.rooms.stage import ALICE, BOB, House, echo, open_turn, say


def send(text: str = "hello", id: str = "a1", **fields: Any) -> Send:
    return Send(kind="send", id=id, room="r", parts=[TextPart(kind="text", text=text)], **fields)


async def finished(room: Room) -> None:
    """Wait for the end of every run that is on or waits."""
    async with asyncio.timeout(5):
        while (stage := room.runs.stage) is not None:
            del stage
            run = next(iter(room.state.runs))
            await room.outcome(run)


class Gate:
    """A responder behaviour that waits until the test lets it go on."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.let_go = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def __call__(self, stage: Stage, order: RunOrder) -> RunOutcome:
        open_turn(stage, order)
        say(stage, order, "thinking ", done=False)
        self.entered.set()
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return RunOutcome(outcome="success")


async def test_a_message_is_answered_and_every_entry_names_the_action_that_caused_it() -> None:
    house = House(echo)
    room = await house.room()
    receipt = await room.act(ALICE, send())
    assert receipt.seq == 2
    await finished(room)
    entries = house.published.entries("r")
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert house.events()[:3] == ["room.opened", "message.done", "run.started"]
    assert house.events()[-1] == "run.finished"
    assert {entry.cause for entry in entries[1:]} == {"a1"}


async def test_the_same_action_twice_has_one_effect_and_the_same_receipt() -> None:
    house = House(echo)
    room = await house.room()
    first = await room.act(ALICE, send())
    await finished(room)
    top = room.position.seq
    again = await room.act(ALICE, send())
    assert (again.seq, again.duplicate) == (first.seq, True)
    assert room.position.seq == top


async def test_an_action_id_used_for_something_else_is_a_conflict() -> None:
    room = await House(echo).room()
    await room.act(ALICE, send())
    with pytest.raises(SalonError) as caught:
        await room.act(ALICE, send("something else"))
    assert (caught.value.code, caught.value.reply_to) == ("conflict", "a1")


async def test_two_people_may_use_the_same_action_id() -> None:
    room = await House(echo).room()
    await room.act(ALICE, send())
    receipt = await room.act(BOB, send())
    assert not receipt.duplicate


async def test_a_refused_action_changes_nothing_and_may_be_sent_again() -> None:
    house = House(echo)
    room = await house.room()
    with pytest.raises(RequestError) as caught:
        await room.act(ALICE, send(to=["nobody"]))
    assert caught.value.details[0].path == "/payload/to/0"
    assert "host, writer" in caught.value.message
    assert room.position.seq == 1
    assert (await room.act(ALICE, send())).seq == 2


async def test_an_empty_message_is_refused_not_ignored() -> None:
    room = await House(echo).room()
    with pytest.raises(RequestError):
        await room.act(ALICE, send("   "))


async def test_mentions_name_the_speakers_in_order_and_mail_addresses_do_not() -> None:
    house = House(echo)
    room = await house.room()
    await room.act(ALICE, send("@writer and @host, write to bob@host.example, @nobody"))
    await finished(room)
    assert house.responder.orders[0].speakers == ("writer", "host")


async def test_a_message_to_nobody_is_talk_among_people() -> None:
    house = House(echo)
    room = await house.room()
    await room.act(ALICE, send(to=[]))
    assert house.events() == ["room.opened", "message.done"]


async def test_a_run_knows_what_those_who_watch_can_draw_as_they_come_and_go() -> None:
    seen: list[bool] = []
    asked = asyncio.Event()

    async def draws(stage: Stage, order: RunOrder) -> RunOutcome:
        seen.append(any(screen.draws("seat-map", None) for screen in stage.screens))
        asked.set()
        return await echo(stage, order)

    room = await House(draws).room()
    room.screens["c1"] = Screen(components=frozenset({"seat-map"}))
    for id in ("a1", "a2"):
        await room.act(ALICE, send(id=id))
        async with asyncio.timeout(5):
            await asked.wait()
        asked.clear()
        room.screens.clear()
    assert seen == [True, False]


async def test_a_busy_room_queues_a_second_run_by_default() -> None:
    gate = Gate()
    house = House(gate, echo)
    room = await house.room()
    await room.act(ALICE, send())
    await gate.entered.wait()
    await room.act(BOB, send("me too", id="b1"))
    assert house.events().count("run.started") == 1
    gate.let_go.set()
    await finished(room)
    runs = [e for e in house.events() if e.startswith("run.")]
    assert runs == ["run.started", "run.finished", "run.started", "run.finished"]


async def test_a_busy_room_rejects_when_asked_to_and_nothing_is_said() -> None:
    gate = Gate()
    house = House(gate)
    room = await house.room()
    await room.act(ALICE, send())
    await gate.entered.wait()
    top = room.position.seq
    with pytest.raises(SalonError) as caught:
        await room.act(BOB, send(when_busy="reject"))
    assert caught.value.code == "busy"
    assert caught.value.spec.retryable
    assert room.position.seq == top
    await room.close()


async def test_a_newer_message_may_interrupt_the_run_and_goes_before_those_that_wait() -> None:
    gate = Gate()
    house = House(gate, echo)
    room = await house.room()
    await room.act(ALICE, send())
    await gate.entered.wait()
    await room.act(BOB, send("later", id="b1"))
    await room.act(ALICE, send("stop, this instead", id="a2", when_busy="interrupt"))
    await gate.cancelled.wait()
    await finished(room)
    causes = [entry.cause for entry in house.published.entries("r") if isinstance(entry.body, RunStarted)]
    assert causes == ["a1", "a2", "b1"]


async def test_steering_reaches_the_run_that_is_on() -> None:
    heard: list[str] = []
    steered = asyncio.Event()

    async def listens(stage: Stage, order: RunOrder) -> RunOutcome:
        await steered.wait()
        heard.extend(stage.steering())
        return RunOutcome(outcome="success")

    house = House(listens)
    room = await house.room()
    await room.act(ALICE, send())
    await room.act(ALICE, send("shorter please", id="a2", when_busy="steer"))
    steered.set()
    await finished(room)
    assert heard == ["shorter please"]
    assert house.events().count("run.started") == 1


async def test_steering_by_somebody_else_waits_for_a_run_that_answers_them() -> None:
    gate = Gate()
    answered: list[str] = []

    async def answers(_: Stage, order: RunOrder) -> RunOutcome:
        answered.append(order.principal.user)
        return RunOutcome(outcome="success")

    house = House(gate, answers)
    room = await house.room()
    await room.act(ALICE, send())
    await gate.entered.wait()
    await room.act(BOB, send("wipe it", id="b1", when_busy="steer"))
    assert room.runs.stage is not None
    assert list(room.runs.stage.steering()) == []
    gate.let_go.set()
    await finished(room)
    assert answered == ["bob"]


async def test_steering_that_came_too_late_gets_a_run_of_its_own() -> None:
    gate = Gate()
    house = House(gate, echo)
    room = await house.room()
    await room.act(ALICE, send())
    await gate.entered.wait()
    await room.act(ALICE, send("shorter please", id="a2", when_busy="steer"))
    gate.let_go.set()
    await finished(room)
    assert house.events().count("run.finished") == 2


async def test_cancel_ends_the_run_in_the_log_at_once_and_closes_what_was_open() -> None:
    gate = Gate()
    house = House(gate, echo)
    room = await house.room()
    await room.act(ALICE, send())
    await gate.entered.wait()
    receipt = await room.act(BOB, Cancel(kind="cancel", id="b1", room="r"))
    assert receipt.seq == room.position.seq
    last = house.published.entries("r")[-3:]
    partial = last[0].body
    assert isinstance(partial, MsgDone)
    assert partial.partial is True
    assert partial.parts == [TextPart(kind="text", text="thinking ")]
    assert [entry.body.event for entry in last] == ["message.done", "turn.finished", "run.finished"]
    end = last[2].body
    assert isinstance(end, RunFinished)
    assert end.outcome == "cancelled"
    async with asyncio.timeout(5):
        await gate.cancelled.wait()
    snapshot = room.snapshot()
    assert [snapshot.runs, snapshot.turns, snapshot.open_messages, snapshot.agents] == [[], [], [], []]
    await room.act(ALICE, send("still there?", id="a2"))
    await finished(room)
    assert house.events()[-1] == "run.finished"


async def test_cancel_without_a_run_is_acknowledged_and_does_nothing() -> None:
    room = await House(echo).room()
    assert (await room.act(ALICE, Cancel(kind="cancel", id="c", room="r"))).seq is None


async def test_cancel_may_name_the_agent_that_speaks() -> None:
    gate = Gate()
    room = await House(gate).room()
    await room.act(ALICE, send())
    await gate.entered.wait()
    assert (await room.act(ALICE, Cancel(kind="cancel", id="c1", room="r", agent="writer"))).seq is None
    assert (await room.act(ALICE, Cancel(kind="cancel", id="c2", room="r", agent="host"))).seq is not None


async def test_a_waiting_run_can_be_cancelled_before_it_starts() -> None:
    gate = Gate()
    house = House(gate, echo)
    room = await house.room()
    await room.act(ALICE, send())
    waiting = await room.order(BOB, parts=None)
    await room.act(BOB, Cancel(kind="cancel", id="c", room="r", run=waiting.run))
    assert (await room.outcome(waiting.run)).outcome == "cancelled"
    gate.let_go.set()
    await finished(room)
    assert house.events().count("run.started") == 1


async def test_what_a_cancelled_run_still_says_never_reaches_the_log() -> None:
    stubborn = asyncio.Event()

    async def swallows(stage: Stage, order: RunOrder) -> RunOutcome:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            try:
                say(stage, order, "I go on")
            finally:
                stubborn.set()
        return RunOutcome(outcome="success")

    house = House(swallows, echo)
    room = await house.room()
    await room.act(ALICE, send())
    await asyncio.sleep(0)
    await room.act(ALICE, Cancel(kind="cancel", id="c", room="r"))
    async with asyncio.timeout(5):
        await stubborn.wait()
    assert "message.started" not in house.events()


async def test_a_defect_ends_the_run_as_an_error_without_its_text() -> None:
    async def breaks(stage: Stage, order: RunOrder) -> RunOutcome:
        open_turn(stage, order)
        raise RuntimeError("password=hunter2")

    house = House(breaks, echo)
    room = await house.room()
    ordered = await room.order(ALICE, parts=[TextPart(kind="text", text="hi")])
    outcome = await room.outcome(ordered.run)
    assert (outcome.outcome, outcome.error) == ("error", "internal")
    assert "hunter2" not in (outcome.reason or "")
    assert not any("hunter2" in item.data.decode() for item in house.published.items)
    assert house.events()[-2:] == ["turn.finished", "run.finished"]


def _question(run: str, **fields: Any) -> Interrupted:
    return Interrupted(event="interrupt.opened", interrupt="q1", run=run, agent="host", reason="approval", **fields)


async def test_an_interrupt_is_answered_once_and_all_see_by_whom() -> None:
    answers: list[Resolved] = []

    async def asks(stage: Stage, order: RunOrder) -> RunOutcome:
        answers.append(await stage.ask(_question(order.run)))
        return RunOutcome(outcome="success")

    house = House(asks)
    room = await house.room()
    await room.act(ALICE, send())
    await house.published.until(lambda: room.snapshot().interrupts)
    first = await room.act(
        BOB, Resolve(kind="resolve", id="b", room="r", interrupt="q1", status="resolved", value={"approved": True})
    )
    with pytest.raises(SalonError) as caught:
        await room.act(ALICE, Resolve(kind="resolve", id="a2", room="r", interrupt="q1", status="resolved"))
    assert caught.value.code == "already_resolved"
    await finished(room)
    assert first.seq is not None
    assert (answers[0].by, answers[0].value) == ("bob", {"approved": True})


async def test_only_those_allowed_may_answer() -> None:
    async def asks(stage: Stage, order: RunOrder) -> RunOutcome:
        await stage.ask(_question(order.run, allowed=["alice"]))
        return RunOutcome(outcome="success")

    room = await House(asks).room()
    await room.act(ALICE, send())
    await asyncio.sleep(0)
    with pytest.raises(SalonError) as caught:
        await room.act(BOB, Resolve(kind="resolve", id="b", room="r", interrupt="q1", status="resolved"))
    assert caught.value.code == "forbidden"
    await room.act(ALICE, Resolve(kind="resolve", id="a2", room="r", interrupt="q1", status="resolved"))
    await finished(room)


async def test_an_interrupt_expires_by_itself() -> None:
    async def asks(stage: Stage, order: RunOrder) -> RunOutcome:
        answer = await stage.ask(_question(order.run, expires_at=0.0))
        return RunOutcome(outcome="success", reason=answer.status)

    room = await House(asks).room()
    ordered = await room.order(ALICE, parts=None)
    async with asyncio.timeout(5):
        assert (await room.outcome(ordered.run)).reason == "expired"


async def test_cancelling_a_run_cancels_its_questions() -> None:
    async def asks(stage: Stage, order: RunOrder) -> RunOutcome:
        await stage.ask(_question(order.run))
        return RunOutcome(outcome="success")

    house = House(asks)
    room = await house.room()
    await room.act(ALICE, send())
    await asyncio.sleep(0)
    await room.act(ALICE, Cancel(kind="cancel", id="c", room="r"))
    assert not room.snapshot().interrupts
    assert house.events()[-2:] == ["interrupt.resolved", "run.finished"]


async def test_a_clients_tool_pauses_the_run_until_its_result() -> None:
    results: list[ToolDone] = []

    async def calls(stage: Stage, order: RunOrder) -> RunOutcome:
        stage.append(
            ToolStarted(event="tool.started", call="c1", name=order.tools[0].name, run=order.run, where="client")
        )
        results.append(
            await stage.call_client(
                ToolReady(event="tool.ready", call="c1", name="locate", args={}, where="client", assignee="alice")
            )
        )
        return RunOutcome(outcome="success")

    room = await House(calls).room()
    await room.act(ALICE, send(), tools=[ClientTool(name="locate")])
    await asyncio.sleep(0)
    with pytest.raises(SalonError) as caught:
        await room.act(BOB, ToolResult(kind="tool_result", id="b", room="r", call="c1", ok=True, output="mine"))
    assert caught.value.code == "forbidden"
    await room.act(ALICE, ToolResult(kind="tool_result", id="a2", room="r", call="c1", ok=True, output={"at": "home"}))
    await finished(room)
    assert results[0].output == {"at": "home"}
    with pytest.raises(SalonError) as late:
        await room.act(ALICE, ToolResult(kind="tool_result", id="a3", room="r", call="c1", ok=True, output=1))
    assert late.value.code == "already_resolved"


async def test_using_a_surface_gives_its_owner_a_turn_unless_the_view_is_old() -> None:
    house = House(echo)
    room = await house.room()
    room.append(UiPut(event="ui.put", surface="plan", owner="writer", component="plan", props={"n": 1}, version=1))
    room.append(UiPatch(event="ui.patch", surface="plan", ops=[AddOp(op="replace", path="/n", value=2)], version=2))
    old = UiAction(kind="ui_action", id="u1", room="r", surface="plan", name="tick", context={"item": 1}, version=1)
    with pytest.raises(SalonError) as caught:
        await room.act(ALICE, old)
    assert caught.value.code == "stale_state"
    await room.act(ALICE, old.model_copy(update={"version": 2}))
    await finished(room)
    order = house.responder.orders[0]
    assert (order.speakers, order.rule) == (("writer",), "surface")
    with pytest.raises(SalonError) as gone:
        await room.act(ALICE, old.model_copy(update={"id": "u2", "surface": "nothing"}))
    assert gone.value.code == "not_found"


async def test_a_form_is_submitted_only_as_it_asks() -> None:
    house = House(echo)
    room = await house.room()
    fields: Json = [{"type": "email", "name": "mail", "label": "Your address", "required": True}]
    form = UiPut(event="ui.put", surface="f", owner="writer", component="form", props={"fields": fields}, version=1)
    room.append(form)
    wrong = UiAction(kind="ui_action", id="u1", room="r", surface="f", name="submit", context={"mail": "nowhere"})
    with pytest.raises(RequestError) as caught:
        await room.act(ALICE, wrong)
    assert [(detail.path, detail.code) for detail in caught.value.details] == [("/payload/context/mail", "invalid")]
    assert "Your address" in caught.value.message
    assert not house.responder.orders
    await room.act(ALICE, wrong.model_copy(update={"context": {"mail": "ann@example.org"}}))
    await room.act(ALICE, wrong.model_copy(update={"id": "u2", "name": "cancel", "context": {}}))
    await finished(room)
    assert {order.speakers for order in house.responder.orders} == {("writer",)}


async def test_using_a_surface_of_a2ui_gives_its_owner_a_turn() -> None:
    house = House(echo)
    room = await house.room()
    room.append(UiA2ui(event="ui.a2ui", surface="s", owner="writer", messages=[{"beginRendering": {}}]))
    await room.act(ALICE, UiAction(kind="ui_action", id="u1", room="r", surface="s", name="press", context={}))
    await finished(room)
    assert house.responder.orders[0].speakers == ("writer",)


async def test_a_patch_that_does_not_apply_is_never_published() -> None:
    house = House(echo)
    room = await house.room()
    top = room.position.seq
    with pytest.raises(SalonError):
        room.append(StatePatched(event="state.patched", ops=[AddOp(op="replace", path="/a/b", value=1)], version=1))
    assert room.position.seq == top
    assert house.events() == ["room.opened"]


async def test_shared_state_is_patched_by_version() -> None:
    room = await House(echo).room()
    ops = [AddOp(op="add", path="/topic", value="sea")]
    await room.act(ALICE, PatchState(kind="patch_state", id="p1", room="r", ops=[*ops], if_version=0))
    with pytest.raises(SalonError) as caught:
        await room.act(BOB, PatchState(kind="patch_state", id="p2", room="r", ops=[*ops], if_version=0))
    assert caught.value.code == "stale_state"
    assert room.snapshot().state == {"topic": "sea"}


async def test_a_person_chooses_the_next_speaker_in_an_idle_room() -> None:
    house = House(echo)
    room = await house.room()
    await room.act(ALICE, NextSpeaker(kind="next_speaker", id="n", room="r", agent="writer"))
    await finished(room)
    order = house.responder.orders[0]
    assert (order.speakers, order.rule) == (("writer",), "person")
    with pytest.raises(RequestError):
        await room.act(ALICE, NextSpeaker(kind="next_speaker", id="n2", room="r", agent="nobody"))


async def test_a_person_chooses_the_next_speaker_of_a_run_that_is_on() -> None:
    chosen: list[str] = []
    gate = asyncio.Event()

    async def looks(stage: Stage, order: RunOrder) -> RunOutcome:
        await gate.wait()
        choice = stage.choice()
        chosen.append(choice.agent if choice else "")
        assert stage.choice() is None
        return RunOutcome(outcome="success")

    room = await House(looks).room()
    await room.act(ALICE, send())
    await room.act(BOB, NextSpeaker(kind="next_speaker", id="n", room="r", agent="writer"))
    gate.set()
    await finished(room)
    assert chosen == ["writer"]


async def test_an_answer_can_be_written_again() -> None:
    house = House(echo)
    room = await house.room()
    await room.act(ALICE, send())
    await finished(room)
    answer = room.snapshot().messages[-1]
    question = room.snapshot().messages[0]
    with pytest.raises(RequestError):
        await room.act(ALICE, Regenerate(kind="regenerate", id="g0", room="r", message=question.message))
    await room.act(ALICE, Regenerate(kind="regenerate", id="g1", room="r", message=answer.message))
    await finished(room)
    ids = [m.message for m in room.snapshot().messages]
    assert answer.message not in ids
    assert len(ids) == 2
    assert house.responder.orders[-1].speakers == ("host",)


async def test_an_answer_that_people_replied_to_is_not_taken_back() -> None:
    room = await House(echo).room()
    await room.act(ALICE, send())
    await finished(room)
    answer = room.snapshot().messages[-1].message
    await room.act(ALICE, send("thanks", id="a2", to=[]))
    with pytest.raises(SalonError) as caught:
        await room.act(ALICE, Regenerate(kind="regenerate", id="g", room="r", message=answer))
    assert caught.value.code == "conflict"


async def test_a_fork_begins_with_the_state_at_its_place_and_both_rooms_go_on() -> None:
    house = House(echo)
    room = await house.room()
    await room.act(ALICE, send("one"))
    await finished(room)
    middle = room.position.seq
    await room.act(ALICE, send("two", id="a2"))
    await finished(room)
    await room.act(ALICE, Fork(kind="fork", id="f", room="r", at=middle, new_room="r2"))
    forked = house.lobby.find("r2")
    assert forked is not None
    assert len(forked.snapshot().messages) == 2
    await forked.act(BOB, send("another way", id="b1"))
    await finished(forked)
    texts = [part.text for m in forked.snapshot().messages for part in m.parts if isinstance(part, TextPart)]
    assert texts == ["one", "you said it", "another way", "you said it"]
    assert len(room.snapshot().messages) == 4
    assert forked.position.epoch != room.position.epoch
    with pytest.raises(SalonError) as caught:
        await room.act(ALICE, Fork(kind="fork", id="f2", room="r", at=middle, new_room="r2"))
    assert caught.value.code == "conflict"
    with pytest.raises(RequestError):
        await room.act(ALICE, Fork(kind="fork", id="f3", room="r", at=10_000, new_room="r3"))


async def test_a_fork_in_mid_stream_keeps_what_was_said_and_leaves_nothing_open() -> None:
    gate = Gate()
    house = House(gate)
    room = await house.room()
    await room.act(ALICE, send())
    await gate.entered.wait()
    await room.act(ALICE, Fork(kind="fork", id="f", room="r", at=room.position.seq, new_room="r2"))
    forked = house.lobby.find("r2")
    assert forked is not None
    snapshot = forked.snapshot()
    assert [snapshot.runs, snapshot.turns, snapshot.open_messages] == [[], [], []]
    assert snapshot.messages[-1].partial is True
    assert room.snapshot().open_messages
    await house.lobby.close()


async def test_rooms_are_found_or_opened() -> None:
    house = House(echo)
    assert await house.room("a") is await house.room("a")
    with pytest.raises(RequestError):
        await house.lobby.open("../../etc")


@pytest.mark.requirement("S4-35")
async def test_two_rooms_never_see_each_others_entries() -> None:
    house = House(echo)
    one, two = await house.room("one"), await house.room("two")
    await one.act(ALICE, send("secret of one"))
    await finished(one)
    assert [e.body.event for e in house.published.entries("two")] == ["room.opened"]
    assert two.snapshot().messages == []


async def test_an_ephemeral_room_is_primed_not_listed_and_ends_with_its_program() -> None:
    gate = Gate()
    house = House(gate)
    before = await house.room()
    room = house.lobby.ephemeral(house.responder, [e.body for e in house.published.entries(before.id)][1:])
    assert house.lobby.find(room.id) is None
    await room.order(ALICE, parts=[TextPart(kind="text", text="hi")])
    await gate.entered.wait()
    await house.lobby.release(room)
    assert gate.cancelled.is_set()


async def test_a_run_whose_work_was_cancelled_by_nobody_here_ends_and_the_room_goes_on() -> None:
    async def stray(stage: Stage, order: RunOrder) -> RunOutcome:
        open_turn(stage, order)
        raise asyncio.CancelledError

    house = House(stray, echo)
    room = await house.room()
    receipts = [await room.act(ALICE, send(id=f"a{n}")) for n in range(2)]
    async with asyncio.timeout(5):
        ends = [await room.outcome(str(receipt.result["run"])) for receipt in receipts if receipt.result]
    assert [end.outcome for end in ends] == ["error", "success"]


async def test_what_has_no_utf8_form_never_reaches_the_log() -> None:
    house = House(echo)
    room = await house.room()
    before = room.position
    with pytest.raises(SalonError) as caught:
        room.append(StatePatched(event="state.patched", ops=[AddOp(op="add", path="/x", value="\ud800")], version=1))
    assert caught.value.code == "bad_request"
    assert room.position == before
    assert room.recover(before) == []
    assert (await room.act(ALICE, send())).seq == before.seq + 1


async def test_the_first_entry_of_a_fork_says_where_it_came_from_also_in_the_middle_of_a_run() -> None:
    gate = Gate()
    house = House(gate)
    room = await house.room()
    await room.act(ALICE, send())
    async with asyncio.timeout(5):
        await gate.entered.wait()
    await room.act(ALICE, Fork(kind="fork", id="f", room="r", at=room.position.seq, new_room="n"))
    assert house.events("n") == ["room.opened", "message.done", "turn.finished", "run.finished"]
    await room.close()


async def test_a_question_whose_asker_gives_up_is_closed_while_the_run_goes_on() -> None:
    async def hurries(stage: Stage, order: RunOrder) -> RunOutcome:
        asking = asyncio.create_task(stage.ask(_question(order.run)))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait({asking})
        return RunOutcome(outcome="success")

    house = House(hurries)
    room = await house.room()
    ordered = await room.order(ALICE, parts=None)
    assert (await room.outcome(ordered.run)).outcome == "success"
    assert house.events()[-3:] == ["interrupt.opened", "interrupt.resolved", "run.finished"]


async def test_a_reason_of_any_length_ends_a_run() -> None:
    async def rambles(stage: Stage, order: RunOrder) -> RunOutcome:
        open_turn(stage, order)
        return RunOutcome(outcome="error", reason="because " * 10_000)

    room = await House(rambles).room()
    ordered = await room.order(ALICE, parts=None)
    assert (await room.outcome(ordered.run)).outcome == "error"
    assert room.snapshot().runs == []


async def test_a_run_that_is_ordered_while_the_room_closes_ends_with_it() -> None:
    entered, leaving, leave = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow_to_leave(stage: Stage, order: RunOrder) -> RunOutcome:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            leaving.set()
            await leave.wait()
        return RunOutcome(outcome="success")

    house = House(slow_to_leave)
    room = await house.room()
    await room.order(ALICE, parts=None)
    async with asyncio.timeout(5):
        await entered.wait()
        closing = asyncio.create_task(room.close())
        await leaving.wait()
        late = await room.order(BOB, parts=[TextPart(kind="text", text="Wait!")])
        leave.set()
        await closing
        outcome = await room.outcome(late.run)
    assert (outcome.outcome, outcome.reason) == ("cancelled", "the room closes")
    assert not room.runs.busy
    assert house.events()[-1] == "run.finished"
