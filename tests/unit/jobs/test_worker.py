"""What a worker does when the backend fails it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from salon.contracts.jobs import Job, JobStatus, Leased, NewJob, Outcome
from salon.contracts.types import Obj
from salon.errors import SalonError
from salon.jobs.attempt import Report
from salon.jobs.backend_memory import MemoryQueueBackend
from salon.jobs.queue import JobQueue
from tests.queues import WITHIN, LookOut


class Fragile(MemoryQueueBackend):
    """A backend that can be away, or broken, and that can take leases away."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: dict[str, Exception] = {}
        self.asked: dict[str, asyncio.Event] = {name: asyncio.Event() for name in ("take", "extend", "settle", "sweep")}

    def _answer(self, step: str) -> None:
        self.asked[step].set()
        if error := self.fails.get(step):
            raise error

    async def take(self, names: Sequence[str], lease: float) -> Leased | None:
        self._answer("take")
        return await super().take(names, lease)

    async def extend(self, leased: Leased, lease: float, progress: float | None, message: str | None) -> Job | None:
        self._answer("extend")
        return await super().extend(leased, lease, progress, message)

    async def settle(self, leased: Leased, outcome: Outcome) -> Job | None:
        self._answer("settle")
        return await super().settle(leased, outcome)

    async def sweep(self) -> Sequence[Job]:
        self._answer("sweep")
        return await super().sweep()

    def take_away(self) -> None:
        """End all leases, as another worker's sweep does."""
        for held in self._leases.values():
            held.token = "lease_of_another"

    async def asked_for(self, step: str) -> None:
        """Wait until the worker asks for it once more."""
        self.asked[step].clear()
        async with asyncio.timeout(WITHIN):
            await self.asked[step].wait()


AWAY = SalonError("unavailable", "the store does not answer now")


async def test_a_backend_that_is_away_or_broken_is_waited_for() -> None:
    for error in (AWAY, RuntimeError("a corrupt row")):
        backend = Fragile()
        queue = JobQueue(backend, poll=0.01, lease=0.1)
        queue.handler("work")(lambda _: "done")
        seen = LookOut(queue)
        backend.fails = {"take": error, "sweep": error}
        job_id = await queue.enqueue("work", {})
        await queue.start_worker()
        await backend.asked_for("take")
        await backend.asked_for("sweep")
        backend.fails = {}
        assert (await seen.finished(job_id)).result == "done"
        await queue.close()


async def test_a_result_is_kept_until_the_backend_takes_it() -> None:
    backend, runs = Fragile(), 0
    queue = JobQueue(backend, poll=0.01)

    @queue.handler("work")
    async def work(_: Obj) -> str:
        nonlocal runs
        runs += 1
        return "done"

    seen = LookOut(queue)
    backend.fails = {"settle": AWAY}
    job_id = await queue.enqueue("work", {})
    await queue.start_worker()
    await backend.asked_for("settle")
    await backend.asked_for("settle")
    backend.fails = {}
    assert (await seen.finished(job_id)).result == "done"
    assert runs == 1
    await queue.close()


async def test_a_job_whose_lease_another_has_is_stopped_and_its_end_is_nobodys() -> None:
    backend, began, stopped = Fragile(), asyncio.Event(), asyncio.Event()
    queue = JobQueue(backend, poll=0.01, lease=0.1)

    @queue.handler("work")
    async def work(_: Obj) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    job_id = await queue.enqueue("work", {})
    await queue.start_worker()
    async with asyncio.timeout(WITHIN):
        await began.wait()
        backend.take_away()
        await stopped.wait()
    await queue.close()
    assert (await queue.get_status(job_id)).status is JobStatus.PROCESSING, "it is the other one's now"


async def test_a_job_stops_when_its_lease_may_have_lapsed_while_the_backend_was_away() -> None:
    backend, began, stopped = Fragile(), asyncio.Event(), asyncio.Event()
    queue = JobQueue(backend, poll=0.01, lease=0.1)

    @queue.handler("work")
    async def work(_: Obj) -> str:
        if began.is_set():
            return "done at the second time"
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return "never"

    seen = LookOut(queue)
    job_id = await queue.enqueue("work", {})
    await queue.start_worker()
    async with asyncio.timeout(WITHIN):
        await began.wait()
        backend.fails = {"extend": AWAY, "sweep": AWAY}
        await stopped.wait()
        backend.fails = {}
    assert (await seen.finished(job_id)).result == "done at the second time"
    await queue.close()


async def test_progress_is_told_now_and_then_and_not_each_time() -> None:
    queue, told = JobQueue(lease=3.0), asyncio.Event()

    @queue.handler("work")
    async def work(_: Obj, report: Report) -> None:
        for step in range(100):
            report(step / 100, f"step {step}" * 100)
            await asyncio.sleep(0)
        report(float("nan"))
        report(7.0, "nearly")
        await told.wait()

    seen = LookOut(queue)
    job_id = await queue.enqueue("work", {})
    await queue.start_worker()
    job = await seen.until(lambda job: job.message == "nearly")
    told.set()
    assert job.progress == 1.0
    await seen.finished(job_id)
    await queue.close()
    assert len([job for job in seen.told if job.status is JobStatus.PROCESSING]) <= 5
    assert all(len(job.message) <= 200 for job in seen.told if job.message)


async def test_what_a_job_said_last_is_told_also_when_it_ends_at_once() -> None:
    queue = JobQueue()
    seen = LookOut(queue)
    queue.handler("work")(lambda _, report: report(1.0, "all of it"))
    job_id = await queue.enqueue("work", {})
    await queue.start_worker()
    job = await seen.finished(job_id)
    await queue.close()
    assert (job.progress, job.message) == (1.0, "all of it")


async def test_a_repeated_job_is_put_as_soon_as_the_store_answers() -> None:
    class Slow(MemoryQueueBackend):
        refusals = 2

        async def put(self, new: NewJob) -> Job:
            if self.refusals:
                self.refusals -= 1
                raise AWAY
            return await super().put(new)

    queue = JobQueue(Slow(), poll=0.01)
    queue.handler("tidy", every=60)(lambda _: None)
    seen = LookOut(queue)
    await queue.start_worker()
    await seen.until(lambda job: job.status is JobStatus.COMPLETED)
    await seen.until(lambda job: job.run_at > job.created_at + 59)
    await queue.close()
