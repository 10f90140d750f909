"""A room's log in the store: entries are handed to the group commit, and let out to readers once they are stored."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from salon.clock import Clock
from salon.contracts.events import TRANSIENT, Entry, MsgDelta, RoomOpened
from salon.contracts.feed import Published, Publisher
from salon.errors import SalonError
from salon.rooms.log.port import Head
from salon.rooms.log.receipts import Kept
from salon.rooms.log.rows import add_entry
from salon.rooms.log.stored import read_entries, read_state, receipt_row, state_bytes
from salon.rooms.log.window import Window
from salon.rooms.state import RoomState, fold
from salon.store.log.entries import Entries
from salon.store.log.rows import NewThread, RoomWrite
from salon.store.log.writer import Writer

SNAPSHOT_EVERY = 500
"""Durable entries between two stored snapshots; opening a room reads one of them and at most so many entries."""

SEAL_WITH_SNAPSHOT = 50
"""A log that ends with so many entries since its snapshot gets another one: coming back is what rooms do."""

MILESTONE = 10 * SNAPSHOT_EVERY
"""Of the snapshots within so many seqs only the last one is kept: forks far back read so many entries at most."""

DRAFT_SECONDS = 1.0
"""How often the text of a streaming message is saved, so that a crash leaves most of it."""

FIRST_DRAFT = 0.1
"""The part of DRAFT_SECONDS after which it is saved for the first time: what people began to read is not taken away."""

PATIENCE = 5.0
"""Seconds that an actor waits for the store before it is told to try again."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the logs of one process share.

    `window` entries and `seconds` bound what clients can recover without a snapshot; `lost` is told of a room whose log
    cannot be stored any more, as when another process has written it. `closing` are rooms that were let go before all
    of their log was stored: opened now, they would begin another one beside it.
    """

    entries: Entries
    writer: Writer
    clock: Clock
    publisher: Publisher
    window: int
    seconds: float
    lost: Callable[[str], None]
    closing: set[str] = field(default_factory=set)


class SqlLog:
    """See `Log`.

    Args:
        snapshot: the seq of the newest stored snapshot; `tail` entries follow it.
        drafted: messages that have a draft.
        stored: the epoch and the seal that are stored; None while the thread is not.
        new: how the thread begins, while it is not stored yet.
        lasting: False keeps a first entry to itself until a second one follows: looking into a room leaves no trace.
    """

    def __init__(
        self,
        room: str,
        shelf: Shelf,
        *,
        epoch: str,
        head: Head,
        state: RoomState,
        first: int = 1,
        receipts: Sequence[Kept] = (),
        snapshot: int | None = None,
        tail: int = 0,
        drafted: Iterable[str] = (),
        stored: tuple[str, int | None] | None = None,
        new: NewThread | None = None,
        lasting: bool = True,
    ) -> None:
        self.epoch = epoch
        self.head = head
        self.state = state
        self.first = first
        self.receipts = receipts
        self._room = room
        self._shelf = shelf
        self._window = Window(shelf.clock, entries=shelf.window, seconds=shelf.seconds)
        self._after = stored
        self._new = new
        self._lasting = lasting
        self._kept: list[Published] = []  # to be stored
        self._waiting: deque[Published] = deque()  # to be let out, in order
        self._taken = 0  # the newest seq that was given to the store
        self._receipts: list[Kept] = []
        self._asked = self._storing = self._stored = 0  # how often the store was asked for something, and got so far
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._snapshot = snapshot
        self._since_snapshot = tail
        self._snapshot_due: tuple[int, bytes] | None = None
        self._drafted = set(drafted)
        self._drafting: asyncio.TimerHandle | None = None
        self._draft_due = False
        self._closed = False
        self._lost = False

    def check(self) -> None:
        """Raise SalonError (`unavailable`) when nothing can be stored at the moment."""
        if self._lost or self._shelf.writer.failing:
            raise unavailable()

    def append(self, item: Published) -> None:
        """Store the next entry, then let it out."""
        body = item.entry.body
        if isinstance(body, TRANSIENT):
            if self._after is not None and self._after[1] is not None:
                self._ask()  # first the seal must be gone: after a crash this seq would be given again
                self._waiting.append(item)
            elif self._waiting:
                self._waiting.append(item)
            else:
                self._let_out(item)
            return
        self._kept.append(item)
        if isinstance(body, RoomOpened) and not self._lasting:
            self._let_out(item)
            return
        self._waiting.append(item)
        self._ask()

    def keep_receipt(self, kept: Kept) -> None:
        """Store a receipt together with the entries appended just before."""
        if not self._closed:  # a room that was deleted has no use for it
            self._receipts.append(kept)
            self._ask()

    async def stored(self) -> None:
        """Wait until everything appended so far is stored and let out."""
        if self._stored == self._asked:
            return
        if self._lost:
            raise unavailable()
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((self._asked, waiter))
        try:
            async with asyncio.timeout(PATIENCE):
                await waiter
        except TimeoutError:
            raise unavailable() from None

    def since(self, seq: int) -> list[Entry] | None:
        """Every entry after `seq` that was let out, or None when one of them is not to be had any more."""
        return self._window.since(seq, self.state.seq)

    async def page(self, *, before: int | None, after: int | None, limit: int) -> tuple[list[Entry], bool]:
        """Up to `limit` durable entries, ascending; the flag says whether there are more in that direction."""
        if not self._shelf.writer.failing:  # in an outage there is what was let out, and that is stored
            await self.stored()
        if self._new is not None:  # looked into, but not used
            shown = range((after or 0) + 1, before or self.state.seq + 1)
            return [item.entry for item in self._kept if item.entry.seq in shown], False
        rows, more = await self._shelf.entries.page(self._room, before=before, after=after, limit=limit)
        return read_entries(self._room, rows), more

    async def state_at(self, seq: int) -> RoomState | None:
        """The state that folding the log up to `seq` gives."""
        await self.stored()
        if seq == self.state.seq:
            return self.state.copy()
        snapshot, rows = await self._shelf.entries.state_at(self._room, seq)
        state = read_state(self._room, snapshot, rows)
        self._window.complete(state, seq)
        return state

    async def seq_of(self, message: str) -> int | None:
        """Where a whole message stands, if there is one of that id."""
        return await self._shelf.entries.seq_of(self._room, message)

    async def holds(self, id: str) -> bool:
        """Whether a stored message, call or call's result has this id."""
        return await self._shelf.entries.holds(self._room, id)

    async def close(self) -> None:
        """Store what is left, and that the log ends here in order."""
        if self._drafting is not None:
            self._drafting.cancel()
        if self._lost or (self._new is not None and not self._asked):  # or it was only looked into
            self._closed = True
            return
        self._shelf.closing.add(self._room)
        await self.stored()
        self._closed = True
        if self._after == (self.epoch, self.state.seq):
            self._shelf.closing.discard(self._room)
            return
        if self._since_snapshot >= SEAL_WITH_SNAPSHOT:
            self.take_snapshot()
        self._draft_due = True
        self._ask()
        await self.stored()

    def take_snapshot(self) -> None:
        """Store the state, as it is shown now, with what is stored next."""
        self._snapshot_due = (self.state.seq, state_bytes(self.state))
        self._since_snapshot = 0

    def take(self) -> RoomWrite | None:
        """See `Writing`."""
        if self._lost:
            return None
        kept, self._kept = self._kept, []
        receipts, self._receipts = self._receipts, []
        write = RoomWrite(self._room, self.epoch, self._shelf.clock.time(), opened=self._new, after=self._after)
        for item in kept:
            add_entry(write, item.entry, item.data)
        write.receipts = [receipt_row(receipt) for receipt in receipts]
        self._add_drafts(write)
        if self._snapshot_due is not None:
            write.snapshot, self._snapshot_due = self._snapshot_due, None
            if self._snapshot is not None and self._snapshot // MILESTONE == write.snapshot[0] // MILESTONE:
                write.outdated_snapshot = self._snapshot
            self._snapshot = write.snapshot[0]
        if self._closed:
            write.sealed = self.state.seq
        if kept:
            self._taken = kept[-1].entry.seq
            self._since_snapshot += len(kept)
        self._storing = self._asked
        self._after = (self.epoch, write.sealed)
        self._new = None
        return write

    def took(self) -> None:
        """See `Writing`: lets out what is stored, and the deltas that waited behind it."""
        while self._waiting:
            entry = self._waiting[0].entry
            if entry.seq > self._taken and not isinstance(entry.body, TRANSIENT):
                break
            self._let_out(self._waiting.popleft())
        self._stored = self._storing
        if self._stored == self._asked:
            self._shelf.closing.discard(self._room)
        while self._waiters and self._waiters[0][0] <= self._stored:
            _, waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
        if self._since_snapshot >= SNAPSHOT_EVERY and not self._closed:
            self.take_snapshot()
            self._shelf.writer.wake(self)

    def refused(self) -> None:
        """See `Writing`."""
        self._lost = True
        for _, waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(unavailable())
        self._waiters.clear()
        self._shelf.closing.discard(self._room)
        self._shelf.lost(self._room)

    def _ask(self) -> None:
        self._asked += 1
        self._shelf.writer.wake(self)

    def _let_out(self, item: Published) -> None:
        fold(self.state, item.entry)
        self._window.append(item.entry)
        self._shelf.publisher.publish(item)
        body = item.entry.body
        if isinstance(body, MsgDelta) and not self._draft_due:
            self._draft_within(DRAFT_SECONDS if body.message in self._drafted else DRAFT_SECONDS * FIRST_DRAFT)

    def _draft_within(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._drafting is not None:
            if self._drafting.when() <= loop.time() + seconds:
                return
            self._drafting.cancel()
        self._drafting = loop.call_later(seconds, self._draft)

    def _draft(self) -> None:
        self._drafting = None
        if self.state.streaming:
            self._draft_due = True
            self._shelf.writer.wake(self)

    def _add_drafts(self, write: RoomWrite) -> None:
        """The texts of messages that still stream after what `write` has; those that do not need none any more."""
        if self._draft_due:
            streaming = self.state.streaming.items()
            write.drafts = {key: m.text() for key, m in streaming if m.length and key not in write.settled}
            self._draft_due = False
        write.settled = [message for message in write.settled if message in self._drafted]
        self._drafted = (self._drafted | write.drafts.keys()).difference(write.settled)


def unavailable() -> SalonError:
    """What whoever waits for the store is told."""
    message = "nothing can be stored at the moment; send it again with the same id in a while"
    return SalonError("unavailable", message, retry_after=2)
