"""A peer and the floor for Python: nothing but `send()` in a loop over sockets. No log, no queue, no slow readers."""

import json
import selectors
import socket
import struct
import sys
import time

from bench.subjects.commands import say

UPGRADED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def fan(readers: list[socket.socket], text: bytes) -> None:
    """One frame to everybody."""
    head = bytes((0x81, len(text))) if len(text) < 126 else struct.pack("!BBH", 0x81, 126, len(text))
    frame = head + text
    for reader in readers:
        reader.send(frame)


def publish(readers: list[socket.socket], *, count: int, text: int, mark: str, **_room: str) -> None:
    """Send `count` texts to everybody."""
    for _ in range(count - 1):
        fan(readers, b"x" * text)
    fan(readers, (mark + "x" * (text - len(mark))).encode())


def speak(
    readers: list[socket.socket], *, agents: int, rate: float, seconds: float, mark: str, pad: int, **_room: str
) -> None:
    """As many texts a second as several senders have together."""
    begin, every = time.monotonic(), 1 / (agents * rate)
    for number in range(int(agents * rate * seconds)):
        time.sleep(max(0.0, begin + number * every - time.monotonic()))
        fan(readers, f" tokent{time.monotonic_ns()}z{'x' * pad}".encode())
    fan(readers, mark.encode())


def main() -> None:
    """Serve until stdin ends."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    readers: list[socket.socket] = []
    waiting = selectors.DefaultSelector()
    waiting.register(listening, selectors.EVENT_READ)
    waiting.register(sys.stdin, selectors.EVENT_READ)
    say(port=listening.getsockname()[1])
    while True:
        for ready, _ in waiting.select():
            if ready.fileobj is listening:
                reader, _ = listening.accept()
                reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                reader.recv(4096)  # the whole of the small request of a local client
                reader.sendall(UPGRADED)
                readers.append(reader)
                continue
            line = sys.stdin.readline()
            if not line:
                return
            values = json.loads(line)
            command = publish if values.pop("command") == "publish" else speak
            command(readers, **values)
            say()


if __name__ == "__main__":
    main()
