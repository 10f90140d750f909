"""Threads as clients are shown them, on the socket and over HTTP."""

from salon.contracts.threads import ThreadRow
from salon.contracts.types import Obj
from salon.errors import SalonError
from salon.store.threads import ThreadInfo, ThreadRows


class Listing:
    """See `ThreadIndex`."""

    def __init__(self, threads: ThreadRows) -> None:
        self._threads = threads

    async def find(
        self, user: str, *, archived: bool | None, query: str | None, cursor: str | None, limit: int
    ) -> tuple[list[ThreadRow], str | None]:
        """A page of a user's threads, of those with `query` in them if given; and where the next page begins."""
        page = await self._threads.list(user, archived=bool(archived), limit=limit, cursor=cursor)
        return [row(info) for info in page.items], page.cursor

    async def stats(self, room: str, user: str) -> Obj:
        """How large a thread is that `user` may read."""
        found = await self._threads.stats(room)
        if found is None:
            raise SalonError("not_found", f"there is no room {room!r}")
        numbers: Obj = {"message_count": found.message_count, "total_bytes": found.total_bytes}
        return numbers | ({"forked_from": found.forked_from} if found.forked_from else {})


def row(info: ThreadInfo) -> ThreadRow:
    """A thread's record as the wire has it."""
    return ThreadRow(
        room=info.id,
        title=info.title,
        archived=info.archived,
        shared=info.shared,
        user=info.user_id,
        agent=info.agent_id,
        created_at=info.created_at,
        updated_at=info.updated_at,
        messages=info.message_count,
        forked_from=info.forked_from,
    )
