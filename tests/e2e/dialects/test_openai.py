"""OpenAI's own clients ask for responses, from PyPI and from npm."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import openai
import pytest
from openai.types.responses import FunctionToolParam
from pydantic import BaseModel

from tests.e2e.dialects.conftest import run_in_node

LOOK: FunctionToolParam = {
    "type": "function",
    "name": "get_weather",
    "description": "Weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}


@pytest.fixture
async def client(url: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as one:
        yield one


async def test_a_response_is_made_and_found_again(client: openai.AsyncOpenAI) -> None:
    made = await client.responses.create(model="office", input="Good morning to you")
    assert made.output_text
    assert made.usage is not None
    assert made.usage.total_tokens > 0
    assert (await client.responses.retrieve(made.id)).output_text == made.output_text


async def test_the_stream_helper_ends_with_the_whole_response(client: openai.AsyncOpenAI) -> None:
    async with client.responses.stream(model="poet", input="Please write a poem about tea") as stream:
        pieces = [event.delta async for event in stream if event.type == "response.output_text.delta"]
        final = await stream.get_final_response()
    assert len(pieces) > 5
    assert "".join(pieces) == final.output_text


async def test_a_conversation_goes_on_from_the_previous_response(client: openai.AsyncOpenAI) -> None:
    first = await client.responses.create(model="concierge", input="My name is Ann and my cat is called Tom.")
    second = await client.responses.create(model="concierge", input="What is my name?", previous_response_id=first.id)
    assert "Ann" in second.output_text


async def test_a_function_of_the_caller_goes_there_and_back(client: openai.AsyncOpenAI) -> None:
    first = await client.responses.create(
        model="concierge", input="What is the weather in the city of Paris?", tools=[LOOK], tool_choice="required"
    )
    [called] = [item for item in first.output if item.type == "function_call"]
    assert called.name == "get_weather"
    assert "city" in json.loads(called.arguments)
    answer = await client.responses.create(
        model="concierge",
        input=[{"type": "function_call_output", "call_id": called.call_id, "output": "Sunny, 21 degrees"}],
        previous_response_id=first.id,
        tools=[LOOK],
    )
    assert "21 degrees" in answer.output_text


class Place(BaseModel):
    city: str
    country: str


async def test_structured_output_is_what_was_described(client: openai.AsyncOpenAI) -> None:
    answer = await client.responses.parse(model="concierge", input="Where is the Eiffel tower?", text_format=Place)
    assert isinstance(answer.output_parsed, Place)


async def test_errors_are_the_clients_own_exceptions(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await client.responses.create(model="nobody", input="Hello")
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.BadRequestError) as lost:
        await client.responses.create(model="poet", input="Hello", previous_response_id="resp_none")
    assert lost.value.code == "previous_response_not_found"


async def test_the_npm_clients_get_the_same(url: str) -> None:
    await run_in_node("openai.mjs", url)
