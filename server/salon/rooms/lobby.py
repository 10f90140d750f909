"""The lobby: finds rooms or opens them, forks them, and lets them go when nothing happens in them any more."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

from salon.clock import Clock
from salon.contracts.events import RoomChanged, RoomEvent, RoomOpened
from salon.contracts.runs import ANONYMOUS, Principal, Responder
from salon.contracts.types import DEFAULT_ROOM, Position
from salon.errors import Detail, RequestError, SalonError
from salon.ids import new_id
from salon.rooms.actions import perform
from salon.rooms.changes import Changes
from salon.rooms.log.port import Head, Log, Logs
from salon.rooms.room import Room
from salon.rooms.running.closing import FORKED, INTERRUPTED, close_runs

ROOM_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}")

Guests = Callable[[str, Principal], Awaitable[Responder | None]]
"""Finds who answers under a name; None for nobody."""

Gone = Callable[[str, str], None]
"""Told of a room that is no more, and why: `deleted`, or `lost` when another process writes its log."""


class Lobby:
    """All rooms of this process. `responder` answers in rooms that people open.

    Args:
        logs: keeps what is said in rooms that last; `private` in those of one program.
        guests: finds who answers when somebody is addressed who is not in a room's team.
        in_use: whether someone watches a room; the others are let go when idle for `idle` seconds.
    """

    def __init__(
        self,
        *,
        responder: Responder,
        logs: Logs,
        private: Logs,
        clock: Clock,
        max_rooms: int,
        idle: float = 300.0,
        in_use: Callable[[str], bool] = lambda _: False,
        guests: Guests | None = None,
    ) -> None:
        self._responder = responder
        self._logs = logs
        self._private = private
        self._clock = clock
        self._max_rooms = max_rooms
        self._idle = idle
        self._in_use = in_use
        self._guests = guests
        self._rooms: dict[str, Room] = {}
        self._ephemeral: set[Room] = set()
        self._changes = Changes()
        self._sweeping: asyncio.TimerHandle | None = None
        self._gone: list[Gone] = []

    def find(self, room: str) -> Room | None:
        """The room, if it is open."""
        return self._rooms.get(room)

    def rooms(self) -> list[Room]:
        """Every open room."""
        return list(self._rooms.values())

    def watch_gone(self, gone: Gone) -> None:
        """Tell `gone` of every room that ends for its watchers."""
        self._gone.append(gone)

    async def open(self, room: str, who: Principal | None = None) -> Room:
        """Find a room, or open it; a new one is shared and belongs to `who`, the default room to nobody.

        None is the program itself.

        Raises SalonError: `bad_request` for a name that cannot be one, `limit_exceeded` when the server is full,
        `not_found` when it was deleted or is somebody else's, `unavailable` when it cannot be read now.
        """
        found = self._rooms.get(room)
        if found is None:
            found = await self._changes.make(room, self._load_or_make(room, who))
        return self._admitted(found, who)

    async def existing(self, room: str, who: Principal | None = None) -> Room:
        """Find a room that there is. Raises SalonError as `open` does, and `not_found` instead of making one."""
        if not ROOM_ID.fullmatch(room):
            raise _unknown(room)
        found = self._rooms.get(room)
        if found is None:
            found = await self._changes.make(room, self._load(room))
        if found is None:
            raise _unknown(room)
        return self._admitted(found, who)

    async def create(
        self,
        who: Principal | None,
        *,
        room: str | None = None,
        title: str | None = None,
        shared: bool = False,
        agent_id: str | None = None,
    ) -> Room:
        """A new room with a thread that lasts from the start; for None it is nobody's, and the program's alone.

        Raises SalonError: `conflict` when the id is taken.
        """
        name = room or new_id("thread")
        made = await self._changes.make(
            name, self._create(name, _head(who.user if who else None, shared, agent_id), title)
        )
        await made.log.stored()
        return made

    async def fork(
        self, source: Room, new_room: str, at: int, who: Principal | None, *, title: str | None = None
    ) -> Room:
        """A room that begins as `source` was at `at`, and belongs to `who`; for None to the owner of `source`.

        Without a `title` it has the one of `source`.

        Raises SalonError: `conflict` when the id is taken, `unrecoverable_position` when the log starts later.
        """
        await source.log.stored()
        forked = await self._changes.make(new_room, self._fork(source, new_room, at, who, title))
        await forked.log.stored()
        return forked

    async def delete(self, room: Room) -> None:
        """End a room for everyone: runs are cancelled, watchers are told, readers find it no more."""
        await self._changes.make(room.id, self._delete(room))

    async def guest(self, name: str, who: Principal) -> Responder | None:
        """Who answers under a name that is not in a room's team; None for nobody. Raises SalonError."""
        return await self._guests(name, who) if self._guests is not None else None

    def lost(self, room: str) -> None:
        """Another process has written this room's log: what is here is no longer the room."""
        found = self._rooms.pop(room, None)
        if found is not None:
            found.abandon()
            self._tell_gone(room, "lost")

    def ephemeral(self, responder: Responder, primer: Sequence[RoomEvent] = ()) -> Room:
        """A program's private conversation, primed with what was said before. Not listed; `release` ends it."""
        name = new_id("call")
        room = self._room(name, self._private.make(name, Head(), lasting=False), responder)
        _announce(room)
        for event in primer:
            room.append(event)
        self._ephemeral.add(room)
        return room

    async def release(self, room: Room) -> None:
        """End an ephemeral room."""
        self._ephemeral.discard(room)
        await room.close()

    async def close(self) -> None:
        """Stop everything, in every room, and seal their logs."""
        if self._sweeping:
            self._sweeping.cancel()
        closing = [room.close() for room in (*self._rooms.values(), *self._ephemeral)]
        await asyncio.gather(*closing, self._changes.done(), return_exceptions=True)

    def sweep(self) -> None:
        """Let go of rooms in which nothing has happened for a while."""
        horizon = self._clock.monotonic() - self._idle
        for room in tuple(self._rooms.values()):
            if room.touched <= horizon:
                self._let_go(room)

    async def _load_or_make(self, room: str, who: Principal | None) -> Room:
        found = await self._load(room)
        if found is not None:
            return found
        self._make_space()
        owner = who.user if who is not None and room != DEFAULT_ROOM else None
        return self._opened(room, self._logs.make(room, Head(owner), lasting=False))

    async def _load(self, room: str) -> Room | None:
        _check_id(room)
        if room in self._rooms:
            return self._rooms[room]
        kept = await self._logs.find(room)
        if kept is None:
            return None
        self._make_space()
        found = self.seat(self._room(room, kept, self._responder))
        for event in close_runs(found.state, INTERRUPTED):
            found.append(event)
        return found

    async def _create(self, room: str, head: Head, title: str | None) -> Room:
        await self._refuse_taken(room)
        made = self._opened(room, self._logs.make(room, head, lasting=True))
        if title is not None:
            made.append(RoomChanged(event="room.changed", title=title))
        return made

    async def _fork(self, source: Room, new_room: str, at: int, who: Principal | None, title: str | None) -> Room:
        await self._refuse_taken(new_room)
        head = _head(who.user if who else source.owner, source.shared, source.log.head.agent_id)
        kept = await self._logs.fork(source.id, source.log, at, new_room, head)
        if kept is None:
            raise SalonError("unrecoverable_position", f"the log of room {source.id!r} starts after seq {at}")
        forked = self.seat(self._room(new_room, kept, source.responder))
        _announce(forked, source, at)
        for event in close_runs(forked.state, FORKED):
            forked.append(event)
        if title := title or source.title:  # also one that it has already: the thread is to be found by it
            forked.append(RoomChanged(event="room.changed", title=title))
        return forked

    async def _delete(self, room: Room) -> None:
        live = self._rooms.pop(room.id, room)  # first: whatever goes wrong, nobody is given a room that is closed
        await live.close()
        await self._logs.delete(room.id)
        self._tell_gone(room.id, "deleted")

    async def _refuse_taken(self, room: str) -> None:
        try:
            taken = await self._load(room) is not None
        except SalonError as error:
            if error.code != "not_found":
                raise
            taken = True  # by a room that was deleted
        if taken or room == DEFAULT_ROOM:  # that one is nobody's, and always there
            raise SalonError("conflict", f"room {room!r} exists already; choose another id")
        self._make_space()

    def _make_space(self) -> None:
        if len(self._rooms) >= self._max_rooms:
            idle = [other for other in self._rooms.values() if self._may_go(other)]
            if not idle:
                raise SalonError("limit_exceeded", f"this server holds {self._max_rooms} rooms; use an existing one")
            self._let_go(min(idle, key=lambda other: other.touched))

    def _let_go(self, room: Room) -> None:
        if not self._may_go(room):
            return
        del self._rooms[room.id]
        self._changes.begin(room.id, room.close())

    def _may_go(self, room: Room) -> bool:
        return room.idle and not self._changes.busy(room.id) and not self._in_use(room.id)

    def _opened(self, room: str, empty: Log) -> Room:
        opened = self.seat(self._room(room, empty, self._responder))
        _announce(opened)
        return opened

    def seat(self, room: Room) -> Room:
        """Add a room that was made elsewhere, under a name that no open room has."""
        self._rooms[room.id] = room
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(self._idle / 4, self._sweep_again)
        return room

    def _room(self, room: str, kept: Log, responder: Responder) -> Room:
        return Room(room, responder=responder, log=kept, clock=self._clock, perform=perform, house=self)

    def _admitted(self, room: Room, who: Principal | None) -> Room:
        if who is not None and not room.admits(who.user):
            raise _unknown(room.id)
        room.touched = self._clock.monotonic()
        return room

    def _tell_gone(self, room: str, why: str) -> None:
        for gone in self._gone:
            gone(room, why)

    def _sweep_again(self) -> None:
        self._sweeping = None
        self.sweep()
        if self._rooms:
            self._sweeping = asyncio.get_running_loop().call_later(self._idle / 4, self._sweep_again)


def _head(owner: str | None, shared: bool, agent_id: str | None) -> Head:
    """What belongs to nobody in particular is everyone's: callers without a name cannot be told apart."""
    return Head(owner, shared or owner == ANONYMOUS, agent_id)


def _announce(room: Room, source: Room | None = None, at: int | None = None) -> None:
    """The first entry of a room's own."""
    room.append(
        RoomOpened(
            event="room.opened",
            team=room.team,
            roster=room.responder.roster(),
            forked_from=source.id if source else None,
            forked_at=Position(epoch=source.log.epoch, seq=at) if source and at is not None else None,
        )
    )


def _check_id(room: str) -> None:
    if not ROOM_ID.fullmatch(room):
        message = "a room id has 1-128 letters, digits or . _ : @ / - and starts with a letter or digit"
        raise RequestError(message, [Detail("/payload/room", "pattern", message)])


def _unknown(room: str) -> SalonError:
    return SalonError("not_found", f"there is no room {room!r}", room=room)
