"""The broker's port: every room's entries, from whoever writes them to all who watch, here or in another process."""

from collections.abc import Callable
from typing import Protocol

from salon.contracts.feed import Published, Publisher

Deliver = Callable[[Published], None]
"""Takes an entry; must not block. What it raises is logged and harms nobody else."""


class Broker(Publisher, Protocol):
    """Carries published entries to subscribers.

    Guarantees: whoever is subscribed to a room when an entry is published gets it exactly once, in the order of `seq`
    within the room. Nothing is kept: what was published before `subscribe` is asked of the room.
    """

    def watched(self, room: str) -> bool:
        """Whether anyone in this process is subscribed to a room."""

    def subscribe(self, room: str, deliver: Deliver) -> Callable[[], None]:
        """Give every entry of `room` to `deliver` from now on. Returns the way to end that; it may be called twice."""
