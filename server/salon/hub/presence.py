"""Who is in a room, who is typing, what they signal: the ephemeral lane of one room, merged between two looks. Pure."""

from salon.contracts.actions import Signal
from salon.contracts.types import Json, Member
from salon.contracts.wire import Ephemeral

EXPIRES = 30.0
"""Seconds until a signal that is not repeated no longer holds."""

MAX_LISTED = 256
"""Members listed to a newcomer; a crowd is not a list."""


class Presence:
    """The members of one room. Times are monotonic, in seconds."""

    __slots__ = ("_joins", "_leaves", "_members", "_room", "_signals", "_typing", "_typing_changed", "_until")

    def __init__(self, room: str) -> None:
        self._room = room
        self._members: dict[str, Member] = {}
        self._typing: set[str] = set()
        self._until: dict[str, float] = {}
        self._joins: dict[str, Member] = {}
        self._leaves: set[str] = set()
        self._signals: dict[str, dict[str, Json]] = {}
        self._typing_changed = False

    def members(self) -> list[Member]:
        """Who is here, those who came first first."""
        return list(self._members.values())[:MAX_LISTED]

    def join(self, member: Member) -> None:
        """Someone came."""
        self._members[member.client] = self._joins[member.client] = member
        self._leaves.discard(member.client)

    def leave(self, client: str) -> None:
        """Someone went."""
        if self._members.pop(client, None) is None:
            return
        # Also of someone not announced yet: a newcomer may have been given the list with them on it.
        self._leaves.add(client)
        self._joins.pop(client, None)
        self._signals.pop(client, None)
        self._until.pop(client, None)
        self._type(client, typing=False)

    def signal(self, client: str, signal: Signal, now: float) -> None:
        """Someone types, or says how they are."""
        member = self._members.get(client)
        if member is None:
            return
        self._until[client] = now + EXPIRES
        if signal.typing is not None:
            self._type(client, typing=signal.typing)
        said: dict[str, Json] = {}
        if signal.status is not None:
            said["status"] = signal.status
        if signal.data is not None:
            said["data"] = signal.data
        if said:
            self._members[client] = member.model_copy(update=said)
            self._signals.setdefault(client, {}).update(said)

    def seen(self, client: str, seq: int) -> None:
        """Someone has read up to `seq`."""
        if client in self._members:
            self._signals.setdefault(client, {})["seen"] = seq

    def expire(self, now: float) -> None:
        """Forget signals that were not repeated."""
        if not self._until:
            return
        for client in [client for client, until in self._until.items() if until <= now]:
            del self._until[client]
            self._type(client, typing=False)
            self._members[client] = self._members[client].model_copy(update={"status": None, "data": None})

    @property
    def moved(self) -> bool:
        """Whether someone came or went."""
        return bool(self._joins or self._leaves)

    @property
    def spoke(self) -> bool:
        """Whether someone signalled, began to type or stopped."""
        return bool(self._signals) or self._typing_changed

    def take(self) -> Ephemeral:
        """Everything since the last time; `typing` is always everyone who types now."""
        news = Ephemeral(
            kind="ephemeral",
            room=self._room,
            joins=list(self._joins.values()),
            leaves=sorted(self._leaves),
            typing=sorted(self._typing),
            signals=dict(self._signals),
        )
        self._joins = {}
        self._leaves = set()
        self._signals = {}
        self._typing_changed = False
        return news

    def _type(self, client: str, *, typing: bool) -> None:
        if typing == (client in self._typing):
            return
        self._typing_changed = True
        if typing:
            self._typing.add(client)
        else:
            self._typing.discard(client)
