"""Runs a workflow, or goes on with one that was interrupted."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast

import structlog
from pydantic_core import from_json

from salon.contracts.types import Json
from salon.errors import SalonError
from salon.flows.context import Tell, WorkflowContext
from salon.flows.recorder import Recorder
from salon.flows.steps import Steps, json_form, kept_form
from salon.flows.workflow import Workflow
from salon.ids import new_id
from salon.store.workflows.rows import NewRun, RunRow, StepRow

log = structlog.get_logger(__name__)


async def run(
    workflow: Workflow,
    arguments: Mapping[str, object],
    dependencies: Mapping[str, object],
    recorder: Recorder | None = None,
    tell: Tell | None = None,
    *,
    run_id: str | None = None,
) -> Json:
    """Run a workflow to its end; gives its result as JSON keeps it.

    A `run_id` that the recorder knows is gone on with: steps that are known are not taken again, and the result of a
    completed run is given at once. A run that failed goes on at the step that failed. Whoever asks last for a run has
    it: see to it, as a job's lease does, that nobody else is at it.

    Args:
        dependencies: by name; those that the workflow names must be among them.
        recorder: keeps the steps; by default they are forgotten with the call.

    Raises RequestError before the first step: a dependency is missing, or an argument does not fit. SalonError
    `conflict`: the run is another workflow's, another version's, has other arguments, or someone else took it over.
    Else what the workflow raises.
    """
    values = workflow.ready(arguments, dependencies)
    needed = {name: dependencies[name] for name in workflow.dependencies}
    run_id = run_id or new_id("flow")
    if recorder is None:
        context = WorkflowContext(needed, tell=tell, id=run_id)
        return cast(Json, from_json(json_form(await workflow.function(**{workflow.context: context}, **values))))
    new = NewRun(id=run_id, workflow=workflow.name, version=workflow.version, arguments=json_form(dict(arguments)))
    holder = new_id("hold")
    taken: Sequence[StepRow] = ()
    result = await _result(recorder, new)
    if result is None:
        try:
            taken = await recorder.begin(new, holder)
        except SalonError:
            result = await _result(recorder, new)  # perhaps whoever had it completed it just now
            if result is None:
                raise
    if result is not None:
        return cast(Json, from_json(result))
    steps = Steps(taken, lambda step: recorder.record(new.id, holder, step))
    context = WorkflowContext(needed, steps=steps, tell=tell, id=new.id)
    try:
        done = await workflow.function(**{workflow.context: context}, **values)
        result = kept_form(f"the result of workflow {workflow.name}", done)
    except asyncio.CancelledError:
        raise  # an interruption, not an end: it goes on when it is run again
    except Exception as error:
        told = error.message if isinstance(error, SalonError) else f"it failed with {type(error).__name__}"
        await _note_failure(recorder, new.id, holder, told)
        raise
    if steps.left:
        log.warning("workflow_steps_not_asked_for", run=new.id, workflow=workflow.name, steps=steps.left)
    await recorder.finish(new.id, holder, "completed", result=result)
    return cast(Json, from_json(result))


async def _result(recorder: Recorder, new: NewRun) -> bytes | None:
    """What a run gave that is completed. Raises SalonError `conflict` when that id is another's."""
    known = await recorder.find(new.id)
    if known is None:
        return None
    _check(known, new)
    return (known.result or b"null") if known.status == "completed" else None


def _check(known: RunRow, new: NewRun) -> None:
    if known.workflow != new.workflow:
        raise SalonError("conflict", f"run {new.id!r} is one of the workflow {known.workflow}, not of {new.workflow}")
    if known.version != new.version:
        begun = f"run {new.id!r} was begun by version {known.version} of {new.workflow}, and this is {new.version}"
        raise SalonError("conflict", f"{begun}: start a new one")
    if from_json(known.arguments) != from_json(new.arguments):
        raise SalonError("conflict", f"run {new.id!r} was begun with other arguments: start a new one")


async def _note_failure(recorder: Recorder, run_id: str, holder: str, told: str) -> None:
    """Best effort: what counts is the failure itself, and a run that is not noted as failed goes on all the same."""
    try:
        await recorder.finish(run_id, holder, "failed", error=told)
    except SalonError as problem:
        log.warning("workflow_failure_not_noted", run=run_id, code=problem.code)
