"""What everything that keeps jobs guarantees."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from salon.contracts.jobs import CANCELLED, WORKERS_LOST, Job, JobStatus, Leased, NewJob, Outcome
from salon.ids import new_id
from salon.jobs.backend import QueueBackend
from salon.jobs.backend_redis import QueueRedisConfig, RedisQueueBackend
from tests.queues import WITHIN, Make, eventually

DONE = Outcome(status=JobStatus.COMPLETED, result={"ok": True})


def new(name: str = "work", **fields: object) -> NewJob:
    return replace(NewJob(id=new_id("job"), name=name, payload={"words": ["häßlich", "\0", 1.5, None]}), **fields)  # type: ignore[arg-type]


async def taken(backend: QueueBackend, *names: str, lease: float = 60.0) -> Leased:
    leased = await backend.take(names or ["work"], lease)
    assert leased is not None
    return leased


async def swept(backend: QueueBackend) -> Job:
    """The one job that the first sweep after a lease lapsed takes back."""
    (job,) = await eventually(backend.sweep)
    return job


@pytest.mark.requirement("S2-53")
async def test_a_job_is_kept_as_it_was_put_and_stamped(backend: QueueBackend) -> None:
    asked = new(priority=7, max_retries=5, delay=60.0, payload={"thread_id": "room-1", "n": 2**53 - 1})
    job = await backend.put(asked)
    assert (job.id, job.name, job.payload) == (asked.id, "work", asked.payload)
    assert (job.status, job.priority, job.max_retries, job.attempts) == (JobStatus.PENDING, 7, 5, 0)
    assert (job.progress, job.message, job.result, job.error) == (None, None, None, None)
    assert (job.started_at, job.completed_at, job.thread_id) == (None, None, "room-1")
    assert job.run_at - job.created_at == pytest.approx(60.0, abs=0.002)
    assert await backend.get(job.id) == job
    assert await backend.get("job_other") is None


async def test_a_job_is_lent_once_and_settled_by_its_holder(backend: QueueBackend) -> None:
    asked = await backend.put(new())
    leased = await taken(backend)
    assert leased.job.payload == asked.payload
    assert (leased.job.status, leased.job.attempts) == (JobStatus.PROCESSING, 1)
    assert leased.job.started_at is not None
    assert leased.job.started_at >= leased.job.created_at
    assert await backend.take(["work"], 60.0) is None
    assert await backend.settle(replace(leased, token="lease_other"), DONE) is None
    job = await backend.settle(leased, DONE)
    assert job is not None
    assert (job.status, job.result, job.error) == (JobStatus.COMPLETED, {"ok": True}, None)
    assert job.completed_at is not None
    assert job.completed_at >= leased.job.started_at
    assert await backend.settle(leased, DONE) is None, "settled is settled"
    assert await backend.extend(leased, 60.0, None, None) is None
    assert await backend.take(["work"], 60.0) is None


@pytest.mark.requirement("S2-53")
async def test_higher_priority_comes_first_and_then_what_was_put_first(backend: QueueBackend) -> None:
    order = [("low", -100), ("first", 0), ("second", 0), ("high", 100), ("middle", 1)]
    ids = {name: (await backend.put(new(priority=priority))).id for name, priority in order}
    names = {job_id: name for name, job_id in ids.items()}
    assert [names[(await taken(backend)).job.id] for _ in order] == ["high", "middle", "first", "second", "low"]


async def test_a_worker_is_lent_only_what_it_can_do(backend: QueueBackend) -> None:
    await backend.put(new("theirs", priority=9))
    mine, other = await backend.put(new("mine")), await backend.put(new("other", priority=1))
    assert await backend.take(["unheard"], 60.0) is None
    assert await backend.take([], 60.0) is None
    assert (await taken(backend, "mine", "other")).job.id == other.id
    assert (await taken(backend, "mine", "other")).job.id == mine.id
    assert await backend.take(["mine", "other"], 60.0) is None


async def test_two_workers_at_once_never_take_the_same_job(backend: QueueBackend) -> None:
    ids = {(await backend.put(new())).id for _ in range(40)}
    async with asyncio.timeout(WITHIN):
        leased = await asyncio.gather(*(backend.take(["work"], 60.0) for _ in range(60)))
        while more := await backend.take(["work"], 60.0):  # PostgreSQL may pass over a row that another one looks at
            leased.append(more)
    got = [each.job.id for each in leased if each]
    assert len(got) == len(set(got)) == 40
    assert set(got) == ids


@pytest.mark.requirement("S2-53")
async def test_a_delayed_job_waits_for_its_time(backend: QueueBackend) -> None:
    await backend.put(new(priority=100, delay=3600.0))
    soon = await backend.put(new(delay=0.1))
    leased = await eventually(lambda: backend.take(["work"], 60.0))
    assert leased.job.id == soon.id
    assert leased.job.started_at is not None
    assert leased.job.started_at >= soon.run_at
    assert await backend.take(["work"], 60.0) is None


async def test_a_failed_attempt_comes_again_and_keeps_its_error(backend: QueueBackend) -> None:
    await backend.put(new())
    again = await backend.settle(await taken(backend), Outcome(status=JobStatus.PENDING, error="not yet"))
    assert again is not None
    assert (again.status, again.error, again.retries) == (JobStatus.PENDING, "not yet", 0)
    leased = await taken(backend)
    assert leased.job.retries == 1
    done = await backend.settle(leased, DONE)
    assert done is not None
    assert done.error is None


async def test_a_job_given_back_has_lost_no_attempt(backend: QueueBackend) -> None:
    await backend.put(new())
    back = await backend.settle(await taken(backend), Outcome(status=JobStatus.PENDING, counted=False))
    assert back is not None
    assert back.attempts == 0
    assert (await taken(backend)).job.attempts == 1


@pytest.mark.requirement("S2-57")
async def test_a_lapsed_lease_is_taken_back_and_its_holder_has_no_say_any_more(backend: QueueBackend) -> None:
    await backend.put(new())
    dead = await taken(backend, lease=0.05)
    job = await swept(backend)
    assert (job.id, job.status, job.attempts) == (dead.job.id, JobStatus.PENDING, 1)
    alive = await taken(backend)
    assert alive.job.attempts == 2
    assert await backend.settle(dead, DONE) is None
    assert await backend.extend(dead, 60.0, 0.5, None) is None
    assert (await backend.settle(alive, DONE)) is not None


@pytest.mark.requirement("S2-57")
async def test_a_lease_that_is_extended_does_not_lapse(backend: QueueBackend) -> None:
    await backend.put(new())
    await backend.put(new())
    kept, dropped = await taken(backend, lease=0.05), await taken(backend, lease=0.05)
    assert await backend.extend(kept, 60.0, None, None)
    assert (await swept(backend)).id == dropped.job.id
    assert await backend.settle(kept, DONE)


async def test_a_job_whose_workers_always_die_fails_in_the_end(backend: QueueBackend) -> None:
    await backend.put(new(max_retries=1))
    await taken(backend, lease=0.01)
    assert (await swept(backend)).status is JobStatus.PENDING
    await taken(backend, lease=0.01)
    job = await swept(backend)
    assert (job.status, job.error, job.attempts) == (JobStatus.FAILED, WORKERS_LOST, 2)
    assert job.completed_at is not None
    assert await backend.take(["work"], 60.0) is None


async def test_progress_is_noted_and_begins_anew_with_each_attempt(backend: QueueBackend) -> None:
    await backend.put(new())
    leased = await taken(backend)
    assert leased.job.progress is None
    job = await backend.extend(leased, 60.0, 0.25, "reading")
    assert job is not None
    assert (job.progress, job.message, job.status) == (0.25, "reading", JobStatus.PROCESSING)
    assert await backend.get(job.id) == job
    await backend.settle(leased, Outcome(status=JobStatus.PENDING))
    assert (await taken(backend)).job.progress is None


async def test_only_a_pending_job_can_be_cancelled(backend: QueueBackend) -> None:
    late, running = await backend.put(new(delay=60.0)), await backend.put(new())
    await taken(backend)
    assert await backend.cancel(running.id) is None
    assert await backend.cancel("job_other") is None
    job = await backend.cancel(late.id)
    assert job is not None
    assert (job.status, job.error) == (JobStatus.FAILED, CANCELLED)
    assert await backend.cancel(late.id) is None
    due = await backend.put(new())
    assert await backend.cancel(due.id)
    assert await backend.take(["work"], 60.0) is None


async def test_of_one_key_only_one_job_is_unfinished(backend: QueueBackend) -> None:
    first = await backend.put(new(key="title:room"))
    assert (await backend.put(new(key="title:room"))).id == first.id
    assert (await backend.put(new(key="title:other"))).id != first.id
    leased = await taken(backend)
    assert leased.job.id == first.id
    assert (await backend.put(new(key="title:room"))).id == first.id, "also while it runs"
    await backend.settle(leased, DONE)
    after = await backend.put(new(key="title:room"))
    assert after.id != first.id
    await backend.cancel(after.id)
    assert (await backend.put(new(key="title:room"))).id not in (first.id, after.id)


async def test_jobs_of_one_key_put_at_once_are_one(backend: QueueBackend) -> None:
    async with asyncio.timeout(WITHIN):
        jobs = await asyncio.gather(*(backend.put(new(key="same")) for _ in range(10)))
    assert len({job.id for job in jobs}) == 1


async def test_the_newest_jobs_are_listed_first_also_those_of_one_thread(backend: QueueBackend) -> None:
    ids = []
    for n in range(6):
        payload = {"thread_id": f"room-{n % 2}"} if n < 4 else {"thread_id": ["no", "name"]}
        ids.append((await backend.put(new(payload=payload))).id)
        await asyncio.sleep(0.002)  # Redis tells ages apart by the millisecond
    assert [job.id for job in await backend.recent(limit=4)] == ids[:1:-1]
    assert [job.id for job in await backend.recent(thread_id="room-1")] == [ids[3], ids[1]]
    assert await backend.recent(thread_id="room-9") == []


async def test_what_finished_long_ago_is_forgotten_and_leaves_nothing_behind(make_backend: Make) -> None:
    backend = make_backend(0.0)
    late = await backend.put(new(delay=3600.0, payload={"thread_id": "room"}))
    jobs = [await backend.put(new(payload={"thread_id": "room"}, key=f"key-{n}")) for n in range(3)]
    await backend.settle(await taken(backend), DONE)
    await backend.settle(await taken(backend), replace(DONE, status=JobStatus.FAILED))
    await backend.cancel(jobs[2].id)

    async def only_the_late_one_is_left() -> bool:
        await backend.sweep()
        return [job.id for job in await backend.recent(thread_id="room")] == [late.id]

    await eventually(only_the_late_one_is_left)
    assert [await backend.get(job.id) for job in jobs] == [None, None, None]
    assert [job.id for job in await backend.recent()] == [late.id]


async def test_queues_of_different_names_know_nothing_of_each_other(make_backend: Make) -> None:
    one, other = make_backend(3600.0), make_backend(3600.0)
    job = await one.put(new(key="same"))
    assert await other.take(["work"], 60.0) is None
    assert await other.get(job.id) is None
    assert await other.cancel(job.id) is None
    assert await other.recent() == []
    assert (await other.put(new(key="same"))).id != job.id


async def test_redis_is_as_empty_as_before_when_all_jobs_are_forgotten(redis_url: str) -> None:
    name = f"test-{uuid4().hex}"
    backend = RedisQueueBackend(QueueRedisConfig(redis_url), name, keep=0.0)
    for n in range(5):
        await backend.put(new(payload={"thread_id": f"room-{n}"}, key=f"key-{n}", priority=n, delay=0.001 * n))
    for _ in range(5):
        leased = await eventually(lambda: backend.take(["work"], 60.0))
        await backend.settle(leased, DONE)
    async with Redis.from_url(redis_url) as redis:

        async def nothing_is_left() -> bool:
            await backend.sweep()
            return not [key async for key in redis.scan_iter(f"{{{name}}}*")]

        await eventually(nothing_is_left)
    await backend.close()
