"""The bytes of a streamed completion: one template for each stream, filled in for each token. Pure."""

import orjson

from salon.contracts.events import ToolReady
from salon.contracts.openai import ErrorInfo, FinishReason, Usage
from salon.contracts.types import Json

DONE = b"data: [DONE]\n\n"


class Chunks:
    """Frames of one answer. Every frame has JSON `data` and nothing else: clients choke on comments and other fields.

    Args:
        created: seconds since the epoch.
        with_usage: `usage` is null in every chunk, and its own last chunk has it.
    """

    def __init__(self, completion: str, *, created: int, model: str, with_usage: bool) -> None:
        head = {"id": completion, "object": "chat.completion.chunk", "created": created, "model": model}
        self._head = b"data: " + orjson.dumps(head)[:-1]
        self._delta = self._head + b',"choices":[{"index":0,"delta":'
        self._usage = b',"usage":null' if with_usage else b""
        self._more = b',"finish_reason":null}]' + self._usage + b"}\n\n"
        self._with_usage = with_usage

    def role(self) -> bytes:
        """The first chunk."""
        return self._delta + b'{"role":"assistant","content":""}' + self._more

    def text(self, text: str) -> bytes:
        """More of the answer."""
        return self._delta + b'{"content":' + orjson.dumps(text) + b"}" + self._more

    def call(self, index: int, call_id: str, ready: ToolReady) -> bytes:
        """A call of one of the caller's tools, complete."""
        function = {"name": ready.name, "arguments": arguments(ready.args)}
        call = {"index": index, "id": call_id, "type": "function", "function": function}
        return self._delta + orjson.dumps({"tool_calls": [call]}) + self._more

    def beat(self) -> bytes:
        """Nothing new, but alive: a whole chunk, since clients' timeouts do not see comments."""
        return self._delta + b"{}" + self._more

    def end(self, reason: FinishReason, usage: Usage) -> bytes:
        """The last chunks."""
        finish = self._delta + b'{},"finish_reason":"' + reason.encode() + b'"}]' + self._usage + b"}\n\n"
        if not self._with_usage:
            return finish + DONE
        counted = b',"choices":[],"usage":' + orjson.dumps(usage.model_dump()) + b"}\n\n"
        return finish + self._head + counted + DONE

    @staticmethod
    def failure(info: ErrorInfo) -> bytes:
        """The answer breaks off here."""
        return b"data: " + orjson.dumps({"error": info.model_dump()}) + b"\n\n"


def arguments(args: Json) -> str:
    """A call's arguments as JSON text; a text that never was JSON stays what the model wrote."""
    return args if isinstance(args, str) else orjson.dumps(args).decode()
