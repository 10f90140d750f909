"""Definitions from another server: GET {url}/{name} gives one as JSON, GET {url} gives the names."""

from collections.abc import Mapping
from typing import Any

import httpx
import orjson
import structlog

from salon.clock import Clock, SystemClock
from salon.errors import SalonError
from salon.sources.definition import Definition
from salon.sources.making import data_of
from salon.sources.source import KNOWN_NAME, BadDefinition, Place

log = structlog.get_logger(__name__)

LARGEST_BODY = 1_000_000
"""Bytes."""


class AgentPortal:
    """Agents that a portal knows. The tenant and the environment are told it as query parameters.

    What it said counts for `fresh` seconds; when it does not answer, longer.

    Args:
        url: where definitions are; whoever runs the server trusts it.
        headers: sent along, such as an authorization.
        fresh: seconds.
        timeout: seconds that it has for an answer.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        fresh: float = 30.0,
        timeout: float = 5.0,
        clock: Clock | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = dict(headers or {})
        self._fresh = fresh
        self._timeout = timeout
        self._clock: Clock = clock or SystemClock()
        self._known: dict[tuple[str, Place], tuple[float, Definition | None]] = {}

    async def find(self, name: str, place: Place) -> Definition | None:
        """See Source."""
        if not KNOWN_NAME.fullmatch(name):
            return None
        key, now = (name, place), self._clock.monotonic()
        known = self._known.get(key)
        if known is not None and now - known[0] < self._fresh:
            return known[1]
        try:
            loaded = await self._get(f"/{name}", place)
        except SalonError:
            if known is None or known[1] is None:
                raise
            return known[1]
        found = None
        if loaded is not None:
            of = loaded if not isinstance(loaded, dict) else {k: v for k, v in loaded.items() if k not in _BESIDE}
            state = orjson.dumps(of, option=orjson.OPT_SORT_KEYS)
            found = Definition(name, data_of(of, f"{self._url}/{name}"), state, place.tenant)
        self._known[key] = (now, found)
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]
        return found

    async def names(self, place: Place) -> list[str]:
        """See Source."""
        try:
            loaded = await self._get("", place)
        except SalonError as problem:  # the agents of other sources are to be seen still
            log.warning("portal.unavailable", problem=problem.message)
            return []
        listed = loaded.get("agents", []) if isinstance(loaded, dict) else loaded
        names = [one.get("name") if isinstance(one, dict) else one for one in listed or ()]
        return [name for name in names if isinstance(name, str) and KNOWN_NAME.fullmatch(name)]

    async def definitions(self, place: Place) -> list[Definition]:
        """Those that somebody has asked for: a portal may know very many."""
        return [found for (_, where), (_, found) in self._known.items() if found is not None and where == place]

    async def _get(self, path: str, place: Place) -> Any:
        query = {"environment": place.environment} | ({"tenant": place.tenant} if place.tenant is not None else {})
        try:
            async with (
                httpx.AsyncClient(timeout=self._timeout, headers=self._headers) as http,
                http.stream("GET", f"{self._url}{path}", params=query) as answer,
            ):
                if answer.status_code == 404:
                    return None
                answer.raise_for_status()
                body = b""
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST_BODY:
                        raise BadDefinition(f"{self._url}{path}: larger than {LARGEST_BODY} bytes")
            return orjson.loads(body)
        except (httpx.HTTPError, orjson.JSONDecodeError) as problem:
            log.warning("portal.failed", url=f"{self._url}{path}", problem=type(problem).__name__)
            raise SalonError("unavailable", "the agents' portal does not answer; try again", retry_after=5) from None


MOST = 10_000
_BESIDE = {"name", "id", "url", "created_at", "updated_at"}
