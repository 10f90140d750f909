"""A server whose rooms a test fills by hand, on every kind of link, and a client that knows only JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import websockets
from fastapi import FastAPI

from salon import Agent, Settings, Team, create_app
from salon.contracts.events import Custom
from salon.rooms.room import Room
from salon.ws.fanout import FanoutProtocol
from tests.serving import serving

JSON = dict[str, Any]

LINKS: dict[str, type[asyncio.Protocol] | str] = {
    "framed by us": FanoutProtocol,
    "framed by the server": "websockets-sansio",
}
"""uvicorn's `ws` for `salon serve`, and for `uvicorn salon.app:app`."""


class Served:
    """A running app, its address and its rooms."""

    def __init__(self, app: FastAPI, address: str) -> None:
        self.hub = app.state.runtime.hub
        self.lobby = app.state.runtime.lobby
        self.url = f"ws://{address}/ws/agent"

    async def room(self, name: str = "r") -> Room:
        room: Room = await self.lobby.open(name)
        return room

    @asynccontextmanager
    async def client(self, query: str = "", **options: Any) -> AsyncIterator[Client]:
        async with websockets.connect(self.url + query, max_size=None, ping_interval=None, **options) as ws:
            yield Client(ws)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for the server to notice what only it can tell, such as a lost connection."""
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - nothing tells a client that the server has noticed
                await asyncio.sleep(0.001)


@asynccontextmanager
async def served(
    settings: Settings, *, ws: type[asyncio.Protocol] | str = FanoutProtocol, send_buffer: int | None = None
) -> AsyncIterator[Served]:
    """Serve a house with one agent."""
    app = create_app(settings, teams=[Team("desk", [Agent("host", "You greet people.")])])
    async with serving(app, ws=ws, send_buffer=send_buffer) as url:
        yield Served(app, url.removeprefix("http://"))


def note(room: Room, value: object = "x") -> int:
    """Append an entry that means nothing."""
    return room.append(Custom.model_validate({"event": "custom", "name": "note", "value": value}))


def notes(room: Room, count: int) -> int:
    """Append that many entries at once; gives the last one's seq."""
    return [note(room, n) for n in range(count)][-1]


class Client:
    """One socket; keeps the texts of all frames it has read."""

    def __init__(self, ws: websockets.ClientConnection) -> None:
        self.ws = ws
        self.texts: list[str] = []
        self.frames: list[JSON] = []
        self.seqs: list[int] = []
        """The live entries read so far."""

    async def say(self, type_: str, **payload: Any) -> None:
        await self.ws.send(json.dumps({"type": type_, "payload": payload, "timestamp": 1.0}))

    async def do(self, kind: str, **payload: Any) -> None:
        if kind not in ("signal", "seen"):
            payload.setdefault("id", kind)
        await self.say("action", kind=kind, **payload)

    async def read(self) -> JSON:
        async with asyncio.timeout(5):
            text = await self.ws.recv()
        assert isinstance(text, str)
        frame: JSON = json.loads(text)
        self.texts.append(text)
        self.frames.append(frame)
        self.seqs += [entry["seq"] for entry in frame["payload"].get("entries", ())]
        return frame

    async def until(self, name: str) -> JSON:
        """Read up to the next frame of this kind, type or error code; gives its payload."""
        while True:
            frame = await self.read()
            payload: JSON = frame["payload"]
            if name in (payload.get("kind"), payload.get("code"), frame["type"]):
                return payload

    async def until_entry(self, seq: int) -> None:
        """Read up to an entry."""
        while self.seqs[-1:] != [seq]:
            await self.read()

    async def enter(self, room: str = "r", **wish: Any) -> JSON:
        """Connect and subscribe; gives the answer."""
        await self.do("connect", versions=["1"])
        await self.do("subscribe", room=room, **wish)
        return await self.until("subscribed")

    async def closed(self) -> int | None:
        """Read on until the connection ends; gives the close code."""
        try:
            while True:
                await self.read()
        except websockets.ConnectionClosed:
            return self.ws.close_code
