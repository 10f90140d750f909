"""Threads as clients are shown them, on the socket and over HTTP."""

from salon.contracts.threads import ThreadRow
from salon.contracts.types import Obj
from salon.rooms.threads import Threads
from salon.store.messages.rows import Found


class Listing:
    """See `ThreadIndex`."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads

    async def find(
        self, user: str, *, archived: bool | None, query: str | None, cursor: str | None, limit: int
    ) -> tuple[list[ThreadRow], str | None]:
        """A page of a user's threads, of those with `query` in them if given; and where the next page begins."""
        if query is not None:
            found = await self._threads.search(query, user, limit=limit, archived=archived)
            return [row_of(hit) for hit in found], None
        page = await self._threads.list(user, archived=bool(archived), limit=limit, cursor=cursor)
        return [row_of(Found(info)) for info in page.items], page.cursor

    async def stats(self, room: str, user: str) -> Obj:
        """How large a thread is that `user` may read."""
        found = await self._threads.stats(room, user)
        numbers: Obj = {"message_count": found.message_count, "total_bytes": found.total_bytes}
        return numbers | ({"forked_from": found.forked_from} if found.forked_from else {})


def row_of(found: Found) -> ThreadRow:
    """A thread's record as the wire has it, and what was found there."""
    thread = found.thread
    return ThreadRow(
        room=thread.id,
        title=thread.title,
        archived=thread.archived,
        shared=thread.shared,
        user=thread.user_id,
        agent=thread.agent_id,
        created_at=thread.created_at,
        updated_at=thread.updated_at,
        messages=thread.message_count,
        forked_from=thread.forked_from,
        snippet=found.snippet,
        message=found.message_id,
        seq=found.seq,
    )
