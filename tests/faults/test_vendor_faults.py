"""Vendors that fail in every way we know, over real HTTP, through both doors."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from ag2.config import ModelConfig

from salon.models.errors import ErrorKind, ModelError
from salon.models.fallback import FallbackConfig
from salon.models.litellm import LiteLLMConfig, load
from salon.models.openai import OpenAICompatibleConfig, SharedHttp
from salon.models.retry import GuardedConfig, RetryPolicy
from salon.models.tool_json import malformed
from tests.fakes.turn import Turn, calls, function
from tests.fakes.vendor import LITELLM_WARNINGS, FakeVendor, Hang, Reset, Scripted, answer, call, chunk, fail, usage

WEATHER = function("get_weather", "Weather of a city.", city="string")
KEY = "sk-secret-key-of-this-test"


class Naps:
    """Counts the waits between attempts instead of waiting."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
async def vendor() -> AsyncIterator[FakeVendor]:
    async with FakeVendor() as vendor:
        yield vendor


@pytest.fixture
async def http() -> AsyncIterator[SharedHttp]:
    http = SharedHttp()
    yield http
    await http.aclose()


@pytest.fixture
def naps() -> Naps:
    return Naps()


Build = Callable[..., GuardedConfig]


@pytest.fixture(params=["openai", pytest.param("litellm", marks=LITELLM_WARNINGS)])
def build(request: pytest.FixtureRequest, vendor: FakeVendor, http: SharedHttp, naps: Naps) -> Build:
    """Builds a guarded config for the fake vendor through one of the doors."""

    def guarded(policy: RetryPolicy | None = None) -> GuardedConfig:
        inner: ModelConfig
        if request.param == "openai":
            inner = OpenAICompatibleConfig("gpt-4o", http, base_url=vendor.base_url, api_key=KEY)
        else:
            load()
            inner = LiteLLMConfig("openai/gpt-4o", api_key=KEY, base_url=vendor.base_url)
        return GuardedConfig(inner, "fakevendor", policy or RetryPolicy(), sleep=naps, jitter=lambda: 1.0)

    return guarded


async def failure(turn: Turn) -> ModelError:
    """The error of one request."""
    with pytest.raises(ModelError) as caught:
        async with asyncio.timeout(5):
            await turn.say("hello")
    assert KEY not in str(caught.value)
    return caught.value


async def test_an_answer_is_streamed_word_by_word_with_usage(build: Build, vendor: FakeVendor) -> None:
    vendor.script(answer("Hello from over there", count=(21, 4)))
    turn = Turn(build())
    response = await turn.say("hello")
    assert turn.chunks == ["Hello", " from", " over", " there"]
    assert response.content == "Hello from over there"
    assert (response.usage.prompt_tokens, response.usage.completion_tokens, response.usage.total_tokens) == (21, 4, 25)
    assert response.finish_reason == "stop"
    assert vendor.request_headers[0]["authorization"] == f"Bearer {KEY}"
    assert vendor.bodies[0]["messages"][-1] == {"role": "user", "content": "hello"}


async def test_a_refused_key_is_an_authentication_error_and_is_not_tried_again(
    build: Build, vendor: FakeVendor, naps: Naps
) -> None:
    vendor.script(fail(401, message=f"Incorrect API key provided: {KEY}"))
    error = await failure(Turn(build()))
    assert error.kind is ErrorKind.AUTHENTICATION
    assert (len(vendor.bodies), naps.seconds) == (1, [])


async def test_a_rate_limit_is_waited_for_as_long_as_the_vendor_says(
    build: Build, vendor: FakeVendor, naps: Naps
) -> None:
    vendor.script(fail(429, {"retry-after": "7"}), answer("Now it works"))
    turn = Turn(build())
    assert (await turn.say("hello")).content == "Now it works"
    assert naps.seconds == [7.0]


async def test_a_wait_beyond_the_cap_is_left_to_the_caller(build: Build, vendor: FakeVendor, naps: Naps) -> None:
    vendor.script(fail(429, {"retry-after": "600"}))
    error = await failure(Turn(build()))
    assert (error.kind, error.retry_after, naps.seconds) == (ErrorKind.RATE_LIMITED, 600.0, [])


async def test_a_server_error_is_tried_again_with_growing_waits(build: Build, vendor: FakeVendor, naps: Naps) -> None:
    vendor.script(fail(500), fail(503), answer("Third time"))
    turn = Turn(build())
    assert (await turn.say("hello")).content == "Third time"
    assert naps.seconds == [0.5, 1.0]


async def test_a_vendor_that_stays_down_is_unavailable(build: Build, vendor: FakeVendor) -> None:
    vendor.script(fail(500), fail(500), fail(500))
    error = await failure(Turn(build()))
    assert error.kind is ErrorKind.UNAVAILABLE
    assert len(vendor.bodies) == 3


async def test_a_conversation_beyond_the_context_is_told_apart(build: Build, vendor: FakeVendor) -> None:
    vendor.script(fail(400, message="This model's maximum context length is 8192 tokens."))
    assert (await failure(Turn(build()))).kind is ErrorKind.CONTEXT_TOO_LONG


async def test_a_reset_before_the_first_token_is_tried_again(build: Build, vendor: FakeVendor) -> None:
    vendor.script(Scripted([Reset()]), answer("Back again"))
    turn = Turn(build())
    assert (await turn.say("hello")).content == "Back again"


async def test_a_reset_in_mid_answer_fails_without_asking_again(build: Build, vendor: FakeVendor) -> None:
    vendor.script(Scripted([chunk({"content": "Half an"}), Reset()]))
    turn = Turn(build())
    error = await failure(turn)
    assert error.retryable
    assert error.started
    assert (turn.streamed, len(vendor.bodies)) == ("Half an", 1)


async def test_an_answer_without_its_end_fails(build: Build, vendor: FakeVendor) -> None:
    vendor.script(Scripted([chunk({"content": "Half an"})], done=False, truncate=True))
    error = await failure(Turn(build()))
    assert error.kind in (ErrorKind.UNAVAILABLE, ErrorKind.BAD_RESPONSE)
    assert error.started


@pytest.mark.parametrize(
    "garbage",
    [b"data: {not json\n\n", b"\x00\xff\xfe<html>garbage</html>", b'data: {"choices": [{"del\n\n'],
    ids=["not json", "bytes", "truncated json"],
)
async def test_garbage_is_a_bad_response_after_the_retries(build: Build, vendor: FakeVendor, garbage: bytes) -> None:
    vendor.script(*[Scripted([garbage], done=False)] * 3)
    error = await failure(Turn(build()))
    assert error.kind in (ErrorKind.BAD_RESPONSE, ErrorKind.UNAVAILABLE)
    assert "garbage" not in str(error)


async def test_silence_before_the_first_token_times_out(build: Build, vendor: FakeVendor) -> None:
    vendor.script(*[Scripted([Hang()])] * 2)
    started = time.monotonic()
    error = await failure(Turn(build(RetryPolicy(retries=1, first_token=0.15))))
    assert error.kind is ErrorKind.TIMEOUT
    assert len(vendor.bodies) == 2
    assert time.monotonic() - started < 3


async def test_silence_in_mid_answer_times_out(build: Build, vendor: FakeVendor) -> None:
    vendor.script(Scripted([chunk({"content": "Well"}), Hang()]))
    turn = Turn(build(RetryPolicy(idle=0.15)))
    error = await failure(turn)
    assert (error.kind, error.started, turn.streamed) == (ErrorKind.TIMEOUT, True, "Well")
    await vendor.all_closed()


async def test_the_whole_call_has_a_limit_too(build: Build, vendor: FakeVendor) -> None:
    vendor.script(*[Scripted([Hang()])] * 2)
    error = await failure(Turn(build(RetryPolicy(total=0.2))))
    assert error.kind is ErrorKind.TIMEOUT


async def test_a_tool_call_arrives_whole(build: Build, vendor: FakeVendor) -> None:
    vendor.script(call("get_weather", {"city": "Paris"}))
    response = await Turn(build(), tools=[WEATHER]).say("weather?")
    assert calls(response) == [("get_weather", {"city": "Paris"})]
    assert response.finish_reason == "tool_calls"
    assert vendor.bodies[0]["tools"][0]["function"]["name"] == "get_weather"


async def test_tool_calls_without_index_are_put_together(build: Build, vendor: FakeVendor) -> None:
    parts: list[Any] = []
    for number, city in enumerate(("Paris", "Rome")):
        opening = {"id": f"c{number}", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":'}}
        parts += [chunk({"tool_calls": [opening]}), chunk({"tool_calls": [{"function": {"arguments": f'"{city}"}}'}}]})]
    vendor.script(Scripted([*parts, chunk(finish="tool_calls"), usage(1, 1)]))
    response = await Turn(build(), tools=[WEATHER]).say("weather?")
    assert calls(response) == [("get_weather", {"city": "Paris"}), ("get_weather", {"city": "Rome"})]


async def test_nearly_json_is_repaired(build: Build, vendor: FakeVendor) -> None:
    vendor.script(call("get_weather", '```json\n{"city": "Paris",'))
    response = await Turn(build(), tools=[WEATHER]).say("weather?")
    assert calls(response) == [("get_weather", {"city": "Paris"})]
    assert malformed(response.tool_calls.calls[0]) is None


async def test_hopeless_json_stays_an_answerable_call(build: Build, vendor: FakeVendor) -> None:
    vendor.script(call("get_weather", "city equals Paris, I think"), answer("Sorry"))
    turn = Turn(build(), tools=[WEATHER])
    response = await turn.say("weather?")
    (made,) = response.tool_calls.calls
    assert (made.name, made.arguments) == ("get_weather", "{}")
    assert malformed(made)
    assert (await turn.result(made, "error: write the arguments as JSON")).content == "Sorry"
    assert vendor.bodies[1]["messages"][-2]["tool_calls"][0]["function"]["arguments"] == "{}"


async def test_empty_and_repeated_call_ids_get_fresh_ones(build: Build, vendor: FakeVendor) -> None:
    vendor.script(call("get_weather", {"city": "Rome"}, call_id=""), call("get_weather", {"city": "Oslo"}, call_id="x"))
    vendor.script(call("get_weather", {"city": "Bern"}, call_id="x"))
    turn = Turn(build(), tools=[WEATHER])
    response = await turn.say("weather?")
    ids = [response.tool_calls.calls[0].id]
    for _ in range(2):
        response = await turn.result(response.tool_calls.calls[0], "sunny")
        ids.append(response.tool_calls.calls[0].id)
    assert all(ids)
    assert len(set(ids)) == 3


async def test_an_error_object_in_mid_stream_ends_the_answer(build: Build, vendor: FakeVendor) -> None:
    broken = {"error": {"message": f"overloaded {KEY}", "type": "server_error", "code": None}}
    vendor.script(Scripted([chunk({"content": "Well"}), broken]))
    error = await failure(Turn(build()))
    assert error.started
    assert error.kind in (ErrorKind.UNAVAILABLE, ErrorKind.BAD_RESPONSE)


async def test_missing_usage_is_estimated(build: Build, vendor: FakeVendor) -> None:
    vendor.script(answer("Hello there, nice to meet you", count=None))
    response = await Turn(build()).say("hello")
    assert response.usage.prompt_tokens
    assert response.usage.completion_tokens


@pytest.mark.parametrize("when", ["before the answer", "in mid answer"])
async def test_cancelling_closes_the_vendors_connection_at_once(build: Build, vendor: FakeVendor, when: str) -> None:
    opening = [chunk({"content": "Well"})] if when == "in mid answer" else []
    vendor.script(Scripted([*opening, Hang()]))
    turn = Turn(build())
    task = asyncio.create_task(turn.say("hello"))
    await vendor.requested()
    if opening:
        async with asyncio.timeout(5):
            await turn.stream.begun.wait()
    cancelled = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await vendor.all_closed()
    assert time.monotonic() - cancelled < 0.1


async def test_the_next_model_of_a_chain_answers_when_one_is_down(build: Build, vendor: FakeVendor) -> None:
    vendor.script(fail(401), answer("I am the second"))
    turn = Turn(FallbackConfig((build(), build())))
    assert (await turn.say("hello")).content == "I am the second"


async def test_a_chain_does_not_start_over_in_mid_answer(build: Build, vendor: FakeVendor) -> None:
    vendor.script(Scripted([chunk({"content": "Half"}), Reset()]), answer("never asked"))
    turn = Turn(FallbackConfig((build(), build())))
    await failure(turn)
    assert (turn.streamed, len(vendor.bodies)) == ("Half", 1)


async def test_no_server_at_all_is_a_clear_error_and_not_a_hang(http: SharedHttp, naps: Naps) -> None:
    inner = OpenAICompatibleConfig("llama3.1", http, base_url="http://127.0.0.1:9/v1", vendor="ollama")
    error = await failure(Turn(GuardedConfig(inner, "ollama", sleep=naps)))
    assert error.kind is ErrorKind.UNAVAILABLE
    assert "ollama" in str(error)
