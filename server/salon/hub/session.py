"""The protocol of one connection as a pure state machine: frames and time go in, effects come out in order.

It may not know sockets, rooms or the event loop.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import orjson

from salon.access.principal import display_name
from salon.contracts.actions import Command, Connect, History, Refresh, Seen, Signal, Subscribe, Unsubscribe, room_of
from salon.contracts.components import STANDARD, Screen
from salon.contracts.decode import ClientMessage
from salon.contracts.runs import Principal
from salon.contracts.types import ClientTool
from salon.contracts.wire import VERSION, Ack, Action, ErrorPayload, Ping, Welcome
from salon.errors import Close, Detail, RequestError, SalonError
from salon.hub.limits import MAX_SIGNAL_BYTES, Pace, Terms


class State(StrEnum):
    """Where a connection stands."""

    AWAITING_CONNECT = "awaiting_connect"  # nothing usable was said yet
    READY = "ready"  # who is there is settled, by `connect` or by the zero handshake
    CLOSED = "closed"  # nothing that still arrives has any effect


_NEXT = {State.AWAITING_CONNECT: {State.READY, State.CLOSED}, State.READY: {State.CLOSED}, State.CLOSED: set[State]()}


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the client this, now."""

    payload: Welcome | Ack | ErrorPayload


@dataclass(frozen=True, slots=True)
class SayPing:
    """Ask the client whether it is there."""

    nonce: str


@dataclass(frozen=True, slots=True)
class SayPong:
    """Answer the client's ping."""

    nonce: str | None


@dataclass(frozen=True, slots=True)
class Do:
    """Carry a command out, after those before it; `Session.answered` when it is done."""

    command: Command


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the connection."""

    code: Close
    reason: str


Effect = Say | SayPing | SayPong | Do | HangUp


def refusal(error: SalonError, *, fatal: bool = False) -> ErrorPayload:
    """An error as the wire tells it; `fatal` says that the connection ends with it."""
    return ErrorPayload.model_validate(
        {
            "code": error.code,
            "message": error.message,
            "retryable": error.spec.retryable and not fatal,
            "fatal": fatal,
            "retry_after": error.retry_after,
            "reply_to": error.reply_to,
            "room": error.room,
            "details": [{"path": at.path, "code": at.code, "message": at.message} for at in error.details] or None,
        }
    )


def guest(session: str) -> str:
    """The user id of an anonymous session: the same for the same secret, and telling nothing of it."""
    return f"guest-{hashlib.sha256(session.encode()).hexdigest()[:20]}"


class Session:
    """One connection's side of the protocol.

    `connection` is its public id; `secret` becomes the session of a client that brings none; `room` is what a client
    watches that does not know the handshake; `user` is who it is, when that is known without asking. `now` is
    monotonic, in seconds, as in every method here.
    """

    __slots__ = (
        "_connection",
        "_heard",
        "_inflight",
        "_known",
        "_pace",
        "_pinged",
        "_pings",
        "_room",
        "_terms",
        "due",
        "principal",
        "rooms",
        "screen",
        "secret",
        "state",
        "tools",
    )

    def __init__(
        self, terms: Terms, *, connection: str, secret: str, room: str, now: float, user: Principal | None = None
    ) -> None:
        self.state = State.AWAITING_CONNECT
        self.secret = secret
        self.principal = user or Principal(guest(secret))
        self.tools: tuple[ClientTool, ...] = ()
        self.screen = STANDARD
        self.rooms: set[str] = set()
        self.due = now + terms.connect_within
        self._terms = terms
        self._connection = connection
        self._room = room
        self._known = user is not None
        self._heard = now
        self._pinged: float | None = None
        self._pings = 0
        self._inflight = 0
        self._pace = Pace(terms, now)

    def receive(self, frame: ClientMessage | SalonError, now: float) -> list[Effect]:
        """What follows from a frame, or from a text that is none (then the error that says why)."""
        if self.state is State.CLOSED:
            return []
        self._heard = now
        self._pinged = None
        if isinstance(frame, SalonError):
            return self._bad_frame(frame, now)
        if self.state is State.READY:
            return self._frame(frame, now)
        if isinstance(frame, Action) and isinstance(frame.payload, Connect):
            return self._connect(frame.payload, now)
        self._ready(now)
        greeting = Subscribe(kind="subscribe", id=f"{self._connection}-0", room=self._room)
        return [*self._command(greeting), *self._frame(frame, now)]

    def receive_binary(self) -> list[Effect]:
        """A binary frame: this protocol has none."""
        return self._hang_up(Close.PROTOCOL_ERROR, "send text frames")

    def tick(self, now: float) -> list[Effect]:
        """What follows from time alone; nothing does before `due`."""
        if self.state is State.CLOSED or now < self.due:
            return []
        if self.state is State.AWAITING_CONNECT:
            return self._hang_up(Close.HANDSHAKE_TIMEOUT, "nothing was said in time")
        if self._pinged is not None:
            return self._hang_up(Close.NO_PONG, "no sign of life after a ping")
        if now < self._heard + self._terms.ping_every:
            self.due = self._heard + self._terms.ping_every
            return []
        self._pinged = now
        self._pings += 1
        self.due = now + self._terms.pong_within
        return [SayPing(str(self._pings))]

    def answered(self) -> None:
        """A command was carried out or refused."""
        self._inflight -= 1

    def ended(self) -> bool:
        """Whether nothing has any effect any more."""
        return self.state is State.CLOSED

    def unwatched(self, room: str) -> None:
        """The room is not watched after all, or is no more."""
        self.rooms.discard(room)

    def close(self) -> None:
        """The connection is gone."""
        if self.state is not State.CLOSED:
            self._move(State.CLOSED)

    def _move(self, to: State) -> None:
        if to not in _NEXT[self.state]:
            raise AssertionError(f"a session cannot go from {self.state} to {to}")
        self.state = to

    def _ready(self, now: float) -> None:
        self._move(State.READY)
        self.due = now + self._terms.ping_every

    def _hang_up(self, code: Close, reason: str) -> list[Effect]:
        if self.state is State.CLOSED:
            return []
        self._move(State.CLOSED)
        return [HangUp(code, reason)]

    def _give_up(self, error: SalonError, code: Close, reason: str) -> list[Effect]:
        return [Say(refusal(error, fatal=True)), *self._hang_up(code, reason)]

    def _bad_frame(self, error: SalonError, now: float) -> list[Effect]:
        if self._pace.unreadable(now):
            return self._give_up(error, Close.TOO_MANY_ERRORS, "too many bad frames")
        return [Say(refusal(error))]

    def _connect(self, connect: Connect, now: float) -> list[Effect]:
        if VERSION not in connect.versions:
            message = f"This server speaks version {VERSION}; offer it in `versions`."
            error = SalonError("unsupported_version", message, reply_to=connect.id)
            return self._give_up(error, Close.UNSUPPORTED_VERSION, message)
        self._ready(now)
        self.secret = connect.session or self.secret
        if not self._known:
            self.principal = Principal(guest(self.secret), display_name(connect.name))
        self.tools = tuple(connect.tools or ())
        self.screen = Screen.of(connect.components, connect.catalogs)
        terms = self._terms
        welcome = Welcome(
            kind="welcome",
            version=VERSION,
            connection=self._connection,
            session=self.secret,
            user=self.principal.user,
            server=terms.server,
            schema_hash=terms.schema_hash,
            mode=terms.mode,
            ping_every=terms.ping_every,
            pong_within=terms.pong_within,
            features=list(terms.features),
            limits=terms.limits,
            reply_to=connect.id,
        )
        return [Say(welcome)]

    def _frame(self, frame: ClientMessage, now: float) -> list[Effect]:
        match frame:
            case Ping(payload=beat):
                wait = self._pace.beat(now)
                return self._too_fast(wait, None, now) if wait else [SayPong(beat.nonce)]
            case Action(payload=payload):
                return self._action(payload, now)
        return []

    def _action(self, action: Command | Refresh | Connect, now: float) -> list[Effect]:
        if isinstance(action, Connect):
            error = RequestError("This connection has its identity already; open another one.", reply_to=action.id)
            return self._give_up(error, Close.PROTOCOL_ERROR, "connected twice")
        wait = self._pace.action(now)
        if wait:
            return self._too_fast(wait, None if isinstance(action, Signal | Seen) else action.id, now)
        if isinstance(action, Refresh):
            # Nobody's rights depend on a token here: there is nothing to renew.
            return [Say(Ack(kind="ack", reply_to=action.id, duplicate=False))]
        return self._command(action)

    def _too_fast(self, wait: float, reply_to: str | None, now: float) -> list[Effect]:
        message = f"At most {self._terms.rate:g} actions a second ({self._terms.burst} at once): slow down."
        error = SalonError("rate_limited", message, retry_after=round(wait, 3), reply_to=reply_to)
        if self._pace.refused(now):
            return self._give_up(error, Close.RATE_LIMITED, message)
        return [Say(refusal(error))]

    def _command(self, command: Command) -> list[Effect]:
        try:
            self._check(command)
        except SalonError as error:
            error.reply_to = None if isinstance(command, Signal | Seen) else command.id
            error.room = room_of(command)
            return [Say(refusal(error))]
        if isinstance(command, Subscribe):
            self.rooms.add(command.room)
        elif isinstance(command, Unsubscribe):
            self.rooms.discard(command.room)
        self._inflight += 1
        return [Do(command)]

    def _check(self, command: Command) -> None:
        limits = self._terms.limits
        watched = room_of(command) in self.rooms
        if self._inflight >= limits.inflight:
            raise SalonError("limit_exceeded", f"{limits.inflight} actions wait for their answer: wait for one.")
        match command:
            case Subscribe(recover=None) if watched:
                message = "This connection watches the room already; give `recover` to start over from a position."
                raise SalonError("already_subscribed", message)
            case Subscribe() if not watched and len(self.rooms) >= limits.rooms:
                message = f"A connection watches at most {limits.rooms} rooms: unsubscribe from one first."
                raise SalonError("limit_exceeded", message)
            case Unsubscribe() | Signal() | Seen() if not watched:
                raise SalonError("not_subscribed", "This connection does not watch the room: subscribe first.")
            case Signal(data=dict() as data) if len(orjson.dumps(data)) > MAX_SIGNAL_BYTES:
                raise SalonError("too_large", f"A signal's data is at most {MAX_SIGNAL_BYTES} bytes: send a message.")
            case History(before=int(), after=int()):
                hint = "Give `before` or `after`, not both."
                raise RequestError(hint, [Detail("/payload/after", "one_of", hint)])
