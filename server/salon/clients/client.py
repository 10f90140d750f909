"""The Python client of a Salon server: completions by HTTP, live rooms by the socket."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Literal, overload
from urllib.parse import quote, urlsplit

import httpx
import orjson

from salon.clients.backoff import Backoff
from salon.clients.completions import Chat, Chunk, Completion, read_chunks, read_whole
from salon.clients.errors import BrokenAnswer, TimedOut
from salon.clients.exchange import Retrying, posted, whole
from salon.clients.room import Room
from salon.contracts.types import Json

KEPT = 2.0
"""Seconds that an idle connection is kept. Servers close theirs after 5 or more, and what is sent just then is lost."""

PAYMENT_TOKEN = "X-Payment-Token"  # noqa: S105 - a header's name


class Client:
    """A server's agents and rooms, from another program.

        client = Client("http://localhost:8000")
        answer = await client.chat("writer", [{"role": "user", "content": "Hello"}])
        async for chunk in client.chat("writer", messages, stream=True): ...

    Safe to construct without a loop. Each request has its own connection, unless the client is entered
    (`async with Client(…) as client`): then connections are kept and used again.

    Args:
        base_url: of the server, such as "http://localhost:8000"; with a path, if it is mounted under one.
        payment_token: sent as X-Payment-Token, for agents that cost something.
        token: says who is asking, as `Authorization: Bearer …` and in rooms.
        headers: sent with every request besides.
        timeout: seconds that a whole answer may take.
        silence: seconds that a stream may be silent; a Salon server says something every 15.
        retries: further tries when there is no connection, or the server asks to come later. A request that the server
            may have begun with is not sent again.

    Raises ValueError for an address or header that cannot be one.
    """

    def __init__(
        self,
        base_url: str,
        payment_token: str | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 600.0,
        silence: float = 60.0,
        retries: int = 2,
        backoff: Backoff | None = None,
    ) -> None:
        self.base_url = _address(base_url)
        self._token = token
        self._headers = {"content-type": "application/json", **(headers or {})}
        if payment_token is not None:
            self._headers[PAYMENT_TOKEN] = payment_token
        if token is not None:
            self._headers["authorization"] = f"Bearer {token}"
        for name, value in self._headers.items():
            if not (value.isascii() and value.isprintable()):
                raise ValueError(f"{name}: expected printable ASCII characters, as headers are made of")
        self._timeout = timeout
        self._silence = silence
        self._backoff = backoff or Backoff(ceiling=8.0)
        self._retrying = Retrying(retries, self._backoff)
        self._kept: httpx.AsyncClient | None = None

    @overload
    def chat(
        self, agent_name: str, messages: Sequence[Mapping[str, Json]], stream: Literal[False] = False, **options: Json
    ) -> Chat[Completion]: ...

    @overload
    def chat(
        self, agent_name: str, messages: Sequence[Mapping[str, Json]], stream: Literal[True], **options: Json
    ) -> Chat[AsyncGenerator[Chunk]]: ...

    @overload
    def chat(
        self, agent_name: str, messages: Sequence[Mapping[str, Json]], stream: bool = False, **options: Json
    ) -> Chat[Completion] | Chat[AsyncGenerator[Chunk]]: ...

    def chat(
        self, agent_name: str, messages: Sequence[Mapping[str, Json]], stream: bool = False, **options: Json
    ) -> Chat[Completion] | Chat[AsyncGenerator[Chunk]]:
        """Ask an agent. Nothing is sent until the result is used:

        `await` it for the whole answer; `async for` over it for its chunks. With `stream` awaiting it gives the chunks
        too, to be iterated over. Whoever stops in the middle leaves the rest unsaid.

        Args:
            agent_name: as in `/{agent_name}/chat/completions`.
            messages: the conversation so far, as OpenAI's clients give it.
            options: further fields of the request, such as `max_tokens` or `tools`.

        Raises ValueError for a name that cannot be one; when it is used, a ClientError (see `salon.clients.errors`).
        """
        url = f"{self.base_url}/{_path(agent_name)}/chat/completions"
        asked: dict[str, object] = {**options, "messages": list(messages)}

        async def answered() -> Completion:
            return await self._whole(url, orjson.dumps({**asked, "stream": False}))

        def chunks() -> AsyncGenerator[Chunk]:
            return self._chunks(url, orjson.dumps({**asked, "stream": True}))

        async def streamed() -> AsyncGenerator[Chunk]:
            return chunks()

        return Chat(streamed, chunks) if stream else Chat(answered, chunks)

    def room(self, id: str, *, name: str | None = None) -> Room:
        """A live room, to be entered with `async with`; `name` is how others see this program there."""
        return Room(f"{self.base_url}/ws/agent", id, name=name, token=self._token, backoff=self._backoff)

    async def aclose(self) -> None:
        """Let kept connections go."""
        if self._kept is not None:
            kept, self._kept = self._kept, None
            await kept.aclose()

    async def __aenter__(self) -> "Client":
        self._kept = self._kept or self._connections()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _whole(self, url: str, body: bytes) -> Completion:
        try:
            async with asyncio.timeout(self._timeout), self._posted(url, body, self._timeout) as response:
                return read_whole(await whole(response))
        except (TimeoutError, httpx.TimeoutException):
            raise TimedOut(f"the answer was not there within {self._timeout:g} s") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise BrokenAnswer(f"the answer stopped before its end ({type(error).__name__})") from None

    async def _chunks(self, url: str, body: bytes) -> AsyncGenerator[Chunk]:
        async with self._posted(url, body, self._silence) as response:
            async for chunk in read_chunks(response, self._silence):
                yield chunk

    @asynccontextmanager
    async def _posted(self, url: str, body: bytes, silence: float) -> AsyncIterator[httpx.Response]:
        async with (
            self._http() as http,
            posted(http, url, body, headers=self._headers, silence=silence, retrying=self._retrying) as response,
        ):
            yield response

    @asynccontextmanager
    async def _http(self) -> AsyncIterator[httpx.AsyncClient]:
        if self._kept is not None:
            yield self._kept
        else:
            async with self._connections() as http:
                yield http

    def _connections(self) -> httpx.AsyncClient:
        local = urlsplit(self.base_url).hostname in {"localhost", "127.0.0.1", "::1"}
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=KEPT)
        return httpx.AsyncClient(verify=_trusted(), trust_env=not local, limits=limits)


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust over TLS; reading it takes longer than a request."""
    return httpx.create_ssl_context()


def _address(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.username is not None or parts.password is not None:
        raise ValueError("base_url: an address is shown in errors and logs; say who is asking by token= or headers=")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"base_url: {base_url!r} is no address of a server: write http://HOST:PORT")
    return base_url.rstrip("/")


def _path(agent_name: str) -> str:
    steps = agent_name.strip("/").split("/")
    if any(step in {"", ".", ".."} for step in steps):
        raise ValueError(f"agent_name: {agent_name!r} is no agent's name")
    return "/".join(quote(step, safe=":@") for step in steps)
