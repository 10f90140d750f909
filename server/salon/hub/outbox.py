"""What waits for one client, bounded: a reader that does not keep up loses its backlog, and nobody else anything.

It may not know rooms or sockets. While the link takes data, frames pass straight through. While it does not, entries
are kept as they are, shared with every other waiting reader, and joined into as few frames as the contract allows once
the link takes data again: that is how a slow reader's deltas are merged without breaking the sequence. When the bound
is hit the entries are dropped, and one `resync`, the room's state at the time of draining, stands in for all of them.
"""

import asyncio
from collections import deque
from typing import Protocol

from salon.clock import Clock
from salon.contracts.encode import events_frame
from salon.contracts.feed import Published
from salon.errors import Close
from salon.hub.frames import MAX_ENTRIES, Batch, Frames


class Link(Protocol):
    """The way to one client. Whoever owns it tells `Outbox.drained` when it takes data again after a pause."""

    paused: bool
    """So much is under way already that more should wait."""

    def write(self, frames: Frames) -> None:
        """Send; never blocks, never raises. Data given while paused is still sent, later."""

    def close(self, code: Close, reason: str) -> None:
        """Say goodbye and close; cut the connection when the client does not even take the goodbye."""


class Owner(Protocol):
    """Whose outbox it is."""

    def resync(self, room: str) -> Frames:
        """The frames that bring the client to the room's present state; nothing of it may be unpublished after."""

    def overrun(self) -> None:
        """Even without entries too much waits: the connection cannot be kept."""


class _Run:
    """Entries that will be one frame."""

    __slots__ = ("entries", "lane", "room", "size")

    def __init__(self, first: Published) -> None:
        self.room = first.room
        self.lane = first.lane
        self.entries = [first]
        self.size = len(first.data)

    def takes(self, item: Published) -> bool:
        return item.room == self.room and item.lane == self.lane and len(self.entries) < MAX_ENTRIES

    def add(self, item: Published) -> None:
        self.entries.append(item)
        self.size += len(item.data)


class _Backlog:
    """What waits. Most clients never have one."""

    __slots__ = ("lagging", "queue", "size", "stuck_since", "waiters")

    def __init__(self) -> None:
        self.queue: deque[_Run | Frames] = deque()
        self.size = 0
        self.lagging: set[str] = set()
        self.stuck_since: float | None = None
        self.waiters: list[asyncio.Future[None]] = []


class Outbox:
    """The frames of one client that wait for its link; at most `max_frames` of them and `max_bytes`."""

    __slots__ = ("_backlog", "_clock", "_closed", "_link", "_max_bytes", "_max_frames", "_owner")

    def __init__(self, link: Link, owner: Owner, clock: Clock, *, max_frames: int, max_bytes: int) -> None:
        self._link = link
        self._owner = owner
        self._clock = clock
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._backlog: _Backlog | None = None
        self._closed = False

    @property
    def stuck_since(self) -> float | None:
        """Since when (monotonic) the client has needed a resync and not even taken what is under way."""
        return self._backlog.stuck_since if self._backlog else None

    @property
    def waiting(self) -> tuple[int, int]:
        """How many frames and bytes wait."""
        return (len(self._backlog.queue), self._backlog.size) if self._backlog else (0, 0)

    def fan(self, batch: Batch) -> None:
        """A room's entries, for everyone who watches."""
        if self._backlog is None and not self._link.paused:
            self._link.write(batch)
        elif not self._closed:
            self._hold(batch)

    def reply(self, frames: Frames) -> None:
        """Something for this client alone. Never dropped, and never overtaken by later entries."""
        if self._backlog is None and not self._link.paused:
            self._link.write(frames)
        elif not self._closed:
            backlog = self._waiting()
            backlog.queue.append(frames)
            backlog.size += len(frames.wire)
            self._bound(backlog)

    def whisper(self, frames: Frames) -> None:
        """Something that may be lost: a client that is behind does not get it."""
        if self._backlog is None and not self._link.paused:
            self._link.write(frames)

    def forget(self, room: str) -> None:
        """The client starts over in the room, or left it: it needs no resync there, nor what waits."""
        if backlog := self._backlog:
            backlog.lagging.discard(room)
            backlog.queue = deque(item for item in backlog.queue if not (isinstance(item, _Run) and item.room == room))
            backlog.size = sum(item.size if isinstance(item, _Run) else len(item.wire) for item in backlog.queue)

    def drained(self) -> None:
        """The link takes data again."""
        backlog = self._backlog
        if backlog is None or self._closed:
            return
        while not self._link.paused:
            if backlog.queue:
                self._link.write(self._next(backlog))
            elif backlog.lagging:
                room = next(iter(backlog.lagging))
                frames = self._owner.resync(room)
                backlog.lagging.discard(room)
                backlog.stuck_since = self._clock.monotonic() if backlog.lagging else None
                self._link.write(frames)
            else:
                self._backlog = None
                self._wake(backlog)
                return

    async def flowing(self) -> None:
        """Wait until nothing waits: for whoever is about to say much."""
        while self._backlog is not None and not self._closed:
            waiter = asyncio.get_running_loop().create_future()
            self._backlog.waiters.append(waiter)
            await waiter

    def close(self) -> None:
        """Nothing more goes out."""
        self._closed = True
        if self._backlog:
            self._wake(self._backlog)
        # Never None again: `fan` and `reply` do not look further while nothing waits.
        self._backlog = _Backlog()

    def _waiting(self) -> _Backlog:
        if self._backlog is None:
            self._backlog = _Backlog()
        return self._backlog

    def _hold(self, batch: Batch) -> None:
        backlog = self._waiting()
        if batch.room in backlog.lagging:
            return
        last = backlog.queue[-1] if backlog.queue else None
        for item in batch.entries:
            if isinstance(last, _Run) and last.takes(item):
                last.add(item)
            else:
                last = _Run(item)
                backlog.queue.append(last)
            backlog.size += len(item.data)
        self._bound(backlog)

    def _bound(self, backlog: _Backlog) -> None:
        if len(backlog.queue) <= self._max_frames and backlog.size <= self._max_bytes:
            return
        lost = {waiting.room for waiting in backlog.queue if isinstance(waiting, _Run)}
        answers = [waiting for waiting in backlog.queue if isinstance(waiting, Frames)]
        sizes = [len(answer.wire) for answer in answers]
        backlog.queue = deque(answers)
        backlog.size = sum(sizes)
        if lost:
            backlog.lagging |= lost
            if backlog.stuck_since is None:
                backlog.stuck_since = self._clock.monotonic()
        # One answer may be larger than the bound: it is what was asked for, and only one such is made at a time.
        if len(answers) > self._max_frames or backlog.size - max(sizes, default=0) > self._max_bytes:
            self._owner.overrun()

    def _next(self, backlog: _Backlog) -> Frames:
        waiting = backlog.queue.popleft()
        if isinstance(waiting, Frames):
            backlog.size -= len(waiting.wire)
            return waiting
        backlog.size -= waiting.size
        data = [item.data for item in waiting.entries]
        return Frames([events_frame(waiting.room, waiting.lane, data, self._clock.time())])

    @staticmethod
    def _wake(backlog: _Backlog) -> None:
        for waiter in backlog.waiters:
            if not waiter.done():
                waiter.set_result(None)
        backlog.waiters.clear()
