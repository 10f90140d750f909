"""Whatever keeps the runs of workflows keeps them alike: in memory, in SQLite, in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from salon.errors import SalonError
from salon.flows.recorder import Recorder
from salon.flows.recorder_memory import MemoryRecorder
from salon.store.database import Database
from salon.store.workflows.rows import NewRun, RunRow, StepRow
from salon.store.workflows.steps import SqlRecorder
from tests.clock import ManualClock

NEW = NewRun(id="flow_1", workflow="research", version="1.0", arguments=b'{"topic":"tea"}')


def step(number: int) -> StepRow:
    return StepRow(number=number, name="google.search", digest=bytes([number]) * 32, result=b'"found"')


@pytest.fixture(params=["memory", "sqlite_database_url", "postgres_database_url"])
def place(request: pytest.FixtureRequest) -> str:
    url: str = "memory" if request.param == "memory" else request.getfixturevalue(request.param)
    return url


@pytest.fixture
async def recorder(place: str, clock: ManualClock) -> AsyncIterator[Recorder]:
    if place == "memory":
        yield MemoryRecorder(clock)
        return
    database = Database(place)
    yield SqlRecorder(database, clock=clock)
    await database.close()


async def test_a_run_is_kept_with_its_steps_in_order(recorder: Recorder, clock: ManualClock) -> None:
    assert await recorder.find("flow_1") is None
    now = clock.time()
    assert await recorder.begin(NEW, "a") == []
    for number in (2, 1, 3):
        await recorder.record("flow_1", "a", step(number))
    assert await recorder.begin(NEW, "b") == [step(1), step(2), step(3)]
    clock.advance(5)
    await recorder.finish("flow_1", "b", "completed", result=b'{"ok":true}')
    assert await recorder.find("flow_1") == RunRow(
        id="flow_1",
        workflow="research",
        version="1.0",
        arguments=b'{"topic":"tea"}',
        status="completed",
        created_at=now,
        updated_at=now + 5,
        result=b'{"ok":true}',
    )


async def test_only_who_began_last_may_record_or_finish(recorder: Recorder) -> None:
    await recorder.begin(NEW, "a")
    await recorder.begin(NEW, "b")
    for attempt in (recorder.record("flow_1", "a", step(1)), recorder.finish("flow_1", "a", "failed", error="x")):
        with pytest.raises(SalonError) as caught:
            await attempt
        assert caught.value.code == "conflict"
    await recorder.record("flow_1", "b", step(1))
    assert await recorder.begin(NEW, "b") == [step(1)]
    with pytest.raises(SalonError):
        await recorder.record("unknown", "a", step(1))


async def test_a_failed_run_may_be_begun_again_and_a_completed_one_not(recorder: Recorder) -> None:
    await recorder.begin(NEW, "a")
    await recorder.record("flow_1", "a", step(1))
    await recorder.finish("flow_1", "a", "failed", error="no")
    failed = await recorder.find("flow_1")
    assert failed is not None
    assert (failed.status, failed.error) == ("failed", "no")
    assert await recorder.begin(NEW, "b") == [step(1)]
    begun = await recorder.find("flow_1")
    assert begun is not None
    assert (begun.status, begun.error) == ("running", None)
    await recorder.finish("flow_1", "b", "completed", result=b"1")
    with pytest.raises(SalonError, match="completed already"):
        await recorder.begin(NEW, "c")


async def test_old_runs_are_forgotten_with_their_steps(recorder: Recorder, clock: ManualClock) -> None:
    await recorder.begin(NEW, "a")
    await recorder.record("flow_1", "a", step(1))
    clock.advance(10)
    other = NewRun(id="flow_2", workflow="research", version="1.0", arguments=b"{}")
    await recorder.begin(other, "a")
    assert await recorder.purge(clock.time()) == 1
    assert await recorder.find("flow_1") is None
    assert await recorder.find("flow_2") is not None
    assert await recorder.begin(NEW, "a") == []
