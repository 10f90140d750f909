"""Threads as lists and searches show them: the rooms' records, without what was said in them."""

from typing import Literal, Protocol

from salon.contracts.types import Id, Label, Obj, Opt, Seq, Text, Ts, Wire


class ThreadRow(Wire):
    """A thread in a list: a room's record. What was found for a query is told in `snippet`, `message` and `seq`."""

    room: Id
    title: Opt[Label] = None
    archived: bool
    shared: bool
    user: Opt[Id] = None
    agent: Opt[Id] = None
    created_at: Ts
    updated_at: Ts
    messages: Seq
    forked_from: Opt[Id] = None
    snippet: Opt[Text] = None
    message: Opt[Id] = None
    seq: Opt[Seq] = None


class ThreadPage(Wire):
    """The answer to `threads`; with `cursor`, the next page is to be had."""

    kind: Literal["threads"]
    reply_to: Id
    threads: list[ThreadRow]
    cursor: Opt[Label] = None


class ThreadIndex(Protocol):
    """What there is to know of threads without entering their rooms. Methods raise SalonError."""

    async def find(
        self, user: str, *, archived: bool | None, query: str | None, cursor: str | None, limit: int
    ) -> tuple[list[ThreadRow], str | None]:
        """A page of a user's threads, of those with `query` in them if given; and where the next page begins."""

    async def stats(self, room: str, user: str) -> Obj:
        """How large a thread is that `user` may read."""
