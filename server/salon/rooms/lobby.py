"""The lobby: finds rooms or opens them, forks them, and lets them go."""

import re
from collections.abc import Callable, Sequence

from salon.clock import Clock
from salon.contracts.events import RoomEvent
from salon.contracts.feed import Publisher
from salon.contracts.runs import Responder, RunOutcome
from salon.errors import Detail, RequestError, SalonError
from salon.ids import new_id
from salon.rooms.actions import perform
from salon.rooms.closing import close_run
from salon.rooms.log import Log
from salon.rooms.room import Room
from salon.rooms.state import RoomState

ROOM_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}")

OpenLog = Callable[[str, RoomState | None], Log]
"""Makes the log of a room: its id, and the state that it starts from (a fork's)."""


class Lobby:
    """All rooms of this process. `responder` answers in rooms that people open."""

    def __init__(
        self, *, responder: Responder, open_log: OpenLog, publisher: Publisher, clock: Clock, max_rooms: int
    ) -> None:
        self._responder = responder
        self._open_log = open_log
        self._publisher = publisher
        self._clock = clock
        self._max_rooms = max_rooms
        self._rooms: dict[str, Room] = {}
        self._ephemeral: set[Room] = set()

    def find(self, room: str) -> Room | None:
        """The room, if it is open."""
        return self._rooms.get(room)

    def rooms(self) -> list[Room]:
        """Every open room."""
        return list(self._rooms.values())

    async def open(self, room: str) -> Room:
        """Find a room, or open it.

        Raises SalonError: `bad_request` for a name that cannot be one, `limit_exceeded` when the server is full.
        """
        found = self._rooms.get(room)
        if found is not None:
            return found
        opened = self._make(self._free(room), self._responder, None)
        opened.open()
        self._rooms[room] = opened
        return opened

    def ephemeral(self, responder: Responder, primer: Sequence[RoomEvent] = ()) -> Room:
        """A program's private conversation, primed with what was said before. Not listed; `release` ends it."""
        room = self._make(new_id("call"), responder, None)
        room.open()
        for event in primer:
            room.append(event)
        self._ephemeral.add(room)
        return room

    async def release(self, room: Room) -> None:
        """End an ephemeral room."""
        self._ephemeral.discard(room)
        await room.close()

    async def close(self) -> None:
        """Stop everything, in every room."""
        for room in (*self._rooms.values(), *self._ephemeral):
            await room.close()

    async def _fork(self, source: Room, new_room: str, at: int) -> None:
        if new_room in self._rooms:
            raise SalonError("conflict", f"room {new_room!r} exists already; choose another id")
        state = source.log.state_at(at)
        if state is None:
            raise SalonError("unrecoverable_position", f"the log of room {source.id!r} starts after seq {at}")
        forked = self._make(self._free(new_room), source.responder, state)
        forked.open(forked_from=source, at=at)
        for run in list(state.runs):
            for event in close_run(state, run, RunOutcome(outcome="cancelled", reason="the room was forked here")):
                forked.append(event)
        self._rooms[new_room] = forked

    def _free(self, room: str) -> str:
        if not ROOM_ID.fullmatch(room):
            message = "a room id has 1-128 letters, digits or . _ : @ / - and starts with a letter or digit"
            raise RequestError(message, [Detail("/payload/room", "pattern", message)])
        if len(self._rooms) >= self._max_rooms:
            raise SalonError("limit_exceeded", f"this server holds {self._max_rooms} rooms; use an existing one")
        return room

    def _make(self, room: str, responder: Responder, state: RoomState | None) -> Room:
        return Room(
            room,
            responder=responder,
            log=self._open_log(room, state.copy() if state else None),
            publisher=self._publisher,
            clock=self._clock,
            perform=perform,
            fork=self._fork,
            state=state,
        )
