"""Owns the connection of one client to one room: it comes back by itself, resumes where it was and loses no action.

It may not know what people see; it tells what happens through a callback, in order.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from pydantic_core import PydanticSerializationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from salon.clients.backoff import Backoff
from salon.clients.errors import ErrorAnswer, LinkRefused, Unreachable
from salon.clients.follow.follower import Follower, Gap, News, Picture
from salon.clients.follow.frames import Arrived, Frame, decode
from salon.clock import Clock, SystemClock
from salon.contracts.actions import Connect, RoomAction, Subscribe
from salon.contracts.encode import frame_bytes
from salon.contracts.types import Wire
from salon.contracts.wire import (
    SUBPROTOCOL,
    VERSION,
    Ack,
    Beat,
    Ephemeral,
    ErrorPayload,
    Notice,
    Ping,
    Resync,
    Subscribed,
    Unsubscribed,
    Welcome,
)
from salon.errors import Close
from salon.ids import new_id

FRAME_LIMIT = 16 * 1024 * 1024
"""The largest frame taken from a server, in bytes: a snapshot of a long conversation is one frame."""

OPEN_WITHIN = 10.0
"""Seconds that a server has to accept a connection, and again to say welcome."""

_CLOSED: dict[int, str] = {
    Close.UNAUTHENTICATED: "the server wants a valid token",
    Close.PROTOCOL_ERROR: "the server did not understand this client",
    Close.FORBIDDEN: "the server does not allow this",
    Close.CONNECTION_LIMIT: "the server takes no more connections from here",
    Close.UNSUPPORTED_VERSION: "the server speaks another version of the protocol",
    Close.TOO_MANY_ERRORS: "the server got too many bad frames from here",
    Close.ROOM_GONE: "the room is gone",
}


@dataclass(frozen=True, slots=True)
class Joined:
    """The room is being watched; `back` after a time without connection. The room's `News` or `Picture` follows."""

    back: bool


@dataclass(frozen=True, slots=True)
class Away:
    """The connection is gone; the next try comes in `wait` seconds."""

    wait: float


Happening = Welcome | Joined | Away | News | Picture | Ephemeral | Ack | ErrorPayload | Notice


class Link:
    """A connection that `run` keeps up until it is cancelled or refused.

    `tell` gets everything that happens, synchronously and in order. `name` is how others see the person, `token` who
    that is. Actions are sent again after a reconnect until the server has answered them; their ids make that harmless.
    """

    def __init__(
        self,
        url: str,
        room: str,
        tell: Callable[[Happening], None],
        *,
        name: str | None = None,
        token: str | None = None,
        backoff: Backoff | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Clock | None = None,
    ) -> None:
        self.url = complete(url)
        self.follower = Follower(room)
        self._tell = tell
        self._name = name
        self._token = token
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self._clock = clock or SystemClock()
        self._session: str | None = None
        self._limit: int | None = None
        self._joined = False
        self._anew = False
        self._subscription = ""
        self._unanswered: dict[str, RoomAction] = {}
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()

    @property
    def unanswered(self) -> int:
        """How many actions the server has not answered yet."""
        return len(self._unanswered)

    def send(self, action: RoomAction) -> None:
        """Ask something of the room, now or as soon as there is a connection.

        Raises ErrorAnswer for what no server could even read: of a broken frame it does not know whose it is.
        """
        try:
            size = len(self._frame(action))
        except PydanticSerializationError:  # half a surrogate pair, as a text has that was cut in an emoji
            raise ErrorAnswer("bad_request", "a text has no UTF-8 form: leave out lone surrogates") from None
        if self._limit is not None and size > self._limit:
            raise ErrorAnswer("too_large", f"the server takes at most {self._limit} bytes at once: send less")
        self._unanswered[action.id] = action
        if self._joined:
            self._put(action)

    def start_over(self) -> None:
        """Ask for a `Picture` of the room: the next thing that counts, in place of entries that were not kept."""
        if not self._anew:
            self._anew = True
            if self._joined:
                self._subscribe()

    async def run(self) -> None:
        """Connect, follow, come back. Raises LinkRefused when that cannot help, Unreachable when it never succeeded."""
        attempt, been_there = 0, False
        while True:
            reached = await self._once()
            been_there = been_there or reached
            if not been_there:
                raise Unreachable(f"no Salon server answers at {self.url}: start one with `salon serve`")
            attempt = 0 if reached else attempt + 1
            wait = self._backoff.wait(attempt)
            self._tell(Away(wait))
            await self._sleep(wait)

    async def _once(self) -> bool:
        """One connection from its opening to its end; whether it got as far as the room."""
        try:
            async with connect(
                self.url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                open_timeout=OPEN_WITHIN,
                close_timeout=1,
                max_size=FRAME_LIMIT,
                compression=None,
                ping_interval=None,  # the protocol has a heartbeat of its own
                proxy=None if _is_local(self.url) else True,
            ) as socket:
                try:
                    await self._follow(socket)
                except asyncio.CancelledError:
                    await socket.close()  # left on purpose, which must not look like an error to the server
                    raise
        except InvalidStatus as refused:
            status = refused.response.status_code
            if status < 500 and status not in {408, 425, 429}:
                raise LinkRefused(f"{self.url} is no Salon server, or refuses this client (HTTP {status})") from None
        except InvalidURI:
            raise LinkRefused(f"{self.url} is no address of a server: write ws://HOST:PORT") from None
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            if code >= Close.UNAUTHENTICATED and code != Close.HANDSHAKE_TIMEOUT:
                raise LinkRefused(_CLOSED.get(code, f"the server closed the connection for good ({code})")) from None
        except (OSError, InvalidHandshake):
            pass  # nobody there, or not yet (TimeoutError included): that is what the next try is for
        finally:
            reached, self._joined = self._joined, False
        return reached

    async def _follow(self, socket: ClientConnection) -> None:
        hello = Connect(
            kind="connect",
            id=new_id("c"),
            versions=[VERSION],
            name=self._name,
            session=self._session,
            token=self._token,
        )
        await socket.send(self._frame(hello), text=True)
        self._outgoing = asyncio.Queue()
        silence = OPEN_WITHIN
        writer = asyncio.create_task(self._write(socket))
        try:
            while True:
                async with asyncio.timeout(silence):
                    frame = decode(await socket.recv())
                if isinstance(frame, Welcome):
                    silence = frame.ping_every + 2 * frame.pong_within
                if frame is not None:
                    self._receive(frame)
        finally:
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer

    async def _write(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):  # the reading side notices the same and says why
            while True:
                await socket.send(await self._outgoing.get(), text=True)

    def _receive(self, frame: Frame) -> None:
        match frame:
            case Welcome():
                self._session = frame.session
                self._limit = frame.limits.frame_bytes
                self._tell(frame)
                self._subscribe()
            case Subscribed() | Arrived() | Resync():
                self._room(frame)
            case Ack():
                self._unanswered.pop(frame.reply_to, None)
                self._tell(frame)
            case ErrorPayload(reply_to=answered, retryable=False) if answered == self._subscription:
                raise LinkRefused(f"the room cannot be watched: {frame.message}")
            case ErrorPayload(reply_to=str(answered)) if answered == self._subscription:
                wait = frame.retry_after or self._backoff.wait(0)
                asyncio.get_running_loop().call_later(wait, self._subscribe_again, answered)
            case ErrorPayload():
                self._unanswered.pop(frame.reply_to or "", None)
                self._tell(frame)
            case Ephemeral() | Notice():
                self._tell(frame)
            case Unsubscribed(room=room, code="lost") if room == self.follower.room:
                self._subscribe()
            case Unsubscribed(room=room, code=code) if room == self.follower.room:
                raise LinkRefused(f"the server stopped showing this room ({code})")
            case Ping():
                self._outgoing.put_nowait(frame_bytes("pong", Beat(nonce=frame.payload.nonce), self._clock.time()))
            case _:
                pass

    def _room(self, frame: Subscribed | Arrived | Resync) -> None:
        back = self.follower.position is not None
        step = self.follower.receive(frame)
        if isinstance(step, Gap):
            self._subscribe()
            return
        self._anew = self._anew and not isinstance(step, Picture)
        joins = isinstance(frame, Subscribed) and frame.room == self.follower.room and not self._joined
        if joins:
            self._tell(Joined(back))
        if step is not None:
            self._tell(step)
        if joins:
            self._joined = True
            for action in self._unanswered.values():
                self._put(action)

    def _subscribe(self) -> None:
        self._subscription = new_id("s")
        self._put(self.follower.subscribe(self._subscription, anew=self._anew))

    def _subscribe_again(self, refused: str) -> None:
        if self._subscription == refused:  # else a newer connection has asked by itself
            self._subscribe()

    def _put(self, action: RoomAction | Subscribe) -> None:
        self._outgoing.put_nowait(self._frame(action))

    def _frame(self, payload: Wire) -> bytes:
        return frame_bytes("action", payload, self._clock.time())


def complete(url: str) -> str:
    """The address of the socket: `http://host`, `host:8000` and a bare `ws://host` mean /ws/agent there."""
    if "://" not in url:
        url = f"ws://{url}"
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    path = parts.path if parts.path.strip("/") else "/ws/agent"
    return urlunsplit((scheme, parts.netloc, path, parts.query, ""))


def _is_local(url: str) -> bool:
    return (urlsplit(url).hostname or "") in {"localhost", "127.0.0.1", "::1"}
