"""The stored threads as lists show them. Their rows are written with their entries; here they are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Row, Select, and_, bindparam, delete, func, or_, select

from salon.errors import Detail, RequestError
from salon.store.database import Database
from salon.store.tables import Message, Table, Thread

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list; with `cursor`, there is more."""

    items: Sequence[T]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadInfo:
    """A thread's record. Times are seconds since 1970; `message_count` counts what was said, tool calls not."""

    id: str
    user_id: str | None
    agent_id: str | None
    title: str | None
    shared: bool
    created_at: float
    updated_at: float
    archived: bool
    message_count: int
    forked_from: str | None


@dataclass(frozen=True, slots=True)
class ThreadStats:
    """What a thread holds now: `total_bytes` of messages, tool calls and their results, as JSON."""

    message_count: int
    total_bytes: int
    forked_from: str | None


class ThreadRows:
    """The threads that were not deleted. Methods raise SalonError `unavailable` when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, thread: str) -> ThreadInfo | None:
        """One thread, whoever owns it."""
        found = await self.some([thread])
        return found[0] if found else None

    async def some(self, threads: Sequence[str]) -> list[ThreadInfo]:
        """The threads of these ids that there are, in this order."""
        found = await self._database.read(lambda conn: conn.execute(_SOME, {"threads": threads}).all())
        rows = {row.id: row for row in found}
        return [_info(rows[thread]) for thread in threads if thread in rows]

    async def open_to(self, thread: str, user: str | None) -> bool:
        """Whether there is this thread for a user: their own, or a shared one; any for None."""
        row = await self._database.read(lambda conn: conn.execute(_OWNED, {"thread": thread}).one_or_none())
        return row is not None and (user is None or row.shared or row.user_id == user)

    async def list(
        self,
        user: str | None,
        *,
        archived: bool | None = False,
        limit: int = 50,
        cursor: str | None = None,
        skip: int = 0,
    ) -> Page[ThreadInfo]:
        """A user's threads, last used first; all users' for None.

        Args:
            archived: only those in the archive, only those not in it, or both for None.
            cursor: where the page before ended; the next one is right also when threads are used meanwhile.
            skip: leaves out so many more, for callers that count pages.

        Raises RequestError for a cursor that was not made here.
        """
        query = _LISTED.order_by(Thread.updated_at.desc(), Thread.id.desc())
        if user is not None:
            query = query.where(Thread.user_id == user)
        if archived is not None:
            query = query.where(Thread.archived_at.is_not(None) if archived else Thread.archived_at.is_(None))
        if cursor is not None:
            at, thread = _read(cursor)
            query = query.where(or_(Thread.updated_at < at, and_(Thread.updated_at == at, Thread.id < thread)))
        async with self._database.reading() as conn:
            found = (await conn.execute(query.limit(limit + 1).offset(skip))).all()
        shown = found[:limit]
        more = len(found) > limit and shown
        return Page([_info(row) for row in shown], f"{shown[-1].updated_at!r} {shown[-1].id}" if more else None)

    async def latest(self, user: str, agent: str) -> ThreadInfo | None:
        """The thread that a user began last with an agent, if it is not in the archive."""
        query = _LISTED.where(Thread.user_id == user, Thread.agent_id == agent, Thread.archived_at.is_(None))
        async with self._database.reading() as conn:
            found = (await conn.execute(query.order_by(Thread.created_at.desc()).limit(1))).one_or_none()
        return _info(found) if found is not None else None

    async def count(self, user: str | None, *, archived: bool | None = False) -> int:
        """How many threads `list` goes through."""
        query = select(func.count()).select_from(Thread).where(Thread.deleted_at.is_(None))
        if user is not None:
            query = query.where(Thread.user_id == user)
        if archived is not None:
            query = query.where(Thread.archived_at.is_not(None) if archived else Thread.archived_at.is_(None))
        async with self._database.reading() as conn:
            return await conn.scalar(query) or 0

    async def stats(self, thread: str) -> ThreadStats | None:
        """What a thread holds; None when there is none."""
        query = (
            select(
                Thread.forked_from,
                func.count().filter(Message.kind == "message"),
                func.coalesce(func.sum(func.length(Message.data)), 0),
            )
            .outerjoin(Message, Message.thread_id == Thread.id)
            .where(Thread.id == thread, Thread.deleted_at.is_(None))
            .group_by(Thread.id, Thread.forked_from)
        )
        async with self._database.reading() as conn:
            found = (await conn.execute(query)).one_or_none()
        return ThreadStats(found[1], int(found[2]), found[0]) if found is not None else None

    async def purge(self, before: float, limit: int = 100) -> int:
        """Remove up to `limit` threads that were deleted before that wall time, with all that they hold; how many."""
        async with self._database.writing() as conn:
            old = select(Thread.id).where(Thread.deleted_at < before).order_by(Thread.deleted_at).limit(limit)
            found = (await conn.scalars(old)).all()
            for table in _HELD:  # an application's own engine may leave SQLite's foreign keys off
                await conn.execute(delete(table).where(table.c.thread_id.in_(found)))
            await conn.execute(delete(Thread).where(Thread.id.in_(found)))
        return len(found)


_HELD = [
    table
    for table in Table.metadata.sorted_tables
    if any(key.column.table is Thread.__table__ for key in table.foreign_keys)
]
"""What a thread holds."""

_COUNT = (
    select(func.count())
    .where(Message.thread_id == Thread.id, Message.kind == "message")
    .correlate(Thread)
    .scalar_subquery()
    .label("message_count")
)
_LISTED: Select[tuple[str, ...]] = select(
    Thread.id,
    Thread.user_id,
    Thread.agent_id,
    Thread.title,
    Thread.shared,
    Thread.created_at,
    Thread.updated_at,
    Thread.archived_at,
    Thread.forked_from,
    _COUNT,
).where(Thread.deleted_at.is_(None))
_OWNED = select(Thread.user_id, Thread.shared).where(Thread.id == bindparam("thread"), Thread.deleted_at.is_(None))
_SOME = _LISTED.where(Thread.id.in_(bindparam("threads", expanding=True)))  # asked for often: put together once


def _info(row: Row[tuple[str, ...]]) -> ThreadInfo:
    values = dict(row._mapping)
    return ThreadInfo(archived=values.pop("archived_at") is not None, **values)


def _read(cursor: str) -> tuple[float, str]:
    at, _, thread = cursor.partition(" ")
    try:
        if "\0" in thread:  # PostgreSQL has no such text
            raise ValueError
        return float(at), thread
    except ValueError:
        message = "this cursor is not one that a page of threads came with; leave it out to start again"
        raise RequestError(message, [Detail("/cursor", "value_error", message)]) from None
