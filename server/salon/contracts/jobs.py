"""What a background job is: one shape for the queue, whatever keeps its jobs, and HTTP. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from salon.contracts.types import ID_PATTERN, Json, Obj

_ID = re.compile(ID_PATTERN)


class JobStatus(StrEnum):
    """Where a job stands."""

    PENDING = "pending"  # waits for its time, or for a worker
    PROCESSING = "processing"  # a worker holds its lease
    COMPLETED = "completed"
    FAILED = "failed"  # also: cancelled before it began

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self in (JobStatus.COMPLETED, JobStatus.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A piece of work that outlives whoever asked for it. Times are seconds since 1970.

    Args:
        key: names the work; there is at most one unfinished job of a key.
        attempts: how often it was begun.
        progress, message: how far it is, from 0 to 1, and in words, if its handler says so.
        error: for people to read; what an exception said stands in the log only.
        run_at: when it is due.
    """

    id: str
    name: str
    payload: Obj
    created_at: float
    run_at: float
    status: JobStatus = JobStatus.PENDING
    priority: int = 0
    max_retries: int = 3
    attempts: int = 0
    key: str | None = None
    progress: float | None = None
    message: str | None = None
    result: Json = None
    error: str | None = None
    started_at: float | None = None
    completed_at: float | None = None

    @property
    def retries(self) -> int:
        """How often it was begun again."""
        return max(0, self.attempts - 1)

    @property
    def thread_id(self) -> str | None:
        """The thread that it works on, if its payload names one."""
        return thread_of(self.payload)


def thread_of(payload: Obj) -> str | None:
    """The thread that a payload names as `thread_id`."""
    named = payload.get("thread_id")
    return named if isinstance(named, str) and len(named) <= 128 and _ID.fullmatch(named) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What is asked for. Whatever keeps it stamps it by its own clock; `delay` is in seconds from then."""

    id: str
    name: str
    payload: Obj
    priority: int = 0
    max_retries: int = 3
    delay: float = 0.0
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Leased:
    """A job in the hands of one worker: whoever has `token` may change it, until the lease is lost."""

    job: Job
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended. `pending`: it is due again after `delay` seconds; `counted`: the attempt is used up."""

    status: JobStatus
    result: Json = None
    error: str | None = None
    delay: float = 0.0
    counted: bool = True


CANCELLED = "it was cancelled before it began"
WORKERS_LOST = "its workers ended before it did"
