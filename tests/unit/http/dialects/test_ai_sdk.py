"""A run as the AI SDK's message stream, what its transport may send, and how a stream is joined again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from salon.contracts.events import (
    ChosenBy,
    Handoff,
    Interrupted,
    MsgDelta,
    MsgDone,
    MsgStarted,
    Reasoning,
    ToolDone,
    ToolReady,
    ToolStarted,
    TurnFinished,
    TurnStarted,
    UiA2ui,
    UiPatch,
    UiPut,
)
from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.contracts.types import AddOp, Author, TextPart
from salon.hub.broker import Deliver
from tests.fakes.answering import SUCCESS, call, calls, ending, say
from tests.unit.http.conftest import MakeSurface, Surface

JSON = dict[str, Any]


def user(text: str, id: str = "u1") -> JSON:
    return {"id": id, "role": "user", "parts": [{"type": "text", "text": text}]}


def assistant(id: str, *parts: JSON) -> JSON:
    return {"id": id, "role": "assistant", "parts": list(parts)}


async def chat(one: Surface, *messages: JSON, id: str = "c1", **more: Any) -> httpx.Response:
    body = {"id": id, "messages": list(messages), "trigger": "submit-message", "messageId": None, **more}
    return await one.http.post("/api/chat", json=body)


def chunks(response: httpx.Response) -> list[JSON]:
    assert response.status_code == 200, response.text
    assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert response.headers["content-type"].startswith("text/event-stream")
    frames = [frame.removeprefix("data: ") for frame in response.text.split("\n\n")[:-1]]
    assert frames[-1] == "[DONE]"
    told = [json.loads(frame) for frame in frames[:-1]]
    assert all(None not in chunk.values() for chunk in told)
    return told


def kinds(told: list[JSON]) -> list[str]:
    return [chunk["type"] for chunk in told]


def text(told: list[JSON]) -> str:
    return "".join(chunk["delta"] for chunk in told if chunk["type"] == "text-delta")


async def test_a_run_is_one_message(surface: MakeSurface) -> None:
    told = chunks(await chat(surface(), user("Hello")))
    assert kinds(told) == ["start", "text-start", "text-delta", "text-delta", "text-end", "finish"]
    assert told[0]["messageId"].startswith("run_")
    assert told[-1] == {"type": "finish", "finishReason": "stop"}
    assert text(told) == "Hello there"


async def play_everything(stage: Stage, order: RunOrder) -> RunOutcome:
    run = order.run
    stage.append(
        TurnStarted(event="turn.started", turn="t", run=run, agent="host", chosen=ChosenBy(rule="host"), source="mock")
    )
    stage.append(Reasoning(event="reasoning.delta", run=run, text="Hm", at=2, turn="t"))
    stage.append(ToolStarted(event="tool.started", call="c1", name="count", run=run, where="server", turn="t"))
    stage.append(ToolReady(event="tool.ready", call="c1", name="count", args={"n": 2}, where="server", run=run))
    stage.append(ToolDone(event="tool.done", call="c1", ok=False, output="no such thing"))
    stage.append(UiPut(event="ui.put", surface="s1", owner="host", component="text", props={"text": "A"}, version=1))
    patch = [AddOp(op="replace", path="/text", value="B")]
    stage.append(UiPatch(event="ui.patch", surface="s1", ops=[*patch], version=2))
    stage.append(UiA2ui(event="ui.a2ui", surface="s2", owner="host", messages=[{"deleteSurface": {}}]))
    say(stage, order, "Ask the writer.")
    stage.append(TurnFinished(event="turn.finished", turn="t", outcome="handoff"))
    stage.append(Handoff(event="agent.handoff", source="host", target="writer", reason="poems", run=run))
    return SUCCESS


async def test_everything_has_its_chunk(surface: MakeSurface) -> None:
    told = chunks(await chat(surface(play_everything), user("Hello")))
    assert kinds(told)[1:-1] == [
        "start-step",
        "data-agent",
        "reasoning-start",
        "reasoning-delta",
        "reasoning-end",
        "tool-input-start",
        "tool-input-available",
        "tool-output-error",
        "data-surface",
        "data-surface",
        "data-a2ui",
        "text-start",
        "text-delta",
        "text-end",
        "finish-step",
        "data-handoff",
    ]
    assert told[2]["data"] == {"agent": "host", "source": "mock", "rule": "host"}
    assert (told[7]["input"], told[7]["dynamic"]) == ({"n": 2}, True)
    assert [chunk["data"]["props"] for chunk in told if chunk["type"] == "data-surface"] == [
        {"text": "A"},
        {"text": "B"},
    ]


async def test_the_chat_remembers_and_is_told_only_what_is_new(surface: MakeSurface) -> None:
    one = surface()
    first = chunks(await chat(one, user("I am Ann")))
    answer = assistant(first[0]["messageId"], {"type": "text", "text": "Hello there"})
    await chat(one, user("I am Ann"), answer, user("Who am I?", "u2"))
    said = [event for event in one.crew.transcripts[-1] if isinstance(event, MsgDone)]
    assert [message.author.role for message in said] == ["user", "agent", "user"]
    assert [message.message for message in said][::2] == ["u1", "u2"]


async def test_a_new_chat_is_told_what_was_said_before(surface: MakeSurface) -> None:
    one = surface()
    await chat(one, user("I am Ann"), assistant("a1", {"type": "text", "text": "Hello Ann"}), user("And?", "u2"))
    said = [event for event in one.crew.transcripts[-1] if isinstance(event, MsgDone)]
    assert [message.message for message in said] == ["u1", "a1", "u2"]


async def test_a_frontends_tool_is_left_to_it_and_its_result_goes_on_in_the_same_message(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        if order.speakers == ("writer",):
            say(stage, order, "A cat", agent="writer")
            return SUCCESS
        return calls(call(stage, order, "look", {"at": "it"}, agent="writer"))

    one = surface(play)
    tools = [{"name": "look", "description": "Look", "parameters": {"type": "object"}}]
    told = chunks(await chat(one, user("Look"), tools=tools))
    assert kinds(told)[1:] == ["tool-input-start", "tool-input-available", "finish"]
    assert "dynamic" not in told[2]
    assert told[-1]["finishReason"] == "tool-calls"
    message = told[0]["messageId"]
    part = {"type": "tool-look", "toolCallId": told[1]["toolCallId"], "input": {}, "state": "output-available"}
    again = chunks(await chat(one, user("Look"), assistant(message, {**part, "output": "a cat"}), tools=tools))
    assert (again[0]["messageId"], text(again)) == (message, "A cat")


async def asking(stage: Stage, order: RunOrder) -> RunOutcome:
    """A tool asks whether it may."""
    run = order.run
    stage.append(ToolStarted(event="tool.started", call="c1", name="send", run=run, where="server", turn="t"))
    stage.append(ToolReady(event="tool.ready", call="c1", name="send", args={}, where="server", run=run))
    may = Interrupted(
        event="interrupt.opened", interrupt="q1", run=run, agent="host", reason="approval", message="May I?", call="c1"
    )
    answer = await stage.ask(may)
    stage.append(ToolDone(event="tool.done", call="c1", ok=True, output=answer.value))
    say(stage, order, "Done")
    return SUCCESS


async def test_an_approval_pauses_and_its_answer_goes_on(surface: MakeSurface) -> None:
    one = surface(asking)
    told = chunks(await chat(one, user("Send it")))
    assert told[-2] == {"type": "tool-approval-request", "approvalId": "q1", "toolCallId": "c1", "reason": "May I?"}
    approval = {"id": "q1", "approved": True, "reason": "go"}
    part = {"type": "dynamic-tool", "toolName": "send", "toolCallId": "c1", "state": "approval-responded"}
    answered = assistant(told[0]["messageId"], {**part, "input": {}, "approval": approval})
    again = chunks(await chat(one, user("Send it"), answered))
    assert again[0]["messageId"] == told[0]["messageId"]
    assert again[1] == {
        "type": "tool-output-available",
        "toolCallId": "c1",
        "output": {"approved": True, "comment": "go"},
    }
    assert text(again) == "Done"
    assert (await chat(one, user("Send it"), answered)).status_code == 400


async def test_another_question_comes_as_data_and_is_answered_in_the_body(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        asked = Interrupted(event="interrupt.opened", interrupt="q1", run=order.run, agent="host", reason="input")
        answer = await stage.ask(asked)
        say(stage, order, f"You said {answer.value}")
        return SUCCESS

    one = surface(play)
    told = chunks(await chat(one, user("Hello")))
    assert told[-2] == {"type": "data-question", "id": "q1", "data": {"agent": "host", "reason": "input"}}
    answers = [{"question": "q1", "value": "blue"}]
    message = assistant(told[0]["messageId"])
    assert text(chunks(await chat(one, user("Hello"), message, answers=answers))) == "You said blue"


async def test_a_stream_is_joined_again_from_its_beginning(
    surface: MakeSurface, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
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
    assert (await one.http.get("/api/chat/c1/stream")).status_code == 204
    async with asyncio.timeout(5):
        first = asyncio.create_task(chat(one, user("Hello")))
        await begun.wait()
        listening, subscribe = asyncio.Event(), one.runtime.broker.subscribe

        def noted(room: str, deliver: Deliver) -> Callable[[], None]:
            listening.set()
            return subscribe(room, deliver)

        monkeypatch.setattr(one.runtime.broker, "subscribe", noted)
        joined = asyncio.create_task(one.http.get("/api/chat/c1/stream"))
        await listening.wait()
        go.set()
        told, again = chunks(await first), chunks(await joined)
    assert again[0] == told[0]
    assert text(again) == text(told) == "One. Two."
    assert (await one.http.get("/api/chat/c1/stream")).status_code == 204


async def test_a_question_is_still_asked_when_the_stream_is_joined_again(surface: MakeSurface) -> None:
    one = surface(asking)
    told = chunks(await chat(one, user("Send it")))
    assert chunks(await one.http.get("/api/chat/c1/stream")) == told


async def test_a_run_is_stopped(surface: MakeSurface) -> None:
    one = surface(asking)
    await chat(one, user("Send it"))
    assert (await one.http.delete("/api/chat/c1/stream")).status_code == 204
    assert (await one.http.get("/api/chat/c1/stream")).status_code == 204
    await asyncio.wait_for(one.crew.cancelled.wait(), 5)


async def test_an_answer_is_made_again(surface: MakeSurface) -> None:
    one = surface()
    first = chunks(await chat(one, user("Hello")))
    again = chunks(await chat(one, user("Hello"), trigger="regenerate-message", messageId=first[0]["messageId"]))
    assert again[0]["messageId"] != first[0]["messageId"]
    assert text(again) == "Hello there"
    room = one.runtime.lobby.find("c1")
    assert room is not None
    assert [message.author.role for message in room.state.messages] == ["user", "agent"]
    assert (await chat(one, user("Hello"), id="c2", trigger="regenerate-message")).status_code == 404


async def test_the_body_may_say_who_answers(surface: MakeSurface) -> None:
    one = surface()
    await chat(one, user("Hello"), model="writer", instructions="Be brief.")
    [order] = one.runtime.catalog.responders["writer"].orders
    assert order.instructions == ("Be brief.",)


async def test_a_run_that_fails_or_is_stopped_ends_so(surface: MakeSurface) -> None:
    failed = surface(ending(RunOutcome(outcome="error", reason="it broke", error="agent_error"), "Half"))
    assert chunks(await chat(failed, user("Hello")))[-1] == {"type": "error", "errorText": "it broke"}
    stopped = surface(ending(RunOutcome(outcome="cancelled", reason="enough")))
    assert chunks(await chat(stopped, user("Hello")))[-1] == {"type": "abort", "reason": "enough"}


@pytest.mark.parametrize(
    ("change", "status", "param"),
    [
        ({"model": "nobody"}, 404, "model"),
        ({"id": "no spaces"}, 400, "id"),
        ({"messages": []}, 400, "messages"),
        ({"messages": [user(" ")]}, 400, "messages"),
        ({"messages": [assistant("a1")]}, 400, "messages"),
        ({"messages": [{"id": "u", "role": "user", "parts": [{"type": "file", "url": "data:"}]}]}, 400, "messages"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_its_name(
    surface: MakeSurface, change: JSON, status: int, param: str
) -> None:
    body = {"id": "c1", "messages": [user("Hello")], **change}
    refused = await surface().http.post("/api/chat", json=body)
    assert (refused.status_code, refused.json()["error"]["param"]) == (status, param)
