"""Definitions from another server: GET {url}/{name} gives one as JSON, GET {url} gives the names."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
import orjson
import structlog

from salon.access.scopes import scopes_of
from salon.clock import Clock, SystemClock
from salon.errors import SalonError
from salon.sources.definition import Definition
from salon.sources.making import data_of
from salon.sources.source import KNOWN_NAME, BadDefinition, Place

log = structlog.get_logger(__name__)

LARGEST_BODY = 1_000_000
"""Bytes."""

MOST = 10_000
"""Names that are remembered, and that are read of a list."""

PATIENCE = 5.0
"""Seconds that a portal which could not be reached is left alone: not everyone who asks is to wait for it."""

_BESIDE = {"name", "id", "url", "created_at", "updated_at"}

Names = Mapping[str, frozenset[str]]


class AgentPortal:
    """Agents that a portal knows. The tenant and the environment are told it as query parameters.

    What it said counts for `fresh` seconds; when it does not answer, or answers nonsense, longer.

    Args:
        url: where definitions are; whoever runs the server trusts it.
        headers: sent along, such as an authorization.
        fresh: seconds.
        timeout: seconds that it has for a whole answer.

    Raises ValueError: a `url` that is none.
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
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"url: {url!r} must begin with http:// or https://.")
        self._url = url.rstrip("/")
        self._headers = dict(headers or {})
        self._fresh = fresh
        self._timeout = timeout
        self._clock: Clock = clock or SystemClock()
        self._tls = httpx.create_ssl_context()  # made once: it takes as long as a request
        self._known: dict[tuple[str, Place], tuple[float, Definition | None]] = {}
        self._listed: dict[Place, tuple[float, Names]] = {}
        self._silent_until = 0.0

    async def find(self, name: str, place: Place) -> Definition | None:
        """See Source."""
        if not KNOWN_NAME.fullmatch(name):
            return None
        key, now = (name, place), self._clock.monotonic()
        at, known = self._known.pop(key, (None, None))
        if at is not None:
            fresh = now - at < self._fresh
            self._known[key] = (at if fresh else now, known)  # while it is asked again, the others go on with this
            if fresh:
                return known
        try:
            found = self._definition(name, place, await self._get(f"/{name}", place))
        except (SalonError, BadDefinition) as problem:
            if known is None:
                raise
            log.warning("portal.as_before", agent=name, problem=str(problem))
            return known
        self._known[key] = (now, found)
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]
        return found

    async def names(self, place: Place) -> Names:
        """See Source. A list has names, or objects with `name` and `scope`; what a definition says is surer."""
        sure = {found.name: found.scope for found in await self.definitions(place)}
        return {name: sure.get(name, scope) for name, scope in (await self._list(place)).items()}

    async def definitions(self, place: Place) -> list[Definition]:
        """Those that somebody has asked for: a portal may know very many."""
        return [found for (_, where), (_, found) in self._known.items() if found is not None and where == place]

    async def _list(self, place: Place) -> Names:
        now = self._clock.monotonic()
        at, known = self._listed.pop(place, (None, {}))
        if at is not None and now - at < self._fresh:
            self._listed[place] = (at, known)
            return known
        self._listed[place] = (now, known)
        if len(self._listed) > MOST:
            del self._listed[next(iter(self._listed))]
        try:
            loaded = await self._get("", place)
        except (SalonError, BadDefinition) as problem:  # the agents of other sources are to be seen still
            log.warning("portal.as_before", problem=str(problem))
            return known
        listed = loaded.get("agents") if isinstance(loaded, dict) else loaded
        found = dict(_entries(listed[:MOST])) if isinstance(listed, list) else {}
        self._listed[place] = (now, found)
        return found

    def _definition(self, name: str, place: Place, loaded: Any) -> Definition | None:
        if loaded is None:
            return None
        of = {k: v for k, v in loaded.items() if k not in _BESIDE} if isinstance(loaded, dict) else loaded
        state = orjson.dumps(of, option=orjson.OPT_SORT_KEYS)
        return Definition(name, data_of(of, f"{self._url}/{name}"), state, place.tenant)

    async def _get(self, path: str, place: Place) -> Any:
        """What the portal says; None for 404. Raises SalonError (`unavailable`), and BadDefinition for too much."""
        if self._clock.monotonic() < self._silent_until:
            raise _unavailable()
        query = {"environment": place.environment} | ({"tenant": place.tenant} if place.tenant is not None else {})
        try:
            async with (
                asyncio.timeout(self._timeout),
                httpx.AsyncClient(timeout=self._timeout, headers=self._headers, verify=self._tls) as http,
                http.stream("GET", f"{self._url}{path}", params=query) as answer,
            ):
                if answer.status_code == 404:
                    return None
                answer.raise_for_status()
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST_BODY:
                        raise BadDefinition(f"{self._url}{path}: larger than {LARGEST_BODY} bytes")
            return orjson.loads(body)
        except (httpx.HTTPError, orjson.JSONDecodeError, TimeoutError) as problem:
            if isinstance(problem, httpx.TransportError | TimeoutError):
                self._silent_until = self._clock.monotonic() + PATIENCE
            log.warning("portal.failed", url=f"{self._url}{path}", problem=type(problem).__name__)
            raise _unavailable() from None


def _entries(listed: Iterable[object]) -> Iterable[tuple[str, frozenset[str]]]:
    for one in listed:
        told = one if isinstance(one, dict) else {"name": one}
        name, scope = told.get("name"), told.get("scope") or ()
        if isinstance(name, str) and KNOWN_NAME.fullmatch(name):
            yield name, scopes_of([str(each) for each in (scope if isinstance(scope, list) else [scope]) if each])


def _unavailable() -> SalonError:
    return SalonError("unavailable", "the agents' portal does not answer; try again", retry_after=PATIENCE)
