"""A room's log in memory: a bounded window of everything for recovery; the durable entries for history and forks."""

from bisect import bisect_left
from collections import deque
from itertools import islice

from salon.clock import Clock
from salon.contracts.events import TRANSIENT, Entry, MsgDelta
from salon.rooms.state import RoomState, fold_all

HISTORY_ENTRIES = 20_000
"""Durable entries kept per room; the oldest half is folded into a base state when there are more."""


class MemoryLog:
    """See `Log`. `window` entries and `seconds` bound what a client can recover without a snapshot."""

    def __init__(self, *, epoch: str, clock: Clock, window: int, seconds: float, base: RoomState | None = None) -> None:
        self.epoch = epoch
        self._clock = clock
        self._seconds = seconds
        self._window: deque[Entry] = deque(maxlen=window)
        self._durable: list[Entry] = []
        self._base = base or RoomState()

    @property
    def first(self) -> int:
        """The oldest seq that `page` can give."""
        return self._durable[0].seq if self._durable else self._base.seq + 1

    def append(self, entry: Entry) -> None:
        """Keep the next entry."""
        self._window.append(entry)
        if not isinstance(entry.body, TRANSIENT):
            self._durable.append(entry)
            if len(self._durable) > HISTORY_ENTRIES:
                old = self._durable[: HISTORY_ENTRIES // 2]
                self._base = fold_all(self._base.copy(), old)
                del self._durable[: len(old)]

    def since(self, seq: int) -> list[Entry] | None:
        """Every entry after `seq`, or None when one of them is not to be had any more."""
        window = self._window
        horizon = self._clock.time() - self._seconds
        while window and window[0].at < horizon:
            window.popleft()
        last = window[-1].seq if window else None
        if last is None:
            # Nothing recent: a client that has seen everything is told so, any other needs a snapshot.
            newest = self._durable[-1].seq if self._durable else self._base.seq
            return [] if seq == newest else None
        if seq > last or seq < window[0].seq - 1:
            return None
        return list(islice(window, seq + 1 - window[0].seq, None))

    def page(self, *, before: int | None, after: int | None, limit: int) -> tuple[list[Entry], bool]:
        """Up to `limit` durable entries, ascending; the flag says whether there are more in that direction."""
        low = self._index(after + 1) if after is not None else 0
        high = self._index(before) if before is not None else len(self._durable)
        found = self._durable[low:high]
        if len(found) <= limit:
            return found, False
        return (found[:limit] if after is not None else found[-limit:]), True

    def state_at(self, seq: int) -> RoomState | None:
        """The state that folding the log up to `seq` gives, or None when that is not to be had any more."""
        if seq < self._base.seq:
            return None
        state = fold_all(self._base.copy(), self._durable[: self._index(seq + 1)])
        for key, message in state.streaming.items():
            for entry in self._window:
                if entry.seq > seq:
                    break
                body = entry.body
                if isinstance(body, MsgDelta) and body.message == key and body.at == message.length + len(body.text):
                    message.pieces.append(body.text)
                    message.length = body.at
        state.seq = seq
        return state

    def _index(self, seq: int) -> int:
        """The place of the first durable entry whose seq is `seq` or more."""
        return bisect_left(self._durable, seq, key=lambda entry: entry.seq)
