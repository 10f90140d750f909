"""A portal: another server that keeps things for agents, or knows of them. Asked only when one is really configured."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import httpx
import orjson
import structlog

from salon.contracts.types import Json
from salon.errors import SalonError
from salon.models.resolve import is_placeholder

log = structlog.get_logger(__name__)

LARGEST_BODY = 4_194_304
_TIMEOUT = 10.0
"""Seconds for a whole answer."""


class Portal(NamedTuple):
    """Where it is, and the key that says who asks. Whoever configures it trusts it: it may be on a private network."""

    url: str
    key: str

    async def request(self, method: str, path: str, body: Json = None) -> Json:
        """What it answers, None for nothing and for what there is not to be read. Raises SalonError (`unavailable`)."""
        answer = await self._answer(method, path, body)
        try:
            return cast(Json, orjson.loads(answer)) if answer else None
        except orjson.JSONDecodeError as problem:
            raise _failed(method, problem) from None

    async def drop(self, path: str) -> bool:
        """Delete something; whether it was there. Raises as `request` does."""
        return await self._answer("DELETE", path) is not None

    async def _answer(self, method: str, path: str, body: Json = None) -> bytes | None:
        """The body of an answer; None when there is nothing to be read or deleted."""
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        content = orjson.dumps(body) if method == "PUT" else None
        try:
            async with (
                asyncio.timeout(_TIMEOUT),
                httpx.AsyncClient(timeout=_TIMEOUT, headers=headers) as http,
                http.stream(method, f"{self.url}{path}", content=content) as answer,
            ):
                if answer.status_code == 404 and method != "PUT":
                    return None
                answer.raise_for_status()
                read = bytearray()
                async for piece in answer.aiter_bytes():
                    read += piece
                    if len(read) > LARGEST_BODY:
                        raise SalonError("too_large", f"the portal's answer has more than {LARGEST_BODY} bytes")
        except (httpx.HTTPError, TimeoutError) as problem:
            raise _failed(method, problem) from None
        return bytes(read)


def _failed(method: str, problem: Exception) -> SalonError:
    log.warning("portal.failed", method=method, problem=type(problem).__name__)
    return SalonError("unavailable", "the portal does not answer; try again", retry_after=5)


def portal_of(config: Mapping[str, object]) -> Portal | None:
    """The portal that `portal_url` and `api_key` name; None without both, or with placeholders in their place.

    Raises ValueError for an address that cannot be one.
    """
    url, key = config.get("portal_url"), config.get("api_key")
    for name, value in (("portal_url", url), ("api_key", key)):
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{name}: expected a text, got {type(value).__name__}.")
    if not isinstance(url, str) or not isinstance(key, str) or "..." in url or is_placeholder(key):
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"portal_url: {url[:100]!r} is no address. Write https://HOST.")
    return Portal(url.rstrip("/"), key)
