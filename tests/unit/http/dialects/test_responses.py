"""A response is a projection of a run, whole or streamed, and a place in a thread."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from salon.contracts.events import Interrupted, MsgDone, MsgRemoved, MsgStarted, RoomEvent
from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.contracts.types import Author, TextPart
from salon.http.dialects.responses.request import ResponseRequest
from tests.fakes.answering import SUCCESS, call, calls, ending, say
from tests.unit.http.conftest import MakeSurface, Surface

JSON = dict[str, Any]
LOOK = {"type": "function", "name": "look", "description": "Look", "parameters": {"type": "object"}}


async def respond(one: Surface, said: object = "Hello", **more: Any) -> httpx.Response:
    return await one.http.post("/v1/responses", json={"model": "crew", "input": said, **more})


def events(response: httpx.Response) -> list[JSON]:
    assert response.headers["content-type"].startswith("text/event-stream")
    told = []
    for frame in response.text.split("\n\n")[:-1]:
        kind, data = frame.split("\n")
        told.append(json.loads(data.removeprefix("data: ")))
        assert kind == f"event: {told[-1]['type']}"
    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    return told


def texts(response: JSON) -> list[str]:
    return [item["content"][0]["text"] for item in response["output"] if item["type"] == "message"]


def transcript(one: Surface, run: int = -1) -> list[tuple[str, str]]:
    """Who had said what when the run began."""
    said = [event for event in one.crew.transcripts[run] if isinstance(event, MsgDone)]
    return [(m.author.role, "".join(p.text for p in m.parts if isinstance(p, TextPart))) for m in said]


async def test_a_whole_response_has_openais_shape(surface: MakeSurface) -> None:
    body = (await respond(surface())).json()
    assert body["id"].startswith("resp_")
    assert (body["object"], body["status"], body["model"], body["error"]) == ("response", "completed", "crew", None)
    [item] = body["output"]
    assert item.pop("id").startswith("msg_")
    part = {"type": "output_text", "text": "Hello there", "annotations": [], "logprobs": []}
    assert item == {"type": "message", "role": "assistant", "status": "completed", "content": [part]}
    assert (body["usage"]["input_tokens"], body["usage"]["output_tokens"], body["usage"]["total_tokens"]) == (5, 2, 7)


async def test_a_stream_builds_up_what_the_whole_says(surface: MakeSurface) -> None:
    told = events(await respond(surface(), stream=True))
    assert [event["type"] for event in told] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    last = told[-1]["response"]
    assert texts(last) == ["Hello there"]
    assert last["output"][0] == told[-2]["item"]
    assert last["usage"]["total_tokens"] == 7


async def test_what_several_agents_say_are_several_items(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        say(stage, order, "I ask the writer.")
        say(stage, order, "Here ", "it is.", agent="writer")
        return SUCCESS

    one = surface(play)
    assert texts((await respond(one)).json()) == ["I ask the writer.", "Here it is."]
    done = [e for e in events(await respond(one, stream=True)) if e["type"] == "response.output_item.done"]
    assert [event["output_index"] for event in done] == [0, 1]


async def test_a_message_that_was_taken_back_is_not_part_of_the_response(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        gone: list[RoomEvent] = [
            MsgStarted(event="message.started", message="m", author=Author(id="host", role="agent"), run=order.run),
            MsgRemoved(event="message.removed", message="m"),
        ]
        for event in gone:
            stage.append(event)
        say(stage, order, "Better")
        return SUCCESS

    told = events(await respond(surface(play), stream=True))
    done = [event["item"]["status"] for event in told if event["type"] == "response.output_item.done"]
    assert done == ["incomplete", "completed"]
    assert texts(told[-1]["response"]) == ["Better"]


async def test_a_call_goes_to_the_caller_and_its_result_back_to_the_agent(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        if order.speakers == ("writer",):
            say(stage, order, "A cat", agent="writer")
            return SUCCESS
        return calls(call(stage, order, "look", {"at": "it"}, agent="writer"))

    one = surface(play)
    first = (await respond(one, tools=[LOOK])).json()
    [called] = first["output"]
    assert (called["type"], called["name"], called["arguments"]) == ("function_call", "look", '{"at":"it"}')
    result = {"type": "function_call_output", "call_id": called["call_id"], "output": "a cat"}
    second = (await respond(one, [result], previous_response_id=first["id"], tools=[LOOK])).json()
    assert texts(second) == ["A cat"]
    # the same without a thread: the whole conversation is sent again
    said = [{"role": "user", "content": "Hello"}, called, result]
    third = (await respond(one, said, store=False, tools=[LOOK])).json()
    assert texts(third) == ["A cat"]


async def test_a_call_is_streamed_as_its_arguments(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        return calls(call(stage, order, "look", {"at": "it"}))

    told = events(await respond(surface(play), stream=True, tools=[LOOK]))
    kinds = [event["type"].removeprefix("response.") for event in told[2:-1]]
    assert kinds == [
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
    ]
    assert told[2]["item"]["arguments"] == ""
    assert told[-2]["item"]["arguments"] == '{"at":"it"}'
    assert told[-1]["type"] == "response.completed"


async def test_a_call_left_without_a_result_cannot_be_passed_over(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        return calls(call(stage, order, "look", {}))

    one = surface(play)
    first = (await respond(one, tools=[LOOK])).json()
    refused = await respond(one, "Never mind", previous_response_id=first["id"])
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "input")
    assert first["output"][0]["call_id"] in refused.json()["error"]["message"]


async def test_previous_response_id_goes_on_in_the_thread(surface: MakeSurface) -> None:
    one = surface()
    first = (await respond(one, "I am Ann")).json()
    second = (await respond(one, "Who am I?", previous_response_id=first["id"])).json()
    assert second["previous_response_id"] == first["id"]
    assert transcript(one) == [("user", "I am Ann"), ("agent", "Hello there"), ("user", "Who am I?")]


async def test_going_on_with_an_older_response_makes_a_branch(surface: MakeSurface) -> None:
    one = surface()
    first = (await respond(one, "One")).json()
    second = (await respond(one, "Two", previous_response_id=first["id"])).json()
    other = (await respond(one, "Another", previous_response_id=first["id"])).json()
    assert transcript(one) == [("user", "One"), ("agent", "Hello there"), ("user", "Another")]
    await respond(one, "Three", previous_response_id=second["id"])
    assert [text for _, text in transcript(one)] == ["One", "Hello there", "Two", "Hello there", "Three"]
    await respond(one, "More", previous_response_id=other["id"])
    assert [text for _, text in transcript(one)] == ["One", "Hello there", "Another", "Hello there", "More"]


async def test_a_conversation_may_be_sent_as_a_whole(surface: MakeSurface) -> None:
    one = surface()
    said = [
        {"role": "user", "content": "I am Ann"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello Ann"}]},
        {"type": "reasoning", "summary": [], "content": None},
        {"role": "user", "content": [{"type": "input_text", "text": "Who am I?"}]},
    ]
    await respond(one, said, instructions="Be brief.")
    assert transcript(one) == [("user", "I am Ann"), ("agent", "Hello Ann"), ("user", "Who am I?")]
    assert one.crew.orders[-1].instructions == ("Be brief.",)


async def test_what_is_not_stored_cannot_be_gone_on_with(surface: MakeSurface) -> None:
    one = surface()
    first = (await respond(one, store=False)).json()
    for previous in (first["id"], "resp_nonsense", f"resp_{'0' * 32}_1"):
        refused = await respond(one, "And?", previous_response_id=previous)
        error = refused.json()["error"]
        assert (refused.status_code, error["code"], error["param"]) == (
            400,
            "previous_response_not_found",
            "previous_response_id",
        )


async def test_a_stored_response_can_be_read_again(surface: MakeSurface) -> None:
    one = surface()
    made = (await respond(one)).json()
    found = (await one.http.get(f"/v1/responses/{made['id']}")).json()
    assert {key: found[key] for key in ("id", "status", "model", "output", "usage")} == {
        key: made[key] for key in ("id", "status", "model", "output", "usage")
    }
    assert (await one.http.get("/v1/responses/resp_none")).status_code == 404


async def test_a_response_spoken_into_a_live_room_is_seen_by_all(surface: MakeSurface) -> None:
    one = surface()
    await respond(one, "Hi all", model="room:lounge")
    room = one.runtime.lobby.find("lounge")
    assert room is not None
    assert [m.author.role for m in room.state.messages] == ["user", "agent"]


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        (RunOutcome(outcome="error", reason="it broke", error="agent_error"), 500, "agent_error"),
        (RunOutcome(outcome="error", reason="slow down", error="rate_limited"), 429, "rate_limit_exceeded"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_run_that_fails_at_once_is_answered_with_its_status(
    surface: MakeSurface, outcome: RunOutcome, status: int, code: str, stream: bool
) -> None:
    refused = await respond(surface(ending(outcome)), stream=stream)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)


async def test_a_run_that_fails_later_ends_the_stream_with_response_failed(surface: MakeSurface) -> None:
    broken = RunOutcome(outcome="error", reason="it broke", error="agent_error")
    last = events(await respond(surface(ending(broken, "Half")), stream=True))[-1]
    assert last["type"] == "response.failed"
    assert last["response"]["error"] == {"code": "agent_error", "message": "it broke"}


async def test_few_tokens_make_an_incomplete_response(surface: MakeSurface) -> None:
    one = surface(ending(RunOutcome(outcome="success", finish_reason="length"), "Half"))
    body = (await respond(one, max_output_tokens=1)).json()
    assert (body["status"], body["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert events(await respond(one, stream=True))[-1]["type"] == "response.incomplete"
    assert one.crew.orders[0].sampling.max_tokens == 1


async def test_a_question_is_declined_since_nobody_can_be_asked(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        asked = Interrupted(event="interrupt.opened", interrupt="ask_1", run=order.run, agent="host", reason="approval")
        answer = await stage.ask(asked)
        say(stage, order, answer.status)
        return SUCCESS

    assert texts((await respond(surface(play))).json()) == ["cancelled"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"input": []}, "input"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content[0]"),
        ({"input": [{"type": "computer_call"}]}, "input[0]"),
        ({"input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]}, "input[0].call_id"),
        ({"input": [{"type": "function_call", "call_id": "c", "name": "look"}]}, "input[0].call_id"),
        ({"tools": [{"type": "web_search"}]}, "tools[0]"),
        ({"tools": [LOOK, LOOK]}, "tools"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"background": True}, "background"),
        ({"text": {"format": {"type": "xml"}}}, "text.format"),
        ({"model": "nobody"}, "model"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_its_name(surface: MakeSurface, change: JSON, param: str) -> None:
    refused = await respond(surface(), **change)
    assert refused.status_code in (400, 404), refused.text
    assert refused.json()["error"]["param"] == param


def test_options_are_those_of_a_chat_completion() -> None:
    chosen = {"type": "function", "name": "look"}
    schema = {"type": "json_schema", "name": "place", "schema": {"type": "object"}, "strict": True}
    asked = ResponseRequest.model_validate(
        {
            "input": "Hi",
            "tools": [LOOK],
            "tool_choice": chosen,
            "text": {"format": schema},
            "reasoning": {"effort": "low"},
            "max_output_tokens": 9,
            "temperature": 0.5,
        }
    )
    chat = asked.as_chat()
    assert chat.tool_choice == {"type": "function", "function": {"name": "look"}}
    wanted = {"name": "place", "schema": {"type": "object"}, "strict": True}
    assert chat.response_format == {"type": "json_schema", "json_schema": wanted}
    assert (chat.reasoning_effort, chat.max_completion_tokens, chat.temperature) == ("low", 9, 0.5)
