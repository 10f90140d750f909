"""`ThreadStore`: the threads of a database for programs, with or without a server, in plain dictionaries."""

from dataclasses import asdict
from typing import Any, TypeAlias

from salon.access.principal import principal_of
from salon.rooms.threads import Threads
from salon.runtime.house import house_of
from salon.store.database import Conn, Database
from salon.store.log.rows import MessageRow
from salon.store.messages.rows import Found

Record: TypeAlias = dict[str, Any]
Records: TypeAlias = list[Record]


class ThreadStore:
    """Threads as dictionaries: `id`, `user_id`, `agent_id`, `title`, `shared`, `archived`, `created_at`, `updated_at`
    (seconds since 1970), `message_count` and `forked_from`.

    With a `user_id`, a method sees that user's threads, and those that are shared; without one it sees all. Methods
    raise SalonError: `not_found` for an unknown thread, `unavailable` when the database does not answer; RequestError
    for a value that cannot be.

    Args:
        conn: a URL, or an application's own engine, session or connection.
    """

    def __init__(self, conn: Conn) -> None:
        self._database = Database.of(conn)

    @property
    def _threads(self) -> Threads:
        return house_of(self._database).threads

    async def create(
        self, *, agent_id: str | None = None, user_id: str | None = None, title: str | None = None
    ) -> Record:
        """Store a new thread."""
        return asdict(await self._threads.create(_user(user_id), agent_id=agent_id, title=title))

    async def get(self, thread_id: str, *, user_id: str | None = None) -> Record:
        """One thread."""
        return asdict(await self._threads.get(thread_id, _user(user_id)))

    async def list(self, *, user_id: str | None = None, limit: int = 50, skip: int = 0) -> Records:
        """The threads that are not archived, last used first."""
        page = await self._threads.list(_user(user_id), limit=limit, skip=skip)
        return [asdict(thread) for thread in page.items]

    async def list_archived(self, *, user_id: str | None = None, limit: int = 50, skip: int = 0) -> Records:
        """The archived threads, last used first."""
        page = await self._threads.list(_user(user_id), archived=True, limit=limit, skip=skip)
        return [asdict(thread) for thread in page.items]

    async def rename(self, thread_id: str, title: str, *, user_id: str | None = None) -> Record:
        """Give a thread another title."""
        return asdict(await self._threads.rename(thread_id, title, _user(user_id)))

    async def archive(self, thread_id: str, *, user_id: str | None = None) -> Record:
        """Put a thread away."""
        return asdict(await self._threads.archive(thread_id, _user(user_id)))

    async def unarchive(self, thread_id: str, *, user_id: str | None = None) -> Record:
        """Bring a thread back."""
        return asdict(await self._threads.unarchive(thread_id, _user(user_id)))

    async def delete(self, thread_id: str, *, user_id: str | None = None) -> None:
        """End a thread: it is gone for all readers."""
        await self._threads.delete(thread_id, _user(user_id))

    async def fork(self, thread_id: str, *, title: str | None = None, user_id: str | None = None) -> Record:
        """A copy of a thread with all that was said; it belongs to `user_id`, or to the owner of the first."""
        return asdict(await self._threads.fork(thread_id, _user(user_id), title=title))

    async def branch(
        self, thread_id: str, *, from_message_id: str, title: str | None = None, user_id: str | None = None
    ) -> Record:
        """A copy that ends with a message, included. Raises SalonError `not_found` when there is no such message."""
        return asdict(await self._threads.branch(thread_id, from_message_id, _user(user_id), title=title))

    async def get_stats(self, thread_id: str, *, user_id: str | None = None) -> Record:
        """`message_count`, `total_bytes` and `forked_from`, as they are now."""
        return asdict(await self._threads.stats(thread_id, _user(user_id)))

    async def search(self, query: str, *, user_id: str | None = None, limit: int = 20) -> Records:
        """The threads in whose title or messages `query` is found; those found by a message tell `snippet`,
        `message_id` and `seq` too.
        """
        return [_found(found) for found in await self._threads.search(query, _user(user_id), limit=limit)]

    async def messages(
        self, thread_id: str, *, user_id: str | None = None, after: int = 0, limit: int = 100
    ) -> Records:
        """The first `limit` messages after the seq `after`: `id`, `seq`, `role`, `content`, `user_id` of a person or
        `agent` of an agent, and `created_at`.
        """
        rows = await self._threads.messages(thread_id, _user(user_id), after=after, limit=limit)
        return [_message(row) for row in rows]


def _user(user_id: str | None) -> str | None:
    """A user as rooms know them, so that the same name means the same one wherever it is given."""
    return principal_of(user_id).user if user_id is not None else None


def _found(found: Found) -> Record:
    where = {"snippet": found.snippet, "message_id": found.message_id, "seq": found.seq}
    return asdict(found.thread) | {key: value for key, value in where.items() if value is not None}


def _message(row: MessageRow) -> Record:
    return {
        "id": row.message_id,
        "seq": row.seq,
        "role": row.role,
        "content": row.text,
        "user_id": row.user_id,
        "agent": row.agent,
        "created_at": row.created_at,
    }
