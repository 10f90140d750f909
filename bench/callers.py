"""HTTP clients in one thread that send the same request again and again and only look for the end of each answer."""

import json
import os
import select
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from types import TracebackType

from bench.readers import CHUNK, cut
from bench.subject import CannotMeasure

CHAT = "/v1/chat/completions"


def question(model: str, text: str, *, stream: bool) -> Mapping[str, object]:
    """A chat completion's body."""
    return {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}


@dataclass(slots=True)
class Answers:
    """What calls gave: how long all took together, and the bytes of the last answer."""

    seconds: float
    last: bytes


class Callers:
    """Some connections that are kept open. A context manager."""

    def __init__(self, port: int, connections: int) -> None:
        self._port = port
        self._sockets = {}
        self._poll = select.epoll()
        for _ in range(connections):
            sock = socket.create_connection(("127.0.0.1", port), timeout=60)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[sock.fileno()] = sock
            self._poll.register(sock.fileno(), select.EPOLLIN)

    def __enter__(self) -> "Callers":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._poll.close()
        for sock in self._sockets.values():
            cut(sock)

    def call(self, body: Mapping[str, object], times: int, *, seconds: float = 120) -> Answers:
        """Send a request `times` times in all, every connection as soon as it has its answer.

        Raises CannotMeasure for every answer that is none.
        """
        request = self._request(body)
        begin, answers = monotonic(), 0
        asking = list(self._sockets)[:times]
        left, waiting = times - len(asking), set(asking)
        heard = {fd: bytearray() for fd in self._sockets}
        last = b""
        for fd in asking:
            self._sockets[fd].sendall(request)
        while answers < times:
            if monotonic() - begin > seconds:
                raise CannotMeasure(f"{times - answers} of {times} requests had no answer within {seconds:g} s")
            for fd, _ in self._poll.poll(1.0):
                data = os.read(fd, CHUNK)
                buffer = heard[fd]
                buffer += data
                if not data:  # after some seconds a server parts from connections that have nothing to ask
                    self._poll.unregister(fd)
                    if fd in waiting:
                        raise CannotMeasure("a caller was disconnected")
                if not whole(buffer):
                    continue
                if not buffer.startswith(b"HTTP/1.1 200"):
                    raise CannotMeasure(f"refused: {bytes(buffer[:600]).decode(errors='replace')}")
                last = bytes(buffer)
                buffer.clear()
                answers += 1
                if left:
                    self._sockets[fd].sendall(request)
                    left -= 1
                else:
                    waiting.discard(fd)
        return Answers(monotonic() - begin, last)

    def _request(self, body: Mapping[str, object]) -> bytes:
        data = json.dumps(body).encode()
        head = [
            f"POST {CHAT} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "Content-Type: application/json",
            "Authorization: Bearer sk-bench",
            f"Content-Length: {len(data)}",
        ]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def whole(answer: bytearray) -> bool:
    """Whether an answer is whole; what is looked at does not grow with it."""
    if answer.endswith(b"\r\n0\r\n\r\n"):
        return True
    end = answer.find(b"\r\n\r\n", 0, 4096)
    if end < 0:
        return False
    head = bytes(answer[:end]).lower()
    _, found, rest = head.partition(b"\r\ncontent-length:")
    return bool(found) and len(answer) >= end + 4 + int(rest.split(b"\r\n")[0])
