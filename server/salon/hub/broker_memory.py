"""The broker of a single process: publishing is a call."""

from collections.abc import Callable

import structlog

from salon.contracts.feed import Published
from salon.hub.broker import Deliver

log = structlog.get_logger(__name__)


class MemoryBroker:
    """See `Broker`. An entry has reached every subscriber when `publish` returns."""

    def __init__(self) -> None:
        # Replaced, never changed: a subscriber may come or go while an entry is being delivered.
        self._subscribers: dict[str, tuple[Deliver, ...]] = {}

    def publish(self, item: Published) -> None:
        """Deliver an entry to the room's subscribers, one after the other."""
        for deliver in self._subscribers.get(item.room, ()):
            try:
                deliver(item)
            except Exception:
                log.exception("delivery_failed", room=item.room, seq=item.entry.seq)

    def watched(self, room: str) -> bool:
        """Whether anyone is subscribed to a room."""
        return room in self._subscribers

    def subscribe(self, room: str, deliver: Deliver) -> Callable[[], None]:
        """Give every entry of `room` to `deliver` from now on."""

        def given(item: Published) -> None:
            deliver(item)

        self._subscribers[room] = (*self._subscribers.get(room, ()), given)

        def unsubscribe() -> None:
            left = tuple(other for other in self._subscribers.get(room, ()) if other is not given)
            if left:
                self._subscribers[room] = left
            else:
                self._subscribers.pop(room, None)

        return unsubscribe
