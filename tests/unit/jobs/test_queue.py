from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from typing import cast

import pytest

from salon.contracts.jobs import Job, JobStatus, NewJob
from salon.contracts.types import Json, Obj
from salon.errors import RequestError, SalonError
from salon.jobs.attempt import RESULT_BYTES, Report
from salon.jobs.backend_memory import MemoryQueueBackend
from salon.jobs.queue import PAYLOAD_BYTES, JobQueue
from tests.queues import WITHIN, LookOut

GREETING: ContextVar[str] = ContextVar("GREETING", default="nobody")


async def nothing(_: Obj) -> None:
    """A job that does nothing."""


@pytest.mark.requirement("S2-51")
async def test_a_queue_needs_nothing_but_itself() -> None:
    queue = JobQueue()
    queue.handler("nothing")(nothing)
    seen = LookOut(queue)
    await queue.start_worker()
    job = await seen.finished(await queue.enqueue("nothing", {}))
    assert (job.status, job.result) == (JobStatus.COMPLETED, None)
    await queue.close()


async def test_a_job_of_a_name_that_nobody_does_is_refused_with_those_that_are_done() -> None:
    queue = JobQueue()
    with pytest.raises(RequestError, match="there are handlers for: none"):
        await queue.enqueue("nothing", {})
    queue.handler("nothing")(nothing)
    with pytest.raises(RequestError, match="no handler does 'nothin'; there are handlers for: nothing") as refused:
        await queue.enqueue("nothin", {})
    assert refused.value.details[0].path == "/name"


def test_a_name_has_one_handler() -> None:
    queue = JobQueue()
    assert queue.handler("nothing")(nothing) is nothing
    with pytest.raises(ValueError, match="'nothing' already"):
        queue.handler("nothing")(nothing)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payload", {"when": object()}),
        ("payload", {"text": "\ud800"}),
        ("payload", [1]),
        ("payload", {"text": "x" * PAYLOAD_BYTES}),
        ("delay", -1),
        ("delay", float("nan")),
        ("delay", float("inf")),
        ("priority", 101),
        ("max_retries", -1),
        ("max_retries", 101),
        ("key", ""),
        ("key", "a\0b"),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_name(field: str, value: object) -> None:
    queue = JobQueue()
    queue.handler("nothing")(nothing)
    arguments = {"payload": {}, field: value}
    with pytest.raises(RequestError) as refused:
        await queue.enqueue("nothing", **arguments)  # type: ignore[arg-type]
    assert refused.value.details[0].path == f"/{field}"
    assert await queue.recent() == []


async def test_the_payload_is_the_callers_no_more_once_it_is_put() -> None:
    queue = JobQueue()
    queue.handler("nothing")(nothing)
    payload: Obj = {"words": ["one"]}
    job_id = await queue.enqueue("nothing", payload)
    payload["words"] = "changed"
    assert (await queue.get_status(job_id)).payload == {"words": ["one"]}


async def test_a_job_that_is_not_there_is_not_found() -> None:
    with pytest.raises(SalonError, match="no job 'job_x'") as refused:
        await JobQueue().get_status("job_x")
    assert refused.value.code == "not_found"


async def test_an_observer_that_fails_harms_nobody() -> None:
    queue = JobQueue()
    queue.handler("nothing")(nothing)

    async def fail(_: Job) -> None:
        raise RuntimeError("mine alone")

    queue.observe(fail)
    seen = LookOut(queue)
    await queue.start_worker()
    job_id = await queue.enqueue("nothing", {})
    await seen.finished(job_id)
    await queue.close()
    assert seen.statuses(job_id) == [JobStatus.PENDING, JobStatus.PROCESSING, JobStatus.COMPLETED]


async def test_handlers_may_be_objects_and_sync_ones_keep_the_context() -> None:
    queue = JobQueue()

    class Polite:
        async def __call__(self, payload: Obj) -> Json:
            return f"hello {payload['name']}"

    @queue.handler("blunt")
    def blunt(_: Obj, report: Report) -> Json:
        report(1.0)
        return [GREETING.get(), threading.current_thread() is threading.main_thread()]

    queue.handler("polite")(Polite())
    seen = LookOut(queue)
    GREETING.set("Ada")
    await queue.start_worker()
    assert (await seen.finished(await queue.enqueue("polite", {"name": "Bo"}))).result == "hello Bo"
    assert (await seen.finished(await queue.enqueue("blunt", {}))).result == ["Ada", False]
    await queue.close()


@pytest.mark.parametrize(("result", "told"), [(object(), "err_"), ("x" * RESULT_BYTES, "larger than")])
async def test_a_result_that_cannot_be_kept_fails_the_job(result: object, told: str) -> None:
    queue = JobQueue()
    queue.handler("odd")(lambda _: result)
    seen = LookOut(queue)
    await queue.start_worker()
    job = await seen.finished(await queue.enqueue("odd", {}, max_retries=0))
    assert job.status is JobStatus.FAILED
    assert told in cast(str, job.error)
    await queue.close()


async def test_an_async_handler_that_takes_too_long_is_stopped_and_tried_again() -> None:
    queue, tries = JobQueue(backoff=0.0), 0

    @queue.handler("slow", timeout=0.02)
    async def slow(_: Obj) -> str:
        nonlocal tries
        tries += 1
        if tries == 1:
            await asyncio.Event().wait()
        return "done"

    seen = LookOut(queue)
    await queue.start_worker()
    job = await seen.finished(await queue.enqueue("slow", {}))
    assert (job.result, job.retries) == ("done", 1)
    assert any(told.error and "did not end in time" in told.error for told in seen.told)
    await queue.close()


async def test_something_cancelled_inside_a_handler_is_a_failure_like_others() -> None:
    queue = JobQueue()

    @queue.handler("broken")
    async def broken(_: Obj) -> None:
        raise asyncio.CancelledError

    seen = LookOut(queue)
    await queue.start_worker()
    job = await seen.finished(await queue.enqueue("broken", {}, max_retries=0))
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    await queue.close()


async def test_the_slots_bound_how_many_jobs_run_at_once() -> None:
    queue, running, most, gate = JobQueue(slots=2), 0, 0, asyncio.Event()
    full = asyncio.Event()

    @queue.handler("count")
    async def count(_: Obj) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            full.set()
        await gate.wait()
        running -= 1

    seen = LookOut(queue)
    ids = [await queue.enqueue("count", {}) for _ in range(6)]
    await queue.start_worker()
    async with asyncio.timeout(WITHIN):
        await full.wait()
    gate.set()
    for job_id in ids:
        await seen.finished(job_id)
    assert most == 2
    await queue.close()


async def test_a_thread_that_cannot_be_stopped_keeps_its_job_and_finishes_it() -> None:
    queue, began, release = JobQueue(drain=0.01), threading.Event(), threading.Event()

    @queue.handler("stubborn")
    def stubborn(_: Obj) -> str:
        began.set()
        release.wait(WITHIN)
        return "finished"

    seen = LookOut(queue)
    job_id = await queue.enqueue("stubborn", {})
    await queue.start_worker()
    await asyncio.to_thread(began.wait, WITHIN)
    await queue.stop_worker()
    assert (await queue.get_status(job_id)).status is JobStatus.PROCESSING, "it is not given to another"
    release.set()
    assert (await seen.finished(job_id)).result == "finished"


class SlowToPut(MemoryQueueBackend):
    """Is in the middle of something when it is asked to stop, and needs a moment to put it in order."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.in_order = False

    async def put(self, new: NewJob) -> Job:
        try:
            self.reached.set()
            return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]
        finally:
            for _ in range(1000):
                await asyncio.sleep(0)
            self.in_order = True


async def test_a_queue_that_is_closed_leaves_nothing_half_done_behind() -> None:
    backend = SlowToPut()
    queue = JobQueue(backend)
    queue.handler("sweep", every=60)(lambda payload: None)
    await queue.start_worker()
    async with asyncio.timeout(WITHIN):
        await backend.reached.wait()
        await queue.close()
    assert backend.in_order
