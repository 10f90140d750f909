"""A server that answers over plain TCP with the bytes that a test gives it, split and cut as the test likes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

STREAM = "200 OK\r\ncontent-type: text/event-stream"


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    """What comes back: pieces, each in a write of its own; then the end of the connection, in order or by a reset.

    `stays`: nothing more comes, and the connection stays open.
    """

    pieces: Sequence[bytes]
    resets: bool = False
    stays: bool = False


@dataclass
class Wire:
    """One answer for each connection; the last one for all that come later."""

    answers: list[Answer]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.asked.append(await _request(reader))
            answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
            for piece in answer.pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if answer.resets:
                writer.transport.abort()
            elif answer.stays:
                await self._over.wait()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(head[0].split()[1], headers, json.loads(body) if body else None)


@asynccontextmanager
async def wired(*answers: Answer) -> AsyncIterator[Wire]:
    """Serve on a free port of this machine."""
    wire = Wire(list(answers))
    async with await asyncio.start_server(wire._handle, "127.0.0.1", 0) as server:
        wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield wire
        finally:
            wire._over.set()


def reply(status: str, body: bytes = b"", *headers: str) -> bytes:
    """A whole HTTP answer; its connection ends with it."""
    lines = [f"HTTP/1.1 {status}", "connection: close", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def answer(status: str, body: object = None, *headers: str) -> Answer:
    """A whole JSON answer."""
    return Answer([reply(status, b"" if body is None else json.dumps(body).encode(), *headers)])


def stream(*frames: bytes, split: int | None = None, resets: bool = False, stays: bool = False) -> Answer:
    """A stream of events, in chunked form, in pieces of `split` bytes; `stays` and `resets` leave out its end."""
    body = b"".join(frames)
    size = split or max(1, len(body))
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunked = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    head = f"HTTP/1.1 {STREAM}\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    return Answer([head, *chunked, *([] if resets or stays else [b"0\r\n\r\n"])], resets=resets, stays=stays)


def said(words: str, finish: str | None = None) -> bytes:
    """A chunk's event."""
    chunk = {"choices": [{"index": 0, "delta": {"content": words}, "finish_reason": finish}]}
    return b"data: %s\n\n" % json.dumps(chunk, ensure_ascii=False).encode()


DONE = b"data: [DONE]\n\n"
COMPLETION = {"id": "x", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello Ann"}}]}
