"""What the hub's tests share: a link that records, and a room that holds nothing but its log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, get_origin

import orjson

from salon.contracts.actions import RoomAction
from salon.contracts.components import Screen
from salon.contracts.encode import entry_bytes
from salon.contracts.events import Custom, Entry, Lane, RoomEvent, UiRemoved, lane_of
from salon.contracts.feed import Published, Publisher
from salon.contracts.runs import Principal, Receipt
from salon.contracts.threads import ThreadRow
from salon.contracts.types import ClientTool, Obj, Position
from salon.contracts.wire import Snapshot
from salon.errors import Close, SalonError
from salon.hub.frames import Frames
from salon.hub.limits import Terms
from salon.settings import Settings


@cache
def terms(**settings: Any) -> Terms:
    return Terms.of(Settings(**settings), server="salon/test", schema_hash="h", mode="mock")


def entry(seq: int, *, lane: Lane = "state_update", text: str = "x") -> Entry:
    body: RoomEvent = (
        UiRemoved(event="ui.removed", surface="s")
        if lane == "action"
        else Custom(event="custom", name="n", value={"text": text})
    )
    return Entry(seq=seq, at=1.0, body=body)


def published(seq: int, *, room: str = "r", lane: Lane = "state_update", text: str = "x") -> Published:
    made = entry(seq, lane=lane, text=text)
    return Published(room, made, lane, entry_bytes(made))


class FakeLink:
    """Takes everything while it is not paused, and more."""

    def __init__(self) -> None:
        self.paused = False
        self.texts: list[bytes] = []
        self.writes: list[Frames] = []
        self.closed: tuple[Close, str] | None = None
        self.news = asyncio.Event()

    def write(self, frames: Frames) -> None:
        self.writes.append(frames)
        self.texts.extend(frames.texts)
        self.news.set()

    def close(self, code: Close, reason: str) -> None:
        self.closed = self.closed or (code, reason)
        self.news.set()

    def code(self) -> Close | None:
        return self.closed[0] if self.closed else None

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [orjson.loads(text) for text in self.texts]

    def payloads(self, kind: str) -> list[dict[str, Any]]:
        return [frame["payload"] for frame in self.frames if frame["payload"].get("kind") == kind]

    def errors(self) -> list[dict[str, Any]]:
        return [frame["payload"] for frame in self.frames if frame["type"] == "error"]

    def entries(self) -> list[int]:
        return [item["seq"] for payload in self.payloads("events") for item in payload["entries"]]

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something written makes `condition` true."""
        async with asyncio.timeout(5):
            while not condition():
                self.news.clear()
                await self.news.wait()


class FakeRoom:
    """A log with a position. `act` appends one entry, unless `refusal` is to be raised first."""

    def __init__(self, publisher: Publisher, id: str = "r") -> None:
        self.id = id
        self.entries: list[Entry] = []
        self.screens: dict[str, Screen] = {}
        self.kept = 500
        self.refusal: Exception | None = None
        self.acting: asyncio.Event | None = None
        self.acted: list[tuple[Principal, RoomAction]] = []
        self._publisher = publisher
        self.append()

    @property
    def position(self) -> Position:
        return Position(epoch="e", seq=len(self.entries))

    @property
    def first_seq(self) -> int:
        return 1

    def append(self, lane: Lane = "state_update", text: str = "x") -> int:
        made = entry(len(self.entries) + 1, lane=lane, text=text)
        self.entries.append(made)
        self._publisher.publish(Published(self.id, made, lane_of(made.body), entry_bytes(made)))
        return made.seq

    def snapshot(self) -> Snapshot:
        lists: dict[str, list[object]] = {
            name: [] for name, field in Snapshot.model_fields.items() if get_origin(field.annotation) is list
        }
        return Snapshot.model_validate(
            {"state": {"seq": len(self.entries)}, "version": 0, "partial": {}, "more": False, **lists}
        )

    def recover(self, since: Position) -> list[Entry] | None:
        if since.epoch != "e" or since.seq > len(self.entries) or len(self.entries) - since.seq > self.kept:
            return None
        return self.entries[since.seq :]

    async def history(self, *, before: int | None, after: int | None, limit: int) -> tuple[list[Entry], bool]:
        found = [e for e in self.entries if (before is None or e.seq < before) and (after is None or e.seq > after)]
        return found[-limit:], len(found) > limit

    async def act(self, principal: Principal, action: RoomAction, *, tools: Sequence[ClientTool] = ()) -> Receipt:
        if self.acting:
            await self.acting.wait()
        if self.refusal:
            raise self.refusal
        self.acted.append((principal, action))
        return Receipt(seq=self.append(), result={"tools": [tool.name for tool in tools]})


class FakeRooms:
    """Opens a room for any name."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.rooms: dict[str, FakeRoom] = {}
        self.guests: list[tuple[str, Principal]] = []
        self.refusal: Exception | None = None

    def __getitem__(self, room: str) -> FakeRoom:
        if room not in self.rooms:
            self.rooms[room] = FakeRoom(self._publisher, room)
        return self.rooms[room]

    async def open(self, room: str, who: Principal) -> FakeRoom:
        if self.refusal:
            raise self.refusal
        self.guests.append((room, who))
        return self[room]


class FakeThreads:
    """Lists one thread for everyone, and tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.refusal: SalonError | None = None

    async def find(
        self, user: str, *, archived: bool | None, query: str | None, cursor: str | None, limit: int
    ) -> tuple[list[ThreadRow], str | None]:
        self.asked.append({"user": user, "archived": archived, "query": query, "cursor": cursor, "limit": limit})
        row = ThreadRow(room="r", title="A talk", archived=False, shared=True, created_at=1, updated_at=2, messages=3)
        return [row], "next"

    async def stats(self, room: str, user: str) -> Obj:
        if self.refusal:
            raise self.refusal
        return {"room": room, "user": user, "message_count": 3}
