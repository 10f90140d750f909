"""The exact bytes of a stream: what the strictest clients need, and nothing that any of them chokes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openai.types.chat import ChatCompletionChunk

from salon.contracts.events import ToolReady
from salon.contracts.openai import ErrorInfo, Usage
from salon.http.mirror.chunks import DONE, Chunks, arguments

CALL = ToolReady(event="tool.ready", call="call_1", name="look", args={"où": "là"}, where="client")
USAGE = Usage(prompt_tokens=3, completion_tokens=4, total_tokens=7)


def chunks(*, with_usage: bool = False) -> Chunks:
    return Chunks("chatcmpl-1", created=1_700_000_000, model="team", with_usage=with_usage)


def frames(data: bytes) -> Iterator[dict[str, Any]]:
    for event in data.removesuffix(DONE).split(b"\n\n"):
        if event:
            assert event.startswith(b"data: ")
            assert b"\n" not in event, "nothing but data"
            yield json.loads(event[6:])


@pytest.mark.parametrize("with_usage", [True, False])
def test_every_chunk_is_one_by_openais_own_schema(with_usage: bool) -> None:
    made = chunks(with_usage=with_usage)
    stream = made.role() + made.text('a "b"\n\u2028') + made.call(0, "call_1", CALL) + made.beat()
    stream += made.end("tool_calls", USAGE)
    for frame in frames(stream):
        ChatCompletionChunk.model_validate(frame, strict=True)
        assert (frame["object"], frame["created"], frame["model"]) == ("chat.completion.chunk", 1_700_000_000, "team")
        assert "error" not in frame
        assert all(choice["index"] == 0 and isinstance(choice["delta"], dict) for choice in frame["choices"])


def test_the_first_chunk_has_the_role() -> None:
    (frame,) = frames(chunks().role())
    assert frame["choices"] == [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]


def test_a_call_has_id_type_name_and_arguments_as_text() -> None:
    (frame,) = frames(chunks().call(1, "call_1__writer", CALL))
    function = {"name": "look", "arguments": '{"où":"là"}'}
    called = {"index": 1, "id": "call_1__writer", "type": "function", "function": function}
    assert frame["choices"][0]["delta"] == {"tool_calls": [called]}


def test_arguments_that_never_were_json_stay_what_the_model_wrote() -> None:
    assert arguments('{"a": tru') == '{"a": tru'


def test_a_beat_is_a_whole_chunk_with_an_empty_delta() -> None:
    (frame,) = frames(chunks().beat())
    assert frame["choices"] == [{"index": 0, "delta": {}, "finish_reason": None}]


def test_usage_comes_last_with_no_choices_and_is_null_before() -> None:
    made = chunks(with_usage=True)
    stream = [*frames(made.text("a")), *frames(made.end("stop", USAGE))]
    assert [frame["usage"] for frame in stream] == [
        None,
        None,
        {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
    ]
    assert stream[-2]["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}
    assert stream[-1]["choices"] == []


def test_usage_is_not_there_when_it_was_not_asked_for() -> None:
    made = chunks()
    assert all("usage" not in frame for frame in frames(made.text("a") + made.end("length", USAGE)))


def test_the_end_is_told_with_the_exact_word() -> None:
    assert chunks().end("stop", USAGE).endswith(b"data: [DONE]\n\n")


def test_a_failure_is_an_error_object_and_no_done() -> None:
    info = ErrorInfo(message="the model is away", type="api_error", code="model_error")
    data = Chunks.failure(info)
    (frame,) = frames(data)
    assert frame == {
        "error": {"message": "the model is away", "type": "api_error", "param": None, "code": "model_error"}
    }
    assert b"[DONE]" not in data
