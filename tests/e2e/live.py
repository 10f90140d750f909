"""A real server in the test's own loop, and a strict client of it written from the protocol alone."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import websockets
from fastapi import FastAPI

from salon.clock import SystemClock
from salon.ids import new_id
from tests.serving import serving as http_serving

JSON = dict[str, Any]


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """Serve `app`; gives `127.0.0.1:port`."""
    async with http_serving(app) as url:
        yield url.removeprefix("http://")


class RoomClient:
    """A reader of one room that accepts nothing but contiguous entries."""

    def __init__(self, address: str, room: str, headers: dict[str, str] | None = None) -> None:
        self.address = address
        self.room = room
        self.headers = headers
        self.ws: websockets.ClientConnection | None = None
        self.welcome: JSON = {}
        self.subscribed: JSON = {}
        self.snapshot: JSON | None = None
        self.entries: list[JSON] = []
        self.frames: list[JSON] = []
        self.since = 0
        """How many entries had come before the last snapshot."""
        self.last = 0
        self.epoch = ""
        self.session: str | None = None

    async def open(self, *, recover: bool = False, **connect: Any) -> "RoomClient":
        """Connect and subscribe; with `recover` from where this client is."""
        self.ws = await websockets.connect(
            f"ws://{self.address}/ws/agent",
            subprotocols=["salon.v1"],  # type: ignore[list-item]
            max_size=None,
            additional_headers=self.headers,
        )
        if self.session:
            connect["session"] = self.session
        await self.send("connect", versions=["1"], **connect)
        self.welcome = (await self.until(kind("welcome")))["payload"]
        self.session = self.welcome["session"]
        since = {"recover": {"epoch": self.epoch, "seq": self.last}} if recover else {}
        await self.send("subscribe", room=self.room, **since)
        self.subscribed = (await self.until(kind("subscribed")))["payload"]
        self.epoch = self.subscribed["position"]["epoch"]
        if self.subscribed["recovered"]:
            self._take(self.subscribed["events"])
        else:
            self._show(self.subscribed)
        return self

    async def send(self, kind: str, **payload: Any) -> str:
        """Send an action; gives its id."""
        assert self.ws is not None
        action = {"kind": kind, "id": payload.pop("id", None) or new_id("act"), **payload}
        await self.ws.send(json.dumps({"type": "action", "payload": action, "timestamp": SystemClock().time()}))
        return str(action["id"])

    async def say(self, text: str, **payload: Any) -> str:
        """Say something in the room; gives the action's id."""
        return await self.send("send", room=self.room, parts=[{"kind": "text", "text": text}], **payload)

    async def read(self, timeout: float = 10) -> JSON:
        """The next frame; entries are checked for their order and kept."""
        assert self.ws is not None
        async with asyncio.timeout(timeout):
            frame: JSON = json.loads(await self.ws.recv())
        assert set(frame) == {"type", "payload", "timestamp"}
        self.frames.append(frame)
        payload = frame["payload"]
        if frame["type"] == "ping":
            await self.ws.send(json.dumps({"type": "pong", "payload": {"nonce": payload["nonce"]}, "timestamp": 0}))
        if payload.get("kind") == "events":
            self._take(payload["entries"])
        elif payload.get("kind") == "resync":
            self._show(payload)
        return frame

    async def until(self, wanted: Callable[[JSON], bool], timeout: float = 10) -> JSON:
        """Read until a frame is wanted."""
        async with asyncio.timeout(timeout):
            while not wanted(frame := await self.read(timeout)):
                pass
        return frame

    async def ack(self, action: str) -> JSON:
        """Read until the answer to an action: an ack's or an error's payload."""
        frame = await self.until(lambda f: f["payload"].get("reply_to") == action)
        return dict(frame["payload"])

    async def until_event(self, event: str, count: int = 1, timeout: float = 10) -> JSON:
        """Read until there have been `count` entries of this kind; gives the last one's body."""
        async with asyncio.timeout(timeout):
            while len(found := self.bodies(event)) < count:
                await self.read(timeout)
        return found[-1]

    def bodies(self, event: str) -> list[JSON]:
        """The entries of one kind so far."""
        return [entry["body"] for entry in self.entries if entry["body"]["event"] == event]

    def texts(self) -> list[tuple[str, str]]:
        """Who said what, whole messages only."""
        return [
            (done["author"]["id"], "".join(part.get("text", "") for part in done["parts"]))
            for done in self.bodies("message.done")
        ]

    def messages(self) -> list[JSON]:
        """Every whole message this client knows of: its last snapshot's, and those that came since."""
        before = self.snapshot["messages"] if self.snapshot else []
        after = [entry["body"] for entry in self.entries[self.since :] if entry["body"]["event"] == "message.done"]
        return [*before, *after]

    async def close(self) -> None:
        """Say goodbye."""
        if self.ws is not None:
            await self.ws.close()

    def cut(self) -> None:
        """Pull the plug."""
        if self.ws is not None:
            self.ws.transport.abort()

    def _show(self, state: JSON) -> None:
        self.snapshot, self.last, self.since = state["snapshot"], state["position"]["seq"], len(self.entries)

    def _take(self, entries: list[JSON]) -> None:
        for entry in entries:
            assert entry["seq"] == self.last + 1, f"after {self.last} came {entry['seq']}"
            self.last = entry["seq"]
            self.entries.append(entry)


def kind(name: str) -> Callable[[JSON], bool]:
    """Frames whose payload is of this kind."""
    return lambda frame: frame["payload"].get("kind") == name


@asynccontextmanager
async def clients(address: str, room: str, count: int) -> AsyncIterator[list[RoomClient]]:
    """Some clients in one room."""
    opened = [await RoomClient(address, room).open() for _ in range(count)]
    try:
        yield opened
    finally:
        for client in opened:
            await client.close()
