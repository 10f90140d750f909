"""Owns a client's place in one room's log: what is new, exactly once and in order, and when to ask again. Pure.

It may not know how frames travel or what entries mean.
"""

from dataclasses import dataclass

from salon.clients.follow.frames import Arrived, Unknown
from salon.contracts.actions import Subscribe
from salon.contracts.events import Entry
from salon.contracts.types import Member, Position
from salon.contracts.wire import Resync, Snapshot, Subscribed


@dataclass(frozen=True, slots=True)
class News:
    """Entries that were not seen before, contiguous."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The room as it is now, in place of everything before.

    `rewound` says that the server's log is another one than before: what was said there may be gone.
    """

    snapshot: Snapshot
    rewound: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """An entry is missing: subscribe again, from the position held."""


Step = News | Picture | Gap

_NOWHERE = Position(epoch="none", seq=0)  # no log has it, so nothing can be recovered from it


class Follower:
    """Follows one room through reconnects.

    Whoever owns the connection sends `subscribe(...)` when it opens and after every `Gap`, and gives everything the
    server says of the room to `receive`.
    """

    def __init__(self, room: str) -> None:
        self.room = room
        self.position: Position | None = None
        self.members: dict[str, Member] = {}
        self._subscribing = True

    def subscribe(self, id: str, *, anew: bool = False) -> Subscribe:
        """The request to watch the room from the position held; entries are ignored until it is answered.

        With `anew` it is answered by a picture, wherever this follower is.
        """
        self._subscribing = True
        since = _NOWHERE if anew and self.position else self.position
        return Subscribe(kind="subscribe", id=id, room=self.room, recover=since, presence=True, ephemeral=True)

    def receive(self, frame: Subscribed | Arrived | Resync) -> Step | None:
        """What `frame` brings; None when it is nothing new, or of another room."""
        if frame.room != self.room:
            return None
        match frame:
            case Subscribed():
                return self._subscribed(frame)
            case Resync():
                return self._replaced(frame.position, frame.snapshot)
            case Arrived():
                return self._arrived(frame)

    def _subscribed(self, answer: Subscribed) -> Step | None:
        self._subscribing = False
        self.members = {member.client: member for member in answer.members}
        if answer.snapshot is not None and not answer.recovered:
            return self._replaced(answer.position, answer.snapshot)
        seen = self.position.seq if self.position else 0
        self.position = answer.position
        entries = tuple(entry for entry in answer.events if entry.seq > seen)
        return News(entries) if entries else None

    def _replaced(self, position: Position, snapshot: Snapshot) -> Picture:
        rewound = self.position is not None and self.position.epoch != position.epoch
        self.position = position
        return Picture(snapshot, rewound)

    def _arrived(self, frame: Arrived) -> Step | None:
        if self._subscribing or self.position is None:
            return None
        seq = self.position.seq
        fresh: list[Entry] = []
        for entry in frame.entries:
            if entry.seq <= seq:
                continue
            if entry.seq != seq + 1:
                # What came before the gap in this frame comes again with the answer to the next `subscribe`.
                self._subscribing = True
                return Gap()
            seq = entry.seq
            if not isinstance(entry, Unknown):
                fresh.append(entry)
        self.position = Position(epoch=self.position.epoch, seq=seq)
        return News(tuple(fresh)) if fresh else None
