"""A chat completion is a projection of a run, whole or streamed."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from salon.contracts.events import Interrupted, MsgDone
from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.contracts.types import TextPart
from tests.fakes.answering import SUCCESS, call, calls, ending, say, saying
from tests.unit.http.conftest import MakeSurface

TOOL = {"type": "function", "function": {"name": "look", "description": "Look", "parameters": {"type": "object"}}}


def streamed(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [event.removeprefix("data: ") for event in response.text.split("\n\n") if event]
    return [json.loads(event) for event in events if event != "[DONE]"]


def content(chunks: list[dict[str, Any]]) -> str:
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])


@pytest.mark.requirement("S0-15")
async def test_a_whole_answer_has_openais_exact_shape(surface: MakeSurface) -> None:
    body = (await surface().ask()).json()
    assert body.pop("id").startswith("chatcmpl-")
    assert body == {
        "object": "chat.completion",
        "created": 1_800_000_000,
        "model": "crew",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello there", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
    }


async def test_a_stream_says_the_same_in_pieces(surface: MakeSurface) -> None:
    response = await surface().ask(stream=True, stream_options={"include_usage": True})
    chunks = streamed(response)
    assert content(chunks) == "Hello there"
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] == 7
    assert response.text.endswith("data: [DONE]\n\n")
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-accel-buffering"] == "no"


async def test_what_several_agents_say_is_one_answer(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        say(stage, order, "I ask the writer.")
        say(stage, order, "Here ", "it is.", agent="writer")
        return SUCCESS

    one = surface(play)
    whole = (await one.ask()).json()
    assert whole["choices"][0]["message"]["content"] == "I ask the writer.\n\nHere it is."
    assert whole["usage"]["total_tokens"] == 14
    assert content(streamed(await one.ask(stream=True))) == "I ask the writer.\n\nHere it is."


async def test_nothing_said_is_an_empty_text(surface: MakeSurface) -> None:
    one = surface(ending(SUCCESS))
    assert (await one.ask()).json()["choices"][0]["message"]["content"] == ""
    assert streamed(await one.ask(stream=True))[-1]["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("reason", ["length", "content_filter"])
async def test_why_a_model_stopped_is_passed_on(surface: MakeSurface, reason: str) -> None:
    one = surface(ending(RunOutcome(outcome="success", finish_reason=reason), "Half"))
    assert (await one.ask()).json()["choices"][0]["finish_reason"] == reason


async def test_a_word_that_openai_does_not_know_is_stop(surface: MakeSurface) -> None:
    one = surface(ending(RunOutcome(outcome="success", finish_reason="end_turn"), "All"))
    assert (await one.ask()).json()["choices"][0]["finish_reason"] == "stop"


async def test_the_callers_tools_come_back_to_the_caller(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        return calls(call(stage, order, "look", {"at": "it"}), call(stage, order, "look", {"at": "that"}))

    one = surface(play)
    choice = (await one.ask(tools=[TOOL])).json()["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    called = [(c["type"], c["function"]["name"], c["function"]["arguments"]) for c in choice["message"]["tool_calls"]]
    assert called == [("function", "look", '{"at":"it"}'), ("function", "look", '{"at":"that"}')]
    chunks = streamed(await one.ask(tools=[TOOL], stream=True))
    deltas = [d for c in chunks for choice in c["choices"] for d in choice["delta"].get("tool_calls", [])]
    assert [delta["index"] for delta in deltas] == [0, 1]
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert [tool.name for tool in one.crew.orders[0].tools] == ["look"]
    assert one.crew.orders[0].calls_end_run


async def test_a_result_goes_back_to_the_agent_that_called(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        if not any(isinstance(event, MsgDone) and event.author.role == "user" for event in stage.transcript()[-1:]):
            say(stage, order, "Seen", agent="writer")
            return SUCCESS
        return calls(call(stage, order, "look", {}, agent="writer"))

    one = surface(play)
    first = (await one.ask(tools=[TOOL])).json()["choices"][0]["message"]
    assert first["tool_calls"][0]["id"].endswith("__writer")
    result = {"role": "tool", "tool_call_id": first["tool_calls"][0]["id"], "content": "a cat"}
    answer = await one.ask(messages=[{"role": "user", "content": "Look"}, first, result], tools=[TOOL])
    assert answer.json()["choices"][0]["message"]["content"] == "Seen"
    assert (one.crew.orders[1].speakers, one.crew.orders[1].rule) == (("writer",), "sticky")


async def test_what_was_said_before_is_what_the_room_remembers(surface: MakeSurface) -> None:
    one = surface()
    before = [{"role": "user", "content": "One"}, {"role": "assistant", "content": "Two"}]
    system = {"role": "system", "content": "Be brief"}
    await one.ask(messages=[system, *before, {"role": "user", "content": "Three"}])
    said = [
        "".join(part.text for part in event.parts if isinstance(part, TextPart))
        for event in one.crew.transcripts[0]
        if isinstance(event, MsgDone)
    ]
    assert said == ["One", "Two", "Three"]
    assert one.crew.orders[0].instructions == ("Be brief",)
    assert one.crew.orders[0].whole, "the caller keeps its conversation in bounds, and nobody else"


async def test_how_to_sample_reaches_the_run(surface: MakeSurface) -> None:
    one = surface()
    await one.ask(
        temperature=0.5, top_p=0.9, max_tokens=7, max_completion_tokens=9, stop=["END"], seed=3, presence_penalty=0.1,
        frequency_penalty=0.2, response_format={"type": "json_object"}, tools=[TOOL], tool_choice="auto",
        parallel_tool_calls=False, reasoning_effort="low",
    )  # fmt: skip
    assert one.crew.orders[0].sampling.given() == {
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 9,
        "stop": ("END",),
        "seed": 3,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "response_format": {"type": "json_object"},
        "tool_choice": "auto",
        "parallel_tool_calls": False,
        "reasoning_effort": "low",
    }


async def test_a_tool_that_is_required_is_the_callers_own(surface: MakeSurface) -> None:
    one = surface()
    await one.ask(tools=[TOOL], tool_choice="required")
    other = {"type": "function", "function": {"name": "smell"}}
    await one.ask(tools=[TOOL, other], tool_choice="required")
    demands = [order.sampling.tool_choice for order in one.crew.orders]
    assert demands == [{"type": "function", "function": {"name": "look"}}, "required"]


async def test_tools_that_may_not_be_chosen_are_not_offered(surface: MakeSurface) -> None:
    one = surface()
    await one.ask(tools=[TOOL], tool_choice="none")
    assert one.crew.orders[0].tools == ()
    assert one.crew.orders[0].sampling.given() == {}


async def test_a_mention_chooses_who_answers(surface: MakeSurface) -> None:
    one = surface()
    await one.ask("@writer please")
    assert one.crew.orders[0].speakers == ("writer",)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("code", "status"), [("model_error", 502), ("rate_limited", 429), ("timeout", 504), ("unheard of", 500)]
)
async def test_a_run_that_fails_at_once_has_its_status(
    surface: MakeSurface, code: str, status: int, stream: bool
) -> None:
    one = surface(ending(RunOutcome(outcome="error", reason="the model is away", error=code)))
    response = await one.ask(stream=stream)
    assert response.status_code == status
    assert response.json()["error"]["message"] == "the model is away"


async def test_a_failure_in_mid_stream_is_an_error_event_and_no_done(surface: MakeSurface) -> None:
    one = surface(ending(RunOutcome(outcome="error", reason="the model is away", error="model_error"), "Half"))
    response = await one.ask(stream=True)
    *chunks, last = streamed(response)
    assert content(chunks) == "Half"
    assert last == {
        "error": {"message": "the model is away", "type": "api_error", "param": None, "code": "model_error"}
    }
    assert "[DONE]" not in response.text


async def test_a_run_that_someone_stops_is_no_answer(surface: MakeSurface) -> None:
    one = surface()
    room = await one.runtime.lobby.open("lobby")

    async def stop(stage: Stage, order: RunOrder) -> RunOutcome:
        asyncio.get_running_loop().call_soon(lambda: room.cancel(order.run, reason="enough"))
        await asyncio.Event().wait()
        return SUCCESS

    one.crew._play = stop
    response = await one.ask(model="room:lobby")
    assert (response.status_code, response.json()["error"]["message"]) == (499, "enough")


async def test_a_run_that_is_stopped_while_it_waits_ends_too(surface: MakeSurface) -> None:
    one, go = surface(), asyncio.Event()
    room = await one.runtime.lobby.open("lobby")

    async def slow(stage: Stage, order: RunOrder) -> RunOutcome:
        await go.wait()
        return SUCCESS

    one.crew._play = slow
    both_said = asyncio.Event()
    one.runtime.broker.subscribe("lobby", lambda item: both_said.set() if len(room.state.messages) == 2 else None)
    first = asyncio.create_task(one.ask(model="room:lobby"))
    second = asyncio.create_task(one.ask(model="room:lobby"))
    async with asyncio.timeout(5):
        await both_said.wait()
        room.cancel(room.runs._waiting[0].run, reason="not now")
        assert (await second).status_code == 499
        go.set()
        assert (await first).status_code == 200


async def test_a_question_to_people_is_declined_where_nobody_is(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        question = Interrupted(
            event="interrupt.opened", interrupt="i1", run=order.run, agent="host", reason="approval", message="Send?"
        )
        answer = await stage.ask(question)
        say(stage, order, f"It was {answer.status}")
        return SUCCESS

    async with asyncio.timeout(5):
        body = (await surface(play).ask()).json()
    assert body["choices"][0]["message"]["content"] == "It was cancelled"


async def test_a_question_to_someone_else_ends_the_run(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        question = Interrupted(
            event="interrupt.opened", interrupt="i1", run=order.run, agent="host", reason="approval", allowed=["boss"]
        )
        await stage.ask(question)
        return SUCCESS

    async with asyncio.timeout(5):
        response = await surface(play).ask()
    assert response.status_code == 499


async def test_nothing_is_left_of_a_private_conversation(surface: MakeSurface) -> None:
    one = surface()
    await one.ask()
    await one.ask(stream=True)
    assert one.runtime.lobby.rooms() == []
    assert one.runtime.broker._subscribers == {}
    assert one.runtime.lobby._ephemeral == set()


async def test_a_live_room_hears_the_message_and_the_caller_gets_its_own_run(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        number = len(one.crew.orders)
        await asyncio.sleep(0)  # the others may come in between
        say(stage, order, "Answer ", str(number))
        return SUCCESS

    one = surface(play)
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(one.ask(f"number {i}", model="room:lobby") for i in range(3)))
    told = [answer.json()["choices"][0]["message"]["content"] for answer in answers]
    assert sorted(told) == ["Answer 1", "Answer 2", "Answer 3"]
    assert answers[0].json()["model"] == "room:lobby"
    room = one.runtime.lobby.find("lobby")
    assert room is not None
    roles = [message.author.role for message in room.snapshot().messages]
    assert (roles.count("user"), roles.count("agent")) == (3, 3)


async def test_only_the_last_message_is_spoken_into_a_live_room(surface: MakeSurface) -> None:
    one = surface()
    old = [{"role": "user", "content": "Old"}, {"role": "assistant", "content": "Older"}]
    await one.ask(model="room:lobby", messages=[*old, {"role": "user", "content": "New", "name": "ann"}])
    room = one.runtime.lobby.find("lobby")
    assert room is not None
    first = room.snapshot().messages[0]
    assert (first.author.id, first.author.name, len(room.snapshot().messages)) == ("api:ann", "ann", 2)


async def test_a_result_is_given_to_the_call_that_waits_in_a_live_room(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        if order.speakers:
            say(stage, order, "Seen", agent="writer")
            return SUCCESS
        return calls(call(stage, order, "look", {}, agent="writer"))

    one = surface(play)
    asked = {"role": "user", "content": "Look", "name": "ann"}
    first = (await one.ask(model="room:lobby", messages=[asked], tools=[TOOL])).json()["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": first["tool_calls"][0]["id"], "content": "a cat"}
    answer = await one.ask(model="room:lobby", messages=[asked, first, result], tools=[TOOL])
    assert answer.json()["choices"][0]["message"]["content"] == "Seen"
    again = await one.ask(model="room:lobby", messages=[asked, first, result], tools=[TOOL])
    assert (again.status_code, again.json()["error"]["code"]) == (400, "unknown_call")


async def test_a_room_that_cannot_be_is_refused(surface: MakeSurface) -> None:
    response = await surface().ask(model="room:../../etc")
    assert (response.status_code, response.json()["error"]["param"]) == (400, "model")


async def test_a_long_answer_is_whole_for_a_reader_who_falls_behind(surface: MakeSurface) -> None:
    pieces = [f"{i} " for i in range(500)]
    chunks = streamed(await surface(saying(*pieces)).ask(stream=True))
    assert content(chunks) == "".join(pieces)
    assert len(chunks) < 100
