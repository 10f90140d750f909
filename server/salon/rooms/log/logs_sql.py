"""The logs in the store: found, made, forked and deleted."""

from collections.abc import AsyncIterator, Callable

from salon.clock import Clock
from salon.contracts.feed import Publisher
from salon.errors import SalonError
from salon.ids import new_id
from salon.rooms.log.log_sql import Shelf, SqlLog, unavailable
from salon.rooms.log.port import Head, Log
from salon.rooms.log.receipts import KEEP_SECONDS
from salon.rooms.log.rows import add_entry
from salon.rooms.log.stored import read_entries, read_receipts, read_state
from salon.rooms.state import RoomState
from salon.store.log.entries import Entries
from salon.store.log.rows import MessageRow, NewThread, RoomWrite
from salon.store.log.writer import Writer

PAGE = 1000
"""Entries that are read at once."""

_TAKEN_BACK = tuple(f'"event":"{name}"'.encode() for name in ("message.removed", "tool.removed", "room.cleared"))


class SqlLogs:
    """See `Logs`; the arguments are those of `Shelf`."""

    def __init__(
        self,
        entries: Entries,
        writer: Writer,
        *,
        clock: Clock,
        publisher: Publisher,
        window: int,
        seconds: float,
        lost: Callable[[str], None],
    ) -> None:
        self._shelf = Shelf(entries, writer, clock, publisher, window, seconds, lost)
        self._entries = entries
        self._clock = clock

    async def find(self, room: str) -> Log | None:
        """The log of a room that was there before; after a crash under a new epoch, with what drafts had saved."""
        if room in self._shelf.closing:
            raise unavailable()
        found = await self._entries.load(room, receipts_since=self._clock.time() - KEEP_SECONDS)
        if found is None:
            return None
        if found.deleted:
            raise SalonError("not_found", f"room {room!r} was deleted", room=room)
        state = read_state(room, found.snapshot, found.entries)
        for message, text in found.drafts.items():
            streaming = state.streaming.get(message)
            if streaming is not None and len(text) > streaming.length:  # a snapshot may be newer
                streaming.pieces, streaming.length = [text], len(text)
        if found.sealed is not None:
            state.seq = found.sealed
        return SqlLog(
            room,
            self._shelf,
            epoch=found.epoch if found.sealed is not None else new_id("epoch"),
            head=Head(found.user_id, found.shared, found.agent_id),
            state=state,
            first=found.first,
            receipts=read_receipts(room, found.receipts),
            snapshot=found.snapshot[0] if found.snapshot is not None else None,
            tail=len(found.entries),
            drafted=found.drafts,
            stored=(found.epoch, found.sealed),
        )

    def make(self, room: str, head: Head, *, lasting: bool) -> Log:
        """An empty log."""
        return SqlLog(
            room,
            self._shelf,
            epoch=new_id("epoch"),
            head=head,
            state=RoomState(),
            new=NewThread(head.owner, head.agent_id, head.shared, self._clock.time()),
            lasting=lasting,
        )

    async def fork(self, source: str, log: Log, at: int, room: str, head: Head) -> Log | None:
        """A log that begins with the entries of `log` up to `at`; they are copied when it is stored."""
        state = await log.state_at(at)
        if state is None:
            return None
        messages = await self._messages(source, at) if await self._taken_back(source, at) else None
        new = NewThread(
            head.owner, head.agent_id, head.shared, self._clock.time(), copy=(source, at), messages=messages
        )
        forked = SqlLog(room, self._shelf, epoch=new_id("epoch"), head=head, state=state, first=log.first, new=new)
        forked.take_snapshot()  # what streaming messages had said is in no entry
        return forked

    async def _taken_back(self, room: str, after: int) -> bool:
        """Whether something was taken away later: then it is no message of the thread any more, but was one then."""
        async for page in self._pages(room, after):
            if any(mark in data for data in page for mark in _TAKEN_BACK):
                return True
        return False

    async def _messages(self, room: str, upto: int) -> list[MessageRow]:
        """The messages that a thread had when its log ended at `upto`."""
        made = RoomWrite(room, "", 0)
        async for page in self._pages(room, 0):
            for entry in read_entries(room, page):
                if entry.seq <= upto:
                    add_entry(made, entry, b"")
            if entry.seq >= upto:
                break
        gone, cleared = set(made.removed), made.cleared_to or 0
        return [message for message in made.messages if message.seq > cleared and message.message_id not in gone]

    async def _pages(self, room: str, after: int) -> AsyncIterator[list[bytes]]:
        """The stored entries after `after`, some at a time."""
        more = True
        while more:
            page, more = await self._entries.page(room, before=None, after=after, limit=PAGE)
            if page:
                after = read_entries(room, page[-1:])[0].seq
                yield page

    async def delete(self, room: str) -> None:
        """The thread is gone for readers."""
        await self._entries.delete(room, self._clock.time())
