"""The stored messages, read by page, and the search in them and in the titles of threads."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, select

from salon.store.database import Database
from salon.store.log.rows import MessageRow
from salon.store.messages.excerpt import excerpt
from salon.store.messages.query import read
from salon.store.messages.statements import POSTGRESQL, SQLITE, parameters
from salon.store.tables import Message, Thread
from salon.store.threads import ThreadInfo, ThreadRows

WEIGHED = 10_000
"""Matches of a search that are compared with each other: a word that is everywhere must not cost seconds."""


@dataclass(frozen=True, slots=True)
class Found:
    """A thread that was found: by its title, or by the message `message_id` at `seq`, of which a piece is shown."""

    thread: ThreadInfo
    snippet: str | None = None
    message_id: str | None = None
    seq: int | None = None


class MessageRows:
    """What was said, as rows. Methods raise SalonError `unavailable` when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._threads = ThreadRows(database)

    async def page(
        self, thread: str, *, after: int = 0, limit: int = 100, kinds: Sequence[str] = ("message",)
    ) -> list[MessageRow]:
        """The first `limit` rows of a thread after the seq `after`, in the order in which they were said."""
        values = {"thread": thread, "kinds": kinds, "after": after, "limit": limit}
        return await self._database.read(lambda conn: [MessageRow._make(row) for row in conn.execute(_PAGE, values)])

    async def newest(self, thread: str, limit: int, *, kinds: Sequence[str] = ("message",)) -> list[MessageRow]:
        """The newest `limit` rows of a thread, in the order in which they were said."""
        values = {"thread": thread, "kinds": kinds, "limit": limit}
        found = await self._database.read(lambda conn: [MessageRow._make(row) for row in conn.execute(_NEWEST, values)])
        return found[::-1]

    async def search(
        self, typed: str, user: str | None, *, limit: int = 20, archived: bool | None = None
    ) -> list[Found]:
        """The threads of a user (of all users, for None) in whose title or messages something is found, best first;
        those found by their title come before the others. `salon.store.messages.query` says how `typed` is read;
        `archived`: only those in the archive, or only those not in it.
        """
        wanted = read(typed)
        if not wanted:
            return []
        statements = SQLITE if self._database.kind == "sqlite" else POSTGRESQL
        values = {
            **parameters(self._database.kind, wanted, user),
            "limit": limit,
            "weighed": WEIGHED,
            "archived": archived,
        }

        def look(conn: Connection) -> tuple[Sequence[str], Sequence[Row[str, str, int, str]]]:
            return conn.scalars(statements.titles, values).all(), conn.execute(statements.messages, values).all()

        titled, hits = await self._database.read(look)
        said = {row.thread_id: row for row in hits}
        words = [text for alternative in wanted for text in alternative.wanted]
        found = []
        for thread in await self._threads.some(list(dict.fromkeys([*titled, *said]))[:limit]):
            hit = said.get(thread.id)
            piece = Found(thread, excerpt(hit.text, words), hit.message_id, hit.seq) if hit else Found(thread)
            found.append(piece)
        return found


# The rows of a thread that was not deleted. What is read often is put together once.
_OF_THREAD = (
    select(*(getattr(Message, name) for name in MessageRow._fields))
    .join(Thread, Thread.id == Message.thread_id)
    .where(
        Thread.deleted_at.is_(None),
        Message.thread_id == bindparam("thread"),
        Message.kind.in_(bindparam("kinds", expanding=True)),
    )
    .limit(bindparam("limit"))
)
_PAGE = _OF_THREAD.where(Message.seq > bindparam("after")).order_by(Message.seq)
_NEWEST = _OF_THREAD.order_by(Message.seq.desc())
