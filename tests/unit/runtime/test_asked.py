"""What programs ask of an agent by itself: its own tools, streams, circles, and what comes out on a web server."""

import asyncio
import json
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.responses import StreamingResponse

from salon import Agent, StreamingReply, pricing, tool
from salon.contracts.runs import Principal
from salon.errors import RequestError, SalonError
from salon.models.mock.scenario import Scenario
from salon.runtime.asked import asked

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")


def scripted(*turns: dict[str, Any], name: str = "guide", **fields: Any) -> Agent:
    return Agent(name, "You guide.", model="mock", scenario=Scenario.of(turns), **fields)


@pytest.mark.requirement("S1-45")
async def test_a_call_of_the_callers_tool_is_returned_and_not_run_and_its_result_goes_on() -> None:
    agent = scripted({"call": "get_weather", "args": {"city": "Rome"}}, {"say": "It is {result}"})
    asked = [{"role": "user", "content": "How is the weather in Rome?"}]
    answer = await agent.run(asked, tools=[WEATHER])
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    (call,) = choice.message.tool_calls or []
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Rome"})
    told = [
        *asked,
        choice.message.model_dump(mode="json"),
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"},
    ]
    again = await agent.run(told, tools=[WEATHER])
    assert (str(again), again.choices[0].finish_reason) == ("It is sunny", "stop")
    with pytest.raises(RequestError, match="no call 'call_x' waits for a result"):
        await agent.run([{"role": "tool", "tool_call_id": "call_x", "content": "sunny"}])


async def test_a_conversation_with_calls_may_be_told_to_an_agent_that_knows_nothing_of_it() -> None:
    said: list[dict[str, Any]] = [
        {"role": "user", "content": "How is the weather?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]
    assert "sunny" in str(await scripted({"say": "It is {result}"}).run(said, tools=[WEATHER]))


async def test_a_callers_tool_with_a_name_of_the_agents_own_or_none_is_refused() -> None:
    @tool
    def get_weather(city: str) -> str:
        return city

    with pytest.raises(RequestError, match=r"tools\[0\]: 'get_weather' is a tool of the agent itself"):
        await Agent("guide", "You guide.", tools=[get_weather]).run("Hello", tools=[WEATHER])
    with pytest.raises(RequestError, match=r"tools\[0\]: expected"):
        await Agent("guide", "You guide.").run("Hello", tools=[{"type": "function"}])


@pytest.mark.requirement("S0-09")
async def test_a_streamed_run_is_a_response_and_a_loop_over_chunks() -> None:
    agent = Agent("guide", "You guide.")
    reply = await agent.run(messages=[{"role": "user", "content": "Hello"}], stream=True)
    assert isinstance(reply, StreamingResponse)
    chunks: list[Any] = [chunk async for chunk in reply]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert text
    assert chunks[-1]["usage"]["total_tokens"] > 0


@pytest.mark.requirement("S2-12")
async def test_a_streamed_text_is_the_chats_text_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0.001")
    one, two = (scripted({"say": "Once upon a time there was a tea room."}) for _ in "12")
    pieces = [piece async for piece in one.stream("Tell me a story")]
    assert len(pieces) > 1
    assert "".join(pieces) == await two.chat("Tell me a story")


async def test_a_streams_failure_is_raised_where_it_is_read() -> None:
    with pytest.raises(SalonError) as refused:
        _ = [piece async for piece in scripted({"fail": "rate_limited"}).stream("Hello")]
    assert refused.value.code == "rate_limited"


@pytest.mark.requirement("S0-08", "S1-08", "S1-44")
async def test_an_endpoint_of_ones_own_may_return_either() -> None:
    agent = scripted(
        {"say": "Hello there."}, {"say": "Hello again."}, {"call": "get_weather", "args": {"city": "Rome"}}
    )
    app = FastAPI()

    @app.post("/chat/completions")
    async def chat_completions(request: dict[str, Any]) -> Any:
        if request.get("stream", False):
            return agent.run_streaming(messages=request["messages"], tools=request.get("tools", []))
        return await agent.run(messages=request["messages"], tools=request.get("tools", []))

    body: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello"}]}
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as client:
        whole = await client.post("/chat/completions", json=body)
        assert (await client.post("/chat/completions", json=body)).json()["choices"] == whole.json()["choices"]
        assert whole.json()["choices"][0]["message"]["content"] == "Hello there."
        assert "session_id" not in whole.json()
        body["messages"] += [{"role": "assistant", "content": "Hello there."}, {"role": "user", "content": "And now?"}]
        streamed = await client.post("/chat/completions", json={**body, "stream": True})
        body["messages"] += [{"role": "assistant", "content": "Hello again."}, {"role": "user", "content": "Weather?"}]
        called = await client.post("/chat/completions", json={**body, "stream": True, "tools": [WEATHER]})
        empty = await client.post("/chat/completions", json={"messages": [], "stream": True})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    lines = [line.removeprefix("data: ") for line in streamed.text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == "Hello again."
    assert '"name":"get_weather"' in called.text
    assert '"finish_reason":"tool_calls"' in called.text
    assert (empty.status_code, empty.json()["error"]["type"]) == (400, "invalid_request_error")


async def test_agents_that_ask_each_other_in_a_circle_are_stopped_with_the_way_they_took() -> None:
    a: Agent

    async def ask_a() -> str:
        """Ask a."""
        return str(await a.run("Over to you"))

    b = scripted({"call": "ask_a"}, {"say": "b: {result}"}, name="b", tools=[ask_a])

    async def ask_b() -> str:
        """Ask b."""
        return str(await b.run("Over to you"))

    a = scripted({"call": "ask_b"}, {"say": "a: {result}"}, name="a", tools=[ask_b])
    async with asyncio.timeout(10):
        answer = str(await a.run("Begin"))
    assert "agents ask each other in a circle: a → b → a" in answer


@pytest.mark.requirement("S1-26")
async def test_what_an_agent_that_was_asked_used_is_on_the_bill_of_who_asked() -> None:
    reports: list[Any] = []

    @tool
    @pricing(credits_per_call=1000)
    def look() -> str:
        """Look."""
        return "seen"

    helper = scripted({"call": "look"}, {"say": "done"}, name="helper", tools=[look], credits_per_token=0)

    async def ask_helper(context: Any = None) -> str:
        """Ask the helper."""
        from salon import current_agent_context

        current_agent_context().track_usage(20, "Research query")
        answer = str(await helper.run("Look"))
        reports.append(current_agent_context().get_usage())
        return answer

    agent = scripted({"call": "ask_helper"}, {"say": "fine"}, tools=[ask_helper], credits_per_token=0)
    assert str(await agent.run("Hello")) == "fine"
    (report,) = reports
    assert report["total_credits"] == 1020
    assert {item["reason"]: item["credits"] for item in report["items"]} == {"Research query": 20, "look": 1000}
    assert report["total_tokens"] > 0


def test_a_streaming_reply_is_made_without_an_event_loop_and_costs_nothing_until_it_is_read() -> None:
    assert isinstance(Agent("guide", "You guide.").run_streaming("Hello"), StreamingReply)


@pytest.mark.parametrize(
    ("messages", "tools", "told"),
    [
        ({"role": "user", "content": "Hello"}, (), "messages: expected a list, got dict"),
        (["Hello"], (), r"messages\[0\]: expected"),
        ("Hello", WEATHER, "tools: expected a list, got dict"),
        ("Hello", [5], r"tools\[0\]: expected"),
        ("Hello", [WEATHER, WEATHER], r"tools\[1\]: there are two named 'get_weather'"),
        ("Hello", [{"name": "transfer_to_guest"}], r"tools\[0\]: 'transfer_to_guest' is a tool of the agent itself"),
        ("Hello", [{"function": {"name": "f", "parameters": 5}}], r"tools\[0\]: parameters: Input should be"),
    ],
)
async def test_what_has_another_form_is_refused_by_name(messages: Any, tools: Any, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        await scripted({"say": "Hi"}, handoffs=[Agent("guest", "You visit.")]).run(messages, tools=tools)


async def test_contents_in_parts_are_read_wherever_they_stand() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    said = [
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "sunny"}]},
    ]
    asks = asked(said, Principal("ann"), "guide")
    assert asks.instructions == ["Be brief."]
    assert asks.results == [{"type": "function_call_output", "call_id": "c", "output": "sunny"}]
