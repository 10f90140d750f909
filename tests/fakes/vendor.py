"""A fake OpenAI-compatible vendor: a real HTTP server on loopback that plays scripted answers and injects faults.

    async with FakeVendor() as vendor:
        vendor.script(answer("Hello"), fail(429, {"retry-after": "1"}), call("get_weather", {"city": "Paris"}))
        ...  # talk to vendor.base_url
        assert vendor.bodies[0]["model"] == "gpt-4o"

Each request takes the next scripted reply; when the script is used up, `default` is played. A script may be longer than
one test step: what has not been asked for stays.
"""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import pytest

JSON = dict[str, Any]

# LiteLLM's own code uses what Pydantic has deprecated or warns of; here that must not become an error inside it.
LITELLM_WARNINGS = pytest.mark.filterwarnings(
    "ignore:Accessing the 'model_:DeprecationWarning", "ignore:.*using the `ReadOnly` qualifier:UserWarning"
)


@dataclass(frozen=True)
class Hang:
    """A pause: for ever, or until the test sets `until`."""

    until: asyncio.Event | None = None


@dataclass(frozen=True)
class Reset:
    """Abort the connection (TCP reset)."""


@dataclass(frozen=True)
class Scripted:
    """One reply: a status, headers, and body parts that are written one by one as HTTP chunks.

    A dict part is one `data:` event, bytes are written as they are, `Hang` and `Reset` are faults. `truncate` closes
    the connection without the end of the chunked body.
    """

    parts: Sequence[JSON | bytes | Hang | Reset] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/event-stream"
    done: bool = True
    truncate: bool = False


def chunk(delta: JSON | None = None, finish: str | None = None, **extra: Any) -> JSON:
    """One `chat.completion.chunk`."""
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "fake-model",
        "choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish}],
        **extra,
    }


def usage(prompt: int, completion: int) -> JSON:
    """The usage chunk, which has no choices."""
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**chunk(), "choices": [], "usage": counts}


def answer(text: str, *, count: tuple[int, int] | None = (11, 7)) -> Scripted:
    """A streamed text, word by word, with usage unless `count` is None."""
    words = [word if not position else f" {word}" for position, word in enumerate(text.split(" "))]
    parts: list[JSON] = [chunk({"role": "assistant", "content": ""})]
    parts += [chunk({"content": word}) for word in words]
    parts.append(chunk(finish="stop"))
    return Scripted([*parts, *([usage(*count)] if count else [])])


def call(name: str, arguments: JSON | str, *, call_id: str = "call_1", index: bool = True) -> Scripted:
    """A streamed tool call, its arguments in two pieces; `arguments` as text is sent as it is."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    half = len(text) // 2
    position: JSON = {"index": 0} if index else {}
    opening = {**position, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}
    pieces = [{**position, "function": {"arguments": piece}} for piece in (text[:half], text[half:])]
    deltas = [chunk({"tool_calls": [part]}) for part in (opening, *pieces)]
    return Scripted([*deltas, chunk(finish="tool_calls"), usage(11, 7)])


def fail(status: int, headers: Mapping[str, str] | None = None, message: str = "fake failure") -> Scripted:
    """An error answer in OpenAI's shape."""
    body = json.dumps({"error": {"message": message, "type": "fake", "code": None}}).encode()
    return Scripted([body], status=status, headers=headers or {}, content_type="application/json", done=False)


def embedded(*vectors: Sequence[float]) -> Scripted:
    """The answer of /v1/embeddings, its rows in the wrong order, as the shape allows."""
    rows = [{"object": "embedding", "index": place, "embedding": list(each)} for place, each in enumerate(vectors)]
    counts = {"prompt_tokens": 3, "total_tokens": 3}
    body = {"object": "list", "data": rows[::-1], "model": "fake-embedding", "usage": counts}
    return Scripted([json.dumps(body).encode()], content_type="application/json", done=False)


class FakeVendor:
    """The server; use it as an async context manager.

    `connections_opened` and `connections_closed` count TCP connections; `paths`, `bodies` and `request_headers` hold
    what came.
    """

    def __init__(self) -> None:
        self.default = answer("Hello from the fake vendor.")
        self.paths: list[str] = []
        self.bodies: list[JSON] = []
        self.request_headers: list[dict[str, str]] = []
        self.connections_opened = 0
        self.connections_closed = 0
        self._script: list[Scripted] = []
        self._changed = asyncio.Condition()
        self._handlers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        """The API root to give to a client."""
        assert self._server is not None, "the fake vendor is not running"
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    @property
    def connections_open(self) -> int:
        """How many connections are open now."""
        return self.connections_opened - self.connections_closed

    def script(self, *replies: Scripted) -> None:
        """Add replies for the requests to come."""
        self._script.extend(replies)

    async def requested(self, count: int = 1) -> None:
        """Wait until so many requests have come in."""
        await self._until(lambda: len(self.bodies) >= count)

    async def all_closed(self) -> None:
        """Wait until the server has seen the end of every connection."""
        await self._until(lambda: self.connections_open == 0)

    async def __aenter__(self) -> "FakeVendor":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for handler in list(self._handlers):
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await self._server.wait_closed()

    async def _until(self, condition: Any) -> None:
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(condition)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections_opened += 1
        try:
            while (body := await self._request(reader)) is not None:
                reply = self._script.pop(0) if self._script else self.default
                self.bodies.append(body)
                await self._notify()
                if not await self._reply(reply, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, which is what some tests are about
        finally:
            self.connections_closed += 1
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            await self._notify()

    async def _request(self, reader: asyncio.StreamReader) -> JSON | None:
        head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
        if not head:
            return None
        start, *lines = head.decode("latin-1").split("\r\n")[:-2]
        self.paths.append(start.split(" ")[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.request_headers.append(headers)
        body: JSON = json.loads(await reader.readexactly(int(headers.get("content-length", 0))) or b"{}")
        return body

    async def _reply(self, reply: Scripted, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Play one reply; False when the connection ends with it."""
        head = [f"HTTP/1.1 {reply.status} Fake", f"content-type: {reply.content_type}", "transfer-encoding: chunked"]
        head += [f"{name}: {value}" for name, value in reply.headers.items()]
        headers = ("\r\n".join(head) + "\r\n\r\n").encode()
        first = reply.parts[0] if reply.parts else None
        if not isinstance(first, Hang | Reset):  # a fault in first place comes before the status line
            writer.write(headers)
        async for data in self._data(reply, reader, writer):
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()
        if writer.is_closing() or reply.truncate or reader.at_eof():
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _data(
        self, reply: Scripted, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> AsyncIterator[bytes]:
        for part in reply.parts:
            match part:
                case bytes():
                    yield part
                case Hang():
                    if not await _hang(part, reader):
                        writer.close()
                        return
                case Reset():
                    _reset(writer)
                    return
                case _:
                    yield b"data: " + json.dumps(part).encode() + b"\n\n"
        if reply.done and reply.content_type == "text/event-stream":
            yield b"data: [DONE]\n\n"


async def _hang(hang: Hang, reader: asyncio.StreamReader) -> bool:
    """Wait; False when the client went away meanwhile."""
    gone = asyncio.ensure_future(reader.read(1))
    event = asyncio.ensure_future((hang.until or asyncio.Event()).wait())
    try:
        await asyncio.wait({gone, event}, return_when=asyncio.FIRST_COMPLETED)
        return event.done()
    finally:
        for waiter in (gone, event):
            waiter.cancel()
        await asyncio.gather(gone, event, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a TCP reset instead of an orderly end."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
