"""The queue's port: whatever keeps jobs and lends them to workers."""

from collections.abc import Sequence
from typing import Protocol

from salon.contracts.jobs import Job, Leased, NewJob, Outcome


class QueueBackend(Protocol):
    """Keeps jobs, and lends each to one worker at a time. Its clock is the only one that counts.

    Guarantees: a job that was put is there until it is finished, and for some time after. While a lease holds, the job
    is lent to nobody else. A lease that is not extended lapses; `sweep` then makes the job due again, or lets it fail
    when its retries are used up. Higher priority is lent first; within one priority, what has been due longest.

    Every method raises SalonError `unavailable` when whatever keeps the jobs does not answer. It is then not known
    whether anything changed; asking again does no harm.
    """

    async def put(self, new: NewJob) -> Job:
        """Keep a job; or give the unfinished one that has its key already."""
        ...

    async def get(self, job_id: str) -> Job | None:
        """The job as it is now. None: there is none, or it was finished long ago."""
        ...

    async def recent(self, *, thread_id: str | None = None, limit: int = 50) -> Sequence[Job]:
        """The newest jobs first; with `thread_id`, those of that thread."""
        ...

    async def take(self, names: Sequence[str], lease: float) -> Leased | None:
        """Lend the first due job of one of these names for `lease` seconds. None: nothing is due."""
        ...

    async def extend(self, leased: Leased, lease: float, progress: float | None, message: str | None) -> Job | None:
        """Lend it for `lease` seconds from now, and note how far it is. None: the lease is lost."""
        ...

    async def settle(self, leased: Leased, outcome: Outcome) -> Job | None:
        """End an attempt and its lease. None: the lease was lost, and nothing changed."""
        ...

    async def cancel(self, job_id: str) -> Job | None:
        """Let a pending job fail as cancelled. None: it is not pending."""
        ...

    async def sweep(self) -> Sequence[Job]:
        """Take back what lapsed leases held, and forget what was finished long ago. Gives the jobs taken back."""
        ...

    async def close(self) -> None:
        """Let go of the connections that it opened itself."""
        ...
