"""What one connection may do, and what it is told of the server: the numbers behind `welcome`. Pure."""

from dataclasses import dataclass
from typing import Literal

from salon.contracts.wire import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of every connection; times in seconds.

    `limits` is told to clients as it stands; the rest is the server's own business or has its own place in `welcome`.
    """

    server: str
    schema_hash: str
    mode: Literal["live", "mock"]
    features: tuple[str, ...] = ("recover", "presence", "resync", "history", "fork")
    limits: Limits = Limits(
        frame_bytes=65_536,
        json_depth=32,
        rooms=64,
        actions_per_second=20,
        inflight=64,
        queue_frames=1000,
        history_page=200,
        recover_events=500,
        recover_seconds=300,
    )
    burst: int = 40
    outbox_bytes: int = 1_048_576
    connect_within: float = 10.0
    ping_every: float = 25.0
    pong_within: float = 10.0
    slow_grace: float = 10.0
    connections: int = 10_000


class Bucket:
    """A token bucket: `rate` a second on average, `burst` at once. Time is the caller's, in seconds."""

    __slots__ = ("_burst", "_rate", "_since", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._since = now

    def take(self, now: float) -> float:
        """Take one token. 0.0 when there was one, else the seconds until there is; then nothing was taken."""
        self._tokens = min(self._burst, self._tokens + (now - self._since) * self._rate)
        self._since = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._rate
        self._tokens -= 1
        return 0.0
