"""People who talk in rooms while the server dies under them, and who remember all that they were told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import websockets

from tests.e2e.live import RoomClient

JSON = dict[str, Any]

UNACKED = 3
"""How much one of them says ahead of the answers."""

HOW: list[JSON] = [{"to": []}, {}, {"when_busy": "interrupt"}]
"""Talk among people, a question, and one that will not wait."""

DEAD = (OSError, EOFError, websockets.WebSocketException)
"""What a client sees of a server that dies."""


@dataclass
class Said:
    """A message, and what became of it."""

    id: str
    text: str
    how: JSON
    seq: int | None = None
    again: bool = False
    """Whether it was sent a second time after the server had acked it."""


@dataclass
class Speaker:
    """Says one thing after the other in a room; after a crash it resends what was not acked, and one that was.

    `told` is called with each frame that comes.
    """

    address: str
    room: str
    name: str
    dice: random.Random
    told: Callable[[], None]
    said: list[Said] = field(default_factory=list)
    acked: list[Said] = field(default_factory=list)
    refused: list[Said] = field(default_factory=list)
    waiting: dict[str, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = RoomClient(self.address, self.room)

    async def speak(self) -> None:
        """Until the server dies."""
        try:
            await self.come_back()
            while True:
                while len(self.waiting) < UNACKED:
                    await self._say()
                await self._hear()
        except DEAD:
            self.client.cut()

    async def come_back(self) -> None:
        """Connect, from where this one was, and send again what may have been lost."""
        await self.client.open(recover=bool(self.client.epoch))
        for message in self.waiting.values():
            await self._send(message)
        if self.acked:
            last = self.acked[-1]
            self.waiting[last.id] = last
            await self._send(last)

    async def settle(self) -> None:
        """Hear the answers to all that was said."""
        while self.waiting:
            await self._hear()

    async def is_answered(self) -> str:
        """Ask something and wait for the answer; gives how the run ended."""
        action = await self.client.say("Are you still there?")
        run = (await self.client.ack(action))["result"]["run"]
        async with asyncio.timeout(30):
            while not (ends := [body for body in self.client.bodies("run.finished") if body["run"] == run]):
                await self.client.read()
        return str(ends[0]["outcome"])

    async def whole_log(self) -> list[JSON]:
        """Every stored entry of the room."""
        entries: list[JSON] = []
        more = True
        while more:
            after = entries[-1]["seq"] if entries else 0
            page = await self.client.ack(await self.client.send("history", room=self.room, after=after, limit=1000))
            entries += page["entries"]
            more = page["more"]
        return entries

    async def _say(self) -> None:
        how = self.dice.choices(HOW, [12, 2, 1])[0]
        number = len(self.said)
        message = Said(f"{self.name}-{number}", f"{self.name} says {number}: {'word ' * self.dice.randrange(40)}", how)
        self.said.append(message)
        self.waiting[message.id] = message
        await self._send(message)

    async def _send(self, message: Said) -> None:
        await self.client.say(message.text, id=message.id, **message.how)

    async def _hear(self) -> None:
        payload = (await self.client.read(30))["payload"]
        self.told()
        message = self.waiting.pop(payload.get("reply_to", ""), None)
        if message is None:
            assert "code" not in payload, payload
        elif payload.get("kind") == "ack":
            if message.seq is None:
                message.seq = payload["seq"]
                self.acked.append(message)
            else:
                message.again = True
                assert (payload["seq"], payload["duplicate"]) == (message.seq, True)
        else:
            assert payload["code"] == "limit_exceeded", payload
            self.refused.append(message)
