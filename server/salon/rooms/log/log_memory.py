"""A room's log in memory: all there is of a program's private conversation, and of rooms without a store."""

from bisect import bisect_left
from collections.abc import Sequence

from salon.clock import Clock
from salon.contracts.events import TRANSIENT, Entry, MsgDone
from salon.contracts.feed import Published, Publisher
from salon.ids import new_id
from salon.rooms.log.port import Head, Log
from salon.rooms.log.receipts import Kept
from salon.rooms.log.rows import row_id
from salon.rooms.log.window import Window
from salon.rooms.state import RoomState, fold, fold_all

HISTORY_ENTRIES = 20_000
"""Durable entries kept per room; the oldest half is folded into a base state when there are more."""


class MemoryLog:
    """See `Log`. `window` entries and `seconds` bound what a client can recover without a snapshot."""

    receipts: Sequence[Kept] = ()

    def __init__(
        self,
        *,
        epoch: str,
        clock: Clock,
        publisher: Publisher,
        window: int,
        seconds: float,
        base: RoomState | None = None,
        head: Head | None = None,
    ) -> None:
        self.epoch = epoch
        self.head = head or Head()
        self._base = base or RoomState()
        self.state = self._base.copy()
        self._publisher = publisher
        self._window = Window(clock, entries=window, seconds=seconds)
        self._durable: list[Entry] = []

    @property
    def first(self) -> int:
        """The oldest seq that `page` can give."""
        return self._durable[0].seq if self._durable else self._base.seq + 1

    def check(self) -> None:
        """There is always room in memory."""

    def append(self, item: Published) -> None:
        """Keep the next entry and let it out."""
        entry = item.entry
        fold(self.state, entry)
        self._window.append(entry)
        if not isinstance(entry.body, TRANSIENT):
            self._durable.append(entry)
            if len(self._durable) > HISTORY_ENTRIES:
                old = self._durable[: HISTORY_ENTRIES // 2]
                self._base = fold_all(self._base.copy(), old)
                del self._durable[: len(old)]
        self._publisher.publish(item)

    def keep_receipt(self, kept: Kept) -> None:
        """The room has it, and that is as long as this log lives."""

    async def stored(self) -> None:
        """Everything is."""

    def since(self, seq: int) -> list[Entry] | None:
        """Every entry after `seq`, or None when one of them is not to be had any more."""
        return self._window.since(seq, self.state.seq)

    async def page(self, *, before: int | None, after: int | None, limit: int) -> tuple[list[Entry], bool]:
        """Up to `limit` durable entries, ascending; the flag says whether there are more in that direction."""
        low = self._index(after + 1) if after is not None else 0
        high = self._index(before) if before is not None else len(self._durable)
        found = self._durable[low:high]
        if len(found) <= limit:
            return found, False
        return (found[:limit] if after is not None else found[-limit:]), True

    async def state_at(self, seq: int) -> RoomState | None:
        """The state that folding the log up to `seq` gives, or None when that is not to be had any more."""
        if seq == self.state.seq:
            return self.state.copy()
        if seq < self._base.seq:
            return None
        state = fold_all(self._base.copy(), self._durable[: self._index(seq + 1)])
        self._window.complete(state, seq)
        return state

    async def seq_of(self, message: str) -> int | None:
        """Where a whole message stands, if there is one of that id."""
        whole = (e.seq for e in self._durable if isinstance(e.body, MsgDone) and e.body.message == message)
        return next(whole, None)

    async def holds(self, id: str) -> bool:
        """Whether a message, a call or a call's result has this id."""
        return any(row_id(entry.body) == id for entry in self._durable)

    async def close(self) -> None:
        """It ends with whoever holds it."""

    def _index(self, seq: int) -> int:
        """The place of the first durable entry whose seq is `seq` or more."""
        return bisect_left(self._durable, seq, key=lambda entry: entry.seq)


class MemoryLogs:
    """See `Logs`: a log lives as long as its room."""

    def __init__(self, *, clock: Clock, publisher: Publisher, window: int, seconds: float) -> None:
        self._clock = clock
        self._publisher = publisher
        self._window = window
        self._seconds = seconds

    async def find(self, room: str) -> Log | None:  # noqa: ARG002 - nothing is kept apart from live rooms
        """None: whatever is there is in a live room."""
        return None

    def make(self, room: str, head: Head, *, lasting: bool) -> Log:  # noqa: ARG002 - in memory nothing lasts
        """An empty log."""
        return self._log(head, None)

    async def fork(self, source: str, log: Log, at: int, room: str, head: Head) -> Log | None:  # noqa: ARG002
        """A log that begins with the state that `log` gives at `at`."""
        state = await log.state_at(at)
        return None if state is None else self._log(head, state)

    async def delete(self, room: str) -> None:
        """It ends with its room."""

    def _log(self, head: Head, base: RoomState | None) -> MemoryLog:
        return MemoryLog(
            epoch=new_id("epoch"),
            clock=self._clock,
            publisher=self._publisher,
            window=self._window,
            seconds=self._seconds,
            base=base,
            head=head,
        )
