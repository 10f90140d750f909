"""The one error table: each code's HTTP status, OpenAI error type and whether trying again can help; and close codes.

    SalonError               anything that may be told to a client
    └── RequestError         the request itself is wrong; `details` name the fields

Close codes follow one rule: 4000-4499 reconnect, 4500-4999 are terminal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class ErrorSpec:
    """How one wire code looks on the other surfaces."""

    status: int
    type: str
    retryable: bool = False


ERRORS: dict[str, ErrorSpec] = {
    "bad_request": ErrorSpec(400, "invalid_request_error"),
    "unsupported_version": ErrorSpec(400, "invalid_request_error"),
    "unauthenticated": ErrorSpec(401, "authentication_error"),
    "token_expired": ErrorSpec(401, "authentication_error"),
    "forbidden": ErrorSpec(403, "permission_error"),
    "not_found": ErrorSpec(404, "invalid_request_error"),
    "not_subscribed": ErrorSpec(409, "invalid_request_error"),
    "already_subscribed": ErrorSpec(409, "invalid_request_error"),
    "conflict": ErrorSpec(409, "invalid_request_error"),
    "stale_state": ErrorSpec(409, "invalid_request_error"),
    "already_resolved": ErrorSpec(409, "invalid_request_error"),
    "expired": ErrorSpec(410, "invalid_request_error"),
    "busy": ErrorSpec(409, "invalid_request_error", retryable=True),
    "rate_limited": ErrorSpec(429, "rate_limit_error", retryable=True),
    "too_large": ErrorSpec(413, "invalid_request_error"),
    "limit_exceeded": ErrorSpec(429, "rate_limit_error"),
    "unrecoverable_position": ErrorSpec(410, "invalid_request_error"),
    "agent_error": ErrorSpec(500, "api_error", retryable=True),
    "model_error": ErrorSpec(502, "api_error", retryable=True),
    "tool_error": ErrorSpec(500, "api_error"),
    "timeout": ErrorSpec(504, "api_error", retryable=True),
    "cancelled": ErrorSpec(499, "api_error"),
    "unavailable": ErrorSpec(503, "api_error", retryable=True),
    "internal": ErrorSpec(500, "api_error", retryable=True),
}


class Close(IntEnum):
    """WebSocket close codes; the comment says when each is sent."""

    DRAINING = 4000  # the server shuts down
    SERVER_ERROR = 4001  # a defect of ours; the log has the id
    NO_PONG = 4002  # nothing came within pong_within after a ping
    SLOW_CONSUMER = 4003  # the outbox stayed full after a resync
    INSUFFICIENT_STATE = 4004  # the client cannot go on from what it has
    TOKEN_EXPIRED = 4005
    RATE_LIMITED = 4006  # kept sending far beyond the limit
    UNAUTHENTICATED = 4500
    PROTOCOL_ERROR = 4501  # binary frames, a second connect, …
    HANDSHAKE_TIMEOUT = 4502  # no first frame within 10 s
    FORBIDDEN = 4503  # foreign Origin
    CONNECTION_LIMIT = 4504
    UNSUPPORTED_VERSION = 4505
    TOO_MANY_ERRORS = 4506  # 10 bad frames within 60 s
    ROOM_GONE = 4507

    @property
    def reconnect(self) -> bool:
        """Whether a client should come back."""
        return self < 4500


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing wrong with a request: a JSON Pointer, the broken rule, and what to do."""

    path: str
    code: str
    message: str


class SalonError(Exception):
    """An error that may be told to a client: `message` is written for it and holds nothing internal."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        details: Sequence[Detail] = (),
        retry_after: float | None = None,
        reply_to: str | None = None,
        room: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = tuple(details)
        self.retry_after = retry_after
        self.reply_to = reply_to
        self.room = room

    @property
    def spec(self) -> ErrorSpec:
        """The code's row in the error table."""
        return ERRORS[self.code]


class RequestError(SalonError):
    """The request itself is wrong: `details` name the fields and the remedy."""

    def __init__(self, message: str, details: Sequence[Detail] = (), *, reply_to: str | None = None) -> None:
        super().__init__("bad_request", message, details=details, reply_to=reply_to)
