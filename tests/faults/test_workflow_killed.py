"""A workflow whose worker is killed goes on in another one: once, and at the step that it was in."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import TypeVar

import pytest
from sqlalchemy import text

from salon.contracts.jobs import Job, JobStatus, NewJob
from salon.jobs.chores.workflow import RUN_WORKFLOW, order
from salon.store.database import Database
from salon.store.jobs import SqlQueueBackend
from tests.faults import workflow_worker

T = TypeVar("T")

WITHIN = 60.0
"""Seconds that only a workflow that is stuck takes, also on a busy machine."""

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.workflow_worker"])


@contextmanager
def worker(url: str) -> Iterator[BaseProcess]:
    """A process at work, killed in the end."""
    process: BaseProcess = CONTEXT.Process(target=workflow_worker.work, args=(url,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join(WITHIN)
        process.close()


class Journey:
    """One run, and what it left behind."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._backend = SqlQueueBackend(database, workflow_worker.QUEUE)

    async def begin(self, stops: int) -> None:
        async with self._database.writing() as conn:
            await conn.execute(text("CREATE TABLE visits (number integer)"))
            await conn.execute(text("CREATE TABLE gates (name varchar(40))"))
        payload = order("guide", "journey", {"stops": stops}, run_id="flow_1")
        await self._backend.put(NewJob(id="job_1", name=RUN_WORKFLOW, payload=payload, max_retries=10))

    async def open(self, *gates: str) -> None:
        async with self._database.writing() as conn:
            await conn.execute(text("INSERT INTO gates VALUES (:name)"), [{"name": gate} for gate in gates])

    async def visits(self) -> list[int]:
        return await self._column("SELECT number FROM visits")

    async def steps(self) -> list[int]:
        return await self._column("SELECT number FROM salon_workflow_steps ORDER BY number")

    async def finished(self) -> Job | None:
        job = await self._backend.get("job_1")
        return job if job and job.status.finished else None

    async def _column(self, query: str) -> list[int]:
        async with self._database.reading() as conn:
            return list(await conn.scalars(text(query)))


async def until(ask: Callable[[], Awaitable[T]], enough: Callable[[T], bool]) -> T:
    """Wait for what other processes bring about."""
    while True:
        if enough(answer := await ask()):
            return answer
        await asyncio.sleep(0.01)


def so_many(count: int) -> Callable[[list[int]], bool]:
    return lambda found: len(found) == count


def gates(first: int, last: int) -> list[str]:
    """Those of the steps from `first` up to `last`, which is not among them."""
    return [f"{side} {number}" for number in range(first, last) for side in ("before", "after")]


@pytest.fixture(params=["sqlite_database_url", "postgres_database_url"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def journey(url: str) -> AsyncIterator[Journey]:
    database = Database(url)
    yield Journey(database)
    await database.close()


async def test_a_workflow_killed_between_its_steps_goes_on_at_the_right_one_and_takes_none_twice(
    url: str, journey: Journey
) -> None:
    stops, opened = 6, 0
    async with asyncio.timeout(WITHIN):
        await journey.begin(stops)
        for done in (2, 5):
            await journey.open(*gates(opened, done))
            opened = done
            with worker(url):
                await until(journey.steps, so_many(done))
            assert await journey.visits() == list(range(done))
        await journey.open(*gates(opened, stops))
        with worker(url):
            job = await until(journey.finished, bool)
    assert job is not None
    assert job.status is JobStatus.COMPLETED
    assert job.retries == 2
    assert job.result == {
        "run": "flow_1",
        "result": {"status": "completed", "seen": [f"place {number}" for number in range(stops)]},
    }
    assert await journey.visits() == list(range(stops)), "each once, in order"
    assert await journey.steps() == list(range(1, stops + 1))


async def test_a_step_that_was_begun_and_is_not_recorded_is_taken_again_and_no_other(
    url: str, journey: Journey
) -> None:
    async with asyncio.timeout(WITHIN):
        await journey.begin(3)
        await journey.open(*gates(0, 1), "before 1")
        with worker(url):
            await until(journey.visits, so_many(2))
        assert await journey.steps() == [1]
        await journey.open("after 1", *gates(2, 3))
        with worker(url):
            job = await until(journey.finished, bool)
    assert job is not None
    assert job.status is JobStatus.COMPLETED
    assert await journey.visits() == [0, 1, 1, 2]
