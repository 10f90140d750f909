"""Agents of other servers: asked over their completions route, found by their search. Nothing they say is believed.

Addresses come from models too: they are reached as `skills.web.guard` allows, unless the operator named the server.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote, urlsplit

import httpx
import orjson
import structlog

from salon.access.asking import HEADER, written
from salon.agents.around.surroundings import Asking, Neighbour
from salon.clients.backoff import Backoff
from salon.clients.completions import read_chunks
from salon.clients.errors import ClientError, ErrorAnswer, TimedOut, Unreachable
from salon.clients.exchange import Retrying, posted, whole
from salon.contracts.runs import ANONYMOUS
from salon.errors import ERRORS, SalonError
from salon.memory.quoting import folded
from salon.skills.web.guard import Forbidden, TooLong, guarded_client

log = structlog.get_logger(__name__)

LONGEST_ANSWER = 200_000
"""Characters."""

LARGEST_BODY = 16_777_216
"""Bytes of an answer, with all that is around each piece of it."""

LARGEST_LIST = 4_194_304
SEARCHED_WITHIN = 10.0
"""Seconds that a server's search may take."""

MOST_TOKENS = 10_000_000
"""A server that says it used more is not believed."""

_SHOWN = 300
_WRONG = (ClientError, httpx.HTTPError, httpx.InvalidURL, UnicodeError)


@dataclass(frozen=True, slots=True)
class Server:
    """Another server.

    Args:
        url: its address, without a path of an agent.
        key: says who asks, as `Authorization: Bearer …`; None for a server that wants none.
        trusted: the operator named it, so that it may also be on a private network.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    trusted: bool = True


def server_of(url: object, key: object = None, *, trusted: bool = True) -> Server:
    """A server by its address. Raises ValueError for one that cannot be one."""
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{str(url)[:100]!r} is no address of a server; write https://HOST")
    if parts.username is not None or (key is not None and not isinstance(key, str)):
        raise ValueError("a server's key is given beside its address, as a text")
    return Server(str(url).rstrip("/"), key, trusted)


class Remote:
    """Asks other servers, each for a bounded time.

    Args:
        seconds: that a whole answer may take.
        silence: seconds that a server may say nothing.
        client: makes the client; by default one that reaches servers that nobody vouches for on the open internet only,
            and named ones anywhere.
    """

    def __init__(
        self,
        *,
        seconds: float = 120.0,
        silence: float = 45.0,
        client: Callable[[Server], httpx.AsyncClient] | None = None,
    ) -> None:
        self._seconds = seconds
        self._silence = silence
        self._client = client or _client
        self._retrying = Retrying(0, Backoff())

    async def ask(self, server: Server, agent: str, message: str, asking: Asking) -> str:
        """What an agent of another server answers. What a named one says to have used is accounted for.

        Raises SalonError: what the server says is wrong, `timeout`, `unavailable`, or `agent_error` for what is no
        answer.
        """
        label = f"{agent} at {urlsplit(server.url).hostname}"
        body: dict[str, object] = {
            "messages": [{"role": "user", "content": message}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if server.trusted and asking.who.user != ANONYMOUS:
            body["user"] = asking.who.user
        url = f"{server.url}/{quote(agent, safe='')}/chat/completions"
        try:
            async with asyncio.timeout(self._seconds):
                text, usage = await self._read(server, url, orjson.dumps(body), asking)
        except TimeoutError:
            raise SalonError("timeout", f"{label} did not answer within {self._seconds:g} s") from None
        except _WRONG as problem:
            raise _told(label, problem) from None
        tokens, output = _believable(usage.get("total_tokens")), _believable(usage.get("completion_tokens"))
        if asking.account is not None and tokens and server.trusted:
            asking.account(tokens, (), min(output, tokens))
        return text

    async def search(self, server: Server, query: str, top_k: int) -> Sequence[Neighbour]:
        """The agents of another server that fit best. Raises SalonError as `ask` does."""
        url = f"{server.url}/?search={quote(query[:1000], safe='')}&top_k={top_k}"
        try:
            async with (
                asyncio.timeout(min(self._seconds, SEARCHED_WITHIN)),
                self._http(server) as http,
                http.stream("GET", url, headers=self._headers(server)) as response,
            ):
                response.raise_for_status()
                loaded: object = orjson.loads(await whole(response, LARGEST_LIST))
        except (*_WRONG, TimeoutError, orjson.JSONDecodeError) as problem:
            label = str(urlsplit(server.url).hostname)
            raise SalonError("unavailable", f"{label} does not answer ({type(problem).__name__})") from None
        listed = loaded.get("results") if isinstance(loaded, dict) else None
        found = [_neighbour(server, each) for each in (listed if isinstance(listed, list) else ())[:top_k]]
        return [each for each in found if each is not None]

    async def _read(self, server: Server, url: str, body: bytes, asking: Asking) -> tuple[str, Mapping[str, object]]:
        headers = {**self._headers(server), HEADER: written(asking.agents)}
        pieces: list[str] = []
        size = 0
        usage: Mapping[str, object] = {}
        async with (
            self._http(server) as http,
            posted(http, url, body, headers=headers, silence=self._silence, retrying=self._retrying) as response,
        ):
            async for chunk in read_chunks(response, self._silence):
                match chunk:
                    case {"usage": dict() as told}:
                        usage = told
                match chunk:
                    case {"choices": [{"delta": {"content": str() as text}}, *_]}:
                        pieces.append(text)
                        size += len(text)
                if size > LONGEST_ANSWER:
                    raise SalonError("too_large", f"the answer has more than {LONGEST_ANSWER} characters")
        return "".join(pieces), usage

    def _headers(self, server: Server) -> dict[str, str]:
        plain = {"content-type": "application/json", "accept-encoding": "identity"}
        return {**plain, "authorization": f"Bearer {server.key}"} if server.key else plain

    @asynccontextmanager
    async def _http(self, server: Server) -> AsyncIterator[httpx.AsyncClient]:
        async with self._client(server) as http:
            http.follow_redirects = False  # the key and the message are for this server
            yield http


def _client(server: Server) -> httpx.AsyncClient:
    if server.trusted:
        return guarded_client(permitted=lambda _: True, ports=None, max_bytes=LARGEST_BODY)
    return guarded_client(max_bytes=LARGEST_BODY)


def _told(label: str, problem: Exception) -> SalonError:
    match problem:
        case ErrorAnswer():
            code = problem.code if problem.code in ERRORS else "agent_error"
            return SalonError(code, f"{label}: {folded(problem.message, _SHOWN)}")
        case TimedOut():
            return SalonError("timeout", f"{label} went silent")
        case Unreachable():
            return SalonError("unavailable", f"{label} cannot be reached")
        case TooLong():
            return SalonError("too_large", f"{label}: {problem}")
        case Forbidden():
            return SalonError("forbidden", f"{label} may not be asked: {problem}")
        case ClientError():
            return SalonError("agent_error", f"{label} gave no proper answer: {folded(str(problem), _SHOWN)}")
    return SalonError("unavailable", f"{label} cannot be reached")


def _believable(count: object) -> int:
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= MOST_TOKENS:
        return count
    if count is not None:
        log.warning("remote.usage_not_believed")
    return 0


def _neighbour(server: Server, each: object) -> Neighbour | None:
    """A result by the server's own address: where else it says that an agent lives does not count."""
    if not isinstance(each, dict) or not isinstance(each.get("name"), str) or not each["name"]:
        return None
    score, intents = each.get("score"), each.get("intents")
    return Neighbour(
        f"{server.url}/{quote(each['name'][:64], safe='')}",
        folded(str(each.get("description", "")), 200),
        [folded(str(intent), 100) for intent in cast(list[object], intents)[:10]] if isinstance(intents, list) else [],
        max(0.0, min(1.0, float(score))) if isinstance(score, int | float) else 0.0,
        "team" if each.get("kind") == "team" else "agent",
    )
