"""One attempt at a job: calls its handler, and says how it ended. May not know who keeps the job."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Protocol, cast

import orjson
import structlog

from salon.contracts.jobs import Job, JobStatus, Outcome
from salon.contracts.types import Json
from salon.errors import SalonError
from salon.ids import new_id

log = structlog.get_logger(__name__)

RESULT_BYTES = 262_144
"""The largest result of a job, as JSON."""

LONGEST_PAUSE = 300.0
"""Seconds: the pause between two attempts doubles up to this."""


class Report(Protocol):
    """How a handler tells how far it is. Costs nothing to call often; may be called from a thread."""

    def __call__(self, progress: float, message: str | None = None) -> None:
        """`progress` goes from 0 to 1; `message` says in a few words what is done now."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What does the jobs of one name.

    Args:
        function: takes the payload, and a `Report` if it has a second parameter; sync functions run in a thread.
        timeout: seconds that an async function may take. A thread cannot be stopped, so sync ones take what they take.
        every: seconds between two jobs of this name that the queue itself puts; None: it puts none.
    """

    function: Callable[..., object]
    timeout: float
    every: float | None

    @property
    def stoppable(self) -> bool:
        """Whether it can be stopped in the middle: a thread cannot."""
        called = getattr(self.function, "__call__", None)  # noqa: B004 - an object's method, to see whether it is async
        return inspect.iscoroutinefunction(self.function) or inspect.iscoroutinefunction(called)

    @property
    def reports(self) -> bool:
        """Whether it wants to be given a `Report`."""
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return len([p for p in inspect.signature(self.function).parameters.values() if p.kind in kinds]) > 1

    async def call(self, job: Job, report: Report, threads: Executor) -> Json:
        """The handler's result."""
        arguments = (dict(job.payload), report) if self.reports else (dict(job.payload),)
        if not self.stoppable:
            run = copy_context().run
            return cast(
                Json,
                await asyncio.get_running_loop().run_in_executor(threads, run, self.function, *arguments),
            )
        async with asyncio.timeout(self.timeout):
            return cast(Json, await cast(Awaitable[object], self.function(*arguments)))


async def attempt(handler: Handler, job: Job, report: Report, threads: Executor, backoff: float) -> Outcome:
    """Run the handler once. Whatever it raises ends here; its text reaches nobody unless it was written for people.

    A SalonError that trying again cannot help ends the job; every other failure is tried again, after a pause that
    begins at `backoff` seconds.
    """
    try:
        return Outcome(status=JobStatus.COMPLETED, result=_plain(await handler.call(job, report, threads)))
    except SalonError as error:
        again, told = error.spec.retryable, error.message
        log.warning("job_refused", job=job.id, name=job.name, attempt=job.attempts, code=error.code)
    except (Exception, asyncio.CancelledError) as error:
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            raise  # the worker stops it; else something that the handler waited for was cancelled
        incident = new_id("err")
        again, told = True, f"it failed; the log knows more under {incident}"
        if isinstance(error, TimeoutError):
            told = f"it did not end in time; the log knows more under {incident}"
        log.exception("job_failed", job=job.id, name=job.name, attempt=job.attempts, error=incident)
    if again and job.attempts <= job.max_retries:
        pause = min(LONGEST_PAUSE, backoff * 2 ** min(job.attempts - 1, 30))
        return Outcome(status=JobStatus.PENDING, error=told, delay=pause)
    return Outcome(status=JobStatus.FAILED, error=told)


def _plain(result: Json) -> Json:
    """The result as JSON keeps it. Raises SalonError when it is too large, TypeError when it is no JSON."""
    data = orjson.dumps(result)
    if len(data) > RESULT_BYTES:
        raise SalonError("too_large", f"its result is larger than {RESULT_BYTES} bytes of JSON")
    return cast(Json, orjson.loads(data))
