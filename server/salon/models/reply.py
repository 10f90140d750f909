"""Collects a streamed chat completion, chunk by chunk, into the AG2 response; pure, and shared by every door.

Tolerates what OpenAI-compatible vendors really send: no `index` on tool calls, the same index for several calls,
`null` deltas, content as parts, arguments as an object, usage in a chunk without choices, and a whole message in place
of deltas.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from ag2.events import (
    ModelMessage,
    ModelMessageChunk,
    ModelReasoning,
    ModelResponse,
    ToolCallEvent,
    ToolCallsEvent,
    Usage,
)

Token = ModelMessageChunk | ModelReasoning
Chunk = Mapping[str, Any]
"""One decoded JSON chunk; `Any` because its shape is the vendor's word, checked here field by field."""


class Reply:
    """The answer so far.

    Args:
        vendor: provider name put on the response.
        model: model name put on the response until the vendor says its own.
    """

    def __init__(self, vendor: str, model: str) -> None:
        self.vendor = vendor
        self.model = model
        self.finish_reason: str | None = None
        self.usage: Usage | None = None
        self._response_id: str | None = None
        self._text: list[str] = []
        self._calls: list[_Call] = []
        self._current: dict[object, _Call] = {}  # the call that a part with this index belongs to

    @property
    def text(self) -> str:
        """All text received so far."""
        return "".join(self._text)

    @property
    def empty(self) -> bool:
        """Whether nothing of an answer has arrived yet."""
        return not self._text and not self._calls and self.finish_reason is None

    def feed(self, chunk: Chunk) -> list[Token]:
        """Take one chunk in and return the tokens to pass on."""
        if (usage := chunk.get("usage")) and isinstance(usage, Mapping):
            self.usage = _usage(usage)
        self.model = chunk.get("model") or self.model
        self._response_id = chunk.get("id") or self._response_id
        tokens: list[Token] = []
        choices = chunk.get("choices")
        if not choices:
            return tokens
        choice = choices[0]
        self.finish_reason = choice.get("finish_reason") or self.finish_reason
        delta = choice.get("delta") or choice.get("message")
        if not delta:
            return tokens
        if reasoning := _plain(delta.get("reasoning_content") or delta.get("reasoning")):
            tokens.append(ModelReasoning(reasoning))
        if text := _plain(delta.get("content") or delta.get("refusal")):
            self._text.append(text)
            tokens.append(ModelMessageChunk(text))
        for part in delta.get("tool_calls") or ():
            self._take_call(part)
        return tokens

    def response(self, message: ModelMessage | None) -> ModelResponse:
        """The finished response; tool arguments are still as the vendor wrote them."""
        calls = [ToolCallEvent(id=call.id, name=call.name, arguments="".join(call.arguments)) for call in self._calls]
        return ModelResponse(
            message=message,
            tool_calls=ToolCallsEvent(calls),
            usage=self.usage or Usage(),
            model=self.model,
            provider=self.vendor,
            finish_reason=self.finish_reason or ("tool_calls" if calls else "stop"),
            response_id=self._response_id,
        )

    def estimate_usage(self, prompt_characters: int) -> None:
        """Count about four characters a token when the vendor reported no usage, so that no call is free."""
        if self.usage is None:
            written = len(self.text) + sum(len(part) for call in self._calls for part in call.arguments)
            prompt, completion = max(1, prompt_characters // 4), max(1, written // 4)
            self.usage = Usage(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)

    def _take_call(self, part: Chunk) -> None:
        function = part.get("function") or {}
        name, call_id, index = function.get("name") or "", part.get("id") or "", part.get("index")
        call = self._current.get(index)
        if call is None and index is None and not name and self._calls:
            call = self._calls[-1]  # what names no call continues the last one
        if call is None or call.ended_by(call_id, name, indexed=index is not None):
            call = _Call()
            self._calls.append(call)
        self._current[index] = call
        call.id = call_id or call.id
        call.name = name or call.name
        arguments = function.get("arguments")
        if arguments:
            call.arguments.append(arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode())


class _Call:
    __slots__ = ("arguments", "id", "name")

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments: list[str] = []

    def ended_by(self, call_id: str, name: str, *, indexed: bool) -> bool:
        """Whether a part opens another call, though its index is the same or missing."""
        if not name:
            return False
        if call_id and self.id:
            return call_id != self.id
        return not indexed and bool(self.arguments)


def _plain(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
    return ""


def _usage(usage: Chunk) -> Usage:
    prompt, completion = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=usage.get("total_tokens") or prompt + completion,
        cache_read_input_tokens=(usage.get("prompt_tokens_details") or {}).get("cached_tokens"),
        thinking_tokens=(usage.get("completion_tokens_details") or {}).get("reasoning_tokens"),
    )
