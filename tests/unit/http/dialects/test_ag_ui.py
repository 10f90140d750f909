"""A run as AG-UI's frontends see it, and what they may say to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from ag_ui.core import Event
from pydantic import TypeAdapter

from salon.contracts.events import (
    ChosenBy,
    Handoff,
    Interrupted,
    MsgDelta,
    MsgDone,
    MsgStarted,
    Reasoning,
    StatePatched,
    ToolDone,
    ToolReady,
    ToolStarted,
    TurnFinished,
    TurnStarted,
    UiPatch,
    UiPut,
)
from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.contracts.types import AddOp, Author, TextPart
from salon.hub.broker import Deliver
from tests.fakes.answering import SUCCESS, call, calls, ending, say
from tests.unit.http.conftest import MakeSurface, Surface

JSON = dict[str, Any]
EVENT: TypeAdapter[Any] = TypeAdapter(Event)


def user(text: str, id: str = "u1") -> JSON:
    return {"id": id, "role": "user", "content": text}


async def run(one: Surface, *messages: JSON, name: str = "crew", thread: str = "t1", **more: Any) -> httpx.Response:
    body = {"threadId": thread, "runId": "r1", "messages": list(messages), "tools": [], "context": [], **more}
    return await one.http.post(f"/ag-ui/{name}", json=body)


def events(response: httpx.Response) -> list[JSON]:
    """The events, each of which AG-UI's own models accept; there are no nulls and timestamps are whole numbers."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    told = [json.loads(frame.removeprefix("data: ")) for frame in response.text.split("\n\n")[:-1]]
    for event in told:
        EVENT.validate_python(event)
        assert None not in event.values()
        assert isinstance(event.get("timestamp", 0), int)
    return told


def kinds(told: list[JSON]) -> list[str]:
    return [event["type"] for event in told]


def text(told: list[JSON]) -> str:
    return "".join(event["delta"] for event in told if event["type"] == "TEXT_MESSAGE_CONTENT")


async def test_a_run_is_started_told_and_finished(surface: MakeSurface) -> None:
    told = events(await run(surface(), user("Hello")))
    assert kinds(told) == [
        "RUN_STARTED",
        "TEXT_MESSAGE_START",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_END",
        "RUN_FINISHED",
    ]
    assert told[0] == {"type": "RUN_STARTED", "threadId": "t1", "runId": "r1", "protocolVersion": "1.0"}
    assert (told[1]["role"], told[1]["name"]) == ("assistant", "host")
    assert told[-1]["outcome"] == {"type": "success"}
    assert told[-1]["usage"] == [{"model": "scripted", "inputTokens": 5, "outputTokens": 2}]


async def play_everything(stage: Stage, order: RunOrder) -> RunOutcome:
    run_ = order.run
    stage.append(
        TurnStarted(event="turn.started", turn="t", run=run_, agent="host", chosen=ChosenBy(rule="host"), source="mock")
    )
    stage.append(Reasoning(event="reasoning.delta", run=run_, text="Hm", at=2, turn="t"))
    stage.append(
        ToolStarted(event="tool.started", call="c1", name="count", run=run_, where="server", agent="host", turn="t")
    )
    stage.append(ToolReady(event="tool.ready", call="c1", name="count", args={"n": 2}, where="server", run=run_))
    stage.append(ToolDone(event="tool.done", call="c1", ok=True, output={"sum": 3}))
    stage.append(UiPut(event="ui.put", surface="s1", owner="host", component="text", props={"text": "A"}, version=1))
    patch = [AddOp(op="replace", path="/text", value="B")]
    stage.append(UiPatch(event="ui.patch", surface="s1", ops=[*patch], version=2))
    stage.append(StatePatched(event="state.patched", ops=[AddOp(op="add", path="/n", value=1)], version=1))
    say(stage, order, "Ask the writer.")
    stage.append(TurnFinished(event="turn.finished", turn="t", outcome="handoff"))
    stage.append(Handoff(event="agent.handoff", source="host", target="writer", reason="poems", run=run_))
    return SUCCESS


async def test_everything_has_its_word(surface: MakeSurface) -> None:
    told = events(await run(surface(play_everything), user("Hello")))
    assert kinds(told)[1:-1] == [
        "STEP_STARTED",
        "REASONING_START",
        "REASONING_MESSAGE_START",
        "REASONING_MESSAGE_CONTENT",
        "REASONING_MESSAGE_END",
        "REASONING_END",
        "TOOL_CALL_START",
        "TOOL_CALL_ARGS",
        "TOOL_CALL_END",
        "TOOL_CALL_RESULT",
        "ACTIVITY_SNAPSHOT",
        "ACTIVITY_DELTA",
        "STATE_DELTA",
        "TEXT_MESSAGE_START",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_END",
        "STEP_FINISHED",
        "CUSTOM",
    ]
    by = {event["type"]: event for event in told}
    assert by["STEP_STARTED"]["metadata"]["salon"]["source"] == "mock"
    assert by["TOOL_CALL_ARGS"]["delta"] == '{"n":2}'
    assert by["TOOL_CALL_RESULT"]["content"] == '{"sum":3}'
    assert (by["ACTIVITY_SNAPSHOT"]["activityType"], by["ACTIVITY_SNAPSHOT"]["content"]) == (
        "salon.text",
        {"text": "A"},
    )
    assert by["ACTIVITY_DELTA"]["patch"] == [{"op": "replace", "path": "/text", "value": "B"}]
    assert (by["CUSTOM"]["name"], by["CUSTOM"]["value"]["reason"]) == ("agent.handoff", "poems")


async def test_the_thread_remembers_and_is_told_only_what_is_new(surface: MakeSurface) -> None:
    one = surface()
    first = events(await run(one, user("I am Ann")))
    answer = {"id": first[1]["messageId"], "role": "assistant", "content": "Hello there"}
    await run(one, user("I am Ann"), answer, user("Who am I?", "u2"))
    said = [event for event in one.crew.transcripts[-1] if isinstance(event, MsgDone)]
    assert [message.message for message in said] == ["u1", answer["id"], "u2"]


async def test_a_new_thread_is_told_what_was_said_before(surface: MakeSurface) -> None:
    one = surface()
    before = [user("I am Ann"), {"id": "a1", "role": "assistant", "content": "Hello Ann"}]
    context = [{"description": "the time", "value": "noon"}]
    await run(one, {"id": "s", "role": "system", "content": "Be brief."}, *before, user("Hi", "u2"), context=context)
    said = [event for event in one.crew.transcripts[-1] if isinstance(event, MsgDone)]
    assert [(m.message, m.author.role) for m in said] == [("u1", "user"), ("a1", "agent"), ("u2", "user")]
    assert set(one.crew.orders[0].instructions) == {"the time: noon", "Be brief."}


async def test_a_call_of_the_frontends_tool_is_left_to_it_and_its_result_goes_on(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        if order.speakers == ("writer",):
            say(stage, order, "A cat", agent="writer")
            return SUCCESS
        return calls(call(stage, order, "look", {"at": "it"}, agent="writer"))

    one = surface(play)
    tools = [{"name": "look", "description": "Look", "parameters": {"type": "object"}}]
    told = events(await run(one, user("Look"), tools=tools))
    assert kinds(told)[1:-1] == ["TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_END"]
    key = told[1]["toolCallId"]
    assert told[-1]["outcome"] == {"type": "success", "pendingToolCallIds": [key]}
    function = {"name": "look", "arguments": '{"at":"it"}'}
    called = {"id": "a", "role": "assistant", "toolCalls": [{"id": key, "type": "function", "function": function}]}
    result = {"id": "x", "role": "tool", "toolCallId": key, "content": "a cat"}
    assert text(events(await run(one, user("Look"), called, result, tools=tools))) == "A cat"


def asking(*questions: str) -> Any:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        answers = await asyncio.gather(
            *(
                stage.ask(
                    Interrupted(
                        event="interrupt.opened",
                        interrupt=each,
                        run=order.run,
                        agent="host",
                        reason="approval",
                        message="May I?",
                        expires_at=1_900_000_000,
                    )
                )
                for each in questions
            )
        )
        say(stage, order, ", ".join(f"{answer.status} {answer.value}" for answer in answers))
        return SUCCESS

    return play


async def test_a_question_pauses_and_its_answer_resumes(surface: MakeSurface) -> None:
    one = surface(asking("q1", "q2"))
    told = events(await run(one, user("Do it")))
    assert kinds(told) == ["RUN_STARTED", "RUN_FINISHED"]
    asked = told[-1]["outcome"]["interrupts"]
    assert [question["id"] for question in asked] == ["q1", "q2"]
    assert asked[0]["message"] == "May I?"
    assert asked[0]["expiresAt"] == "2030-03-17T17:46:40+00:00"
    one_answer = [{"interruptId": "q1", "status": "resolved", "payload": {"approved": True}}]
    again = events(await run(one, user("Do it"), resume=one_answer))
    assert [question["id"] for question in again[-1]["outcome"]["interrupts"]] == ["q2"]
    other = [{"interruptId": "q2", "status": "cancelled"}]
    assert text(events(await run(one, user("Do it"), resume=other))) == "resolved {'approved': True}, cancelled None"
    late = await run(one, user("Do it"), resume=other)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "already_resolved")


async def test_who_joins_is_told_what_is_there(surface: MakeSurface) -> None:
    one = surface(play_everything)
    await run(one, user("Hello"))
    told = events(await run(one))
    assert kinds(told) == [
        "RUN_STARTED", "STATE_SNAPSHOT", "MESSAGES_SNAPSHOT", "ACTIVITY_SNAPSHOT", "RUN_FINISHED"
    ]  # fmt: skip
    assert told[1]["snapshot"] == {"n": 1}
    assert [message["role"] for message in told[2]["messages"]] == ["user", "assistant", "tool", "assistant"]
    assert told[3]["content"] == {"text": "B"}


async def test_who_joins_in_the_middle_is_told_the_run_from_its_beginning(
    surface: MakeSurface, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        say(stage, order, "Zero. ")
        author = Author(id="host", role="agent")
        stage.append(MsgStarted(event="message.started", message="m1", author=author, run=order.run))
        stage.append(MsgDelta(event="message.delta", message="m1", text="One. ", at=5))
        begun.set()
        await go.wait()
        stage.append(MsgDelta(event="message.delta", message="m1", text="Two.", at=9))
        parts = [TextPart(kind="text", text="One. Two.")]
        stage.append(MsgDone(event="message.done", message="m1", author=author, parts=[*parts], run=order.run))
        return SUCCESS

    one = surface(play)
    async with asyncio.timeout(5):
        first = asyncio.create_task(run(one, user("Hello")))
        await begun.wait()
        listening, subscribe = asyncio.Event(), one.runtime.broker.subscribe

        def noted(room: str, deliver: Deliver) -> Callable[[], None]:
            listening.set()
            return subscribe(room, deliver)

        monkeypatch.setattr(one.runtime.broker, "subscribe", noted)
        joined = asyncio.create_task(run(one))
        await listening.wait()
        go.set()
        assert text(events(await first)) == "Zero. One. Two."
        told = events(await joined)
    assert text(told) == "Zero. One. Two."
    assert [message["content"] for message in told[1]["messages"]] == ["Hello"]


async def test_a_live_room_is_spoken_into_by_its_name(surface: MakeSurface) -> None:
    one = surface()
    await run(one, user("Hi all"), name="room:lounge")
    told = events(await run(one, user("Me too", "u9"), name="room:lounge", thread="another"))
    assert kinds(told)[:2] == ["RUN_STARTED", "MESSAGES_SNAPSHOT"]
    assert [message["content"] for message in told[1]["messages"]] == ["Hi all", "Hello there", "Me too"]


async def test_the_shared_state_is_the_frontends_too(surface: MakeSurface) -> None:
    one = surface()
    await run(one, user("Hello"), state={"n": 1})
    room = one.runtime.lobby.find("t1")
    assert room is not None
    assert room.state.shared == {"n": 1}
    assert kinds(events(await run(one, user("More", "u2"), state={})))[1] == "STATE_SNAPSHOT"


async def test_a_run_that_fails_or_is_stopped_ends_so(surface: MakeSurface) -> None:
    failed = surface(ending(RunOutcome(outcome="error", reason="it broke", error="agent_error"), "Half"))
    last = events(await run(failed, user("Hello")))[-1]
    assert (last["type"], last["message"], last["code"]) == ("RUN_ERROR", "it broke", "agent_error")
    stopped = surface(ending(RunOutcome(outcome="cancelled")))
    assert events(await run(stopped, user("Hello")))[-1]["outcome"] == {"type": "cancelled"}


@pytest.mark.parametrize(
    ("change", "status", "param"),
    [
        ({"name": "nobody"}, 404, "name"),
        ({"thread": "no spaces"}, 400, "threadId"),
        ({"runId": None}, 400, "runId"),
        ({"resume": [{"interruptId": "q", "status": "resolved"}]}, 409, "resume[0].interruptId"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_its_name(
    surface: MakeSurface, change: JSON, status: int, param: str
) -> None:
    refused = await run(surface(), user("Hello"), **change)
    assert (refused.status_code, refused.json()["error"]["param"]) == (status, param)


async def test_content_that_agents_cannot_read_is_refused(surface: MakeSurface) -> None:
    image = {"type": "image", "source": {"type": "url", "value": "https://example.com/x.png"}}
    refused = await run(surface(), {"id": "u1", "role": "user", "content": [image]})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "messages[0].content[0]")
