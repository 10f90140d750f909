"""The guard: requests that strangers chose reach the open internet only."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from ipaddress import ip_address

import httpx
import pytest

from salon.skills.web.addresses import Address
from salon.skills.web.guard import LONGEST_URL, Forbidden, Resolve, guarded_client, system_resolve, target

PUBLIC = "93.184.215.14"


def names(**known: Sequence[str] | str) -> Resolve:
    """A resolver that knows these names (`_` for `.`)."""

    async def resolve(host: str, _port: int) -> Sequence[Address]:
        found = known.get(host.replace(".", "_"))
        if found is None:
            raise OSError("unknown")
        return [ip_address(each) for each in ([found] if isinstance(found, str) else found)]

    return resolve


class Web(httpx.AsyncBaseTransport):
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.answer = answer
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer(request)


def said(text: str = "hello", **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _request: httpx.Response(200, text=text, headers=headers)


async def test_a_request_goes_to_the_address_that_was_checked_under_its_own_name() -> None:
    web = Web(said())
    async with guarded_client(resolve=names(example_org=PUBLIC), transport=web) as client:
        answer = await client.get("https://Example.org./path?q=1")
    [asked] = web.asked
    assert (str(asked.url), asked.headers["host"]) == (f"https://{PUBLIC}/path?q=1", "example.org.")
    assert asked.extensions["sni_hostname"] == "example.org", "the certificate must be the name's"
    assert str(answer.request.url) == "https://example.org./path?q=1", "nobody else sees the address"


@pytest.mark.requirement("S1-84", "H-10")
@pytest.mark.parametrize(
    ("addresses", "refused"),
    [(["10.0.0.1"], True), ([PUBLIC, "127.0.0.1"], True), (["::1"], True), ([PUBLIC, "2606:4700::1111"], False)],
)
async def test_a_name_is_refused_when_any_of_its_addresses_is_private(addresses: list[str], refused: bool) -> None:
    web = Web(said())
    async with guarded_client(resolve=names(a_test=addresses), transport=web) as client:
        if refused:
            with pytest.raises(Forbidden, match="does not lead to the open internet"):
                await client.get("http://a.test/")
        else:
            await client.get("http://a.test/")
    assert bool(web.asked) != refused


async def test_a_name_that_answers_differently_the_second_time_is_asked_once() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])

    async def rebinding(_host: str, _port: int) -> Sequence[Address]:
        return [ip_address(each) for each in next(answers)]

    web = Web(said())
    async with guarded_client(resolve=rebinding, transport=web) as client:
        await client.get("http://rebind.test/")
    assert [asked.url.host for asked in web.asked] == [PUBLIC]
    assert next(answers) == ["127.0.0.1"], "the second answer was never asked for"


@pytest.mark.requirement("S1-84", "H-10")
@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:8000/",
        "//127.0.0.1/",
        "http://[::1]/",
        "file:///etc",
        "http://user:pass@example.org/",
        "http://example.org:22/",
        "gopher://example.org/",
        "http://0x7f000001/",
    ],
)
async def test_every_redirect_is_checked(location: str) -> None:
    web = Web(lambda _request: httpx.Response(302, headers={"location": location}))
    resolve = names(example_org=PUBLIC, localhost="127.0.0.1")
    async with guarded_client(resolve=resolve, transport=web) as client:
        with pytest.raises(httpx.RequestError):
            await client.get("http://example.org/")
    assert [asked.url.host for asked in web.asked] == [PUBLIC]


async def test_redirects_come_to_an_end() -> None:
    web = Web(lambda _request: httpx.Response(302, headers={"location": "/again"}))
    async with guarded_client(transport=web) as client:
        with pytest.raises(httpx.TooManyRedirects):
            await client.get(f"http://{PUBLIC}/")
    assert len(web.asked) == 6


@pytest.mark.parametrize("status", [200, 302])
async def test_an_answer_is_read_up_to_a_limit_also_of_a_redirect(status: int) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1024

    web = Web(lambda _request: httpx.Response(status, headers={"location": "/"}, content=endless()))
    async with guarded_client(transport=web, max_bytes=10_000) as client:
        with pytest.raises(Forbidden, match="too long"):
            await client.get(f"http://{PUBLIC}/")
    assert sent == 10


async def test_compressed_answers_are_not_unpacked() -> None:
    def packed(_request: httpx.Request) -> httpx.Response:
        async def bomb() -> AsyncIterator[bytes]:
            yield b"x"

        return httpx.Response(200, headers={"content-encoding": "gzip"}, content=bomb())

    web = Web(packed)
    async with guarded_client(transport=web) as client:
        with pytest.raises(Forbidden, match="compressed"):
            await client.get(f"http://{PUBLIC}/")
    assert web.asked[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.org/", "only http and https"),
        ("http://user@example.org/", "user name"),
        ("http://example.org:6379/", "port 6379"),
        (f"http://example.org/{'x' * LONGEST_URL}", "longer than"),
        ("http://127.1/", "neither a name nor a plain address"),
        ("http://2130706433/", "neither a name nor a plain address"),
        ("http://0x7f.0.0.1/", "neither a name nor a plain address"),
        ("http://exa%6dple.org/", "neither a name nor a plain address"),
        ("http://-example.org/", "neither a name nor a plain address"),
    ],
)
def test_a_url_is_refused_with_its_reason(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        target(httpx.URL(url))


def test_host_and_port_of_a_url_are_told() -> None:
    assert target(httpx.URL("https://Bücher.example/")) == ("xn--bcher-kva.example", 443)
    assert target(httpx.URL("http://[2606:4700::1111]:8080/")) == ("2606:4700::1111", 8080)
    assert target(httpx.URL("http://example.org:9/"), None) == ("example.org", 9)


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    def first_is_dead(request: httpx.Request) -> httpx.Response:
        if request.url.host == PUBLIC:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200)

    web = Web(first_is_dead)
    resolve = names(a_test=[PUBLIC, "1.1.1.1"], dead_test=[PUBLIC], empty_test=[])
    async with guarded_client(resolve=resolve, transport=web) as client:
        assert (await client.get("http://a.test/")).status_code == 200
        for name in ("dead", "empty", "unknown"):
            with pytest.raises(httpx.ConnectError):
                await client.get(f"http://{name}.test/")


async def test_it_speaks_with_a_real_server_and_refuses_it_by_default() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhost" if b"Host: local.test:" in head else b"")
        await writer.drain()
        writer.close()

    async with asyncio.timeout(5), await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        resolve = names(local_test="127.0.0.1")
        url = f"http://local.test:{port}/"
        async with guarded_client(resolve=resolve, permitted=lambda _: True, ports=None) as client:
            assert (await client.get(url)).text == "host"
        async with guarded_client(resolve=resolve, ports=None) as client:
            with pytest.raises(Forbidden):
                await client.get(url)


async def test_the_systems_resolver_gives_addresses() -> None:
    assert ip_address("127.0.0.1") in await system_resolve("localhost", 80)
