"""What one connection may do, and what it is told of the server: the numbers behind `welcome`. Pure."""

from dataclasses import dataclass, field
from typing import Literal

from salon.contracts.wire import Limits
from salon.settings import Settings

MAX_BAD_FRAMES = 10
BAD_FRAME_WINDOW = 60.0
"""So many frames that nobody can read, within so many seconds, end a connection."""

PATIENCE = 5
"""How many bursts of refused actions a client may send before its connection ends."""

MAX_SIGNAL_BYTES = 4096
"""Bytes of a signal's data: it goes to everyone in the room, and nobody can ask for less."""

FEATURES = ("recover", "resync", "presence", "history", "fork", "client_tools", "zero_handshake")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of every connection; all times in seconds.

    `limits` is told to clients as it stands. `schema_hash` names the exact contract that this server speaks.
    """

    server: str
    schema_hash: str
    mode: Literal["live", "mock"]
    limits: Limits = field(default_factory=lambda: told(Settings()))
    features: tuple[str, ...] = FEATURES
    rate: float = 20.0
    burst: int = 40
    outbox_bytes: int = 1_048_576
    connect_within: float = 10.0
    ping_every: float = 25.0
    pong_within: float = 10.0
    slow_grace: float = 10.0
    connections: int = 10_000
    connections_per_ip: int | None = None

    @classmethod
    def of(cls, settings: Settings, *, server: str, schema_hash: str, mode: Literal["live", "mock"]) -> "Terms":
        """The terms that `settings` ask for."""
        return cls(
            server=server,
            schema_hash=schema_hash,
            mode=mode,
            limits=told(settings),
            rate=settings.actions_per_second,
            burst=settings.actions_burst,
            outbox_bytes=settings.outbox_bytes,
            connect_within=settings.connect_timeout,
            ping_every=settings.ping_every,
            pong_within=settings.pong_within,
            slow_grace=settings.slow_grace,
            connections=settings.max_connections,
            connections_per_ip=settings.max_connections_per_ip,
        )


def told(settings: Settings) -> Limits:
    """The limits as `welcome` tells them."""
    return Limits(
        frame_bytes=settings.frame_bytes,
        json_depth=settings.json_depth,
        rooms=settings.rooms_per_connection,
        actions_per_second=max(1, int(settings.actions_per_second)),
        inflight=settings.actions_inflight,
        queue_frames=settings.outbox_frames,
        history_page=settings.history_page,
        recover_events=settings.recover_events,
        recover_seconds=max(1, int(settings.recover_seconds)),
    )


class Bucket:
    """A token bucket: `rate` a second on average, `burst` at once. Time is the caller's, in seconds."""

    __slots__ = ("_burst", "_rate", "_since", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._since = now

    def take(self, now: float) -> float:
        """Take one token: 0.0, or, when there is none, the seconds until there is one; then nothing was taken."""
        self._tokens = min(self._burst, self._tokens + (now - self._since) * self._rate)
        self._since = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._rate
        self._tokens -= 1
        return 0.0


class Pace:
    """How fast one client talks. All times are monotonic, in seconds."""

    __slots__ = ("_actions", "_bad", "_beats", "_patience")

    def __init__(self, terms: Terms, now: float) -> None:
        self._actions = Bucket(terms.rate, terms.burst, now)
        self._patience = Bucket(terms.rate, PATIENCE * terms.burst, now)
        # Heartbeats cost little, but not nothing.
        self._beats = Bucket(10 * terms.rate, 10 * terms.burst, now)
        self._bad: list[float] | None = None

    def action(self, now: float) -> float:
        """An action comes: 0.0 when it may, else in how many seconds it might."""
        return self._actions.take(now)

    def beat(self, now: float) -> float:
        """A ping comes: likewise."""
        return self._beats.take(now)

    def refused(self, now: float) -> bool:
        """Something came too early; whether that was once too often."""
        return self._patience.take(now) > 0

    def unreadable(self, now: float) -> bool:
        """A frame could not be read; whether that was once too often."""
        recent = [at for at in self._bad or () if now - at < BAD_FRAME_WINDOW]
        self._bad = [*recent, now]
        return len(self._bad) >= MAX_BAD_FRAMES
