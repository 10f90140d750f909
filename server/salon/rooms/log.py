"""The log's port: where a room's entries are kept."""

from typing import Protocol

from salon.contracts.events import Entry
from salon.rooms.state import RoomState


class Log(Protocol):
    """One room's entries, in order.

    Guarantees: `append` keeps every durable kind; the kinds that a later entry supersedes are kept only for recovery,
    as long as the window allows. `since` is never partial: the whole gap or nothing.
    """

    @property
    def epoch(self) -> str:
        """Changes when entries were lost or rewound, so that a client never continues from a place that is no more."""

    @property
    def first(self) -> int:
        """The oldest seq that `page` can give."""

    def append(self, entry: Entry) -> None:
        """Keep the next entry."""

    def since(self, seq: int) -> list[Entry] | None:
        """Every entry after `seq`, or None when one of them is not to be had any more."""

    def page(self, *, before: int | None, after: int | None, limit: int) -> tuple[list[Entry], bool]:
        """Up to `limit` durable entries, ascending: the newest ones before `before`, or the oldest ones after `after`.

        The flag says whether there are more in that direction.
        """

    def state_at(self, seq: int) -> RoomState | None:
        """The state that folding the log up to `seq` gives, or None when that is not to be had any more."""
