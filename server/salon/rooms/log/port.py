"""The log's ports: where a room's entries are kept, and who finds or makes such a log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from salon.contracts.events import Entry
from salon.contracts.feed import Published
from salon.rooms.log.receipts import Kept
from salon.rooms.state import RoomState


@dataclass(frozen=True, slots=True)
class Head:
    """What a thread is beside its entries: whose it is, and whether everyone who knows its id may enter."""

    owner: str | None = None
    shared: bool = True
    agent_id: str | None = None


class Log(Protocol):
    """One room's entries, in order: kept first, then let out to readers.

    Guarantees: nobody is given a durable entry that is not kept, and nobody is given entries out of order. The kinds
    that a later entry supersedes are kept only for recovery, as long as the window allows. `since` is never partial:
    the whole gap or nothing.
    """

    @property
    def epoch(self) -> str:
        """Changes when entries were lost or rewound, so that a client never continues from a place that is no more."""

    @property
    def first(self) -> int:
        """The oldest seq that `page` can give."""

    @property
    def head(self) -> Head:
        """What the thread is beside its entries."""

    @property
    def state(self) -> RoomState:
        """What the entries that were let out add up to. Not to be changed."""

    @property
    def receipts(self) -> Sequence[Kept]:
        """The receipts of the last minutes as this log was found."""

    def check(self) -> None:
        """Raise SalonError (`unavailable`) when nothing can be kept at the moment."""

    def append(self, item: Published) -> None:
        """Keep the next entry, then let it out."""

    def keep_receipt(self, kept: Kept) -> None:
        """Keep a receipt together with the entries appended just before."""

    async def stored(self) -> None:
        """Wait until everything appended so far is kept and let out.

        Raises SalonError (`unavailable`) when that takes too long; it may still happen later.
        """

    def since(self, seq: int) -> list[Entry] | None:
        """Every entry after `seq` that was let out, or None when one of them is not to be had any more."""

    async def page(self, *, before: int | None, after: int | None, limit: int) -> tuple[list[Entry], bool]:
        """Up to `limit` durable entries, ascending: the newest ones before `before`, or the oldest ones after `after`.

        The flag says whether there are more in that direction. Raises SalonError (`unavailable`).
        """

    async def state_at(self, seq: int) -> RoomState | None:
        """The state that folding the log up to `seq` gives, or None when that is not to be had any more.

        Raises SalonError (`unavailable`).
        """

    async def seq_of(self, message: str) -> int | None:
        """Where a whole message stands, if there is one of that id. Raises SalonError (`unavailable`)."""

    async def holds(self, id: str) -> bool:
        """Whether a message, a call or a call's result that was kept has this id. Raises SalonError (`unavailable`)."""

    async def close(self) -> None:
        """Keep what is still to be kept and say that the log ends here in order. Nothing may be appended after."""


class Logs(Protocol):
    """Where the logs of rooms are found and made."""

    async def find(self, room: str) -> Log | None:
        """The log of a room that was there before, or None.

        Raises SalonError: `not_found` when the room was deleted, `unavailable` when it cannot be read now.
        """

    def make(self, room: str, head: Head, *, lasting: bool) -> Log:
        """An empty log. Unless `lasting`, its first entry is kept only when a second one follows."""

    async def fork(self, source: str, log: Log, at: int, room: str, head: Head) -> Log | None:
        """A log that begins with what `source`'s has up to `at`, or None when that is not to be had any more.

        Raises SalonError (`unavailable`).
        """

    async def delete(self, room: str) -> None:
        """The room's log is gone for readers. Raises SalonError (`unavailable`)."""
