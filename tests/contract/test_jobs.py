"""What the job queue promises, whatever keeps its jobs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypedDict, Unpack

import pytest

from salon.contracts.jobs import CANCELLED, Job, JobStatus
from salon.contracts.types import Obj
from salon.errors import SalonError
from salon.jobs.attempt import Report
from salon.jobs.backend import QueueBackend
from salon.jobs.queue import JobQueue
from tests.queues import WITHIN, LookOut


class Pace(TypedDict, total=False):
    slots: int
    lease: float
    drain: float
    backoff: float


def queue_on(backend: QueueBackend, **pace: Unpack[Pace]) -> JobQueue:
    return JobQueue(backend, poll=0.02, **pace)


@asynccontextmanager
async def working(*queues: JobQueue) -> AsyncIterator[None]:
    for queue in queues:
        await queue.start_worker()
    try:
        async with asyncio.timeout(30):
            yield
    finally:
        for queue in queues:
            await queue.stop_worker()


@pytest.mark.requirement("S2-52", "S2-53", "S2-54", "S2-58")
async def test_the_library_sample_runs_as_written(backend: QueueBackend) -> None:
    queue = queue_on(backend)

    @queue.handler("summarize_thread")
    async def handle_summarize(payload: Obj) -> Obj:
        return {"summary": f"what was said in {payload['thread_id']}"}

    @queue.handler("generate_title")
    def handle_title(payload: Obj) -> Obj:
        return {"title": "…", "in": threading.current_thread().name}

    seen = LookOut(queue)
    job_id = await queue.enqueue("summarize_thread", {"thread_id": "abc"})
    assert f"{(await queue.get_status(job_id)).status}" == "pending"
    async with working(queue):
        done = await seen.finished(job_id)
        assert f"{done.status}" == "completed"
        assert done.result == {"summary": "what was said in abc"}
        titled = await seen.finished(await queue.enqueue("generate_title", {"thread_id": "abc"}))
        assert isinstance(titled.result, dict)
        assert titled.result["title"] == "…"
        assert titled.result["in"] != threading.current_thread().name, "a sync handler does not block the loop"
    assert await queue.get_status(job_id) == done
    assert [f"{status}" for status in seen.statuses(job_id)] == ["pending", "processing", "completed"]
    assert {job.id for job in await queue.recent(thread_id="abc")} == {done.id, titled.id}


@pytest.mark.requirement("S2-55")
async def test_starting_a_worker_returns_at_once_and_twice_is_once(backend: QueueBackend) -> None:
    queue, began, release = queue_on(backend, slots=2), asyncio.Event(), asyncio.Event()

    @queue.handler("wait")
    async def wait(_: Obj) -> None:
        began.set()
        await release.wait()

    job_id = await queue.enqueue("wait", {})
    seen = LookOut(queue)
    await queue.start_worker()
    await queue.start_worker()
    assert not began.is_set()
    async with asyncio.timeout(WITHIN):
        await began.wait()
    release.set()
    assert (await seen.finished(job_id)).attempts == 1
    await queue.stop_worker()
    await queue.stop_worker()
    await queue.enqueue("wait", {})
    async with working(queue):
        await seen.until(lambda job: job.id != job_id and job.status.finished)


@pytest.mark.requirement("S2-56")
async def test_stopping_a_worker_lets_running_jobs_finish(backend: QueueBackend) -> None:
    queue, began, release = queue_on(backend), asyncio.Event(), asyncio.Event()

    @queue.handler("wait")
    async def wait(_: Obj) -> Obj:
        began.set()
        await release.wait()
        return {"whole": True}

    job_id = await queue.enqueue("wait", {})
    await queue.start_worker()
    async with asyncio.timeout(WITHIN):
        await began.wait()
        stopping = asyncio.create_task(queue.stop_worker())
        await asyncio.sleep(0)  # else the worker may look for work once more before it is told to stop
        later = await queue.enqueue("wait", {})
        release.set()
        await stopping
    assert (await queue.get_status(job_id)).result == {"whole": True}
    assert (await queue.get_status(later)).status is JobStatus.PENDING, "nothing new is begun"


@pytest.mark.requirement("S2-56")
async def test_a_job_that_does_not_finish_in_time_is_put_back_for_another_worker(backend: QueueBackend) -> None:
    one, other = queue_on(backend, drain=0.05), queue_on(backend)
    began, stopped = asyncio.Event(), asyncio.Event()

    @one.handler("long")
    async def never_ends(_: Obj) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    @other.handler("long")
    async def ends(_: Obj) -> Obj:
        return {"stopped elsewhere": stopped.is_set()}

    job_id = await one.enqueue("long", {}, max_retries=0)
    await one.start_worker()
    async with asyncio.timeout(WITHIN):
        await began.wait()
        await one.stop_worker()
    assert (await one.get_status(job_id)).status is JobStatus.PENDING
    seen = LookOut(other)
    async with working(other):
        done = await seen.finished(job_id)
    assert (done.result, done.attempts) == ({"stopped elsewhere": True}, 1)


async def test_a_job_that_takes_longer_than_its_lease_runs_once(
    backend: QueueBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease, runs, at_once, most = 0.6, 0, 0, 0
    queues = [queue_on(backend, lease=lease) for _ in range(2)]
    extended, extend = asyncio.Event(), backend.extend

    async def extend_and_tell(*given: Any) -> Job | None:
        job = await extend(*given)
        extended.set()
        return job

    monkeypatch.setattr(backend, "extend", extend_and_tell)

    async def long(_: Obj) -> None:
        nonlocal runs, at_once, most
        runs, at_once = runs + 1, at_once + 1
        most = max(most, at_once)
        loop = asyncio.get_running_loop()
        until = loop.time() + 2.5 * lease
        while loop.time() < until:  # the lease would be over, were it not extended
            await extended.wait()
            extended.clear()
        at_once -= 1

    for queue in queues:
        queue.handler("long")(long)
    seen = [LookOut(queue) for queue in queues]
    job_id = await queues[0].enqueue("long", {})
    async with working(*queues):
        ends = [asyncio.ensure_future(each.finished(job_id)) for each in seen]
        (first,), others = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for each in others:
            each.cancel()
    assert first.result().status is JobStatus.COMPLETED
    assert (runs, most) == (1, 1)


@pytest.mark.requirement("S2-53", "S4-37")
async def test_a_failing_job_is_tried_again_and_tells_nobody_what_the_exception_said(backend: QueueBackend) -> None:
    queue, tries = queue_on(backend, backoff=0.01), 0

    @queue.handler("fail")
    async def fail(_: Obj) -> None:
        nonlocal tries
        tries += 1
        raise RuntimeError("password=hunter2")

    seen = LookOut(queue)
    async with working(queue):
        job = await seen.finished(await queue.enqueue("fail", {}, max_retries=2))
    assert (job.status, job.retries, tries) == (JobStatus.FAILED, 2, 3)
    assert job.error is not None
    assert "err_" in job.error
    assert not any("hunter2" in str(told) for told in seen.told)


async def test_an_error_written_for_people_is_told_and_not_tried_again_when_that_cannot_help(
    backend: QueueBackend,
) -> None:
    queue, tries = queue_on(backend, backoff=0.01), {"not_found": 0, "unavailable": 0}

    @queue.handler("refuse")
    def refuse(payload: Obj) -> None:
        code = str(payload["code"])
        tries[code] += 1
        raise SalonError(code, f"told: {code}")

    seen = LookOut(queue)
    async with working(queue):
        gone = await seen.finished(await queue.enqueue("refuse", {"code": "not_found"}))
        away = await seen.finished(await queue.enqueue("refuse", {"code": "unavailable"}, max_retries=1))
    assert (gone.error, tries["not_found"]) == ("told: not_found", 1)
    assert (away.error, tries["unavailable"]) == ("told: unavailable", 2)


async def test_a_handler_tells_how_far_it_is(backend: QueueBackend) -> None:
    queue, seen_half = queue_on(backend), asyncio.Event()

    @queue.handler("steps")
    async def steps(_: Obj, report: Report) -> None:
        report(0.5, "half")
        await seen_half.wait()

    seen = LookOut(queue)
    job_id = await queue.enqueue("steps", {})
    async with working(queue):
        half = await seen.until(lambda job: job.progress == 0.5)
        assert (half.status, half.message) == (JobStatus.PROCESSING, "half")
        assert (await queue.get_status(job_id)).progress == 0.5
        seen_half.set()
        await seen.finished(job_id)


async def test_a_pending_job_can_be_cancelled(backend: QueueBackend) -> None:
    queue = queue_on(backend)
    queue.handler("work")(lambda _: None)
    seen = LookOut(queue)
    job_id = await queue.enqueue("work", {}, delay=60)
    assert await queue.cancel(job_id)
    assert not await queue.cancel(job_id)
    assert (await seen.finished(job_id)).error == CANCELLED


async def test_a_repeated_job_comes_back_by_itself_and_is_there_once_for_all_workers(backend: QueueBackend) -> None:
    queues, runs = [queue_on(backend), queue_on(backend)], 0

    async def tidy(_: Obj) -> None:
        nonlocal runs
        runs += 1

    for queue in queues:
        queue.handler("tidy", every=3600)(tidy)
    seen = [LookOut(queue) for queue in queues]
    async with working(*queues):
        ends = [asyncio.ensure_future(each.until(lambda job: job.run_at - job.created_at > 3000)) for each in seen]
        (next_one,), others = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for each in others:
            each.cancel()
    assert next_one.result().status is JobStatus.PENDING
    waiting = [job for job in await queues[0].recent() if job.status is JobStatus.PENDING]
    assert len(waiting) == 1
