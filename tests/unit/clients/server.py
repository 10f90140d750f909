"""A server for one client at a time that does what the test says, frame by frame."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.server import Server, ServerConnection, serve

from tests.unit.clients.frames import JSON, subscribed, welcome


class Desk:
    """The server's side of one connection."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self.over = asyncio.Event()

    async def hears(self, kind: str | None = None) -> JSON:
        """The next frame's payload, which has to be of this kind."""
        async with asyncio.timeout(5):
            frame: JSON = json.loads(await self._socket.recv())
        payload: JSON = frame["payload"] if frame["type"] == "action" else frame
        assert kind is None or payload.get("kind", payload.get("type")) == kind, f"wanted {kind}, heard {payload}"
        return payload

    async def says(self, *frames: str) -> None:
        """Send frames."""
        for frame in frames:
            await self._socket.send(frame)

    async def lets_in(self, answer: str | None = None, hello: str | None = None) -> tuple[JSON, JSON]:
        """The handshake; gives what the client said in it: connect and subscribe."""
        connect = await self.hears("connect")
        await self.says(hello or welcome())
        subscribe = await self.hears("subscribe")
        await self.says(answer or subscribed(3))
        return connect, subscribe

    async def hangs_up(self, code: int = 1000) -> None:
        """Close in good order."""
        await self._socket.close(code)
        self.over.set()

    async def is_left(self) -> int | None:
        """Wait until the client has gone; the code with which it closed."""
        async with asyncio.timeout(5):
            await self._socket.wait_closed()
        return self._socket.close_code

    def vanishes(self) -> None:
        """Pull the plug."""
        self._socket.transport.abort()
        self.over.set()


class House:
    """Connections in the order in which they come."""

    def __init__(self) -> None:
        self.url = ""
        self._desks: asyncio.Queue[Desk] = asyncio.Queue()
        self._server: Server | None = None

    async def next_client(self) -> Desk:
        """Wait for a connection."""
        async with asyncio.timeout(5):
            return await self._desks.get()

    async def _handle(self, socket: ServerConnection) -> None:
        desk = Desk(socket)
        self._desks.put_nowait(desk)
        closed = asyncio.create_task(socket.wait_closed())
        over = asyncio.create_task(desk.over.wait())
        await asyncio.wait({closed, over}, return_when=asyncio.FIRST_COMPLETED)
        for task in (closed, over):
            task.cancel()

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncIterator["House"]:
        """A house on a free port of this machine."""
        house = cls()
        async with serve(house._handle, "127.0.0.1", 0, subprotocols=["salon.v1"], ping_interval=None) as server:  # type: ignore[list-item]
            port = next(iter(server.sockets)).getsockname()[1]
            house.url = f"ws://127.0.0.1:{port}"
            yield house
