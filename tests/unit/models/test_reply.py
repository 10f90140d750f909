"""Chunks as vendors really send them."""

from typing import Any

import pytest
from ag2.events import ModelReasoning, ModelResponse

from salon.models.reply import Reply


def collect(*chunks: dict[str, Any]) -> tuple[list[str], ModelResponse]:
    """Feed the chunks and return the streamed texts and the response."""
    reply = Reply("acme", "model-1")
    texts = [token.content for chunk in chunks for token in reply.feed(chunk)]
    return texts, reply.response(None)


def delta(**content: Any) -> dict[str, Any]:
    """A chunk with one delta."""
    return {"choices": [{"index": 0, "delta": content}]}


def part(call_id: str | None = None, name: str | None = None, arguments: Any = None, **extra: Any) -> dict[str, Any]:
    """A chunk with a part of a tool call."""
    function = {"name": name, "arguments": arguments}
    return delta(tool_calls=[{"id": call_id, "function": function, **extra}])


@pytest.mark.parametrize(
    "chunk",
    [
        {},
        {"choices": []},
        {"choices": None},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": {"content": None, "tool_calls": None, "role": "assistant"}}]},
        {"choices": [{"delta": {"content": ""}, "finish_reason": None}]},
    ],
)
def test_chunks_that_say_nothing_are_no_tokens(chunk: dict[str, Any]) -> None:
    assert collect(chunk)[0] == []


@pytest.mark.parametrize(
    "chunk",
    [
        delta(content="Hi"),
        delta(content=[{"type": "text", "text": "Hi"}]),
        delta(refusal="Hi"),
        {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]},
    ],
    ids=["text", "parts", "refusal", "whole message"],
)
def test_text_is_found_wherever_a_vendor_puts_it(chunk: dict[str, Any]) -> None:
    assert collect(chunk)[0] == ["Hi"]


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_are_reasoning_and_not_text(name: str) -> None:
    reply = Reply("acme", "model-1")
    (token,) = reply.feed(delta(**{name: "hmm"}))
    assert isinstance(token, ModelReasoning)
    assert reply.text == ""


TWO_CALLS = {
    "with index": [part("a", "f", '{"x"', index=0), part("b", "g", "{}", index=1), part(None, None, ":1}", index=0)],
    "without index": [part("a", "f", '{"x"'), part(None, None, ":1}"), part("b", "g", "{}")],
    "without index and id": [part(None, "f", '{"x":1}'), part(None, "g", "{}")],
    "the same index": [
        part("a", "f", '{"x"', index=0),
        part(None, None, ":1}", index=0),
        part("b", "g", "{}", index=0),
    ],
    "an id on every part": [part("a", "f", '{"x"'), part("a", "f", ":1}"), part("b", "g", "{}")],
    "arguments as an object": [part("a", "f", {"x": 1}, index=0), part("b", "g", {}, index=1)],
    "both in one chunk": [
        delta(
            tool_calls=[
                {"id": "a", "function": {"name": "f", "arguments": '{"x":1}'}},
                {"id": "b", "function": {"name": "g", "arguments": "{}"}},
            ]
        )
    ],
}


@pytest.mark.parametrize("chunks", TWO_CALLS.values(), ids=TWO_CALLS.keys())
def test_two_tool_calls_are_put_together(chunks: list[dict[str, Any]]) -> None:
    _, response = collect(*chunks)
    assert [(call.name, call.serialized_arguments) for call in response.tool_calls.calls] == [
        ("f", {"x": 1}),
        ("g", {}),
    ]
    assert response.finish_reason == "tool_calls"


def test_usage_and_names_are_the_vendors() -> None:
    counts = {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 3}}
    _, response = collect(
        {"id": "r1", "model": "model-1-mini", **delta(content="Hi")}, {"choices": [], "usage": counts}
    )
    assert (response.usage.total_tokens, response.usage.cache_read_input_tokens) == (7, 3)
    assert (response.model, response.provider, response.response_id) == ("model-1-mini", "acme", "r1")


def test_usage_that_never_came_is_estimated_from_the_characters() -> None:
    reply = Reply("acme", "model-1")
    reply.feed(delta(content="12345678"))
    reply.estimate_usage(400)
    usage = reply.response(None).usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (100, 2, 102)
