"""Plays a recording: a room in which everything happens again, in the same entries under the same numbers."""

import asyncio
from collections.abc import Sequence

from salon.contracts.actions import RoomAction
from salon.contracts.events import Entry
from salon.contracts.runs import Principal, Receipt
from salon.contracts.types import ClientTool
from salon.errors import SalonError
from salon.rooms.log.log_memory import MemoryLogs
from salon.rooms.log.port import Head
from salon.rooms.room import Room
from salon.runtime.recorded.file import Recording, filled
from salon.runtime.server import Runtime

LONGEST_PAUSE = 3.0
"""Seconds between two entries, however long nothing happened."""

LOOK = 0.1
"""Seconds between two looks whether somebody watches."""


class Player:
    """One recording in one server. Nobody can act in its room, which is kept in memory.

    Args:
        speed: how many times as fast as it was; 0 tells everything at once.
    """

    def __init__(self, runtime: Runtime, recording: Recording, *, speed: float = 1.0) -> None:
        settings = runtime.settings
        logs = MemoryLogs(
            clock=runtime.clock,
            publisher=runtime.published,
            window=settings.recover_events,
            seconds=settings.recover_seconds,
        )
        self.room = Room(
            recording.room,
            responder=runtime.catalog.default,
            log=logs.make(recording.room, Head(), lasting=False),
            clock=runtime.clock,
            perform=_refuse,
            house=runtime.lobby,
        )
        runtime.lobby.seat(self.room)
        self._broker = runtime.broker
        self._entries = filled(recording.entries)
        self._speed = speed

    async def play(self) -> None:
        """Tell everything, from the moment on that somebody watches.

        Raises SalonError when an entry does not follow from those before it.
        """
        before: Entry | None = None
        for entry in self._entries:
            if self._speed:
                await self._wait(before, entry)
            self.room.append(entry.body, entry.cause, at=entry.at)
            before = entry

    async def _wait(self, before: Entry | None, entry: Entry) -> None:
        while not self._broker.watched(self.room.id):  # noqa: ASYNC110 - it tells nobody who comes
            await asyncio.sleep(LOOK)
        if before is not None and entry.at > before.at:
            await asyncio.sleep(min((entry.at - before.at) / self._speed, LONGEST_PAUSE))


async def _refuse(_room: Room, _who: Principal, _action: RoomAction, _tools: Sequence[ClientTool]) -> Receipt:
    raise SalonError("forbidden", "nobody can act in this room: it is a recording that is told again")
