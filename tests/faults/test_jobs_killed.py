"""Workers die in the middle of their jobs, again and again, and every job has its effect all the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from multiprocessing.process import BaseProcess
from typing import cast
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from salon.contracts.jobs import JobStatus, NewJob
from salon.jobs.backend import QueueBackend
from salon.jobs.backend_redis import QueueRedisConfig, RedisQueueBackend
from salon.store.jobs import SqlQueueBackend
from tests.faults import jobs_worker
from tests.faults.forked import fork, kill

JOBS = 1000
KILLS = 6
SEED = 20261121
WITHIN = 120.0
"""Seconds that only a job that is stuck takes, also on a busy machine."""

Done = Callable[[], Awaitable[int]]
"""How many effects there are."""


@asynccontextmanager
async def on_redis(url: str, name: str) -> AsyncIterator[tuple[QueueBackend, Done]]:
    async with Redis.from_url(url) as redis:
        backend = RedisQueueBackend(QueueRedisConfig(url), name)
        yield backend, lambda: redis.scard(f"{name}-effects")
        await backend.close()


@asynccontextmanager
async def on_postgresql(url: str, name: str) -> AsyncIterator[tuple[QueueBackend, Done]]:
    engine = create_async_engine(url)
    backend = SqlQueueBackend(engine, name)
    async with engine.begin() as conn:
        await conn.execute(text("CREATE TABLE effects (number integer PRIMARY KEY)"))

    async def done() -> int:
        async with engine.connect() as conn:
            return cast(int, (await conn.execute(text("SELECT count(*) FROM effects"))).scalar_one())

    await backend.sweep()  # makes the tables, before several workers want them
    yield backend, done
    await engine.dispose()


class Workers:
    """Two processes at work."""

    def __init__(self, url: str, name: str) -> None:
        self._arguments = (url, name)
        self._alive = [self._start() for _ in range(2)]

    def replace(self, number: int) -> None:
        """Kill one and start another in its place."""
        victim, self._alive[number] = self._alive[number], self._start()
        kill(victim)

    def kill(self) -> None:
        """Kill them all."""
        for worker in self._alive:
            kill(worker)

    def _start(self) -> BaseProcess:
        return fork(jobs_worker.work, *self._arguments)


async def put_all(backend: QueueBackend) -> None:
    """Ask for all the jobs, while the first are done already."""
    jobs = [NewJob(id=f"job_{number}", name="effect", payload={"number": number}) for number in range(JOBS)]
    for start in range(0, JOBS, 4):
        await asyncio.gather(*(backend.put(job) for job in jobs[start : start + 4]))


async def reach(count: int, ask: Callable[[], Awaitable[int]]) -> None:
    """Wait until other processes have brought about so many."""
    while True:
        if await ask() >= count:
            return
        await asyncio.sleep(0.02)


@pytest.fixture(params=["redis_url", "postgres_database_url"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.mark.requirement("S2-57")
async def test_a_thousand_jobs_have_their_effect_once_though_their_workers_are_killed(url: str) -> None:
    dice = random.Random(SEED)
    name = f"killed-{uuid4().hex}"
    opened = on_redis if url.startswith("redis") else on_postgresql
    async with asyncio.timeout(WITHIN), opened(url, name) as (backend, done):

        async def finished() -> int:
            return sum(job.status.finished for job in await backend.recent(limit=JOBS))

        workers = Workers(url, name)
        try:
            putting = asyncio.create_task(put_all(backend))
            for count in sorted(dice.sample(range(50, JOBS - 50), KILLS)):
                await reach(count, done)
                workers.replace(dice.randrange(2))
            await putting
            await reach(JOBS, done)
            await reach(JOBS, finished)
        finally:
            workers.kill()
        ended = await backend.recent(limit=JOBS + 1)
        assert {job.payload["number"] for job in ended} == set(range(JOBS))
        assert {job.status for job in ended} == {JobStatus.COMPLETED}
        assert await done() == JOBS
        assert await backend.take(["effect"], 1.0) is None
        again = sum(job.retries for job in ended)
        assert 0 < again <= KILLS * jobs_worker.SLOTS, "the kills hit running jobs, and nothing else ran again"
