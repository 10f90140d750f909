"""The recovery window: the newest entries of a room, deltas included, bounded by count and age."""

from collections import deque
from itertools import islice

from salon.clock import Clock
from salon.contracts.events import Entry, MsgDelta
from salon.rooms.state import RoomState


class Window:
    """See the module: `entries` and `seconds` bound what a client can recover without a snapshot."""

    __slots__ = ("_clock", "_entries", "_seconds")

    def __init__(self, clock: Clock, *, entries: int, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._entries: deque[Entry] = deque(maxlen=entries)

    def append(self, entry: Entry) -> None:
        """The next entry."""
        self._entries.append(entry)

    def since(self, seq: int, newest: int) -> list[Entry] | None:
        """Every entry after `seq` up to `newest`, the log's last one; None when one of them is gone."""
        entries = self._entries
        horizon = self._clock.time() - self._seconds
        while entries and entries[0].at < horizon:
            entries.popleft()
        if not entries:  # nothing recent: a client that has seen everything is told so, any other needs a snapshot
            return [] if seq == newest else None
        if seq > newest or seq < entries[0].seq - 1:
            return None
        return list(islice(entries, seq + 1 - entries[0].seq, None))

    def complete(self, state: RoomState, seq: int) -> None:
        """Add to a state folded from durable entries what streaming messages had said by `seq`, and set its seq."""
        for key, message in state.streaming.items():
            for entry in self._entries:
                if entry.seq > seq:
                    break
                body = entry.body
                if isinstance(body, MsgDelta) and body.message == key and body.at == message.length + len(body.text):
                    message.pieces.append(body.text)
                    message.length = body.at
        state.seq = seq
