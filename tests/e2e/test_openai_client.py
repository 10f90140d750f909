"""OpenAI's own client, unmodified, against the real server with the mock: what people do first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel

from salon.agents.agent import Agent
from salon.agents.tools.tool import tool
from salon.app import create_app
from salon.chat.team import Team
from salon.settings import Settings
from tests.serving import serving

LOOK: openai.types.chat.ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@pytest.fixture
async def url(settings: Settings) -> AsyncIterator[str]:
    host = Agent("concierge", "You greet people and find who can help.", model=None)
    sums = Agent("accountant", "You add numbers.", model=None, tools=[add], intents=["add numbers", "sums"])
    poet = Agent("poet", "You write poems.", model=None, intents=["write a poem"])
    app = create_app(settings, teams=[Team("office", [host, sums, poet])])
    async with app.router.lifespan_context(app), serving(app) as base:
        yield base


@pytest.fixture
async def client(url: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as one:
        yield one


def user(text: str) -> ChatCompletionMessageParam:
    return {"role": "user", "content": text}


@pytest.mark.requirement("M-06", "M-09", "S0-15")
async def test_every_agent_and_team_answers(client: openai.AsyncOpenAI) -> None:
    models = [model.id async for model in client.models.list()]
    assert models == ["office", "concierge", "accountant", "poet"]
    for model in models:
        answer = await client.chat.completions.create(model=model, messages=[user("Good morning to you")])
        assert answer.choices[0].message.content
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage is not None
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


@pytest.mark.requirement("M-09")
async def test_a_stream_says_what_a_whole_answer_says(client: openai.AsyncOpenAI) -> None:
    messages = [user("Please write a poem about the sea")]
    whole = await client.chat.completions.create(model="office", messages=messages)
    pieces, usage, reasons = [], None, []
    stream = await client.chat.completions.create(
        model="office", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    async for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            pieces.append(choice.delta.content or "")
            reasons.append(choice.finish_reason)
    assert "".join(pieces) == whole.choices[0].message.content
    assert len(pieces) > 5
    assert [reason for reason in reasons if reason] == ["stop"]
    assert usage is not None
    assert usage.total_tokens > 0


async def test_the_stream_helper_ends_with_the_whole_completion(client: openai.AsyncOpenAI) -> None:
    async with client.chat.completions.stream(model="poet", messages=[user("A poem about tea")]) as stream:
        events = [event.type async for event in stream]
        final = await stream.get_final_completion()
    assert "content.delta" in events
    assert final.choices[0].message.content


async def test_a_tool_of_the_caller_goes_there_and_back(client: openai.AsyncOpenAI) -> None:
    messages = [user("What is the weather in the city of Paris?")]
    first = await client.chat.completions.create(
        model="concierge", messages=messages, tools=[LOOK], tool_choice="required"
    )
    assert first.choices[0].finish_reason == "tool_calls"
    called = first.choices[0].message.tool_calls
    assert called is not None
    assert called[0].type == "function"
    assert called[0].function.name == "get_weather"
    assert "city" in json.loads(called[0].function.arguments)
    echoed: ChatCompletionMessageParam = first.choices[0].message.to_dict()  # type: ignore[assignment]
    result: ChatCompletionMessageParam = {
        "role": "tool",
        "tool_call_id": called[0].id,
        "content": "Sunny, 21 degrees",
    }
    answer = await client.chat.completions.create(model="concierge", messages=[*messages, echoed, result], tools=[LOOK])
    assert answer.choices[0].finish_reason == "stop"
    assert "21 degrees" in (answer.choices[0].message.content or "")


async def test_calls_are_streamed_as_openais_helper_reads_them(client: openai.AsyncOpenAI) -> None:
    async with client.chat.completions.stream(
        model="concierge",
        messages=[user("What is the weather in Paris?")],
        tools=[LOOK],
        tool_choice="required",
    ) as stream:
        final = await stream.get_final_completion()
    calls = final.choices[0].message.tool_calls
    assert calls is not None
    assert json.loads(calls[0].function.arguments)
    assert final.choices[0].finish_reason == "tool_calls"


async def test_the_agents_own_tools_are_run_here(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="accountant", messages=[user("Please add 17 and 25")])
    assert answer.choices[0].message.tool_calls is None
    assert "42" in (answer.choices[0].message.content or "")


class Place(BaseModel):
    city: str
    country: str


async def test_structured_output_is_what_was_described(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.parse(
        model="concierge", messages=[user("Where is the Eiffel tower?")], response_format=Place
    )
    assert isinstance(answer.choices[0].message.parsed, Place)


async def test_a_live_room_remembers_and_shows_what_was_said(client: openai.AsyncOpenAI) -> None:
    for text in ("My name is Ann", "Please write a poem"):
        answer = await client.chat.completions.create(model="room:lounge", messages=[user(text)])
        assert answer.choices[0].message.content
    assert "room:lounge" in [model.id async for model in client.models.list()]


async def test_several_ask_at_once_and_each_gets_its_own(client: openai.AsyncOpenAI) -> None:
    texts = [f"Please add {i} and {i}" for i in range(10, 20)]
    answers = await asyncio.gather(
        *(client.chat.completions.create(model="accountant", messages=[user(text)]) for text in texts)
    )
    for i, answer in zip(range(10, 20), answers, strict=True):
        assert str(2 * i) in (answer.choices[0].message.content or "")


async def test_errors_are_the_clients_own_exceptions(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await client.chat.completions.create(model="nobody", messages=[user("Hello")])
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    assert unknown.value.request_id
    with pytest.raises(openai.BadRequestError) as two:
        await client.chat.completions.create(model="poet", messages=[user("Hello")], n=2)
    assert two.value.param == "n"
    image: ChatCompletionMessageParam = {
        "role": "user",
        "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}],
    }
    with pytest.raises(openai.BadRequestError) as seen:
        await client.chat.completions.create(model="poet", messages=[image])
    assert (seen.value.param or "").startswith("messages")


async def test_few_tokens_end_with_length(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="poet", messages=[user("A long poem")], max_tokens=3)
    assert answer.choices[0].finish_reason == "length"


@pytest.mark.requirement("S1-47")
@pytest.mark.parametrize("base", ["poet", "agents/poet", "agents/poet/v1", "poet/v1"])
async def test_an_agents_own_address_is_a_base_url(url: str, base: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{url}/{base}", api_key="none", max_retries=0) as client:
        assert [model.id async for model in client.models.list()] == ["poet"]
        answer = await client.chat.completions.create(model="poet", messages=[user("Hello there")])
        assert answer.choices[0].message.content
