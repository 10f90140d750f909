"""A peer: the `websockets` library's own server and `broadcast()`, on uvloop, without compression and without a log."""

import asyncio
import time

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.subjects.commands import obey, paced, say

READERS: set[ServerConnection] = set()


async def publish(*, count: int, text: int, mark: str, **_room: str) -> None:
    """Send `count` texts to everybody."""
    for _ in range(count - 1):
        broadcast(READERS, "x" * text)
    broadcast(READERS, mark + "x" * (text - len(mark)))


async def speak(*, agents: int, rate: float, seconds: float, mark: str, pad: int, **_room: str) -> None:
    """Several senders at once, `rate` texts a second each."""

    def token() -> None:
        broadcast(READERS, f" tokent{time.monotonic_ns()}z{'x' * pad}")

    await asyncio.gather(*(paced(rate, seconds, n / (agents * rate), token) for n in range(agents)))
    broadcast(READERS, mark)


async def main() -> None:
    """Serve until stdin ends."""

    async def stay(reader: ServerConnection) -> None:
        READERS.add(reader)
        try:
            await reader.wait_closed()
        finally:
            READERS.discard(reader)

    async with serve(stay, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        say(port=next(iter(server.sockets)).getsockname()[1])
        await obey({"publish": publish, "speak": speak})


if __name__ == "__main__":
    uvloop.run(main())
