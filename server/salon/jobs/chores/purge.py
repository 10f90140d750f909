"""`purge_deleted_threads`: removes for good what users deleted some time ago."""

from salon.clock import Clock
from salon.contracts.types import Obj
from salon.jobs.chores.port import Purge

PURGE_DELETED_THREADS = "purge_deleted_threads"

EVERY = 3600.0
"""Seconds between two purges."""


class PurgeDeletedThreads:
    """Takes nothing. Gives how many threads it removed.

    Args:
        after: seconds that a deleted thread is still kept, in case it was deleted by mistake.
    """

    def __init__(self, purge: Purge, clock: Clock, *, after: float = 7 * 86_400.0) -> None:
        self._purge = purge
        self._clock = clock
        self._after = after

    async def __call__(self, _: Obj) -> Obj:
        """Remove what is old enough."""
        return {"threads": await self._purge(self._clock.time() - self._after)}
