"""Reading pages: patient, bounded, and with texts that a model can pass on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from salon.skills.web.fetch import WebPages, fetch_url
from salon.skills.web.guard import guarded_client

URL = "http://93.184.215.14/page"


class Pages:
    """A scripted web: each answer is a response or an exception; the last one is repeated."""

    def __init__(self, *answers: Any, timeout: float = 10.0) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.slept: list[float] = []
        self.pages = WebPages(
            lambda: guarded_client(transport=httpx.MockTransport(self._answer)), sleep=self._sleep, timeout=timeout
        )

    async def _answer(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            await answer()
        return httpx.Response(**answer)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def test_a_page_is_read() -> None:
    web = Pages({"status_code": 200, "text": "Hello"})
    assert await web.pages.fetch_url(URL) == "Hello"


@pytest.mark.requirement("S1-84")
async def test_timeouts_are_tried_again_after_ever_longer_pauses_and_then_told() -> None:
    web = Pages(httpx.ReadTimeout("slow"))
    assert await web.pages.fetch_url(URL) == f"Request to {URL} timed out after 3 attempts"
    assert (web.asked, web.slept) == (3, [1, 2])
    assert await web.pages.fetch_url(URL, retries=5) == f"Request to {URL} timed out after 5 attempts"
    assert web.slept[2:] == [1, 2, 4, 8]


@pytest.mark.requirement("S1-84")
@pytest.mark.parametrize(
    ("answer", "text", "tries"),
    [
        ({"status_code": 404}, "404 Not Found", 1),
        ({"status_code": 503}, "503 Service Unavailable", 3),
        ({"status_code": 429}, "429 Too Many Requests", 3),
        ({"status_code": 599}, "599", 3),
        (httpx.ConnectError("[Errno 111] 10.0.0.7"), "no connection", 3),
        (httpx.RemoteProtocolError("secret"), "the server does not speak HTTP", 3),
        (httpx.ReadError("secret"), "the connection broke", 3),
        ({"status_code": 302, "headers": {"location": "/page"}}, "too many redirects", 18),
        ({"status_code": 302, "headers": {"location": "http://[::1]/"}}, "it does not lead to the open internet", 1),
    ],
)
async def test_http_errors_are_told_and_tried_again_when_that_may_help(answer: Any, text: str, tries: int) -> None:
    web = Pages(answer)
    assert await web.pages.fetch_url(URL) == f"HTTP error for {URL}: {text}"
    assert web.asked == tries


async def test_a_later_try_may_succeed() -> None:
    web = Pages(httpx.ConnectTimeout("slow"), {"status_code": 500}, {"status_code": 200, "text": "at last"})
    assert await web.pages.fetch_url(URL) == "at last"
    assert web.slept == [1, 2]


@pytest.mark.requirement("S1-84")
async def test_a_page_is_read_only_as_far_as_it_is_shown() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield "€".encode() * 100

    web = Pages({"status_code": 200, "content": endless(), "headers": {"content-type": "text/plain; charset=utf-8"}})
    assert await web.pages.fetch_url(URL) == "€" * 1000
    assert sent == 14, "4,000 bytes are enough for 1,000 characters"


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("text/html; charset=iso-8859-1", b"caf\xe9", "café"),
        ("text/html; charset=no-such-thing", b"plain", "plain"),
        ("application/octet-stream", b"\xff\xfe\x00", "��\x00"),
    ],
)
async def test_a_page_is_text_in_whatever_encoding(kind: str, content: bytes, text: str) -> None:
    web = Pages({"status_code": 200, "content": content, "headers": {"content-type": kind}})
    assert await web.pages.fetch_url(URL) == text


async def test_a_server_that_drips_is_not_waited_for() -> None:
    async def drip() -> None:
        await asyncio.Event().wait()

    web = Pages(drip, timeout=0.01)
    assert await web.pages.fetch_url(URL, 2) == f"Request to {URL} timed out after 2 attempts"


@pytest.mark.parametrize(("retries", "tries"), [(-1, 1), (0, 1), (1, 1), (99, 5)])
async def test_the_number_of_tries_is_bounded(retries: int, tries: int) -> None:
    web = Pages(httpx.ReadTimeout("slow"))
    assert await web.pages.fetch_url(URL, retries) == f"Request to {URL} timed out after {tries} attempts"
    assert web.asked == tries


@pytest.mark.requirement("S1-84", "H-10")
@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://127.0.0.1/", "HTTP error for http://127.0.0.1/: it does not lead to the open internet"),
        ("file:///etc/passwd", "HTTP error for file:///etc/passwd: only http and https are fetched"),
        ("not a url", "HTTP error for not a url: only http and https are fetched"),
        ("http://[::1", "HTTP error for http://[::1: it is not a URL"),
        ("http://\x00/", "HTTP error for http://\x00/: it is not a URL"),
    ],
)
async def test_what_must_not_be_fetched_is_refused_at_once(url: str, text: str) -> None:
    async with asyncio.timeout(5):
        assert await fetch_url(url) == text


async def test_a_very_long_url_is_not_repeated_whole() -> None:
    long: Callable[[int], str] = lambda n: f"http://93.184.215.14/{'x' * n}"  # noqa: E731
    assert len(await fetch_url(long(9_000))) < 500
    assert len(await fetch_url(long(100_000))) < 500
