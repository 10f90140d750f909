"""The group commit: what all rooms have to store goes into one transaction after the other.

While one is under way, what comes meanwhile gathers for the next: many rooms cost little more than one.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from salon.errors import SalonError
from salon.store.log.entries import Entries
from salon.store.log.rows import RoomWrite

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0
"""Seconds between two tries when the database does not answer."""


class Writing(Protocol):
    """A log that has something to store."""

    def take(self) -> RoomWrite | None:
        """All there is to store now; taking it clears it."""

    def took(self) -> None:
        """What was taken last is stored."""

    def refused(self) -> None:
        """What was taken last will never be stored, as when another process has written this log."""


class Writer:
    """Stores what logs hold, in the order in which each of them has it. `failing` since the last try went wrong."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._waiting: dict[Writing, None] = {}
        self._storing: dict[Writing, None] = {}
        self._task: asyncio.Task[None] | None = None
        self.failing = False

    def wake(self, source: Writing) -> None:
        """`source` has something to store."""
        self._waiting[source] = None
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="store writer")

    async def close(self, patience: float) -> None:
        """Wait up to `patience` seconds until everything is stored; the server's log tells of what is lost then."""
        if self._task is None:
            return
        _, late = await asyncio.wait([self._task], timeout=patience)
        if late:
            log.error(
                "entries_lost",
                rooms=len({*self._storing, *self._waiting}),
                reason="the database did not answer in time",
            )
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._waiting:
                self._storing, self._waiting = self._waiting, {}
                taken = [(source, write) for source in self._storing if (write := source.take()) is not None]
                if taken:
                    await self._store(taken)
        finally:
            self._storing, self._task = {}, None

    async def _store(self, taken: Sequence[tuple[Writing, RoomWrite]]) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._entries.store([write for _, write in taken])
            except Exception as error:
                if not isinstance(error, SalonError) or error.code != "unavailable":
                    self.failing = False  # the database has answered
                    await self._refuse(taken, error)
                    return
                if not self.failing:
                    log.exception("entries_not_stored", rooms=len(taken))
                self.failing = True
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self.failing = False
                for source, _ in taken:
                    source.took()
                return

    async def _refuse(self, taken: Sequence[tuple[Writing, RoomWrite]], error: Exception) -> None:
        """What cannot be stored of one room must not keep the others from being stored."""
        if len(taken) > 1:
            for one in taken:
                await self._store([one])
            return
        [(source, write)] = taken
        if isinstance(error, SalonError):
            log.error("log_lost", room=write.thread, reason=type(error.__cause__).__name__)
        else:
            log.error("log_lost", room=write.thread, exc_info=error)
        source.refused()
