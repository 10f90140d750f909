"""`run_workflow` as a job: done once, gone on with, and told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from salon.errors import RequestError, SalonError
from salon.flows.context import WorkflowContext
from salon.flows.recorder_memory import MemoryRecorder
from salon.flows.workflow import Workflow, workflow, workflow_of
from salon.jobs.chores.workflow import RUN_WORKFLOW, ForgetRuns, RunWorkflow, order
from salon.jobs.queue import JobQueue
from tests.clock import ManualClock
from tests.queues import LookOut


class Shop:
    """An agent with one workflow, whose till is broken at first."""

    def __init__(self, failures: int = 0) -> None:
        self.sold: list[str] = []
        self.failures = failures

    async def find(self, agent: str, name: str) -> tuple[Workflow, Mapping[str, object]]:
        if (agent, name) != ("clerk", "sell"):
            raise SalonError("not_found", f"agent {agent} has no workflow {name}")
        return workflow_of(sell), {"till": self}

    async def take(self, what: str) -> str:
        self.sold.append(what)
        return what

    async def count(self) -> int:
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        return len(self.sold)


@workflow(dependencies=["till"])
async def sell(context: WorkflowContext, what: str) -> dict[str, Any]:
    till = context.get_dependency("till")
    context.log(f"selling {what}")
    sold = await till.take(what)
    context.progress(0.5)
    return {"sold": sold, "total": await till.count()}


async def test_a_workflow_is_run_as_a_job_that_tells_how_far_it_is() -> None:
    told: list[tuple[float, str | None]] = []
    payload = order("clerk", "sell", {"what": "tea"}, thread="kitchen", run_id="flow_7")

    def report(progress: float, message: str | None = None) -> None:
        told.append((progress, message))

    done = await RunWorkflow(Shop(), MemoryRecorder())(payload, report)
    assert done == {"run": "flow_7", "result": {"sold": "tea", "total": 1}}
    assert (0.0, "selling tea") in told
    assert told[-1] == (0.5, "selling tea")
    assert payload["thread_id"] == "kitchen"


async def test_a_job_that_is_tried_again_takes_no_step_twice() -> None:
    shop = Shop(failures=2)
    queue = JobQueue(backoff=0.01)
    queue.handler(RUN_WORKFLOW)(RunWorkflow(shop, MemoryRecorder()))
    look = LookOut(queue)
    job_id = await queue.enqueue(RUN_WORKFLOW, order("clerk", "sell", {"what": "tea"}))
    await queue.start_worker()
    job = await look.finished(job_id)
    await queue.close()
    assert (job.status, job.attempts) == ("completed", 3)
    assert shop.sold == ["tea"]


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({}, "run"),
        ({"run": "r", "agent": "clerk"}, "workflow"),
        ({**order("clerk", "sell", {}), "arguments": [1]}, "arguments"),
        (order("clerk", "sell", {}), "what: Field required"),
    ],
)
async def test_an_order_that_cannot_be_carried_out_is_not_tried_again(payload: Any, problem: str) -> None:
    with pytest.raises(RequestError, match=problem) as caught:
        await RunWorkflow(Shop(), MemoryRecorder())(payload, lambda *_: None)
    assert not caught.value.spec.retryable


async def test_old_runs_are_forgotten(clock: ManualClock) -> None:
    recorder = MemoryRecorder(clock)
    await RunWorkflow(Shop(), recorder)(order("clerk", "sell", {"what": "tea"}, run_id="r"), lambda *_: None)
    forget = ForgetRuns(recorder.purge, clock, after=10)
    assert await forget({}) == {"runs": 0}
    clock.advance(11)
    assert await forget({}) == {"runs": 1}
    assert await recorder.find("r") is None
