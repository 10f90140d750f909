from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from salon.errors import RequestError, SalonError
from salon.flows.context import Stepped, Told, WorkflowContext
from salon.flows.recorder_memory import MemoryRecorder
from salon.flows.run import run
from salon.flows.workflow import workflow, workflow_of
from salon.store.workflows.rows import NewRun, StepRow


class Store:
    """Counts what was done to it, and dies when told to."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.problem: BaseException | None = None

    async def keep(self, what: str) -> str:
        if self.problem is not None:
            raise self.problem
        self.kept.append(what)
        return what.upper()


@workflow(dependencies=["robutler.storage"])
async def three_steps(context: WorkflowContext, topic: str, fail: bool = False) -> dict[str, Any]:
    store = context.get_dependency("robutler.storage")
    first = await store.keep(f"{topic} 1")
    second = await store.keep(f"{topic} 2")
    context.log("nearly there")
    third = await store.keep(f"{topic} 3")
    if fail:
        raise RuntimeError("the secret is 42")
    return {"status": "completed", "topic": topic, "all": (first, second, third)}


FLOW = workflow_of(three_steps)


def needs(store: Store) -> Mapping[str, object]:
    return {"robutler.storage": store, "another": object()}


@pytest.mark.requirement("S1-80")
async def test_a_workflow_gives_its_dictionary() -> None:
    done = await run(FLOW, {"topic": "tea"}, needs(Store()))
    assert done == {"status": "completed", "topic": "tea", "all": ["TEA 1", "TEA 2", "TEA 3"]}


@pytest.mark.requirement("S1-79")
async def test_a_missing_dependency_is_refused_before_the_first_step() -> None:
    flow = workflow_of(workflow(dependencies=["google", "robutler.storage", "openai"])(three_steps))
    store, recorder = Store(), MemoryRecorder()
    with pytest.raises(RequestError, match="cannot run without: google, openai") as caught:
        await run(flow, {"topic": "tea"}, needs(store), recorder, run_id="r")
    assert caught.value.details[0].message == "google is not there: add it as a skill"
    assert store.kept == []
    assert await recorder.find("r") is None
    workflow(dependencies=["robutler.storage"])(three_steps)


async def test_arguments_that_do_not_fit_are_refused_before_the_first_step() -> None:
    store = Store()
    with pytest.raises(RequestError, match="topic"):
        await run(FLOW, {"subject": "tea"}, needs(store))
    assert store.kept == []


@pytest.mark.parametrize("step", [0, 1, 2])
async def test_a_run_that_was_interrupted_goes_on_at_the_step_it_was_in(step: int) -> None:
    store, recorder = Store(), MemoryRecorder()
    told: list[Told] = []
    real = store.keep

    async def killed(what: str) -> str:
        if what.endswith(str(step + 1)):
            raise asyncio.CancelledError
        return await real(what)

    store.keep = killed  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await _run(store, recorder, [])
    found = await recorder.find("r")
    assert found is not None
    assert found.status == "running"
    store.keep = real  # type: ignore[method-assign]
    assert (await _run(store, recorder, told))["status"] == "completed"
    assert store.kept == ["tea 1", "tea 2", "tea 3"]
    assert [what.recalled for what in told if isinstance(what, Stepped)] == [n < step for n in range(3)]


async def _run(store: Store, recorder: MemoryRecorder, told: list[Told], **more: object) -> Any:
    return await run(FLOW, {"topic": "tea", **more}, needs(store), recorder, told.append, run_id="r")


async def test_a_run_that_failed_goes_on_and_says_no_more_of_its_failure_than_its_kind() -> None:
    store, recorder = Store(), MemoryRecorder()
    for _ in range(2):
        with pytest.raises(RuntimeError, match="42"):
            await _run(store, recorder, [], fail=True)
    found = await recorder.find("r")
    assert found is not None
    assert (found.status, found.error) == ("failed", "it failed with RuntimeError")
    assert store.kept == ["tea 1", "tea 2", "tea 3"]


async def test_an_error_written_for_people_is_kept_as_it_is() -> None:
    store, recorder = Store(), MemoryRecorder()
    store.problem = SalonError("unavailable", "the storage is away")
    with pytest.raises(SalonError, match="away"):
        await _run(store, recorder, [])
    found = await recorder.find("r")
    assert found is not None
    assert (found.status, found.error) == ("failed", "the storage is away")


async def test_a_completed_run_gives_its_result_and_does_nothing() -> None:
    store, recorder = Store(), MemoryRecorder()
    first = await _run(store, recorder, [])
    assert await _run(store, recorder, []) == first
    assert len(store.kept) == 3


async def test_a_run_of_something_else_is_not_gone_on_with() -> None:
    store, recorder = Store(), MemoryRecorder()
    store.problem = ValueError("stop")
    with pytest.raises(ValueError, match="stop"):
        await _run(store, recorder, [])
    others = [
        (replace(FLOW, version="2.0"), {"topic": "tea"}, "begun by version 1.0"),
        (replace(FLOW, name="other"), {"topic": "tea"}, "one of the workflow three_steps"),
        (FLOW, {"topic": "milk"}, "other arguments"),
    ]
    for flow, arguments, problem in others:
        with pytest.raises(SalonError, match=problem) as caught:
            await run(flow, arguments, needs(store), recorder, run_id="r")
        assert caught.value.code == "conflict"


async def test_whoever_began_last_has_the_run_and_the_other_stops_at_its_next_step() -> None:
    store, recorder = Store(), MemoryRecorder()
    entered, let_go = asyncio.Event(), asyncio.Event()
    real = store.keep

    async def slow(what: str) -> str:
        entered.set()
        await let_go.wait()
        return await real(what)

    store.keep = slow  # type: ignore[method-assign]
    first = asyncio.create_task(_run(store, recorder, []))
    await entered.wait()
    second = Store()
    done = await run(FLOW, {"topic": "tea"}, needs(second), recorder, run_id="r")
    let_go.set()
    with pytest.raises(SalonError, match="taken over") as caught:
        await first
    assert caught.value.code == "conflict"
    assert (len(store.kept), len(second.kept)) == (1, 3)
    found = await recorder.find("r")
    assert found is not None
    assert found.status == "completed"
    assert done == await _run(Store(), recorder, [])


async def test_a_workflow_that_swallows_that_it_was_taken_over_takes_no_further_step() -> None:
    store, recorder = Store(), MemoryRecorder()

    @workflow(dependencies=["store"])
    async def stubborn(context: WorkflowContext) -> None:
        kept = context.get_dependency("store")
        for number in range(5):
            with suppress(SalonError):
                await kept.keep(str(number))
                await recorder.begin(NewRun(id="r", workflow="stubborn", version="1.0", arguments=b"{}"), "another")

    with pytest.raises(SalonError, match="taken over"):
        await run(workflow_of(stubborn), {}, {"store": store}, recorder, run_id="r")
    assert store.kept == ["0", "1"], "the second could not be recorded, and none was taken after it"


async def test_a_run_that_is_completed_while_another_begins_it_gives_its_result() -> None:
    class Late(MemoryRecorder):
        """Somebody else completes the run between two looks at it."""

        async def begin(self, new: NewRun, holder: str) -> Sequence[StepRow]:
            await super().begin(new, "other")
            await self.finish(new.id, "other", "completed", result=b'"theirs"')
            return await super().begin(new, holder)

    assert await run(FLOW, {"topic": "tea"}, needs(Store()), Late(), run_id="r") == "theirs"


async def test_steps_that_depend_on_the_time_are_taken_again_and_fit_together() -> None:
    clock = iter(range(100, 200))
    store, recorder = Store(), MemoryRecorder()

    @workflow(dependencies=["store"])
    async def stamped(context: WorkflowContext) -> dict[str, Any]:
        kept = context.get_dependency("store")
        await kept.keep("fixed")
        key = f"key-{next(clock)}"
        await kept.keep(key)
        await kept.keep(f"see {key}")
        return {"key": key}

    flow = workflow_of(stamped)

    async def once() -> Any:
        return await run(flow, {}, {"store": store}, recorder, run_id="r")

    real = store.keep

    async def dies(what: str) -> str:
        if what.startswith("see"):
            raise ConnectionError
        return await real(what)

    store.keep = dies  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        await once()
    store.keep = real  # type: ignore[method-assign]
    assert await once() == {"key": "key-101"}
    assert store.kept == ["fixed", "key-100", "key-101", "see key-101"]
