"""Background jobs over HTTP: how those about your rooms are getting on, and the few that you may ask for."""

from hashlib import sha256
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from salon.contracts.jobs import Job
from salon.contracts.openai import ErrorBody
from salon.contracts.runs import Principal, is_known
from salon.contracts.types import ID_PATTERN, Id, Json, Obj, Opt, Wire
from salon.errors import SalonError
from salon.http.deps import Parts
from salon.http.errors import Responses, refused
from salon.http.identity import Caller
from salon.runtime import Runtime

ERRORS: Responses = {status: {"model": ErrorBody} for status in (400, 403, 404, 409, 503)}

PRIORITY = 10
"""Somebody waits for what was asked for; what the server does of its own accord has priority 0."""

jobs = APIRouter(prefix="/jobs", tags=["Jobs"], responses=ERRORS)

JobId = Annotated[str, Path(description="A job's id.", max_length=128, pattern=ID_PATTERN)]


class JobRow(BaseModel):
    """A job as people see it. Times are seconds since 1970; `progress` goes from 0 to 1."""

    id: str
    name: str
    room: str
    status: Literal["pending", "processing", "completed", "failed"]
    retries: int
    max_retries: int
    created_at: float
    progress: Opt[float] = None
    message: Opt[str] = None
    result: Opt[Json] = None
    error: Opt[str] = None
    started_at: Opt[float] = None
    completed_at: Opt[float] = None


class JobList(BaseModel):
    """Jobs, newest first."""

    jobs: list[JobRow]


class WorkflowRun(Wire):
    """Which workflow of which agent to run, and what it is given."""

    agent: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(max_length=64)]
    arguments: Obj = Field(default_factory=dict)


class NewJob(Wire):
    """What is to be done with a room: give it another title, summarise all of it, remember what you said there, or run
    the `workflow` of an agent, of which the room is told how it gets on.
    """

    name: Literal["generate_title", "summarize_thread", "extract_user_facts", "run_workflow"]
    room: Id
    workflow: Opt[WorkflowRun] = None


@jobs.get("")
async def list_jobs(
    runtime: Parts,
    caller: Caller,
    room: Annotated[str, Query(description="The room that they are about.", max_length=128, pattern=ID_PATTERN)],
    limit: Annotated[int, Query(ge=1, le=200, description="How many to return at most.")] = 50,
) -> JobList:
    """The jobs about one of your rooms, newest first."""
    await runtime.house.threads.get(room, caller.user)
    return JobList(jobs=[_shown(job, room) for job in await runtime.jobs.recent(thread_id=room, limit=limit)])


@jobs.post("", status_code=202)
async def start_job(runtime: Parts, caller: Caller, body: NewJob) -> JobRow:
    """Ask for a job; when the same one is still waiting or at work, that one is shown."""
    await runtime.house.threads.get(body.room, caller.user)
    asked = _payload(runtime, body, caller)
    key = f"asked:{body.name}:{body.room}:{_told_apart(body, asked)}"
    job_id = await runtime.jobs.enqueue(body.name, asked, priority=PRIORITY, key=key)
    return _shown(await runtime.jobs.get_status(job_id), body.room)


@jobs.get("/{job_id}")
async def find_job(runtime: Parts, caller: Caller, job_id: JobId) -> JobRow:
    """How a job about one of your rooms is getting on."""
    return await _visible(runtime, caller.user, job_id)


@jobs.delete("/{job_id}")
async def cancel_job(runtime: Parts, caller: Caller, job_id: JobId) -> JobRow:
    """Cancel a job that has not begun."""
    await _visible(runtime, caller.user, job_id)
    if not await runtime.jobs.cancel(job_id):
        raise SalonError("conflict", f"job {job_id!r} has begun already, and is not stopped")
    return await _visible(runtime, caller.user, job_id)


def _payload(runtime: Runtime, body: NewJob, caller: Principal) -> Obj:
    if body.workflow is not None and body.name != "run_workflow":
        raise refused("workflow", "extra_forbidden", f"workflow: {body.name} takes none")
    match body.name:
        case "generate_title":
            return {"thread_id": body.room, "replace": True}
        case "summarize_thread":
            return {"thread_id": body.room, "keep": 0}
        case "extract_user_facts":
            if not is_known(caller.user):
                raise SalonError("forbidden", "facts are kept of users who say who they are")
            return {"thread_id": body.room, "user_id": caller.user}
        case "run_workflow":
            if (asked := body.workflow) is None:
                message = 'workflow: say which one, as {"agent": …, "name": …, "arguments": {…}}'
                raise refused("workflow", "missing", message)
            return runtime.workflows.order(asked.agent, asked.name, asked.arguments, caller, thread=body.room)


def _told_apart(body: NewJob, asked: Obj) -> str:
    """What makes a job another one than those of the same name and room."""
    if body.workflow is None:
        return str(asked.get("user_id", ""))
    return sha256(orjson.dumps(body.workflow.model_dump(), option=orjson.OPT_SORT_KEYS)).hexdigest()


async def _visible(runtime: Runtime, user: str, job_id: str) -> JobRow:
    """The job, for whom may enter its room; for all others there is none. The house's own jobs are nobody's."""
    job = await runtime.jobs.get_status(job_id)
    try:
        if job.thread_id is not None:
            await runtime.house.threads.get(job.thread_id, user)
            return _shown(job, job.thread_id)
    except SalonError as error:
        if error.code != "not_found":
            raise
    raise SalonError("not_found", f"there is no job {job_id!r}, or it was finished long ago")


def _shown(job: Job, room: str) -> JobRow:
    return JobRow(
        id=job.id,
        name=job.name,
        room=room,
        status=job.status.value,
        retries=job.retries,
        max_retries=job.max_retries,
        created_at=job.created_at,
        progress=job.progress,
        message=job.message,
        result=job.result,
        error=job.error,
        started_at=job.started_at,
        completed_at=job.completed_at,
    )
