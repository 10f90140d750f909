"""A worker: borrows jobs, keeps their leases alive while they run, and gives back what it cannot finish."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

import structlog

from salon.contracts.jobs import Job, JobStatus, Leased, Outcome
from salon.errors import SalonError
from salon.jobs.attempt import Handler, attempt
from salon.jobs.backend import QueueBackend

log = structlog.get_logger(__name__)

REPORT_EVERY = 0.5
"""Seconds: progress is passed on no more often than that."""

STOPS_WITHIN = 1.0
"""Seconds that a handler has to clean up after it was stopped."""

MESSAGE_LENGTH = 200

_GIVEN_BACK = Outcome(status=JobStatus.PENDING, counted=False)

Changed = Callable[[Job], Awaitable[None]]
"""Told of each change of a job; must not raise."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker goes about it.

    Args:
        slots: jobs at once.
        lease: seconds after which the jobs of a worker that died are taken back.
        poll: seconds between two looks for jobs that others put, or that became due.
        drain: seconds that running jobs get when the worker is stopped.
        backoff: seconds before the second attempt at a job; doubled with each further one.
    """

    slots: int
    lease: float
    poll: float
    drain: float
    backoff: float


@dataclass(slots=True, eq=False)
class _Running:
    leased: Leased
    handler: Handler
    holds_until: float
    attempt: asyncio.Task[Outcome] = field(init=False)
    progress: float | None = None
    message: str | None = None
    told: tuple[float | None, str | None] = (None, None)
    lost: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # one change at a time, so that they are told in order

    @property
    def how_far(self) -> tuple[float | None, str | None]:
        """What its handler told last."""
        return self.progress, self.message

    def lose(self) -> None:
        """The lease is gone, and with it the right to go on."""
        self.lost = True
        if self.handler.stoppable:
            self.attempt.cancel()


class Worker:
    """Runs the jobs that `handlers` can do, until it is stopped. A backend that does not answer is waited for."""

    def __init__(self, backend: QueueBackend, handlers: Mapping[str, Handler], pace: Pace, changed: Changed) -> None:
        self._backend = backend
        self._handlers = handlers
        self._pace = pace
        self._changed = changed
        self._running: dict[_Running, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._wake = asyncio.Event()  # there may be something to take, and a slot for it
        self._news = asyncio.Event()  # a handler told how far it is
        self._threads = ThreadPoolExecutor(pace.slots, thread_name_prefix="salon-job")
        self._loop = asyncio.get_running_loop()
        self._borrowing = asyncio.create_task(self._borrow())
        self._beating = asyncio.create_task(self._beat())

    def wake(self) -> None:
        """Look for jobs now."""
        self._wake.set()

    async def stop(self) -> None:
        """Borrow no more, let what runs finish within the pace's `drain`, and give back the rest.

        What cannot be stopped, such as a thread, goes on and keeps its lease until it ends.
        """
        self._stopping.set()
        self._wake.set()
        until = self._loop.time() + self._pace.drain
        await asyncio.wait({self._borrowing}, timeout=self._pace.drain)
        await self._wait_for_running(until - self._loop.time())
        for running in self._running:
            if running.handler.stoppable:
                running.attempt.cancel()
        await self._wait_for_running(STOPS_WITHIN)
        self._news.set()
        if self._running:
            log.warning("jobs_left_running", jobs=[running.leased.job.id for running in self._running])
        else:  # both end by themselves, unless the backend is silent
            await _ended(self._borrowing, self._beating, within=STOPS_WITHIN)
        self._threads.shutdown(wait=False)

    async def _wait_for_running(self, seconds: float) -> None:
        if self._running:
            await asyncio.wait(set(self._running.values()), timeout=max(0.0, seconds))

    async def _borrow(self) -> None:
        """Keep every slot busy."""
        while not self._stopping.is_set():
            self._wake.clear()
            leased = await self._take() if len(self._running) < self._pace.slots else None
            if leased is None:
                await _either(self._wake, self._pace.poll)
            elif self._stopping.is_set():
                await self._settle(leased, _GIVEN_BACK)
            else:
                self._begin(leased)

    async def _take(self) -> Leased | None:
        leased = None
        with _Surviving("jobs_not_taken"):
            leased = await self._backend.take(list(self._handlers), self._pace.lease)
        if leased:
            await self._changed(leased.job)
        return leased

    def _begin(self, leased: Leased) -> None:
        handler = self._handlers[leased.job.name]
        running = _Running(leased, handler, self._loop.time() + self._pace.lease)

        def report(progress: float, message: str | None = None) -> None:
            running.progress = min(1.0, max(0.0, progress))
            running.message = message[:MESSAGE_LENGTH] if message else None
            self._loop.call_soon_threadsafe(self._news.set)

        work = attempt(handler, leased.job, report, self._threads, self._pace.backoff)
        running.attempt = asyncio.create_task(work)
        self._running[running] = asyncio.create_task(self._finish(running))

    async def _finish(self, running: _Running) -> None:
        """Wait for an attempt to end, and settle it, however long the backend does not answer."""
        try:
            await asyncio.wait({running.attempt})
            outcome = _GIVEN_BACK if running.attempt.cancelled() else running.attempt.result()
            while not running.lost:
                async with running.turn:
                    if running.how_far != running.told:  # what it said last is as good as what it said before
                        await self._prolong(running)
                    if await self._settle(running.leased, outcome):
                        break
                await asyncio.sleep(self._pace.poll)
        finally:
            del self._running[running]
            self._wake.set()
            self._news.set()

    async def _settle(self, leased: Leased, outcome: Outcome) -> bool:
        """Whether the backend answered."""
        with _Surviving("job_not_settled", job=leased.job.id):
            job = await self._backend.settle(leased, outcome)
            if job:
                await self._changed(job)
            else:
                log.warning("job_lost", job=leased.job.id)
            return True
        return False

    async def _beat(self) -> None:
        """While this worker lives, extend its leases, pass on progress, and take back the jobs of dead workers."""
        third = self._pace.lease / 3
        sweep_at = self._loop.time()
        while self._running or not self._stopping.is_set():
            await asyncio.gather(*(self._extend(running) for running in list(self._running)))
            if self._loop.time() >= sweep_at:
                await self._sweep()
                sweep_at = self._loop.time() + third
            if await _either(self._news, third) and not self._stopping.is_set():
                await asyncio.sleep(min(REPORT_EVERY, third / 2))
            self._news.clear()

    async def _extend(self, running: _Running) -> None:
        async with running.turn:
            if running in self._running and self._is_due(running):
                await self._prolong(running)

    def _is_due(self, running: _Running) -> bool:
        """Whether there is news of it, or a sixth of its lease is over: short jobs end before that."""
        begun = running.holds_until - self._pace.lease
        return running.how_far != running.told or self._loop.time() - begun > self._pace.lease / 6

    async def _prolong(self, running: _Running) -> None:
        now = self._loop.time()
        leased, how_far = running.leased, running.how_far
        with _Surviving("lease_not_extended", job=leased.job.id):
            job = await self._backend.extend(leased, self._pace.lease, *how_far)
            if job is None:
                log.warning("lease_lost", job=leased.job.id)
                running.lose()
                return
            running.holds_until = now + self._pace.lease
            if how_far != running.told:
                running.told = how_far
                await self._changed(job)
        if self._loop.time() > running.holds_until:  # by now another worker may have it
            running.lose()

    async def _sweep(self) -> None:
        with _Surviving("jobs_not_swept"):
            for job in await self._backend.sweep():
                log.warning("job_taken_back", job=job.id, status=job.status)
                await self._changed(job)
                self._wake.set()


class _Surviving:
    """A backend that fails must not end the worker: it tries again. In the log, one that is away is no defect."""

    def __init__(self, event: str, **about: str) -> None:
        self._event = event
        self._about = about

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, SalonError):
            log.warning(self._event, code=error.code, **self._about)
        elif isinstance(error, Exception):
            log.error(self._event, exc_info=error, **self._about)
        return isinstance(error, Exception)


async def _ended(*tasks: asyncio.Task[None], within: float) -> None:
    """Wait for the tasks to end; after `within` seconds, end them."""
    _, late = await asyncio.wait(tasks, timeout=within)
    for task in late:
        task.cancel()
    await asyncio.wait(tasks)


async def _either(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, but no longer than that; whether it came."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
