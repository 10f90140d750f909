"""Jobs in the database, shared by all processes that use it: the row is the truth, a lease is two of its columns."""

from collections.abc import Sequence
from typing import Any, cast

import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Float,
    Row,
    Select,
    Table,
    UpdateBase,
    bindparam,
    delete,
    func,
    insert,
    null,
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
        self._keep = keep
        self._clock: Clock = clock or SystemClock()
        self._asks = _Statements(queue_name, self._database.kind == "postgresql")

    async def put(self, new: NewJob) -> Job:
        """Keep a job; or give the unfinished one that has its key already."""
        values = {
            "id": new.id,
            "name": new.name,
            "payload": orjson.dumps(new.payload),
            "rank": -new.priority,
            "unique_key": new.key,
            "max_retries": new.max_retries,
            "thread_id": thread_of(new.payload),
        }
        while True:
            try:
                return (await self._change(self._asks.put, seconds=new.delay, **values))[0]
            except IntegrityError:
                if new.key is None:
                    raise
            if known := await self._find(self._asks.of_key, key=new.key):
                return known[0]  # else it has just finished, and the key is free

    async def get(self, job_id: str) -> Job | None:
        """The job as it is now."""
        return _first(await self._find(self._asks.one, job=job_id))

    async def recent(self, *, thread_id: str | None = None, limit: int = 50) -> Sequence[Job]:
        """The newest jobs first."""
        if thread_id is None:
            return await self._find(self._asks.newest, most=limit)
        return await self._find(self._asks.newest_of_thread, most=limit, thread=thread_id)

    async def take(self, names: Sequence[str], lease: float) -> Leased | None:
        """Lend the first due job of one of these names."""
        token = new_id("lease")
        taken = await self._change(self._asks.take, names=list(names), token=token, seconds=lease)
        return Leased(taken[0], token) if taken else None

    async def extend(self, leased: Leased, lease: float, progress: float | None, message: str | None) -> Job | None:
        """Lend it for `lease` seconds from now, and note how far it is."""
        how_far = {"how_far": progress, "told": message}
        return _first(await self._change(self._asks.extend, **_holder(leased), seconds=lease, **how_far))

    async def settle(self, leased: Leased, outcome: Outcome) -> Job | None:
        """End an attempt and its lease."""
        ended = {**_holder(leased), "why": outcome.error}
        if outcome.status.finished:
            result = orjson.dumps(outcome.result)
            return _first(await self._change(self._asks.finish, **ended, as_=outcome.status, found=result))
        counted = int(not outcome.counted)
        return _first(await self._change(self._asks.put_back, **ended, seconds=outcome.delay, uncounted=counted))

    async def cancel(self, job_id: str) -> Job | None:
        """Let a pending job fail as cancelled."""
        return _first(await self._change(self._asks.cancel, job=job_id))

    async def sweep(self) -> Sequence[Job]:
        """Take back what lapsed leases held, and forget what was finished long ago."""
        now = self._now()

        def sweep(conn: Connection) -> list[Job]:
            lapsed = [conn.execute(each, now).all() for each in (self._asks.give_up, self._asks.take_back)]
            conn.execute(self._asks.forget, {**now, "seconds": self._keep})
            return [_job(row) for rows in lapsed for row in rows]

        return await self._database.write(sweep)

    async def close(self) -> None:
        """The database belongs to whoever made it."""

    async def _find(self, query: Select[Any], **values: object) -> list[Job]:
        return await self._database.read(lambda conn: [_job(row) for row in conn.execute(query, values)])

    async def _change(self, statement: UpdateBase, **values: object) -> list[Job]:
        """The rows after their change."""
        values |= self._now()
        return await self._database.change(lambda conn: [_job(row) for row in conn.execute(statement, values)])

    def _now(self) -> dict[str, object]:
        return {} if self._database.kind == "postgresql" else {"now": self._clock.time()}


class _Statements:
    """What one queue asks of the database. Made once: that takes about as long as to have one answered.

    Args:
        many: other processes write at the same time: then the clock is the server's, and rows that another worker is
            changing are passed over. SQLite has one writer at a time.
    """

    def __init__(self, queue: str, many: bool) -> None:
        server_time = func.date_part("epoch", func.statement_timestamp(), type_=Float(53))
        now: ColumnElement[float] = server_time if many else _number("now")
        mine, pending = _JOB.queue == queue, _JOB.status == JobStatus.PENDING
        job, held = _JOB.id == bindparam("job"), _JOB.lease == bindparam("token")
        back = {"lease": null(), "lease_until": null()}
        failed = {"status": JobStatus.FAILED, "completed_at": now, "unique_key": null(), **back}

        def ids(*which: ColumnElement[bool]) -> Select[Any]:
            return select(_JOB.id).where(mine, *which).with_for_update(skip_locked=True)

        self.one = select(_JOBS).where(mine, job)
        self.of_key = select(_JOBS).where(mine, _JOB.unique_key == bindparam("key"))
        self.newest = select(_JOBS).where(mine).order_by(_JOB.created_at.desc()).limit(bindparam("most"))
        self.newest_of_thread = self.newest.where(_JOB.thread_id == bindparam("thread"))

        new = {"queue": queue, "status": JobStatus.PENDING, "attempts": 0, "created_at": now}
        self.put = insert(_JOBS).values(**new, run_at=now + _number("seconds")).returning(*_JOB)

        due = ids(pending, _JOB.run_at <= now, _JOB.name.in_(bindparam("names", expanding=True)))
        first = due.order_by(_JOB.rank, _JOB.run_at).limit(1).scalar_subquery()
        self.take = _set(
            [_JOB.id == first],
            status=JobStatus.PROCESSING,
            attempts=_JOB.attempts + 1,
            started_at=now,
            progress=null(),
            message=null(),
            lease=bindparam("token"),
            lease_until=now + _number("seconds"),
        )
        self.extend = _set(
            [job, held],
            lease_until=now + _number("seconds"),
            progress=_number("how_far"),
            message=bindparam("told"),
        )
        self.finish = _set(
            [job, held],
            status=bindparam("as_"),
            result=bindparam("found"),
            error=bindparam("why"),
            completed_at=now,
            unique_key=null(),
            **back,
        )
        self.put_back = _set(
            [job, held],
            status=JobStatus.PENDING,
            error=bindparam("why"),
            run_at=now + _number("seconds"),
            attempts=_JOB.attempts - bindparam("uncounted"),
            **back,
        )
        self.cancel = _set([mine, job, pending], **failed, error=CANCELLED)

        lapsed = (_JOB.status == JobStatus.PROCESSING, _JOB.lease_until < now)
        used_up = ids(*lapsed, _JOB.attempts > _JOB.max_retries)
        others = ids(*lapsed, _JOB.attempts <= _JOB.max_retries)
        self.give_up = _set([_JOB.id.in_(used_up)], **failed, error=WORKERS_LOST)
        self.take_back = _set([_JOB.id.in_(others)], **back, status=JobStatus.PENDING, run_at=now)

        long_ago = now - _number("seconds")
        # Of the two times the older one has an index.
        old = (_JOB.created_at < long_ago, _JOB.status.in_(_FINISHED), _JOB.completed_at < long_ago)
        self.forget = delete(_JOBS).where(mine, *old)


def _number(name: str) -> BindParameter[float]:
    return bindparam(name, type_=Float(53))


def _set(which: Sequence[ColumnElement[bool]], **changes: object) -> UpdateBase:
    """Change some rows, and give them as they are then."""
    return update(_JOBS).where(*which).values(**changes).returning(*_JOB)


def _holder(leased: Leased) -> dict[str, str]:
    return {"job": leased.job.id, "token": leased.token}


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
