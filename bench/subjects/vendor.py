"""An OpenAI-compatible vendor that costs its callers nothing but the reading; `tokens=…` in a request is obeyed."""

import asyncio
import json
import re

import uvloop

from bench.subjects.commands import obey, say

ORDER = re.compile(rb"tokens=(\d+)")
PACE = 0.001
"""Seconds between two tokens of a stream: each comes in a packet of its own."""

HEAD = {"id": "chatcmpl-bench", "created": 1, "model": "fake"}


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            body = await reader.readexactly(size)
            asked = ORDER.findall(body)
            count = int(asked[-1]) if asked else 4
            if b'"stream":true' in body.replace(b" ", b""):
                await _stream(writer, count)
            else:
                _whole(writer, count)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _whole(writer: asyncio.StreamWriter, count: int) -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": " token" * count}, "finish_reason": "stop"}
    body = json.dumps({**HEAD, "object": "chat.completion", "choices": [choice], "usage": _usage(count)}).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)


async def _stream(writer: asyncio.StreamWriter, count: int) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    for number in range(count):
        role = {} if number else {"role": "assistant"}
        token = {**role, "content": f" token{number}"}  # all different: LiteLLM ends streams that repeat themselves
        writer.write(_event({"index": 0, "delta": token, "finish_reason": None}))
        await asyncio.sleep(PACE)
    writer.write(_event({"index": 0, "delta": {}, "finish_reason": "stop"}))
    usage = {**HEAD, "object": "chat.completion.chunk", "choices": [], "usage": _usage(count)}
    writer.write(_chunk(b"data: " + json.dumps(usage).encode() + b"\n\ndata: [DONE]\n\n") + b"0\r\n\r\n")


def _event(choice: object) -> bytes:
    body = json.dumps({**HEAD, "object": "chat.completion.chunk", "choices": [choice]})
    return _chunk(b"data: " + body.encode() + b"\n\n")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _usage(count: int) -> dict[str, int]:
    return {"prompt_tokens": 1, "completion_tokens": count, "total_tokens": 1 + count}


async def main() -> None:
    """Serve until stdin ends."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    say(port=server.sockets[0].getsockname()[1])
    await obey({})


if __name__ == "__main__":
    uvloop.run(main())
