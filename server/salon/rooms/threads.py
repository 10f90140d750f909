"""Everything that can be done with threads: the one way in for sockets, HTTP, jobs and programs.

What changes a thread goes through its room, so that whoever watches it is told; what only reads asks the store.
`user` is who asks; None is the program itself, to whom all is open. Threads of others do not exist, unless shared.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

from salon.contracts.events import RoomChanged
from salon.contracts.runs import Principal
from salon.errors import Detail, RequestError, SalonError
from salon.ids import new_id
from salon.rooms.lobby import ROOM_ID, Lobby
from salon.rooms.log.rows import result_id
from salon.rooms.room import Room
from salon.rooms.transfer import first_line, further_line, read_lines
from salon.store.database import Database
from salon.store.log.rows import MessageRow
from salon.store.messages.rows import Found, MessageRows
from salon.store.threads import Page, ThreadInfo, ThreadRows, ThreadStats

LONGEST_TITLE = 200
LARGEST_PAGE = 1000
AT_ONCE = 200
"""Rows that an export reads, or an import stores, at once."""

EVERYTHING = ("message", "call", "result")


class Threads:
    """Methods raise SalonError: `not_found` for a thread that there is not for this user, `unavailable` when the
    database does not answer; and RequestError for a value that cannot be.
    """

    def __init__(self, lobby: Lobby, database: Database) -> None:
        self._lobby = lobby
        self._threads = ThreadRows(database)
        self._messages = MessageRows(database)

    async def list(
        self,
        user: str | None,
        *,
        archived: bool | None = False,
        limit: int = 50,
        cursor: str | None = None,
        skip: int = 0,
    ) -> Page[ThreadInfo]:
        """A page of the user's own threads, last used first; see `ThreadRows.list`."""
        return await self._threads.list(user, archived=archived, limit=_page(limit), cursor=cursor, skip=skip)

    async def get(self, thread: str, user: str | None) -> ThreadInfo:
        """One thread."""
        found = await self._threads.get(thread) if ROOM_ID.fullmatch(thread) else None
        if found is None or not (user is None or found.shared or found.user_id == user):
            raise _unknown(thread)
        return found

    async def create(
        self,
        user: str | None,
        *,
        title: str | None = None,
        agent_id: str | None = None,
        id: str | None = None,
        shared: bool = False,
    ) -> ThreadInfo:
        """A new, empty thread of the user; nobody's for None. Raises SalonError `conflict` when the id is taken."""
        name = _titled(title) if title is not None else None
        room = await self._lobby.create(_who(user), room=id, title=name, shared=shared, agent_id=agent_id)
        return await self.get(room.id, None)

    async def rename(self, thread: str, title: str, user: str | None) -> ThreadInfo:
        """Give a thread another title."""
        return await self._change(thread, user, RoomChanged(event="room.changed", title=_titled(title)))

    async def archive(self, thread: str, user: str | None) -> ThreadInfo:
        """Put a thread away: it stays as it is, and is listed with the archived ones only."""
        return await self._change(thread, user, RoomChanged(event="room.changed", archived=True))

    async def unarchive(self, thread: str, user: str | None) -> ThreadInfo:
        """Bring a thread back among the others."""
        return await self._change(thread, user, RoomChanged(event="room.changed", archived=False))

    async def delete(self, thread: str, user: str | None) -> None:
        """End a thread: it is gone for all readers, and whoever watches it is told.

        Raises SalonError: `forbidden` for a thread that is shared, and somebody else's.
        """
        room = await self._lobby.existing(thread, _who(user))
        if user is not None and room.owner != user:
            raise SalonError("forbidden", f"thread {thread!r} is not yours; only its owner may delete it", room=thread)
        await self._lobby.delete(room)

    async def fork(
        self,
        thread: str,
        user: str | None,
        *,
        at: int | None = None,
        title: str | None = None,
        new_id: str | None = None,
    ) -> ThreadInfo:
        """A copy of a thread, as it was at the seq `at` or, without one, as it is. Both live on, apart.

        Messages, tool calls and results keep their ids and their order. Raises SalonError: `conflict` when `new_id` is
        taken.
        """
        room = await self._lobby.existing(thread, _who(user))
        return await self._fork(room, at, user, title, new_id)

    async def branch(
        self,
        thread: str,
        from_message_id: str,
        user: str | None,
        *,
        title: str | None = None,
        new_id: str | None = None,
    ) -> ThreadInfo:
        """A copy of a thread that ends with one of its messages. Raises SalonError: `not_found` for an unknown one."""
        room = await self._lobby.existing(thread, _who(user))
        return await self._fork(room, await room.message_seq(from_message_id), user, title, new_id)

    async def purge(self, before: float) -> int:
        """Remove for good what was deleted before that wall time, in seconds; how many threads there were."""
        return await self._threads.purge(before)

    async def stats(self, thread: str, user: str | None) -> ThreadStats:
        """What a thread holds now, counted, not remembered."""
        await self.get(thread, user)
        found = await self._threads.stats(thread)
        if found is None:
            raise _unknown(thread)
        return found

    async def search(
        self, query: str, user: str | None, *, limit: int = 20, archived: bool | None = None
    ) -> Sequence[Found]:
        """The user's own threads in whose titles or messages `query` is found; see `MessageRows.search`."""
        return await self._messages.search(query, user, limit=_page(limit), archived=archived)

    async def messages(
        self, thread: str, user: str | None, *, after: int = 0, limit: int = 100, tools: bool = False
    ) -> Sequence[MessageRow]:
        """The first `limit` messages after the seq `after`, with tool calls and results between them if asked for."""
        if not (ROOM_ID.fullmatch(thread) and await self._threads.open_to(thread, user)):
            raise _unknown(thread)
        kinds = EVERYTHING if tools else ("message",)
        return await self._messages.page(thread, after=after, limit=_page(limit), kinds=kinds)

    async def export(self, thread: str, user: str | None) -> AsyncIterator[str]:
        """A thread as JSON Lines, to be read by `load` here or elsewhere."""
        yield first_line(await self.get(thread, user))
        after, rows = 0, await self._messages.page(thread, limit=AT_ONCE, kinds=EVERYTHING)
        results = set[str]()
        while rows:
            for row in rows:
                if row.kind == "call":
                    results.add(result_id(row.message_id))
                if row.kind != "result" or row.message_id in results:  # a call that was cut short has only a result
                    yield further_line(row)
            after = rows[-1].seq
            rows = await self._messages.page(thread, after=after, limit=AT_ONCE, kinds=EVERYTHING)

    async def load(self, lines: Iterable[str | bytes], user: str | None, *, shared: bool = False) -> ThreadInfo:
        """A new thread of the user with what `export` wrote: the same messages in order, by the same authors, of the
        same time.

        Nothing is stored unless every line is in order. Raises RequestError that names the line, SalonError
        `too_large`.
        """
        transfer = await asyncio.to_thread(read_lines, lines)
        room = await self._lobby.create(_who(user), title=transfer.title, shared=shared, agent_id=transfer.agent)
        try:
            for count, (at, said) in enumerate(transfer.said, 1):
                room.append(said, at=at)
                if count % AT_ONCE == 0:
                    await room.log.stored()
            await room.log.stored()
        except SalonError:
            await self._lobby.delete(room)
            raise
        return await self.get(room.id, None)

    async def _change(self, thread: str, user: str | None, change: RoomChanged) -> ThreadInfo:
        room = await self._lobby.existing(thread, _who(user))
        room.append(change)
        await room.log.stored()
        return await self.get(thread, None)

    async def _fork(
        self, room: Room, at: int | None, user: str | None, title: str | None, name: str | None
    ) -> ThreadInfo:
        named = _titled(title) if title is not None else None
        name = name or new_id("thread")
        await room.fork(name, room.state.seq if at is None else at, _who(user), title=named)
        await room.log.stored()
        return await self.get(name, None)


def _unknown(thread: str) -> SalonError:
    return SalonError("not_found", f"there is no thread {thread!r}", room=thread)


def _who(user: str | None) -> Principal | None:
    return Principal(user) if user is not None else None


def _titled(title: str) -> str:
    if title.strip() and len(title) <= LONGEST_TITLE:
        return title
    message = f"a title has 1 to {LONGEST_TITLE} characters"
    raise RequestError(message, [Detail("/title", "length", message)])


def _page(limit: int) -> int:
    if 1 <= limit <= LARGEST_PAGE:
        return limit
    message = f"limit is 1 to {LARGEST_PAGE}"
    raise RequestError(message, [Detail("/limit", "out_of_range", message)])
