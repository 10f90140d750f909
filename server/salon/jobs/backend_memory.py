"""Jobs in the memory of this process; they end with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from salon.clock import Clock, SystemClock
from salon.contracts.jobs import CANCELLED, WORKERS_LOST, Job, JobStatus, Leased, NewJob, Outcome
from salon.ids import new_id

KEPT = 1000
"""How many finished jobs are kept to be asked for, however young."""


@dataclass(slots=True)
class _Lease:
    token: str
    until: float


class MemoryQueueBackend:
    """See `QueueBackend`.

    Args:
        keep: seconds for which a finished job may still be asked for.
    """

    def __init__(self, *, keep: float = 86_400.0, clock: Clock | None = None) -> None:
        self._keep = keep
        self._clock: Clock = clock or SystemClock()
        self._jobs: dict[str, Job] = {}  # in the order in which they were put
        self._keys: dict[str, str] = {}
        self._leases: dict[str, _Lease] = {}
        self._finished: dict[str, None] = {}  # in the order in which they finished
        # Both may hold jobs that have moved on since: what is true stands in `_jobs`.
        self._delayed: list[tuple[float, str]] = []
        self._due: dict[str, list[tuple[int, float, str]]] = {}

    async def put(self, new: NewJob) -> Job:
        """Keep a job; or give the unfinished one that has its key already."""
        if known := self._keys.get(new.key) if new.key else None:
            return self._jobs[known]
        now = self._clock.time()
        job = Job(
            id=new.id,
            name=new.name,
            payload=new.payload,
            priority=new.priority,
            max_retries=new.max_retries,
            key=new.key,
            created_at=now,
            run_at=now + new.delay,
        )
        if new.key:
            self._keys[new.key] = job.id
        return self._wait(job)

    async def get(self, job_id: str) -> Job | None:
        """The job as it is now."""
        return self._jobs.get(job_id)

    async def recent(self, *, thread_id: str | None = None, limit: int = 50) -> Sequence[Job]:
        """The newest jobs first."""
        found = (job for job in reversed(self._jobs.values()) if thread_id is None or job.thread_id == thread_id)
        return [job for job, _ in zip(found, range(limit), strict=False)]

    async def take(self, names: Sequence[str], lease: float) -> Leased | None:
        """Lend the first due job of one of these names."""
        now = self._clock.time()
        while self._delayed and self._delayed[0][0] <= now:
            run_at, job_id = heappop(self._delayed)
            if waits := self._waiting(job_id, run_at):
                heappush(self._due.setdefault(waits.name, []), (-waits.priority, run_at, job_id))
        first = min(self._heads(names), default=None)
        if first is None:
            return None
        job = self._jobs[first[2]]
        heappop(self._due[job.name])
        self._leases[job.id] = held = _Lease(new_id("lease"), now + lease)
        taken = replace(
            job, status=JobStatus.PROCESSING, attempts=job.attempts + 1, started_at=now, progress=None, message=None
        )
        return Leased(self._keep_as(taken), held.token)

    async def extend(self, leased: Leased, lease: float, progress: float | None, message: str | None) -> Job | None:
        """Lend it for `lease` seconds from now, and note how far it is."""
        held = self._held(leased)
        if held is None:
            return None
        held.until = self._clock.time() + lease
        return self._keep_as(replace(self._jobs[leased.job.id], progress=progress, message=message))

    async def settle(self, leased: Leased, outcome: Outcome) -> Job | None:
        """End an attempt and its lease."""
        if self._held(leased) is None:
            return None
        job = replace(self._jobs[leased.job.id], status=outcome.status, error=outcome.error)
        if outcome.status.finished:
            return self._finish(replace(job, result=outcome.result))
        attempts = job.attempts if outcome.counted else job.attempts - 1
        return self._wait(replace(job, attempts=attempts, run_at=self._clock.time() + outcome.delay))

    async def cancel(self, job_id: str) -> Job | None:
        """Let a pending job fail as cancelled."""
        job = self._jobs.get(job_id)
        if job is None or job.status is not JobStatus.PENDING:
            return None
        return self._finish(replace(job, status=JobStatus.FAILED, error=CANCELLED))

    async def sweep(self) -> Sequence[Job]:
        """Take back what lapsed leases held, and forget what was finished long ago."""
        now = self._clock.time()
        lapsed = [self._jobs[job_id] for job_id, held in self._leases.items() if held.until < now]
        changed = []
        for job in lapsed:
            if job.attempts > job.max_retries:
                changed.append(self._finish(replace(job, status=JobStatus.FAILED, error=WORKERS_LOST)))
            else:
                changed.append(self._wait(replace(job, status=JobStatus.PENDING, run_at=now)))
        for job_id in list(self._finished):
            if len(self._finished) <= KEPT and (self._jobs[job_id].completed_at or 0) > now - self._keep:
                break
            del self._finished[job_id], self._jobs[job_id]
        return changed

    async def close(self) -> None:
        """Nothing is open."""

    def _heads(self, names: Iterable[str]) -> Iterable[tuple[int, float, str]]:
        """The first due job of each name."""
        for name in names:
            due = self._due.get(name, [])
            while due and not self._waiting(due[0][2], due[0][1]):
                heappop(due)
            yield from due[:1]

    def _waiting(self, job_id: str, run_at: float) -> Job | None:
        job = self._jobs.get(job_id)
        return job if job and job.status is JobStatus.PENDING and job.run_at == run_at else None

    def _held(self, leased: Leased) -> _Lease | None:
        held = self._leases.get(leased.job.id)
        return held if held and held.token == leased.token else None

    def _wait(self, job: Job) -> Job:
        self._leases.pop(job.id, None)
        heappush(self._delayed, (job.run_at, job.id))
        return self._keep_as(job)

    def _finish(self, job: Job) -> Job:
        self._leases.pop(job.id, None)
        if job.key:
            self._keys.pop(job.key, None)
        self._finished[job.id] = None
        return self._keep_as(replace(job, completed_at=self._clock.time()))

    def _keep_as(self, job: Job) -> Job:
        self._jobs[job.id] = job
        return job
