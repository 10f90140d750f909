"""Decides from what happens in rooms which of the built-in jobs are due. Pure; may not know the queue."""

from collections import OrderedDict
from dataclasses import dataclass, field

from salon.contracts.events import MsgDone, RunFinished
from salon.contracts.feed import Published
from salon.contracts.runs import is_known
from salon.contracts.types import Obj
from salon.jobs.chores.facts import EXTRACT_USER_FACTS
from salon.jobs.chores.summary import SUMMARIZE_THREAD
from salon.jobs.chores.title import GENERATE_TITLE

ROOMS = 10_000
"""Rooms that are kept count of: those where something happened last."""

USERS = 1_000
"""Users of one room that are kept count of: those who came last."""


@dataclass(frozen=True, slots=True)
class Due:
    """A job to be put; `key` lets it be there once."""

    name: str
    payload: Obj
    key: str


@dataclass(slots=True)
class _Told:
    """What one user said that was not yet read for facts: how much, and the seq before it."""

    before: int
    messages: int = 0


@dataclass(slots=True)
class _Count:
    messages: int = 0
    told: dict[str, _Told] = field(default_factory=dict)


class Dispatch:
    """Counts what is said in each room; nothing is due before a run there has ended well.

    The count starts anew with the process: then a job may come later by as much, and none is lost for good.

    Args:
        summary_every: messages after which a room may have something to summarise.
        facts_every: messages of one user in one room after which they are read for facts; of nobody whom none knows.
    """

    def __init__(self, *, summary_every: int = 20, facts_every: int = 3) -> None:
        self._summary_every = summary_every
        self._facts_every = facts_every
        self._rooms: OrderedDict[str, _Count] = OrderedDict()

    def after(self, item: Published, *, titled: bool) -> list[Due]:
        """What is due after this entry; `titled`: the room has a title already."""
        match item.entry.body:
            case MsgDone(author=author):
                count = self._count(item.room)
                count.messages += 1
                if author.role == "user" and is_known(author.id):
                    count.told.setdefault(author.id, _Told(item.entry.seq - 1)).messages += 1
                    if len(count.told) > USERS:
                        del count.told[next(iter(count.told))]
            case RunFinished(outcome="success"):
                return self._due(item.room, titled)
        return []

    def forget(self, room: str) -> None:
        """The room is deleted, or let go."""
        self._rooms.pop(room, None)

    def _count(self, room: str) -> _Count:
        count = self._rooms.setdefault(room, _Count())
        self._rooms.move_to_end(room)
        if len(self._rooms) > ROOMS:
            self._rooms.popitem(last=False)
        return count

    def _due(self, room: str, titled: bool) -> list[Due]:
        count = self._count(room)
        due = [] if titled else [_due(GENERATE_TITLE, room)]
        if count.messages >= self._summary_every:
            count.messages = 0
            due.append(_due(SUMMARIZE_THREAD, room))
        for user in [user for user, told in count.told.items() if told.messages >= self._facts_every]:
            told = count.told.pop(user)
            payload: Obj = {"thread_id": room, "user_id": user, "after": told.before}
            due.append(Due(EXTRACT_USER_FACTS, payload, f"{EXTRACT_USER_FACTS}:{room}:{user}"))
        return due


def _due(name: str, room: str) -> Due:
    return Due(name, {"thread_id": room}, f"{name}:{room}")
