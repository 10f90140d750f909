"""The job queue: names what can be done in the background, takes orders, and runs a worker for them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar, cast

import orjson
import structlog

from salon.contracts.jobs import Job, NewJob
from salon.contracts.types import Json, Obj
from salon.errors import Detail, RequestError, SalonError
from salon.ids import new_id
from salon.jobs.attempt import Handler
from salon.jobs.backend import QueueBackend
from salon.jobs.backend_memory import MemoryQueueBackend
from salon.jobs.worker import Pace, Worker

log = structlog.get_logger(__name__)

F = TypeVar("F", bound=Callable[..., object])

PAYLOAD_BYTES = 262_144
"""The largest payload of a job, as JSON."""

PRIORITIES = 100
"""Priorities go from minus this to this; higher is sooner."""

LONGEST_DELAY = 366 * 86_400.0
MOST_RETRIES = 100
KEY_LENGTH = 300

Observe = Callable[[Job], Awaitable[None]]
"""Told of a job that this process put, or worked on, after each change; must return soon."""


class JobQueue:
    """Work that outlives whoever asked for it.

        queue = JobQueue()

        @queue.handler("generate_title")
        async def title(payload: dict) -> dict: ...

        job_id = await queue.enqueue("generate_title", {"thread_id": "abc"})

    A job is done at least once: one whose worker died is begun again by another, so a handler must bear that. No job
    is ever in two hands at once, as long as its worker's process gets to run at least once in `lease` seconds.

    Args:
        backend: what keeps the jobs; in this process's memory unless told otherwise.
        slots: jobs that this process does at once.
        lease: seconds after which the jobs of a process that died are given to others.
        poll: seconds between two looks for jobs that other processes put, or that became due.
        drain: seconds that running jobs get to finish when the worker is stopped.
        backoff: seconds before a failed job's second attempt; doubled with each further one.
    """

    def __init__(
        self,
        backend: QueueBackend | None = None,
        *,
        slots: int = 4,
        lease: float = 30.0,
        poll: float = 0.5,
        drain: float = 10.0,
        backoff: float = 1.0,
    ) -> None:
        self._backend: QueueBackend = backend or MemoryQueueBackend()
        self._pace = Pace(slots=slots, lease=lease, poll=poll, drain=drain, backoff=backoff)
        self._handlers: dict[str, Handler] = {}
        self._observers: list[Observe] = []
        self._worker: Worker | None = None
        self._repeating: set[asyncio.Task[None]] = set()

    def handler(self, name: str, *, timeout: float = 600.0, every: float | None = None) -> Callable[[F], F]:
        """Register what does the jobs of a name: a function of the payload that returns a dict, async or not.

        With a second parameter it is given a `Report`, by which it tells how far it is. What it raises is logged, and
        the job tried again; the text of a SalonError, and of nothing else, is shown as the job's error.

        Args:
            timeout: seconds that an async function may take; a sync one runs in a thread and cannot be stopped.
            every: put such a job when the worker starts, and again that many seconds after each has finished.

        Raises ValueError when the name is taken.
        """

        def register(function: F) -> F:
            if name in self._handlers:
                raise ValueError(f"there is a handler for {name!r} already")
            self._handlers[name] = Handler(function, timeout=timeout, every=every)
            return function

        return register

    def observe(self, observer: Observe) -> None:
        """Tell `observer` of changes from now on."""
        self._observers.append(observer)

    async def enqueue(
        self,
        name: str,
        payload: Mapping[str, Json],
        *,
        delay: float = 0.0,
        priority: int = 0,
        max_retries: int = 3,
        key: str | None = None,
    ) -> str:
        """Ask for a job; gives its id.

        Args:
            payload: what the handler is given; `thread_id` in it says which thread the job is about.
            delay: seconds before which it is not begun.
            priority: -100 to 100; higher is sooner.
            max_retries: further attempts after one that failed, or whose worker died.
            key: names the work: while a job of this key is unfinished, that one's id is given and none is added.

        Raises RequestError: nobody does jobs of this name, or a value is out of bounds. SalonError `unavailable`.
        """
        if name not in self._handlers:
            known = ", ".join(sorted(self._handlers)) or "none"
            raise _refused("name", f"no handler does {name!r}; there are handlers for: {known}")
        new = NewJob(
            id=new_id("job"),
            name=name,
            payload=_json(payload),
            delay=delay,
            priority=priority,
            max_retries=max_retries,
            key=key,
        )
        _check(new)
        return (await self._put(new)).id

    async def get_status(self, job_id: str) -> Job:
        """The job as it is now. Raises SalonError `not_found`, also for one that was finished long ago."""
        job = await self._backend.get(job_id)
        if job is None:
            raise SalonError("not_found", f"there is no job {job_id[:100]!r}, or it was finished long ago")
        return job

    async def recent(self, *, thread_id: str | None = None, limit: int = 50) -> Sequence[Job]:
        """The newest jobs first; with `thread_id`, those about that thread."""
        return await self._backend.recent(thread_id=thread_id, limit=limit)

    async def cancel(self, job_id: str) -> bool:
        """Let a job that has not begun fail as cancelled; whether that was so."""
        job = await self._backend.cancel(job_id)
        if job:
            await self._changed(job)
        return job is not None

    async def start_worker(self) -> None:
        """Do jobs in this process from now on; returns at once. A second call changes nothing."""
        if self._worker is None:
            self._worker = Worker(self._backend, self._handlers, self._pace, self._worked)
            for name, handler in self._handlers.items():
                if handler.every is not None:
                    self._repeat(name, 0.0)

    async def stop_worker(self) -> None:
        """Begin no more jobs, let running ones finish for as long as `drain`, and put the others back."""
        worker, self._worker = self._worker, None
        await ended(self._repeating)
        if worker:
            await worker.stop()

    async def close(self) -> None:
        """Stop the worker and let go of the backend's connections."""
        await self.stop_worker()
        await self._backend.close()

    async def _put(self, new: NewJob) -> Job:
        job = await self._backend.put(new)
        if job.id == new.id:
            await self._changed(job)
        if self._worker:
            self._worker.wake()
        return job

    async def _worked(self, job: Job) -> None:
        await self._changed(job)
        every = self._handlers[job.name].every if job.name in self._handlers else None
        if every is not None and job.status.finished:
            self._repeat(job.name, every)

    def _repeat(self, name: str, delay: float) -> None:
        task = asyncio.create_task(self._put_again(name, delay))
        self._repeating.add(task)
        task.add_done_callback(self._repeating.discard)

    async def _put_again(self, name: str, delay: float) -> None:
        while True:
            try:
                await self._put(NewJob(id=new_id("job"), name=name, payload={}, delay=delay, key=f"every:{name}"))
            except SalonError as error:
                log.warning("job_not_repeated", name=name, code=error.code)
                await asyncio.sleep(self._pace.poll)
            else:
                return

    async def _changed(self, job: Job) -> None:
        for observer in self._observers:
            try:
                await observer(job)
            except Exception:
                log.exception("job_observer_failed", job=job.id)


def _json(payload: Mapping[str, Json]) -> Obj:
    """The payload as JSON keeps it: the caller may change its own afterwards."""
    try:
        data = orjson.dumps(payload)
    except TypeError:
        raise _refused("payload", "the payload must be JSON: a dict of texts, numbers, lists and dicts") from None
    if not data.startswith(b"{"):
        raise _refused("payload", "the payload must be a dict")
    if len(data) > PAYLOAD_BYTES:
        raise _refused(
            "payload", f"the payload may have {PAYLOAD_BYTES} bytes of JSON: store more elsewhere and name it"
        )
    return cast(Obj, orjson.loads(data))


def _check(new: NewJob) -> None:
    if not 0 <= new.delay <= LONGEST_DELAY:
        raise _refused("delay", f"the delay must be 0 to {LONGEST_DELAY:.0f} seconds")
    if not -PRIORITIES <= new.priority <= PRIORITIES:
        raise _refused("priority", f"the priority must be -{PRIORITIES} to {PRIORITIES}")
    if not 0 <= new.max_retries <= MOST_RETRIES:
        raise _refused("max_retries", f"max_retries must be 0 to {MOST_RETRIES}")
    if new.key is not None and not (0 < len(new.key) <= KEY_LENGTH and new.key.isprintable()):
        raise _refused("key", f"the key must be 1 to {KEY_LENGTH} printable characters")


def _refused(field: str, message: str) -> RequestError:
    return RequestError(message, [Detail(f"/{field}", "invalid", message)])


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they are gone: one may be in the middle of a statement."""
    waiting = set(tasks)
    for task in waiting:
        task.cancel()
    if waiting:
        await asyncio.wait(waiting)
