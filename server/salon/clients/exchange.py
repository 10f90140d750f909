"""One request over HTTP: tried again while nothing of an answer has come, its errors typed. Knows no completions."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import httpx
import orjson

from salon.clients.backoff import Backoff
from salon.clients.errors import ErrorAnswer, TimedOut, Unreachable, UnreadableAnswer
from salon.clock import Clock, SystemClock

LONGEST_WAIT = 60.0
"""Seconds: a server that wants to be left alone for longer is not waited for."""

BODY_LIMIT = 64 * 1024 * 1024
"""The largest answer taken, in bytes."""

ERROR_LIMIT = 256 * 1024

_RETRIED = frozenset({429, 503})
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Retrying:
    """When to try again: `retries` times, after what the server says, else after `backoff`."""

    retries: int
    backoff: Backoff
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Clock = field(default_factory=SystemClock)


@asynccontextmanager
async def posted(
    http: httpx.AsyncClient, url: str, body: bytes, *, headers: Mapping[str, str], silence: float, retrying: Retrying
) -> AsyncIterator[httpx.Response]:
    """The answer to a POST, its status below 400 and its body not read yet.

    Tried again when there is no connection, and after a 429 or 503: then the server has not begun with it. What it may
    have begun with is never sent twice, since agents act and cost something.

    Args:
        silence: seconds that the server may say nothing.

    Raises Unreachable, TimedOut, ErrorAnswer.
    """
    for attempt in range(retrying.retries + 1):
        last = attempt == retrying.retries
        request = http.build_request(
            "POST", url, content=body, headers=headers, timeout=httpx.Timeout(silence, connect=min(silence, 10.0))
        )
        try:
            response = await http.send(request, stream=True)
        except (httpx.ReadTimeout, httpx.WriteTimeout):
            raise TimedOut(f"no word from {_shown(url)} for {silence:g} s") from None
        except httpx.TransportError as error:
            if last or not isinstance(error, _NOT_SENT):
                raise Unreachable(f"no answer from {_shown(url)} ({type(error).__name__})") from None
            await retrying.sleep(retrying.backoff.wait(attempt))
            continue
        try:
            if response.is_success:
                yield response
                return
            refused = await _error(response, retrying.clock.time())
        finally:
            await response.aclose()
        wait = refused.retry_after if refused.retry_after is not None else retrying.backoff.wait(attempt)
        if last or not refused.retryable or wait > LONGEST_WAIT:
            raise refused
        await retrying.sleep(wait)


async def whole(response: httpx.Response, limit: int = BODY_LIMIT) -> bytes:
    """All of an answer. Raises UnreadableAnswer for one of more than `limit` bytes."""
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > limit:
            raise UnreadableAnswer(f"an answer of more than {limit} bytes")
    return bytes(body)


def told(error: object, *, status: int | None = None) -> ErrorAnswer:
    """An error object as OpenAI's clients know it; what is missing is made up for."""
    fields: dict[str, object] = error if isinstance(error, dict) else {"message": error}
    message, param = fields.get("message"), fields.get("param")
    code = fields.get("code") or fields.get("type")
    return ErrorAnswer(
        str(code) if isinstance(code, str | int) else f"http_{status}" if status else "unknown",
        message if isinstance(message, str) and message else f"the server answered with an error ({status or 'none'})",
        status=status,
        param=param if isinstance(param, str) else None,
    )


async def _error(response: httpx.Response, now: float) -> ErrorAnswer:
    try:
        body: object = orjson.loads(await whole(response, ERROR_LIMIT))
    except (orjson.JSONDecodeError, UnreadableAnswer, httpx.TransportError, httpx.DecodingError):
        body = None
    error = body.get("error", body.get("detail")) if isinstance(body, dict) else None
    found = told(error, status=response.status_code)
    found.retry_after = _retry_after(response.headers, now)
    found.retryable = response.status_code in _RETRIED and response.headers.get("x-should-retry") != "false"
    found.request_id = response.headers.get("x-request-id")
    return found


def _retry_after(headers: httpx.Headers, now: float) -> float | None:
    """Seconds to wait, which a server may write in three ways."""
    given, per_second = headers.get("retry-after-ms"), 1000.0
    if given is None:
        given, per_second = headers.get("retry-after"), 1.0
    if given is None:
        return None
    try:
        seconds = float(given) / per_second
    except ValueError:
        try:
            seconds = parsedate_to_datetime(given).timestamp() - now
        except ValueError:
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _shown(url: str) -> str:
    return str(httpx.URL(url).copy_with(userinfo=b"", query=None))
