from __future__ import annotations

from salon.contracts.jobs import JobStatus, NewJob, Outcome
from salon.jobs import backend_memory
from salon.jobs.backend_memory import MemoryQueueBackend
from tests.clock import ManualClock

DONE = Outcome(status=JobStatus.COMPLETED)


async def finish(backend: MemoryQueueBackend, job_id: str) -> None:
    await backend.put(NewJob(id=job_id, name="work", payload={}))
    leased = await backend.take(["work"], 1.0)
    assert leased is not None
    assert await backend.settle(leased, DONE)


async def test_a_finished_job_may_be_asked_for_as_long_as_said(clock: ManualClock) -> None:
    backend = MemoryQueueBackend(keep=60, clock=clock)
    await finish(backend, "job_1")
    clock.advance(59)
    await finish(backend, "job_2")
    await backend.sweep()
    assert await backend.get("job_1")
    clock.advance(2)
    await backend.sweep()
    assert await backend.get("job_1") is None
    assert await backend.get("job_2")


async def test_finished_jobs_are_bounded_however_young(clock: ManualClock) -> None:
    backend = MemoryQueueBackend(clock=clock)
    for number in range(backend_memory.KEPT + 5):
        await finish(backend, f"job_{number}")
    await backend.sweep()
    assert await backend.get("job_4") is None
    assert await backend.get("job_5")


async def test_a_lease_lapses_at_its_time_and_not_before(clock: ManualClock) -> None:
    backend = MemoryQueueBackend(clock=clock)
    await backend.put(NewJob(id="job_1", name="work", payload={}))
    leased = await backend.take(["work"], 30.0)
    assert leased is not None
    clock.advance(29)
    assert await backend.sweep() == []
    assert await backend.extend(leased, 30.0, None, None)
    clock.advance(29)
    assert await backend.sweep() == []
    clock.advance(2)
    assert [job.id for job in await backend.sweep()] == ["job_1"]


async def test_a_delayed_job_is_due_at_its_time_and_not_before(clock: ManualClock) -> None:
    backend = MemoryQueueBackend(clock=clock)
    await backend.put(NewJob(id="job_1", name="work", payload={}, delay=10))
    clock.advance(9.9)
    assert await backend.take(["work"], 1.0) is None
    clock.advance(0.2)
    assert await backend.take(["work"], 1.0)
