"""Idempotency: which actions took effect, so that the same one sent again has no second effect."""

from collections import OrderedDict
from dataclasses import dataclass, replace

from salon.clock import Clock
from salon.contracts.actions import RoomAction
from salon.contracts.runs import Receipt
from salon.errors import SalonError

KEEP_SECONDS = 600.0
KEEP_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Kept:
    content: int
    receipt: Receipt
    at: float


class Receipts:
    """The receipts of one room, by user and action id, kept at least ten minutes."""

    __slots__ = ("_clock", "_kept")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    def find(self, user: str, action: RoomAction) -> Receipt | None:
        """The receipt of the same action done before.

        Raises SalonError (`conflict`) when the id was used for another action.
        """
        kept = self._kept.get((user, action.id))
        if kept is None:
            return None
        if kept.content != _content(action):
            raise SalonError(
                "conflict", f"id {action.id!r} was used for another action; use a new id for each", reply_to=action.id
            )
        return replace(kept.receipt, duplicate=True)

    def keep(self, user: str, action: RoomAction, receipt: Receipt) -> None:
        """Remember what an action did."""
        now = self._clock.monotonic()
        self._kept[(user, action.id)] = _Kept(_content(action), receipt, now)
        while len(self._kept) > KEEP_AT_MOST or next(iter(self._kept.values())).at < now - KEEP_SECONDS:
            self._kept.popitem(last=False)


def _content(action: RoomAction) -> int:
    return hash(action.model_dump_json())
