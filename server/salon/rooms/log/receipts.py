"""Idempotency: which actions took effect, so that the same one sent again has no second effect."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from salon.clock import Clock
from salon.contracts.actions import RoomAction
from salon.contracts.runs import Receipt
from salon.errors import SalonError

KEEP_SECONDS = 600.0
KEEP_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Kept:
    """The receipt of a user's action; `digest` tells another action under the same id, `at` is wall time."""

    user: str
    action: str
    digest: bytes
    receipt: Receipt
    at: float


class Receipts:
    """The receipts of one room, by user and action id, kept at least ten minutes; `known` are those from before."""

    __slots__ = ("_acting", "_clock", "_kept")

    def __init__(self, clock: Clock, known: Iterable[Kept] = ()) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], Kept] = OrderedDict(((k.user, k.action), k) for k in known)
        self._acting: dict[tuple[str, str], asyncio.Event] = {}

    @asynccontextmanager
    async def turn(self, user: str, action: RoomAction) -> AsyncIterator[None]:
        """Wait until nobody else is just doing the same action: it must not be done twice."""
        key = (user, action.id)
        while key in self._acting:
            await self._acting[key].wait()
        self._acting[key] = done = asyncio.Event()
        try:
            yield
        finally:
            del self._acting[key]
            done.set()

    def find(self, user: str, action: RoomAction) -> Receipt | None:
        """The receipt of the same action done before.

        Raises SalonError (`conflict`) when the id was used for another action.
        """
        kept = self._kept.get((user, action.id))
        if kept is None:
            return None
        if kept.digest != _digest(action):
            raise SalonError(
                "conflict", f"id {action.id!r} was used for another action; use a new id for each", reply_to=action.id
            )
        return replace(kept.receipt, duplicate=True)

    def keep(self, user: str, action: RoomAction, receipt: Receipt) -> Kept:
        """Remember what an action did."""
        now = self._clock.time()
        kept = self._kept[(user, action.id)] = Kept(user, action.id, _digest(action), receipt, now)
        while len(self._kept) > KEEP_AT_MOST or next(iter(self._kept.values())).at < now - KEEP_SECONDS:
            self._kept.popitem(last=False)
        return kept


def _digest(action: RoomAction) -> bytes:
    return hashlib.blake2b(action.model_dump_json().encode(errors="surrogatepass"), digest_size=16).digest()
