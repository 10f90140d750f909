"""One client's connection: carries out what its session decides, and puts the answers into its outbox.

It may not know which server or socket is behind its link.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import structlog

from salon.clock import Clock
from salon.contracts.actions import (
    Command,
    FindThreads,
    History,
    RoomAction,
    Seen,
    Signal,
    Stats,
    Subscribe,
    Unsubscribe,
    room_of,
)
from salon.contracts.decode import decode_client
from salon.contracts.encode import FrameType, frame_bytes
from salon.contracts.runs import Principal, Receipt
from salon.contracts.threads import ThreadIndex, ThreadPage
from salon.contracts.types import Member, Wire
from salon.contracts.wire import Ack, Beat, ErrorPayload, HistoryPage, Notice, Unsubscribed
from salon.errors import Close, SalonError
from salon.hub.frames import Frames
from salon.hub.limits import Terms
from salon.hub.outbox import Link, Outbox
from salon.hub.session import Do, Effect, HangUp, Say, SayPing, SayPong, Session, refusal
from salon.hub.watchers import RoomHandle, Watchers
from salon.ids import new_id

log = structlog.get_logger(__name__)


class House(Protocol):
    """Where a connection finds rooms, and says that it is gone."""

    @property
    def threads(self) -> ThreadIndex:
        """What there is to know of threads."""

    async def open(self, room: str, who: Principal) -> RoomHandle:
        """Find or open a room. Raises SalonError, also when `who` may not enter."""

    def watchers(self, room: RoomHandle) -> Watchers:
        """Everyone who watches the room, ready to be joined."""

    def left(self, connection: "Connection") -> None:
        """The connection is gone for good."""


class Connection:
    """See the module. `secret` is the session of a client that brings none; `room` is where a simple client is."""

    __slots__ = (
        "__weakref__",
        "_clock",
        "_commands",
        "_house",
        "_link",
        "_outbox",
        "_room",
        "_session",
        "_terms",
        "_watched",
        "_worker",
        "address",
        "id",
    )

    def __init__(
        self,
        link: Link,
        house: House,
        clock: Clock,
        terms: Terms,
        *,
        id: str,
        secret: str,
        room: str,
        address: str | None,
        user: Principal | None,
    ) -> None:
        self.id = id
        self.address = address
        self._link = link
        self._house = house
        self._clock = clock
        self._terms = terms
        self._room = room
        self._session = Session(terms, connection=id, secret=secret, room=room, now=clock.monotonic(), user=user)
        self._outbox = Outbox(link, self, clock, max_frames=terms.limits.queue_frames, max_bytes=terms.outbox_bytes)
        self._commands: deque[Command] | None = None
        self._worker: asyncio.Task[None] | None = None
        self._watched: dict[str, Watchers] = {}

    def receive(self, text: str) -> None:
        """A text frame arrived."""
        now = self._clock.monotonic()
        try:
            frame = decode_client(text, self._terms.limits, room=self._room, new_id=_action_id, now=self._clock.time())
        except SalonError as error:
            self._carry_out(self._session.receive(error, now))
        else:
            self._carry_out(self._session.receive(frame, now))

    def receive_binary(self) -> None:
        """A binary frame arrived."""
        self._carry_out(self._session.receive_binary())

    def tick(self, now: float) -> None:
        """Time has passed (`now` is monotonic)."""
        if now >= self._session.due:
            self._carry_out(self._session.tick(now))
        since = self._outbox.stuck_since
        if since is not None and now - since >= self._terms.slow_grace:
            self.close(Close.SLOW_CONSUMER, "frames were not read fast enough")

    def drained(self) -> None:
        """The link takes data again."""
        self._outbox.drained()

    def dismiss(self) -> None:
        """The server shuts down: ask the client to come back elsewhere."""
        self._say("state_update", Notice(kind="notice", code="draining", message="The server stops; connect again."))
        self.close(Close.DRAINING, "the server stops")

    def close(self, code: Close, reason: str) -> None:
        """End the connection from this side."""
        self._session.close()
        self._hang_up(code, reason)

    def gone(self) -> None:
        """The connection has ended. What was asked for is still done; that its asker left does not take it back."""
        self._session.close()
        self._leave()

    def room_gone(self, room: str, code: str) -> None:
        """A room that is watched is no more."""
        watchers = self._watched.pop(room)
        watchers.remove(self.id)
        self._session.unwatched(room)
        self._say("state_update", Unsubscribed(kind="unsubscribed", room=room, code=code))

    async def finished(self) -> None:
        """Wait until everything that was asked for is done."""
        if self._worker:
            await asyncio.wait([self._worker])

    def resync(self, room: str) -> Frames:
        """See `Owner`."""
        return self._watched[room].resync()

    def overrun(self) -> None:
        """See `Owner`."""
        self.close(Close.SLOW_CONSUMER, "answers were not read fast enough")

    def _carry_out(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Say(payload):
                    self._say("error" if isinstance(payload, ErrorPayload) else "state_update", payload)
                case SayPing(nonce):
                    self._say("ping", Beat(nonce=nonce, sent=self._clock.time()))
                case SayPong(nonce):
                    self._say("pong", Beat(nonce=nonce, server_time=self._clock.time()))
                case Do(command):
                    self._queue(command)
                case HangUp(code, reason):
                    self._hang_up(code, reason)

    def _say(self, type_: FrameType, payload: Wire) -> None:
        self._outbox.reply(Frames([frame_bytes(type_, payload, self._clock.time())]))

    def _hang_up(self, code: Close, reason: str) -> None:
        log.info("connection_closed", connection=self.id, code=int(code), reason=reason)
        self._leave()
        self._link.close(code, reason)

    def _leave(self) -> None:
        self._outbox.close()
        watched, self._watched = self._watched, {}
        for watchers in watched.values():
            watchers.remove(self.id)
        self._house.left(self)

    def _queue(self, command: Command) -> None:
        if self._commands is None:
            self._commands = deque()
        self._commands.append(command)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(self._commands), name=f"{self.id} commands")

    async def _work(self, commands: deque[Command]) -> None:
        """Carry out commands one after the other, so that a client's actions take effect in its order.

        A task exists only while there is something to do: idle connections are many.
        """
        while commands:
            command = commands.popleft()
            try:
                await self._execute(command)
            except SalonError as error:
                self._refuse(command, error)
            except Exception:
                trace = new_id("err")
                log.exception(
                    "command_failed", error=trace, connection=self.id, room=room_of(command), kind=command.kind
                )
                message = f"Something went wrong on the server; its log has the details under {trace}."
                self._refuse(command, SalonError("internal", message))
            finally:
                self._session.answered()
        self._commands = None
        self._worker = None

    def _refuse(self, command: Command, error: SalonError) -> None:
        if isinstance(command, Subscribe) and command.room not in self._watched:
            self._session.unwatched(command.room)
        told = refusal(error)
        reply_to = None if isinstance(command, Signal | Seen) else command.id
        self._say("error", told.model_copy(update={"reply_to": told.reply_to or reply_to, "room": room_of(command)}))

    async def _execute(self, command: Command) -> None:
        match command:
            case Subscribe():
                await self._subscribe(command)
            case Unsubscribe():
                watchers = self._watched.pop(command.room, None)
                if watchers is None:
                    raise SalonError("not_subscribed", "This connection does not watch the room.")
                watchers.remove(self.id)
                answer = Unsubscribed(kind="unsubscribed", room=command.room, code="requested", reply_to=command.id)
                self._say("state_update", answer)
            case History():
                await self._history(command)
            case FindThreads():
                await self._find(command)
            case Stats():
                result = await self._house.threads.stats(command.room, self._session.principal.user)
                self._ack(command, Receipt(result=result))
            case Signal() | Seen():
                watchers = self._watched.get(command.room)
                if watchers:
                    watchers.signal(self.id, command)
            case _:
                await self._act(command)

    async def _subscribe(self, subscribe: Subscribe) -> None:
        await self._outbox.flowing()
        who = self._session.principal
        room = await self._house.open(subscribe.room, who)
        if self._session.ended():
            return
        member = Member(client=self.id, user=who.user, role="user", name=who.name)
        watchers = self._house.watchers(room)
        watchers.add(self.id, self._outbox, subscribe, member, self._session.screen)
        if self._session.ended():  # the answer was more than the client had room for
            watchers.remove(self.id)
        else:
            self._watched[subscribe.room] = watchers

    async def _history(self, asked: History) -> None:
        await self._outbox.flowing()
        room = await self._house.open(asked.room, self._session.principal)
        limit = min(asked.limit, self._terms.limits.history_page)
        entries, more = await room.history(before=asked.before, after=asked.after, limit=limit)
        page = HistoryPage(
            kind="history", reply_to=asked.id, room=asked.room, position=room.position, entries=entries, more=more
        )
        self._say("state_update", page)

    async def _find(self, asked: FindThreads) -> None:
        await self._outbox.flowing()
        limit = min(asked.limit, self._terms.limits.history_page)
        user, query, cursor = self._session.principal.user, asked.query, asked.cursor
        rows, more = await self._house.threads.find(
            user, archived=asked.archived, query=query, cursor=cursor, limit=limit
        )
        self._say("state_update", ThreadPage(kind="threads", reply_to=asked.id, threads=rows, cursor=more))

    async def _act(self, action: RoomAction) -> None:
        who = self._session.principal
        room = await self._house.open(action.room, who)
        self._ack(action, await room.act(who, action, tools=self._session.tools))

    def _ack(self, action: RoomAction | Stats, done: Receipt) -> None:
        ack = Ack(
            kind="ack",
            reply_to=action.id,
            duplicate=done.duplicate,
            room=action.room,
            seq=done.seq,
            result=done.result,
        )
        self._say("state_update", ack)


def _action_id() -> str:
    return new_id("act")
