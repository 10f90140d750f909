"""The group chat in a real room, on the mock model: turns, hand-offs, tools, limits, questions, cancellation."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from ag2 import tool as ag2_tool

from salon.agents.context.context import Context
from salon.agents.hooks import hook
from salon.agents.skill import Skill
from salon.agents.tools.tool import tool
from salon.chat.run import ChatLimits
from salon.chat.team import Team
from salon.chat.turns.turn import TurnLimits
from salon.contracts.actions import Cancel, NextSpeaker, Resolve, Send, ToolResult
from salon.contracts.events import (
    Handoff,
    Interrupted,
    MsgDelta,
    MsgDone,
    RunFinished,
    ToolDone,
    ToolReady,
    TurnFinished,
    TurnStarted,
    UiPut,
    UsageNoted,
)
from salon.contracts.types import ClientTool, TextPart
from tests.unit.chat.stand import Stand, agent
from tests.unit.rooms.stage import ALICE, BOB


@tool
def add(a: int, b: int) -> int:
    """Add two numbers.

    Args:
        a: the first number.
        b: the second number.
    """
    return a + b


@pytest.mark.requirement("M-04", "S4-03", "S4-33")
async def test_three_agents_hand_off_to_each_other_and_the_log_says_who_why_and_that_it_is_a_mock() -> None:
    stand = Stand(
        Team(
            "desk",
            [
                agent("host", {"handoff": "analyst", "reason": "numbers"}),
                agent("analyst", {"handoff": "writer", "reason": "words"}),
                agent("writer", {"say": "Here are the words."}),
            ],
            handoffs={"host": ["analyst"], "analyst": ["writer"]},
        )
    )
    outcome = await stand.say("Write about numbers")
    assert outcome.outcome == "success"
    assert [(h.source, h.target, h.reason) for h in stand.bodies(Handoff)] == [
        ("host", "analyst", "numbers"),
        ("analyst", "writer", "words"),
    ]
    turns: list[TurnStarted] = stand.bodies(TurnStarted)
    assert [(t.agent, t.chosen.rule, t.chosen.by) for t in turns] == [
        ("host", "host", None),
        ("analyst", "handoff", "host"),
        ("writer", "handoff", "analyst"),
    ]
    assert {t.source for t in turns} == {"mock"}
    assert turns[0].chosen.candidates == ["host", "analyst", "writer"]
    assert [t.outcome for t in stand.bodies(TurnFinished)] == ["handoff", "handoff", "success"]
    assert stand.texts()[-1] == ("writer", "Here are the words.")
    done = stand.bodies(MsgDone)[-1]
    assert done.source == "mock"


async def test_tokens_stream_and_add_up_to_the_message() -> None:
    stand = Stand(Team("desk", [agent("host", {"say": "one two three"})]))
    await stand.say("count")
    deltas: list[MsgDelta] = stand.bodies(MsgDelta)
    assert len(deltas) == 3
    assert "".join(d.text for d in deltas) == "one two three"
    assert deltas[-1].at == len("one two three")
    usage: list[UsageNoted] = stand.bodies(UsageNoted)
    assert usage[0].output_tokens > 0
    finished: RunFinished = stand.bodies(RunFinished)[0]
    assert finished.usage == {"input_tokens": usage[0].input_tokens, "output_tokens": usage[0].output_tokens}


async def test_follow_ups_stay_with_the_agent_that_holds_the_floor() -> None:
    stand = Stand(
        Team("desk", [agent("host", {"handoff": "analyst"}), agent("analyst", {"say": "first"}, {"say": "second"})])
    )
    await stand.say("chart please")
    await stand.say("and now in blue")
    last: TurnStarted = stand.bodies(TurnStarted)[-1]
    assert (last.agent, last.chosen.rule) == ("analyst", "sticky")


async def test_mentioned_agents_answer_in_order() -> None:
    stand = Stand(Team("desk", [agent("host"), agent("analyst", {"say": "a"}), agent("writer", {"say": "w"})]))
    await stand.say("@writer and @analyst, please")
    turns: list[TurnStarted] = stand.bodies(TurnStarted)
    assert [(t.agent, t.chosen.rule, t.chosen.by) for t in turns] == [
        ("writer", "mention", "alice"),
        ("analyst", "mention", "alice"),
    ]


async def test_a_tool_is_called_shown_and_its_result_used() -> None:
    stand = Stand(
        Team(
            "desk", [agent("host", {"call": "add", "args": {"a": 2, "b": 3}}, {"say": "It is {result}."}, tools=[add])]
        )
    )
    await stand.say("2 + 3?")
    ready: ToolReady = stand.bodies(ToolReady)[0]
    done: ToolDone = stand.bodies(ToolDone)[0]
    assert (ready.name, ready.args, ready.where, ready.agent) == ("add", {"a": 2, "b": 3}, "server", "host")
    assert (done.call, done.ok, done.output) == (ready.call, True, 5)
    assert stand.texts()[-1] == ("host", "It is 5.")


async def test_a_failing_tool_is_told_without_its_text_and_the_turn_goes_on() -> None:
    @tool
    def broken() -> str:
        """Break."""
        raise RuntimeError("password=hunter2")

    stand = Stand(Team("desk", [agent("host", {"call": "broken"}, {"say": "That did not work."}, tools=[broken])]))
    outcome = await stand.say("break it")
    assert outcome.outcome == "success"
    assert stand.bodies(ToolDone)[0].ok is False
    assert not any("hunter2" in item.data.decode() for item in stand.recorder.items)


async def test_failures_that_ag2_tells_reach_the_model_as_safe_as_ours() -> None:
    @ag2_tool
    def foreign(x: int) -> str:
        """A tool of AG2's own."""
        if x < 0:
            raise ValueError("hunter2")
        return f"got {x}"

    told: list[str] = []
    for call in (
        {"call": "foreign", "args": {"x": 1}},
        {"call": "foreign", "args": {"x": -1}},
        {"call": "nobodys"},
        {"call": "add", "args": {"a": "\ud800", "b": 1}},
    ):
        stand = Stand(Team("desk", [agent("host", call, {"say": "{result}"}, tools=[foreign, add])]))
        await stand.say("Hello")
        told.append(stand.texts()[-1][1])
    assert told == [
        "got 1",
        "Error: foreign failed: ValueError",
        "Error: there is no tool named nobodys.",
        "Error: a text in tool.ready has no UTF-8 form; leave out lone surrogates",
    ]


async def test_the_same_pair_does_not_pass_the_floor_back_and_forth() -> None:
    stand = Stand(
        Team(
            "desk",
            [
                agent("host", {"handoff": "analyst"}, {"handoff": "analyst"}, {"say": "Then I answer."}),
                agent("analyst", {"handoff": "host"}, {"handoff": "host"}),
            ],
        )
    )
    outcome = await stand.say("hot potato")
    assert outcome.outcome == "success"
    assert len(stand.bodies(Handoff)) == 2
    assert stand.texts()[-1] == ("host", "Then I answer.")


@pytest.mark.requirement("S4-32")
async def test_a_run_takes_no_more_turns_than_allowed() -> None:
    names = [f"a{i}" for i in range(6)]
    members = [agent(name, {"handoff": following}) for name, following in pairwise(names)]
    rules = {name: [following] for name, following in pairwise(names)}
    stand = Stand(Team("desk", [*members, agent(names[-1])], handoffs=rules), ChatLimits(rounds=3))
    outcome = await stand.say("go")
    assert outcome.outcome == "error"
    assert "3 turns" in (outcome.reason or "")
    assert len(stand.bodies(TurnStarted)) == 3
    room = await stand.room()
    assert not room.snapshot().runs


async def test_a_model_that_only_calls_tools_is_stopped() -> None:
    calls = [{"call": "add", "args": {"a": i, "b": 1}} for i in range(9)]
    stand = Stand(Team("desk", [agent("host", *calls, tools=[add])]), ChatLimits(turn=TurnLimits(tool_rounds=4)))
    outcome = await stand.say("loop")
    assert (outcome.outcome, outcome.error) == ("error", "agent_error")
    assert len(stand.bodies(ToolDone)) == 4
    assert stand.bodies(RunFinished)[0].outcome == "error"


async def test_a_turn_that_takes_too_long_ends_and_the_room_answers_again() -> None:
    @tool
    async def hang() -> None:
        """Hang."""
        await asyncio.Event().wait()

    stand = Stand(
        Team("desk", [agent("host", {"call": "hang"}, tools=[hang])]), ChatLimits(turn=TurnLimits(seconds=0.05))
    )
    outcome = await stand.say("wait")
    assert (outcome.outcome, outcome.error) == ("error", "timeout")
    assert (await stand.say("hello?")).outcome in {"success", "error"}
    room = await stand.room()
    assert [room.snapshot().turns, room.snapshot().calls] == [[], []]


async def test_a_vendors_error_ends_the_run_in_words_for_people() -> None:
    stand = Stand(Team("desk", [agent("host", {"fail": "rate_limited"}, {"say": "now it works"})]))
    outcome = await stand.say("hello")
    assert (outcome.outcome, outcome.error) == ("error", "rate_limited")
    assert stand.bodies(TurnFinished)[0].outcome == "error"
    assert (await stand.say("again")).outcome == "success"


async def test_a_question_to_people_pauses_the_turn_and_its_answer_reaches_the_tool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @tool
    async def order(context: Context) -> str:
        """Order something."""
        answer = await context.input("Which size?")
        return f"ordered in {answer}"

    stand = Stand(
        Team("desk", [agent("host", {"call": "order"}, {"say": "Done: {result}"}, tools=[order])]),
        ChatLimits(turn=TurnLimits(seconds=0.5)),
    )
    asking = asyncio.create_task(stand.say("order it"))
    question: Interrupted = await stand.until(Interrupted)
    room = await stand.room()
    assert room.snapshot().interrupts[0].message == "Which size?"
    assert room.snapshot().agents[0].status == "waiting"
    loop, now = asyncio.get_running_loop(), asyncio.get_running_loop().time
    monkeypatch.setattr(loop, "time", lambda: now() + 1.0)  # longer than the turn may take: people's time is free
    await room.act(
        BOB,
        Resolve(kind="resolve", id="b1", room="r", interrupt=question.interrupt, status="resolved", value="large"),
    )
    assert (await asking).outcome == "success"
    assert stand.texts()[-1] == ("host", "Done: ordered in large")


async def test_cancel_reaches_the_model_and_the_room_answers_the_next_message() -> None:
    stand = Stand(Team("desk", [agent("host", {"say": "a " * 500}, {"say": "Yes?"})]), pace=10)
    asking = asyncio.create_task(stand.say("talk"))
    await stand.until(TurnStarted)
    room = await stand.room()
    await room.act(BOB, Cancel(kind="cancel", id="b1", room="r"))
    assert (await asking).outcome == "cancelled"
    assert [room.snapshot().turns, room.snapshot().runs] == [[], []]


async def test_what_is_said_into_a_turn_reaches_the_model_before_its_next_call() -> None:
    gate = asyncio.Event()

    @tool
    async def work() -> str:
        """Work."""
        await gate.wait()
        return "worked"

    stand = Stand(Team("desk", [agent("host", {"call": "work"}, {"say": "I heard: {request}"}, tools=[work])]))
    asking = asyncio.create_task(stand.say("work"))
    await stand.until(ToolReady)
    room = await stand.room()
    parts = [TextPart(kind="text", text="and be brief")]
    await room.act(ALICE, Send(kind="send", id="s1", room="r", parts=[*parts], when_busy="steer"))
    gate.set()
    await asking
    assert "and be brief" in stand.texts()[-1][1]
    assert len(stand.bodies(RunFinished)) == 1


async def test_a_person_gives_the_floor_to_another_agent_after_the_current_turn() -> None:
    gate = asyncio.Event()

    @tool
    async def work() -> str:
        """Work."""
        await gate.wait()
        return "worked"

    stand = Stand(
        Team(
            "desk",
            [agent("host", {"call": "work"}, {"say": "done"}, tools=[work]), agent("writer", {"say": "my turn"})],
        )
    )
    asking = asyncio.create_task(stand.say("work"))
    await stand.until(ToolReady)
    room = await stand.room()
    await room.act(BOB, NextSpeaker(kind="next_speaker", id="n1", room="r", agent="writer"))
    gate.set()
    await asking
    last: TurnStarted = stand.bodies(TurnStarted)[-1]
    assert (last.agent, last.chosen.rule, last.chosen.by) == ("writer", "person", "bob")


async def test_a_tool_in_the_persons_frontend_is_called_and_waited_for() -> None:
    stand = Stand(Team("desk", [agent("host", {"call": "locate"}, {"say": "You are at {result}."})]))
    locate = ClientTool(name="locate", description="Where the person is.")
    asking = asyncio.create_task(stand.say("where am I?", tools=[locate]))
    ready: ToolReady = await stand.until(ToolReady)
    assert (ready.where, ready.assignee) == ("client", "alice")
    room = await stand.room()
    await room.act(ALICE, ToolResult(kind="tool_result", id="t1", room="r", call=ready.call, ok=True, output="home"))
    await asking
    assert stand.texts()[-1] == ("host", "You are at home.")


async def test_a_programs_tool_ends_the_run_with_the_call() -> None:
    stand = Stand(Team("desk", [agent("host", {"call": "lookup", "args": {"q": "sea"}}, {"say": "It is {result}."})]))
    room = stand.lobby.ephemeral(stand.catalog.default)
    parts = [TextPart(kind="text", text="look up the sea")]
    ordered = await room.order(ALICE, parts=[*parts], tools=[ClientTool(name="lookup")], calls_end_run=True)
    outcome = await room.outcome(ordered.run)
    assert (outcome.outcome, outcome.finish_reason) == ("interrupt", "tool_calls")
    assert [(call.name, call.args) for call in outcome.calls] == [("lookup", {"q": "sea"})]
    room.append(ToolDone(event="tool.done", call=outcome.calls[0].call, ok=True, output="blue"))
    again = await room.order(ALICE, parts=None)
    assert (await room.outcome(again.run)).outcome == "success"
    assert room.snapshot().messages[-1].parts == [TextPart(kind="text", text="It is blue.")]


async def test_surfaces_have_owners_and_versions() -> None:
    @tool
    def show(context: Context) -> str:
        """Show a card."""
        context.put("markdown", {"text": "one"}, surface="card")
        context.put("markdown", {"text": "two"}, surface="card")
        return "shown"

    stand = Stand(Team("desk", [agent("host", {"call": "show"}, {"say": "There."}, tools=[show])]))
    await stand.say("show it")
    puts: list[UiPut] = stand.bodies(UiPut)
    assert [(p.owner, p.version) for p in puts] == [("host", 1), ("host", 2)]


def test_teams_say_what_is_wrong_with_them() -> None:
    with pytest.raises(ValueError, match="at least one agent"):
        Team("desk", [])
    with pytest.raises(ValueError, match="two agents are named 'host'"):
        Team("desk", [agent("host"), agent("host")])
    with pytest.raises(ValueError, match="host: 'ghost'"):
        Team("desk", [agent("host")], host="ghost")
    with pytest.raises(ValueError, match="hands over to 'ghost'"):
        Team("desk", [agent("host", handoffs=["ghost"])])


@pytest.mark.requirement("S4-30")
async def test_own_agents_plug_in_by_name_and_share_their_team() -> None:
    stand = Stand(Team("desk", [agent("host"), agent("analyst", {"say": "By myself."})]))
    responder = stand.catalog.responder("analyst")
    room = stand.lobby.ephemeral(responder)
    ordered = await room.order(ALICE, parts=[TextPart(kind="text", text="hi")])
    await room.outcome(ordered.run)
    assert room.snapshot().messages[-1].author.id == "analyst"
    assert stand.catalog.names() == ["desk", "host", "analyst"]


async def test_the_turns_clock_stands_still_until_the_last_of_two_questions_is_answered() -> None:
    @tool
    async def ask(context: Context, about: str) -> str:
        """Ask people."""
        return f"{about}: {await context.approve(about)}"

    calls = [{"name": "ask", "args": {"about": "one"}}, {"name": "ask", "args": {"about": "two"}}]
    host = agent("host", {"calls": calls}, {"say": "Thanks."}, tools=[ask])
    stand = Stand(Team("desk", [host]), ChatLimits(turn=TurnLimits(seconds=0.5)))
    said = asyncio.create_task(stand.say("ask"))
    await stand.until(Interrupted, 2)
    room = await stand.room()
    first, second = (question.interrupt for question in stand.bodies(Interrupted))

    async def answer(interrupt: str) -> None:
        fields = {"interrupt": interrupt, "status": "resolved", "value": {"approved": True}}
        await room.act(ALICE, Resolve.model_validate({"kind": "resolve", "id": interrupt, "room": "r", **fields}))

    await answer(first)
    await stand.until(ToolDone)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):  # twice the turn's limit: nothing must end it
            await stand.until(RunFinished)
    await answer(second)
    assert (await said).outcome == "success"


async def test_who_was_named_still_answers_after_another_handed_over() -> None:
    stand = Stand(
        Team(
            "desk",
            [agent("host", {"handoff": "writer"}), agent("analyst", {"say": "a"}), agent("writer", {"say": "w"})],
        )
    )
    await stand.say("both, please", to=["host", "analyst"])
    turns: list[TurnStarted] = stand.bodies(TurnStarted)
    assert [(t.agent, t.chosen.rule, t.chosen.by) for t in turns] == [
        ("host", "mention", "alice"),
        ("writer", "handoff", "host"),
        ("analyst", "mention", "alice"),
    ]


async def test_what_was_said_before_a_later_turn_is_not_answered_twice() -> None:
    host, writer = agent("host", {"say": "one two three four"}), agent("writer", {"say": "w"})
    stand = Stand(Team("desk", [host, writer]), pace=0.005)
    said = asyncio.create_task(stand.say("both, please", to=["host", "writer"]))
    await stand.until(MsgDelta)
    room = await stand.room()
    steer = Send(kind="send", id="s", room="r", parts=[TextPart(kind="text", text="short")], when_busy="steer")
    await room.act(ALICE, steer)
    assert (await said).outcome == "success"
    assert not room.runs.busy
    assert [turn.agent for turn in stand.bodies(TurnStarted)] == ["host", "writer"]


async def test_what_is_said_while_an_agent_speaks_is_heard_in_its_turn_and_once() -> None:
    said, prompts, first = asyncio.Event(), [], asyncio.Event()

    class Ears(Skill):
        @hook("before_llm")
        async def listen(self, context: Context) -> None:
            messages: Any = context.data["messages"]
            prompts.append((context.message, [message["content"] for message in messages[1:]]))
            first.set()
            await said.wait()

    host = agent("host", {"when": ".", "say": "I see."}, skills={"ears": Ears()})
    stand = Stand(Team("t", [host]))
    saying = [asyncio.create_task(stand.say("one"))]
    async with asyncio.timeout(5):
        await first.wait()
        saying += [asyncio.create_task(stand.say(text)) for text in ("two", "three")]
        await stand.until(MsgDone, 3)
        said.set()
        await asyncio.gather(*saying)
    assert prompts == [
        ("one", ["one"]),
        ("two", ["one", "I see.", "two"]),
        ("three", ["one", "I see.", "two", "I see.", "three"]),
    ]
