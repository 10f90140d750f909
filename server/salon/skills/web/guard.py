"""Requests to addresses that strangers chose: only to the open internet, whatever a name resolves to or redirects to.

`guarded_client` is the one way to fetch what a model, a user or a catalogue names. Each request, and so each redirect,
is checked on its own; the name is resolved once, all of its addresses are checked, and the connection goes to one of
these: a name that answers differently the next time changes nothing.
"""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address
from typing import cast

import httpx

from salon.skills.web.addresses import Address, is_public

PORTS = frozenset({80, 443, 8080, 8443})
"""Where web servers listen; on others there are other services, which an HTTP request can confuse."""

LONGEST_URL = 2_048
LONGEST_BODY = 4_194_304
MOST_REDIRECTS = 5

# Threads of their own: names that a stranger lets hang must not keep others, such as a vendor's, from being found.
_RESOLVERS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="salon-resolve")

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""From a name and a port to addresses. Raises OSError when there are none."""

_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Forbidden(httpx.RequestError):
    """A URL that is not fetched, or an answer that is not read; the text says why."""


class TooLong(Forbidden):
    """An answer that is longer than what is read."""


def guarded_client(
    *,
    timeout: float = 10.0,
    resolve: Resolve | None = None,
    permitted: Callable[[Address], bool] = is_public,
    ports: frozenset[int] | None = PORTS,
    max_bytes: int = LONGEST_BODY,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """A client that reaches the open internet only. Its requests raise Forbidden for everything else.

    Args:
        timeout: seconds for each of connecting, reading and writing.
        resolve: finds the addresses of a name; the system's resolver by default.
        permitted: which addresses may be reached.
        ports: which ports may be reached; None means all.
        max_bytes: the longest answer that is read, those of redirects included.
        transport: what carries the checked request, to an URL whose host is the checked address.
    """
    carrier = transport or httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
    return httpx.AsyncClient(
        transport=GuardedTransport(
            carrier, resolve=resolve or system_resolve, permitted=permitted, ports=ports, max_bytes=max_bytes
        ),
        timeout=timeout,
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
        trust_env=False,  # a proxy would connect where we did not look
        headers={"User-Agent": "salon", "Accept-Encoding": "identity"},
    )


class GuardedTransport(httpx.AsyncBaseTransport):
    """Checks where a request leads, and sends it to the address that was checked."""

    def __init__(
        self,
        carrier: httpx.AsyncBaseTransport,
        *,
        resolve: Resolve,
        permitted: Callable[[Address], bool],
        ports: frozenset[int] | None,
        max_bytes: int,
    ) -> None:
        self._carrier = carrier
        self._resolve = resolve
        self._permitted = permitted
        self._ports = ports
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises Forbidden, or what the carrier raises."""
        try:
            host, port = target(request.url, self._ports)
        except ValueError as problem:
            raise Forbidden(str(problem), request=request) from None
        failed: httpx.ConnectError | None = None
        for address in await self._addresses(host, port, request):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},  # the certificate must be the name's
            )
            try:
                response = await self._carrier.handle_async_request(pinned)
            except httpx.ConnectError as problem:
                failed = problem
            else:
                return await self._bounded(response, request)
        raise failed or httpx.ConnectError("the name has no address", request=request)

    async def aclose(self) -> None:
        await self._carrier.aclose()

    async def _bounded(self, response: httpx.Response, request: httpx.Request) -> httpx.Response:
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()  # unasked for, and a few compressed bytes can become very many
            raise Forbidden("it answers compressed without being asked to", request=request)
        response.stream = _Bounded(cast(httpx.AsyncByteStream, response.stream), self._max_bytes, request)
        return response

    async def _addresses(self, host: str, port: int, request: httpx.Request) -> Sequence[Address]:
        try:
            found: Sequence[Address] = [ip_address(host)]
        except ValueError:
            try:
                found = await self._resolve(host, port)
            except OSError:
                raise httpx.ConnectError("the name has no address", request=request) from None
        if not all(self._permitted(address) for address in found):
            raise Forbidden("it does not lead to the open internet", request=request)
        return found


class _Bounded(httpx.AsyncByteStream):
    """The body of an answer, up to a limit. httpx itself reads all of a redirect's."""

    def __init__(self, body: httpx.AsyncByteStream, limit: int, request: httpx.Request) -> None:
        self._body = body
        self._left = limit
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            self._left -= len(piece)
            if self._left < 0:
                raise TooLong("its answer is too long", request=self._request)
            yield piece

    async def aclose(self) -> None:
        await self._body.aclose()


def target(url: httpx.URL, ports: frozenset[int] | None = PORTS) -> tuple[str, int]:
    """Host, as a name or a plain address, and port of a URL.

    Raises ValueError with the reason why it is not fetched.
    """
    if url.scheme not in ("http", "https"):
        raise ValueError("only http and https are fetched")
    if url.userinfo:
        raise ValueError("it contains a user name or password")
    if len(str(url)) > LONGEST_URL:
        raise ValueError(f"it is longer than {LONGEST_URL} characters")
    port = url.port if url.port is not None else 443 if url.scheme == "https" else 80
    if ports is not None and port not in ports:
        raise ValueError(f"port {port} is not one of the web's ({', '.join(map(str, sorted(ports)))})")
    host = url.raw_host.decode("ascii").lower().removesuffix(".")
    try:
        return str(ip_address(host)), port
    except ValueError:
        pass
    # What ends in a number is an address in one of its older forms (127.1, 0x7f000001, 2130706433): resolvers differ.
    if not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise ValueError("its host is neither a name nor a plain address")
    return host, port


async def system_resolve(host: str, port: int) -> Sequence[Address]:
    """All addresses that the system's resolver gives for a name. Raises OSError."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, look_up)
    return list(dict.fromkeys(ip_address(place[0]) for *_, place in found))
