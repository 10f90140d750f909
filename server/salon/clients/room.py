"""A live room for programs: what happens there as an iterator, what one does there as calls that wait for their ack.

It may not know how the connection is kept: that is the link's.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Literal

from salon.clients.backoff import Backoff
from salon.clients.errors import ClientError, ErrorAnswer
from salon.clients.follow.follower import News, Picture
from salon.clients.follow.link import Happening, Link
from salon.contracts.actions import Cancel, Resolve, RoomAction, Send, WhenBusy
from salon.contracts.events import Entry
from salon.contracts.types import Json, Member, Part, Position, TextPart
from salon.contracts.wire import Ack, ErrorPayload, Snapshot, Welcome
from salon.ids import new_id

BACKLOG = 10_000
"""Entries that wait for a program that does not iterate; it then gets a `Picture` in their place."""

UNANSWERED = 32
"""Actions that wait for their ack at once; further ones wait for one of them."""

TRIES = 8
"""How often an action is tried that the server cannot take at the moment."""

PASSING = frozenset({"rate_limited", "unavailable"})
"""It came too fast, or could not be stored: under its id it may come again, and takes effect once."""


class Room:
    """A room that is watched over a connection which comes back by itself; made by `Client.room`.

        async with client.room("kitchen") as room:
            await room.send("What is for dinner?")
            async for news in room:
                match news: ...

    Iterating gives each `Entry` once and in order, from the one after `snapshot` on, whatever happens to the
    connection. Where the server can no longer tell them one by one, a `Picture` comes instead: the room as it is then.
    An action is sent again after a reconnect until the server has answered it; it takes effect once.

    One task iterates; any number may act. Entering raises Unreachable or LinkRefused; so does what waits, later.
    """

    def __init__(
        self, url: str, id: str, *, name: str | None = None, token: str | None = None, backoff: Backoff | None = None
    ) -> None:
        self.id = id
        self._link = Link(url, id, self._happened, name=name, token=token, backoff=backoff)
        self._running: asyncio.Task[None] | None = None
        self._welcome: Welcome | None = None
        self._snapshot: Snapshot | None = None
        self._news: deque[Entry | Picture] = deque()
        self._behind = False
        self._changed = asyncio.Event()
        self._ended: BaseException | None = None
        self._answers: dict[str, asyncio.Future[Ack]] = {}
        self._slots = asyncio.Semaphore(UNANSWERED)

    @property
    def snapshot(self) -> Snapshot:
        """The room as it was when it was entered, or at the last `Picture`."""
        if self._snapshot is None:
            raise RuntimeError("the room has not been entered: async with client.room(…) as room")
        return self._snapshot

    @property
    def welcome(self) -> Welcome:
        """What the server said of itself when this program last connected: its mode, its limits, who this is to it."""
        if self._welcome is None:
            raise RuntimeError("the room has not been entered: async with client.room(…) as room")
        return self._welcome

    @property
    def position(self) -> Position | None:
        """Up to where in the room's log this program has heard."""
        return self._link.follower.position

    @property
    def members(self) -> Mapping[str, Member]:
        """Who watched the room when it was last joined, by connection."""
        return self._link.follower.members

    async def send(
        self, said: str | Sequence[Part], *, to: Sequence[str] | None = None, when_busy: WhenBusy | None = None
    ) -> Ack:
        """Say something; `to` names the agents that must answer. The ack's `result` names the run that it started.

        Raises ValueError for what cannot be said, ErrorAnswer when the room refuses it.
        """
        parts: list[Part] = [TextPart(kind="text", text=said)] if isinstance(said, str) else list(said)
        named = list(to) if to is not None else None
        what = Send(kind="send", id=new_id("a"), room=self.id, parts=parts, to=named, when_busy=when_busy)
        return await self.act(what)

    async def resolve(self, interrupt: str, value: Json = None, *, cancelled: bool = False) -> Ack:
        """Answer a question that an agent asked people, or decline it. Raises ErrorAnswer, as `already_resolved`."""
        status: Literal["resolved", "cancelled"] = "cancelled" if cancelled else "resolved"
        return await self.act(
            Resolve(kind="resolve", id=new_id("a"), room=self.id, interrupt=interrupt, status=status, value=value)
        )

    async def cancel(self, run: str | None = None) -> Ack:
        """Stop a run, or whatever runs in the room."""
        return await self.act(Cancel(kind="cancel", id=new_id("a"), room=self.id, run=run))

    async def act(self, action: RoomAction) -> Ack:
        """Ask anything of the room, and wait for the ack: however long the connection is away.

        Raises ErrorAnswer when the room refuses it.
        """
        async with self._slots:
            for tries in range(1, TRIES + 1):
                try:
                    return await self._answer(action)
                except ErrorAnswer as refused:
                    if refused.code not in PASSING or refused.retry_after is None or tries == TRIES:
                        raise
                    await asyncio.sleep(refused.retry_after)
        raise AssertionError("the last try returns or raises")

    async def __aenter__(self) -> "Room":
        if self._running is not None:
            raise RuntimeError("a room is entered once: make another with client.room(…)")
        self._running = asyncio.create_task(self._link.run(), name=f"room {self.id}")
        self._running.add_done_callback(self._over)
        try:
            while self._snapshot is None:
                await self._change()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})

    def __aiter__(self) -> "Room":
        return self

    async def __anext__(self) -> Entry | Picture:
        while not self._news:
            if self._behind and self._ended is None:
                self._link.start_over()
            try:
                await self._change()
            except _Left:
                raise StopAsyncIteration from None
        return self._news.popleft()

    async def _answer(self, action: RoomAction) -> Ack:
        if self._running is None:
            raise RuntimeError("the room has not been entered: async with client.room(…) as room")
        if self._ended is not None:
            raise self._ended
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._answers[action.id] = answer
        try:
            self._link.send(action)
            return await answer
        finally:
            del self._answers[action.id]

    async def _change(self) -> None:
        """Wait for something to happen. Raises what ended the link."""
        if self._ended is not None:
            raise self._ended
        self._changed.clear()
        await self._changed.wait()

    def _happened(self, what: Happening) -> None:
        match what:
            case Welcome():
                self._welcome = what
            case Picture():
                if self._snapshot is not None:
                    self._keep(what)
                self._snapshot = what.snapshot
            case News():
                for entry in what.entries:
                    self._keep(entry)
            case Ack():
                if answer := self._waiting(what.reply_to):
                    answer.set_result(what)
            case ErrorPayload():
                if answer := self._waiting(what.reply_to):
                    answer.set_exception(_refusal(what))
        self._changed.set()

    def _keep(self, news: Entry | Picture) -> None:
        if isinstance(news, Picture):
            self._behind = False
        elif len(self._news) >= BACKLOG:
            self._news.clear()
            self._behind = True
        if not self._behind:
            self._news.append(news)

    def _waiting(self, id: str | None) -> asyncio.Future[Ack] | None:
        answer = self._answers.get(id or "")
        return answer if answer is not None and not answer.done() else None

    def _over(self, running: asyncio.Task[None]) -> None:
        error = None if running.cancelled() else running.exception()
        self._ended = _Left("the room was left") if error is None else error
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(self._ended)
        self._changed.set()


class _Left(ClientError):
    """The program itself left the room."""


def _refusal(error: ErrorPayload) -> ErrorAnswer:
    return ErrorAnswer(error.code, error.message, retryable=error.retryable, retry_after=error.retry_after)
