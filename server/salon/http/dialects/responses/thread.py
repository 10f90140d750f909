"""A conversation of responses is a thread: each response knows its room, and where in the log it begins.

Going on with the newest response goes on in its room; going on with an older one makes a branch.
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from salon.contracts.events import Entry, MsgDone, RoomChanged, RunFinished, RunStarted
from salon.contracts.runs import Principal
from salon.errors import SalonError
from salon.http.errors import refused
from salon.ids import new_id
from salon.rooms.lobby import Lobby
from salon.rooms.room import Room

PAGE = 200
"""Entries read at once."""

_ROOM, _RESPONSE = "thread_", re.compile(r"resp_([0-9a-f]{32})_([0-9]{1,15})")


@dataclass(frozen=True, slots=True)
class Stored:
    """A response as the log has it; `end` is None while its run is on."""

    room: Room
    entries: list[Entry]
    end: int | None


def response_id(room: Room) -> str:
    """The id of the response that begins now in a room made by `begin`."""
    return f"resp_{room.id.removeprefix(_ROOM)}_{room.state.seq}"


async def begin(lobby: Lobby, who: Principal, agent: str) -> Room:
    """A new thread, in the archive: what programs ask would crowd people's lists. Raises SalonError."""
    room = await lobby.create(who, room=new_id("thread"), agent_id=agent)
    room.append(RoomChanged(event="room.changed", archived=True))
    return room


async def find(lobby: Lobby, response: str, who: Principal) -> Stored | None:
    """A response that was stored, None when there is none of that id. Raises SalonError."""
    named = _RESPONSE.fullmatch(response)
    if named is None:
        return None
    try:
        room = await lobby.existing(_ROOM + named[1], who)
    except SalonError as error:
        if error.code != "not_found":
            raise
        return None
    entries: list[Entry] = []
    async for entry in _after(room, int(named[2])):
        if entry.cause != response:
            continue
        entries.append(entry)
        if isinstance(entry.body, RunFinished):
            return Stored(room, entries, entry.seq)
    return Stored(room, entries, None) if entries else None


async def go_on(lobby: Lobby, previous: str, who: Principal) -> Room:
    """The room in which the conversation goes on after a response. Raises SalonError."""
    stored = await find(lobby, previous, who)
    if stored is None:
        text = f"Previous response with id '{previous[:128]}' not found."
        raise refused("previous_response_id", "previous_response_not_found", text)
    if stored.end is None:
        raise SalonError("busy", f"response '{previous}' is not complete yet; wait for it", retry_after=1)
    room = stored.room
    await room.log.stored()
    top = room.state.seq
    later = [entry async for entry in _after(room, stored.end) if isinstance(entry.body, RunStarted | MsgDone)]
    if not later and not room.runs.busy and room.state.seq == top:  # two may go on from here at once
        return room
    branch = new_id("thread")
    await room.fork(branch, stored.end, who)
    return await lobby.existing(branch, who)


async def _after(room: Room, seq: int) -> AsyncGenerator[Entry]:
    more = True
    while more:
        entries, more = await room.history(before=None, after=seq, limit=PAGE)
        for entry in entries:
            seq = entry.seq
            yield entry
