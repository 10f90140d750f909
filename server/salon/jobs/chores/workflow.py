"""`run_workflow`: runs a workflow of an agent; a job whose worker died goes on at the step that it was in."""

from collections.abc import Mapping

from salon.clock import Clock
from salon.contracts.types import Json, Obj
from salon.errors import Detail, RequestError
from salon.flows.context import Logged, Progressed, Told
from salon.flows.recorder import Recorder
from salon.flows.run import run
from salon.ids import new_id
from salon.jobs.attempt import Report
from salon.jobs.chores.port import Purge, Workflows

RUN_WORKFLOW = "run_workflow"
FORGET_RUNS = "forget_workflow_runs"

LONGEST = 3600.0
"""Seconds that one attempt may take; the next one goes on where it was stopped."""

EVERY = 3600.0
"""Seconds between two looks for runs to forget."""


def order(
    agent: str, workflow: str, arguments: Mapping[str, Json], *, thread: str | None = None, run_id: str | None = None
) -> Obj:
    """The payload that asks for a run: a new one, or with `run_id` one that failed. `thread` is told how it gets on."""
    payload: Obj = {"run": run_id or new_id("flow"), "agent": agent, "workflow": workflow, "arguments": dict(arguments)}
    return {**payload, "thread_id": thread} if thread else payload


class RunWorkflow:
    """Takes what `order` makes. Gives `{"run": …, "result": …}`.

    What the workflow logs, and how far it says it is, are the job's message and progress.
    """

    def __init__(self, workflows: Workflows, recorder: Recorder) -> None:
        self._workflows = workflows
        self._recorder = recorder

    async def __call__(self, payload: Obj, report: Report) -> Obj:
        """Run it, or go on with it."""
        run_id, agent, name = (_text(payload, field) for field in ("run", "agent", "workflow"))
        arguments = payload.get("arguments", {})
        if not isinstance(arguments, dict):
            raise _unusable("arguments", "an object")
        workflow, dependencies = await self._workflows.find(agent, name)
        far, said = 0.0, ""

        def tell(what: Told) -> None:
            nonlocal far, said
            match what:
                case Logged(text):
                    said = text
                case Progressed(progress, text):
                    far, said = progress, text or said
            report(far, said or None)

        result = await run(workflow, arguments, dependencies, self._recorder, tell, run_id=run_id)
        return {"run": run_id, "result": result}


class ForgetRuns:
    """Takes nothing. Gives how many runs it removed.

    Args:
        after: seconds since anything happened to a run after which it can be neither asked for nor gone on with.
    """

    def __init__(self, purge: Purge, clock: Clock, *, after: float = 30 * 86_400.0) -> None:
        self._purge = purge
        self._clock = clock
        self._after = after

    async def __call__(self, _: Obj) -> Obj:
        """Remove what is old enough."""
        return {"runs": await self._purge(self._clock.time() - self._after)}


def _text(payload: Obj, field: str) -> str:
    value = payload.get(field)
    if not isinstance(value, str) or not value:
        raise _unusable(field, "a text")
    return value


def _unusable(field: str, wanted: str) -> RequestError:
    message = f"the payload must have {field}: {wanted}"
    return RequestError(message, [Detail(f"/payload/{field}", "missing", message)])
