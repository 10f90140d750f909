"""The direct door to OpenAI-compatible vendors."""

import asyncio
from typing import Any

import pytest
from ag2 import Agent
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from salon.contracts.runs import Sampling
from salon.models.errors import ErrorKind, ModelError
from salon.models.openai import EventStream, OpenAICompatibleConfig, SharedHttp, request_body
from tests.fakes.turn import Turn, answers_in, function
from tests.fakes.vendor import FakeVendor, Scripted, answer, call, chunk


def door(vendor: FakeVendor, http: SharedHttp, **settings: Any) -> OpenAICompatibleConfig:
    """A config for the fake vendor."""
    return OpenAICompatibleConfig("gpt-4o", http, base_url=vendor.base_url, **settings)


async def test_turns_share_one_connection(vendor: FakeVendor, http: SharedHttp) -> None:
    for _ in range(3):
        await Turn(door(vendor, http)).say("hello")
    assert (len(vendor.bodies), vendor.connections_opened) == (3, 1)


async def test_closing_the_shared_client_closes_its_connections(vendor: FakeVendor) -> None:
    http = SharedHttp()
    await Turn(door(vendor, http)).say("hello")
    assert vendor.connections_open == 1
    await http.aclose()
    await vendor.all_closed()


def test_each_event_loop_gets_its_own_client() -> None:
    http = SharedHttp()

    async def use() -> int:
        client = http.client()
        assert client is http.client()
        await http.aclose()
        return id(client)

    asyncio.run(use())
    asyncio.run(use())


@pytest.mark.requirement("S2-11")
async def test_the_body_is_what_openai_documents(vendor: FakeVendor, http: SharedHttp) -> None:
    sampling = Sampling(temperature=0.2, max_tokens=9, stop=("END",), tool_choice="auto")
    turn = Turn(
        door(vendor, http, sampling=sampling), prompt="Be brief.", tools=[function("ping", "Ping.", host="string")]
    )
    await turn.say("hello")
    assert vendor.bodies[0] == {
        "model": "gpt-4o",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.2,
        "max_tokens": 9,
        "stop": ["END"],
        "tool_choice": "auto",
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "ping",
                    "description": "Ping.",
                    "parameters": {
                        "type": "object",
                        "properties": {"host": {"type": "string"}},
                        "required": ["host"],
                        "additionalProperties": False,
                    },
                },
            }
        ],
    }


async def test_without_prompt_or_tools_their_fields_are_left_out(vendor: FakeVendor, http: SharedHttp) -> None:
    sampling = Sampling(tool_choice="auto", parallel_tool_calls=False)
    await Turn(door(vendor, http, sampling=sampling), prompt="").say("hello")
    assert vendor.bodies[0].keys() == {"model", "messages", "stream", "stream_options"}
    assert [message["role"] for message in vendor.bodies[0]["messages"]] == ["user"]


class City(BaseModel):
    name: str


async def test_a_structured_answer_is_asked_for(vendor: FakeVendor, http: SharedHttp) -> None:
    vendor.script(answer('{"name":"Paris"}'))
    await Turn(door(vendor, http)).say("hello", schema=answers_in(City))
    assert vendor.bodies[0]["response_format"]["json_schema"]["name"] == "City"


async def test_a_tool_result_goes_back_with_its_call(vendor: FakeVendor, http: SharedHttp) -> None:
    vendor.script(call("ping", {"host": "a"}, call_id="c1"), answer("It answered"))
    turn = Turn(door(vendor, http), tools=[function("ping", host="string")])
    response = await turn.say("ping a")
    await turn.result(response.tool_calls.calls[0], "pong")
    assistant, result = vendor.bodies[1]["messages"][-2:]
    assert assistant["tool_calls"][0]["id"] == result["tool_call_id"] == "c1"
    assert result["content"] == "pong"


async def test_a_whole_agent_turn_runs_through_the_door(vendor: FakeVendor, http: SharedHttp) -> None:
    vendor.script(call("add", {"a": 2, "b": 3}), answer("It is 5"))

    def add(a: int, b: int) -> int:
        """Adds."""
        return a + b

    reply = await Agent("adder", "You add.", config=door(vendor, http), tools=[add]).ask("2 + 3?")
    assert reply.response.content == "It is 5"
    assert vendor.bodies[1]["messages"][-1]["content"] == "5"


async def test_thoughts_are_streamed_apart_from_the_answer(vendor: FakeVendor, http: SharedHttp) -> None:
    vendor.script(Scripted([chunk({"reasoning_content": "hmm"}), chunk({"content": "Yes"}), chunk(finish="stop")]))
    turn = Turn(door(vendor, http))
    response = await turn.say("hello")
    assert (turn.reasoning, response.content) == ("hmm", "Yes")


async def test_a_vendor_that_does_not_stream_is_understood(vendor: FakeVendor, http: SharedHttp) -> None:
    body = b'{"model":"m","choices":[{"message":{"role":"assistant","content":"All at once"},"finish_reason":"stop"}]}'
    vendor.script(Scripted([body], content_type="application/json", done=False))
    turn = Turn(door(vendor, http))
    assert (await turn.say("hello")).content == "All at once"
    assert turn.chunks == ["All at once"]


async def test_an_end_without_done_is_fine_when_the_answer_was_finished(vendor: FakeVendor, http: SharedHttp) -> None:
    vendor.script(Scripted([chunk({"content": "Yes"}), chunk(finish="stop")], done=False))
    assert (await Turn(door(vendor, http)).say("hello")).content == "Yes"


async def test_an_answer_of_nothing_is_an_error(vendor: FakeVendor, http: SharedHttp) -> None:
    vendor.script(Scripted([]))
    with pytest.raises(ModelError) as caught:
        await Turn(door(vendor, http)).say("hello")
    assert caught.value.kind is ErrorKind.BAD_RESPONSE


async def test_openais_own_address_gets_the_newer_name_of_the_token_limit(http: SharedHttp) -> None:
    config = OpenAICompatibleConfig("gpt-4o", http, sampling=Sampling(max_tokens=9))
    body = request_body(config, [], ["x"], tools=[], response_schema=None, serializer=None)  # type: ignore[arg-type]
    assert body["max_completion_tokens"] == 9
    assert "max_tokens" not in body


@given(
    st.lists(st.binary(min_size=1, max_size=20).filter(lambda d: b"\n" not in d and d.strip()), max_size=5), st.data()
)
def test_data_lines_survive_any_split_into_pieces(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b": comment\n" + b"".join(b"event: x\ndata: " + payload + b"\r\n\n" for payload in payloads)
    events, got, rest = EventStream("acme"), [], stream
    while rest:
        cut = data.draw(st.integers(1, len(rest)))
        got += events.feed(rest[:cut])
        rest = rest[cut:]
    assert got == [payload.strip() for payload in payloads]


def test_a_line_without_end_is_refused() -> None:
    events = EventStream("acme")
    events.feed(b"x" * 4 * 1024 * 1024)
    with pytest.raises(ModelError):
        events.feed(b"x")
