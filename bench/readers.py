"""Many WebSocket readers in one thread that only count bytes, so that they never are what is waited for.

All readers of a room are sent the same bytes: the first one is read frame by frame, and tells how many the others need.
"""

import json
import os
import re
import select
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType

from bench.subject import CannotMeasure

CHUNK = 1 << 18
STAMP = re.compile(rb"t(\d{9,19})z")
"""When something was said, on the clock that all processes share (CLOCK_MONOTONIC, nanoseconds)."""

SAMPLED = 10
"""Every tenth reader looks at the time when it gets something."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to become a reader: the path, the subprotocol, and texts that are each answered by one frame."""

    path: str = "/"
    subprotocol: str = ""
    hello: Sequence[str] = ()


PLAIN = Dialect()


def salon(room: str) -> Dialect:
    """A reader of a room of Salon's, who does not care who else is there."""
    actions = (
        {"kind": "connect", "id": "c", "versions": ["1"]},
        {"kind": "subscribe", "id": "s", "room": room, "presence": False, "ephemeral": False},
    )
    frames = [json.dumps({"type": "action", "payload": action, "timestamp": 0}) for action in actions]
    return Dialect("/ws/agent", "salon.v1", frames)


class Readers:
    """See the module. A context manager; the connections are cut at the end."""

    def __init__(self, port: int, count: int, dialect: Dialect = PLAIN) -> None:
        self._sockets = [connected(port, dialect) for _ in range(count)]
        self._poll = select.epoll()
        self._got: dict[int, int] = {}
        for each in self._sockets:
            each.setblocking(False)
            self._poll.register(each.fileno(), select.EPOLLIN)
            self._got[each.fileno()] = 0
        self._probe = self._sockets[0].fileno()
        self._sampled = {each.fileno() for each in self._sockets[::SAMPLED]}

    def __enter__(self) -> "Readers":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._poll.close()
        for each in self._sockets:
            cut(each)

    def __len__(self) -> int:
        return len(self._sockets)

    def collect(self, mark: bytes, *, seconds: float = 60, delays: list[float] | None = None) -> int:
        """Read until every reader has all up to the frame with `mark`; returns how many bytes each got.

        Args:
            delays: takes the seconds between saying and hearing of what is stamped, as some of the readers see it.
        """
        read, poll, got, probe = os.read, self._poll.poll, self._got, self._probe
        got.update(dict.fromkeys(got, 0))
        sampled = self._sampled if delays is not None else frozenset[int]()
        ends = time.monotonic() + seconds
        buffer = bytearray()
        parsed = 0
        target: int | None = None
        behind = len(got)
        while behind:
            if time.monotonic() > ends:
                raise CannotMeasure(f"{behind} of {len(got)} readers did not get everything within {seconds:g} s")
            for fd, _ in poll(1.0):
                data = read(fd, CHUNK)
                if not data:
                    raise CannotMeasure("a reader was disconnected")
                before = got[fd]
                got[fd] = now = before + len(data)
                if fd in sampled and delays is not None:
                    heard = time.monotonic_ns()
                    delays.extend((heard - int(said)) / 1e9 for said in STAMP.findall(data))
                if target is not None:
                    behind -= before < target <= now
                elif fd == probe:
                    buffer += data
                    for _, text, size in frames(buffer):
                        parsed += size
                        if mark in text:
                            target = parsed
                            behind = sum(each < target for each in got.values())
                            break
        assert target is not None
        return target


def frames(buffer: bytearray) -> Iterator[tuple[int, bytes, int]]:
    """Takes whole frames out of `buffer`: opcode, content, and size on the wire."""
    while len(buffer) >= 2:
        size, head = buffer[1] & 127, 2
        if size == 126:
            size, head = (struct.unpack_from("!H", buffer, 2)[0], 4) if len(buffer) >= 4 else (CHUNK, 4)
        elif size == 127:
            size, head = (struct.unpack_from("!Q", buffer, 2)[0], 10) if len(buffer) >= 10 else (CHUNK, 10)
        if len(buffer) < head + size:
            return
        opcode, text = buffer[0] & 15, bytes(buffer[head : head + size])
        del buffer[: head + size]
        yield opcode, text, head + size


def masked(text: str) -> bytes:
    """A text frame as a client sends it; the mask is zero, which is one like any other."""
    data = text.encode()
    size = bytes((0x80 | len(data),)) if len(data) < 126 else struct.pack("!BH", 0xFE, len(data))
    return b"\x81" + size + bytes(4) + data


def connected(port: int, dialect: Dialect, *, window: int | None = None) -> socket.socket:
    """A reader's socket, through with its handshake; `window` bounds what the kernel takes for it unread, in bytes."""
    sock = socket.socket()
    if window is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    sock.settimeout(20)
    sock.connect(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    asked = [
        f"GET {dialect.path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *([f"Sec-WebSocket-Protocol: {dialect.subprotocol}"] if dialect.subprotocol else []),
    ]
    sock.sendall(("\r\n".join(asked) + "\r\n\r\n").encode())
    buffer = bytearray()
    while b"\r\n\r\n" not in buffer:
        buffer += received(sock)
    head, _, rest = bytes(buffer).partition(b"\r\n\r\n")
    if b" 101 " not in head:
        raise CannotMeasure(f"no WebSocket: {head.splitlines()[0].decode(errors='replace')}")
    buffer = bytearray(rest)
    for text in dialect.hello:
        sock.sendall(masked(text))
        while not list(frames(buffer)):
            buffer += received(sock)
    return sock


def received(sock: socket.socket) -> bytes:
    """What has come; raises CannotMeasure at the end."""
    data = sock.recv(CHUNK)
    if not data:
        raise CannotMeasure("the server closed the connection")
    return data


def cut(sock: socket.socket) -> None:
    """End a connection at once, without leaving a port behind in TIME_WAIT."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
