"""Queues for tests: whatever may keep jobs, and a look-out for what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

import pytest

from salon.contracts.jobs import Job, JobStatus
from salon.jobs.backend import QueueBackend
from salon.jobs.backend_memory import MemoryQueueBackend
from salon.jobs.backend_redis import QueueRedisConfig, RedisQueueBackend
from salon.jobs.queue import JobQueue
from salon.store.database import Database
from salon.store.jobs import SqlQueueBackend

T = TypeVar("T")

KINDS = ["memory", "redis", "sqlite", "postgresql"]

WITHIN = 10.0
"""Seconds that only a hang takes."""


@pytest.fixture(params=KINDS)
def kept_in(request: pytest.FixtureRequest) -> str:
    """Where jobs are kept: a URL, or `memory`."""
    fixtures = {"redis": "redis_url", "sqlite": "sqlite_database_url", "postgresql": "postgres_database_url"}
    url: str = request.getfixturevalue(fixtures[request.param]) if request.param in fixtures else "memory"
    return url


Make = Callable[[float], QueueBackend]
"""Makes a backend that forgets jobs so many seconds after they finished; its queue has a name of its own."""


@pytest.fixture
async def make_backend(kept_in: str) -> AsyncIterator[Make]:
    """Makes empty backends of each kind."""
    database = Database(kept_in if "sql" in kept_in else "sqlite:///:memory:")
    made: list[QueueBackend] = []

    def make(keep: float) -> QueueBackend:
        name = f"test-{uuid4().hex}"
        if kept_in == "memory":
            made.append(MemoryQueueBackend(keep=keep))
        elif kept_in.startswith("redis"):
            made.append(RedisQueueBackend(QueueRedisConfig(kept_in), name, keep=keep))
        else:
            made.append(SqlQueueBackend(database, name, keep=keep))
        return made[-1]

    yield make
    for backend in made:
        await backend.close()
    await database.close()


@pytest.fixture
def backend(make_backend: Make) -> QueueBackend:
    """An empty backend of each kind."""
    return make_backend(3600.0)


async def eventually(ask: Callable[[], Awaitable[T | None]]) -> T:
    """What `ask` gives as soon as it gives something: for what only time brings about, such as the end of a lease."""
    async with asyncio.timeout(WITHIN):
        while True:
            if answer := await ask():
                return answer
            await asyncio.sleep(0.01)


class LookOut:
    """What a queue told of its jobs, in order."""

    def __init__(self, queue: JobQueue) -> None:
        self.told: list[Job] = []
        self._news = asyncio.Event()
        queue.observe(self._take)

    async def _take(self, job: Job) -> None:
        self.told.append(job)
        self._news.set()

    async def until(self, wanted: Callable[[Job], bool]) -> Job:
        """The first job told of, now or later, that is as wanted."""
        async with asyncio.timeout(WITHIN):
            while True:
                for job in self.told:
                    if wanted(job):
                        return job
                self._news.clear()
                await self._news.wait()

    async def finished(self, job_id: str) -> Job:
        """The job when it is completed or has failed."""
        return await self.until(lambda job: job.id == job_id and job.status.finished)

    def statuses(self, job_id: str) -> list[JobStatus]:
        """What became of a job, step by step."""
        return [job.status for job in self.told if job.id == job_id]
