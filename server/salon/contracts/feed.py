"""What a room publishes: each entry once, already encoded, for every watcher on every surface."""

from dataclasses import dataclass
from typing import Protocol

from salon.contracts.events import Entry, Lane


@dataclass(frozen=True, slots=True)
class Published:
    """One entry of a room's log; `data` is its JSON, encoded once whatever the number of watchers."""

    room: str
    entry: Entry
    lane: Lane
    data: bytes


class Publisher(Protocol):
    """Where rooms publish. Must not block and must not raise."""

    def publish(self, item: Published) -> None:
        """Give an entry to everyone who watches its room, in the order of `seq`."""
