"""Jobs in the database, shared by all processes that use it: the row is the truth, a lease is two of its columns."""

from collections.abc import Sequence
from typing import Any, cast

import orjson
from sqlalchemy import (
    ColumnElement,
    Float,
    Row,
    Select,
    Table,
    UpdateBase,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from salon.clock import Clock, SystemClock
from salon.contracts.jobs import CANCELLED, WORKERS_LOST, Job, JobStatus, Leased, NewJob, Outcome, thread_of
from salon.contracts.types import Json, Obj
from salon.ids import new_id
from salon.store.database import Conn, Database
from salon.store.tables import StoredJob

_JOBS = cast(Table, StoredJob.__table__)
_JOB = _JOBS.c
_BACK = {"lease": None, "lease_until": None}
_FINISHED = (JobStatus.COMPLETED, JobStatus.FAILED)


class SqlQueueBackend:
    """See `salon.jobs.backend.QueueBackend`.

    On PostgreSQL the clock is the server's. SQLite serves one machine: there it is the machine's.

    Args:
        conn: a `Database`, or what stands for one; whoever made it closes it.
        queue_name: queues of different names know nothing of each other.
        keep: seconds for which a finished job may still be asked for.
    """

    def __init__(
        self, conn: Conn, queue_name: str = "ai_agents", *, keep: float = 86_400.0, clock: Clock | None = None
    ) -> None:
        self._database = Database.of(conn)
        self._mine = _JOB.queue == queue_name
        self._queue = queue_name
        self._keep = keep
        self._clock: Clock = clock or SystemClock()

    async def put(self, new: NewJob) -> Job:
        """Keep a job; or give the unfinished one that has its key already."""
        now = self._now()
        put = insert(_JOBS).values(
            id=new.id,
            queue=self._queue,
            name=new.name,
            payload=orjson.dumps(new.payload),
            status=JobStatus.PENDING,
            rank=-new.priority,
            unique_key=new.key,
            attempts=0,
            max_retries=new.max_retries,
            thread_id=thread_of(new.payload),
            run_at=now + new.delay,
            created_at=now,
        )
        while True:
            try:
                return (await self._change(put))[0]
            except IntegrityError:
                if new.key is None:
                    raise
            if known := await self._find(select(_JOBS).where(self._mine, _JOB.unique_key == new.key)):
                return known[0]  # else it has just finished, and the key is free

    async def get(self, job_id: str) -> Job | None:
        """The job as it is now."""
        return _first(await self._find(select(_JOBS).where(self._mine, _JOB.id == job_id)))

    async def recent(self, *, thread_id: str | None = None, limit: int = 50) -> Sequence[Job]:
        """The newest jobs first."""
        newest = select(_JOBS).where(self._mine).order_by(_JOB.created_at.desc()).limit(limit)
        return await self._find(newest if thread_id is None else newest.where(_JOB.thread_id == thread_id))

    async def take(self, names: Sequence[str], lease: float) -> Leased | None:
        """Lend the first due job of one of these names."""
        token, now = new_id("lease"), self._now()
        due = self._locked(_JOB.status == JobStatus.PENDING, _JOB.run_at <= now, _JOB.name.in_(names))
        first = due.order_by(_JOB.rank, _JOB.run_at).limit(1).scalar_subquery()
        taken = await self._change(
            update(_JOBS)
            .where(_JOB.id == first)
            .values(
                status=JobStatus.PROCESSING,
                attempts=_JOB.attempts + 1,
                started_at=now,
                progress=None,
                message=None,
                lease=token,
                lease_until=now + lease,
            )
        )
        return Leased(taken[0], token) if taken else None

    async def extend(self, leased: Leased, lease: float, progress: float | None, message: str | None) -> Job | None:
        """Lend it for `lease` seconds from now, and note how far it is."""
        extended = update(_JOBS).where(self._held(leased))
        return _first(
            await self._change(
                extended.values(lease_until=self._now() + lease, progress=progress, message=message),
            )
        )

    async def settle(self, leased: Leased, outcome: Outcome) -> Job | None:
        """End an attempt and its lease."""
        now, settled = self._now(), update(_JOBS).where(self._held(leased)).values(error=outcome.error, **_BACK)
        if outcome.status.finished:
            settled = settled.values(
                status=outcome.status, result=orjson.dumps(outcome.result), completed_at=now, unique_key=None
            )
        else:
            attempts = _JOB.attempts if outcome.counted else _JOB.attempts - 1
            settled = settled.values(status=JobStatus.PENDING, run_at=now + outcome.delay, attempts=attempts)
        return _first(await self._change(settled))

    async def cancel(self, job_id: str) -> Job | None:
        """Let a pending job fail as cancelled."""
        waiting = update(_JOBS).where(self._mine, _JOB.id == job_id, _JOB.status == JobStatus.PENDING)
        return _first(await self._change(waiting.values(**self._failed(CANCELLED))))

    async def sweep(self) -> Sequence[Job]:
        """Take back what lapsed leases held, and forget what was finished long ago."""
        now = self._now()
        lapsed = (_JOB.status == JobStatus.PROCESSING, _JOB.lease_until < now)
        used_up = self._locked(*lapsed, _JOB.attempts > _JOB.max_retries)
        others = self._locked(*lapsed, _JOB.attempts <= _JOB.max_retries)
        long_ago = now - self._keep
        # Of the two times the older one has an index.
        forgotten = (self._mine, _JOB.created_at < long_ago, _JOB.status.in_(_FINISHED), _JOB.completed_at < long_ago)
        return await self._change(
            update(_JOBS).where(_JOB.id.in_(used_up)).values(**self._failed(WORKERS_LOST)),
            update(_JOBS).where(_JOB.id.in_(others)).values(status=JobStatus.PENDING, run_at=now, **_BACK),
            delete(_JOBS).where(*forgotten),
        )

    async def close(self) -> None:
        """The database belongs to whoever made it."""

    def _now(self) -> ColumnElement[float]:
        if self._database.kind == "sqlite":
            return literal(self._clock.time(), Float(53))
        return func.date_part("epoch", func.statement_timestamp(), type_=Float(53))

    def _locked(self, *which: ColumnElement[bool]) -> Select[Any]:
        """Ids of rows to change. On PostgreSQL rows that another worker is changing are passed over; SQLite has one
        writer at a time.
        """
        return select(_JOB.id).where(self._mine, *which).with_for_update(skip_locked=True)

    def _held(self, leased: Leased) -> ColumnElement[bool]:
        return (_JOB.id == leased.job.id) & (_JOB.lease == leased.token)

    def _failed(self, error: str) -> dict[str, object]:
        return {"status": JobStatus.FAILED, "error": error, "completed_at": self._now(), "unique_key": None, **_BACK}

    async def _find(self, found: Select[Any]) -> list[Job]:
        async with self._database.reading() as conn:
            return [_job(row) for row in await conn.execute(found)]

    async def _change(self, *statements: UpdateBase) -> list[Job]:
        """The rows after their change; deleted ones are not among them."""
        changed = []
        async with self._database.writing() as conn:
            for statement in statements:
                if statement.is_delete:
                    await conn.execute(statement)
                else:
                    changed += [_job(row) for row in await conn.execute(statement.returning(*_JOB))]
        return changed


def _first(jobs: Sequence[Job]) -> Job | None:
    return jobs[0] if jobs else None


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        name=row.name,
        payload=cast(Obj, orjson.loads(row.payload)),
        status=JobStatus(row.status),
        priority=-row.rank,
        max_retries=row.max_retries,
        attempts=row.attempts,
        key=row.unique_key,
        progress=row.progress,
        message=row.message,
        result=cast(Json, orjson.loads(row.result or b"null")),
        error=row.error,
        created_at=row.created_at,
        run_at=row.run_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
    )
