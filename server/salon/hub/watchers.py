"""Everyone in this process who watches one room: each entry reaches all of them encoded and framed once.

It may not know sockets or the protocol of a connection; it gives frames to outboxes.
"""

import asyncio
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from salon.clock import Clock
from salon.contracts.actions import RoomAction, Seen, Signal, Subscribe
from salon.contracts.components import STANDARD, Screen
from salon.contracts.encode import frame_bytes
from salon.contracts.events import Entry
from salon.contracts.feed import Published
from salon.contracts.runs import Principal, Receipt
from salon.contracts.types import ClientTool, Member, Position
from salon.contracts.wire import Ephemeral, Resync, Snapshot, Subscribed
from salon.errors import SalonError
from salon.hub.broker import Broker
from salon.hub.frames import Batch, Frames
from salon.hub.outbox import Outbox
from salon.hub.presence import Presence

MERGE_PRESENCE = 0.1
"""Seconds in which comings, goings and signals are merged into one frame."""


class RoomHandle(Protocol):
    """What the hub asks of a room. What it appends it publishes to the broker, before `position` shows it to anyone."""

    @property
    def id(self) -> str:
        """The room's id."""

    @property
    def screens(self) -> MutableMapping[str, Screen]:
        """What its watchers can draw, by client: theirs is kept up to date here."""

    @property
    def position(self) -> Position:
        """Where its log ends now."""

    @property
    def first_seq(self) -> int:
        """The oldest seq that `history` can give."""

    def snapshot(self) -> Snapshot:
        """The state at `position`."""

    def recover(self, since: Position) -> list[Entry] | None:
        """Exactly the entries after `since`, or None when a snapshot is needed."""

    async def history(self, *, before: int | None, after: int | None, limit: int) -> tuple[list[Entry], bool]:
        """A page of durable entries, ascending, and whether there are more. Raises SalonError."""

    async def act(self, principal: Principal, action: RoomAction, *, tools: Sequence[ClientTool] = ()) -> Receipt:
        """Do an action once. Raises SalonError when it is refused."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One client's wish to follow the room: with the others' comings and goings, with their signals."""

    outbox: Outbox
    presence: bool
    signals: bool


class Watchers:
    """See the module. Calls `emptied` with the room's id when the last one is gone; then it is of no further use."""

    def __init__(
        self, room: RoomHandle, broker: Broker, clock: Clock, *, recover_events: int, emptied: Callable[[str], None]
    ) -> None:
        self.room = room
        self._clock = clock
        self._recover_events = recover_events
        self._emptied = emptied
        self._watches: dict[str, Watch] = {}
        self._outboxes: tuple[Outbox, ...] | None = ()
        self._pending: list[Published] = []
        self._presence = Presence(room.id)
        self._telling: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._unsubscribe = broker.subscribe(room.id, self._collect)

    def add(self, client: str, outbox: Outbox, subscribe: Subscribe, member: Member, screen: Screen = STANDARD) -> None:
        """Answer `subscribe` and keep the client up to date from exactly there on.

        One step without a pause: no entry can fall between the answer and the first frame after it, or be in both.
        Raises SalonError `unrecoverable_position` when there is no way from `recover` and no snapshot is wanted.
        """
        self.flush()
        room = self.room
        since = subscribe.recover
        events = room.recover(since) if since else None
        if events is not None and len(events) > self._recover_events:
            events = None
        if events is None and since is not None and subscribe.snapshot is False:
            self._close_if_empty()
            raise SalonError("unrecoverable_position", "The entries since then are gone: subscribe with a snapshot.")
        presence = subscribe.presence is not False
        if presence:
            self._presence.join(member)
        else:
            self._presence.leave(client)
        answer = Subscribed(
            kind="subscribed",
            room=room.id,
            position=room.position,
            first_seq=room.first_seq,
            was_recovering=since is not None,
            recovered=events is not None,
            events=events or [],
            snapshot=room.snapshot() if events is None and subscribe.snapshot is not False else None,
            members=self._presence.members() if presence else [],
            reply_to=subscribe.id,
        )
        outbox.forget(room.id)
        outbox.reply(self._frames(answer))
        if screen != STANDARD:
            room.screens[client] = screen
        self._watches[client] = Watch(outbox, presence, subscribe.ephemeral is not False)
        self._outboxes = None
        self._tell_soon()

    def remove(self, client: str) -> None:
        """The client watches no longer. What was published before still reaches it, unless it is behind."""
        watch = self._watches.get(client)
        if watch is None:
            return
        self.flush()
        watch.outbox.forget(self.room.id)
        del self._watches[client]
        self.room.screens.pop(client, None)
        self._outboxes = None
        self._presence.leave(client)
        self._tell_soon()
        self._close_if_empty()

    def clients(self) -> tuple[str, ...]:
        """Who watches."""
        return tuple(self._watches)

    def flush(self) -> None:
        """Send what was published since the last time."""
        if not self._pending:
            return
        entries, self._pending = self._pending, []
        batch = Batch(self.room.id, entries, self._clock.time())
        if self._outboxes is None:
            self._outboxes = tuple(watch.outbox for watch in self._watches.values())
        for outbox in self._outboxes:
            outbox.fan(batch)

    def resync(self) -> Frames:
        """The room as it is now, for a client that lost what came before; nothing stays unpublished."""
        self.flush()
        state = Resync(
            kind="resync",
            room=self.room.id,
            position=self.room.position,
            snapshot=self.room.snapshot(),
            reason="slow_consumer",
        )
        return self._frames(state)

    def signal(self, client: str, said: Signal | Seen) -> None:
        """Pass a client's signal on."""
        if isinstance(said, Signal):
            self._presence.signal(client, said, self._clock.monotonic())
        else:
            self._presence.seen(client, said.seq)
        self._tell_soon()

    def expire(self, now: float) -> None:
        """Forget signals that were not repeated (`now` is monotonic)."""
        self._presence.expire(now)
        self._tell_soon()

    def _close_if_empty(self) -> None:
        if self._watches:
            return
        if self._telling:
            self._telling.cancel()
        self._unsubscribe()
        self._emptied(self.room.id)

    def _collect(self, item: Published) -> None:
        if not self._pending:
            self._loop.call_soon(self.flush)
        self._pending.append(item)

    def _frames(self, payload: Subscribed | Resync | Ephemeral) -> Frames:
        return Frames([frame_bytes("state_update", payload, self._clock.time())])

    def _tell_soon(self) -> None:
        if self._telling is None and (self._presence.moved or self._presence.spoke):
            self._telling = self._loop.call_later(MERGE_PRESENCE, self._tell)

    def _tell(self) -> None:
        self._telling = None
        moved, spoke = self._presence.moved, self._presence.spoke
        news = self._presence.take()
        whole = self._frames(news)
        comings = self._frames(news.model_copy(update={"typing": [], "signals": {}}))
        signals = self._frames(news.model_copy(update={"joins": [], "leaves": []}))
        # Nobody needs to be told of having come alone.
        alone = news.joins[0].client if len(news.joins) == 1 and not news.leaves and not spoke else None
        for client, watch in tuple(self._watches.items()):
            if client == alone:
                continue
            if watch.presence and watch.signals:
                watch.outbox.whisper(whole)
            elif watch.presence and moved:
                watch.outbox.whisper(comings)
            elif watch.signals and spoke:
                watch.outbox.whisper(signals)
