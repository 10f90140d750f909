from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterable
from contextlib import aclosing
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from salon import Client
from salon.clients.backoff import Backoff
from salon.clients.errors import BrokenAnswer, ClientError, ErrorAnswer, TimedOut, Unreachable, UnreadableAnswer
from salon.clients.exchange import Retrying, whole
from tests.clock import ManualClock
from tests.unit.clients.wire import COMPLETION, DONE, Answer, Wire, answer, reply, said, stream, wired

ASKED = [{"role": "user", "content": "Hello"}]


class Naps:
    """Waits that pass at once and are remembered."""

    def __init__(self) -> None:
        self.all: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.all.append(seconds)


def client(wire: Wire, naps: Naps | None = None, **options: Any) -> Client:
    made = Client(wire.url, **options)
    backoff = Backoff(floor=1.0, chance=lambda: 0.0)
    made._retrying = Retrying(options.get("retries", 2), backoff, naps or Naps(), ManualClock())
    return made


async def words(chunks: AsyncIterable[Any]) -> list[str]:
    got: list[str] = []
    await hear(chunks, got)
    return got


async def hear(chunks: AsyncIterable[Any], got: list[str]) -> None:
    """Keep what is said, also when it breaks off."""
    async with asyncio.timeout(5), aclosing(aiter(chunks)) as heard:  # type: ignore[type-var]
        async for chunk in heard:
            got += [chunk["choices"][0]["delta"]["content"]]


@pytest.fixture(params=["whole", "stream"])
def use(request: pytest.FixtureRequest) -> Any:
    """Both ways to ask."""

    async def at_once(asker: Client) -> str:
        async with asyncio.timeout(5):
            return (await asker.chat("a", ASKED)).text

    async def streamed(asker: Client) -> str:
        return "".join(await words(asker.chat("a", ASKED, stream=True)))

    return at_once if request.param == "whole" else streamed


@pytest.mark.requirement("S1-75")
async def test_a_chat_is_awaited_for_its_completion() -> None:
    async with wired(answer("200 OK", COMPLETION)) as wire:
        response = await client(wire, payment_token="pt-1", token="key").chat("my assistant", ASKED, max_tokens=5)
    assert response["choices"][0]["message"]["content"] == "Hello Ann"
    assert response.text == "Hello Ann"
    (asked,) = wire.asked
    assert asked.path == "/my%20assistant/chat/completions"
    assert asked.body == {"messages": ASKED, "stream": False, "max_tokens": 5}
    assert (asked.headers["x-payment-token"], asked.headers["authorization"]) == ("pt-1", "Bearer key")


@pytest.mark.requirement("S1-75", "S1-76")
@pytest.mark.parametrize("split", [None, 1, 7])
async def test_a_chat_is_iterated_over_for_its_chunks_however_they_are_split(split: int | None) -> None:
    async with wired(
        stream(said("Grüße "), b": beat\n\n", said("€ 😀", "stop"), DONE, said("late"), split=split)
    ) as wire:
        asking = client(wire).chat("a", ASKED, stream=True)
        assert await words(asking) == ["Grüße ", "€ 😀"]
        assert await words(await asking) == ["Grüße ", "€ 😀"], "awaited, it gives the chunks; each use is a request"
    assert [asked.body["stream"] for asked in wire.asked] == [True, True]
    assert "x-payment-token" not in wire.asked[0].headers


async def test_nothing_is_sent_until_the_chat_is_used() -> None:
    async with wired(answer("200 OK", COMPLETION)) as wire:
        client(wire).chat("a", ASKED)
    assert wire.asked == []


async def test_an_entered_client_keeps_its_connections() -> None:
    body = json.dumps(COMPLETION).encode()
    kept = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    async with wired(Answer([kept], stays=True)) as wire:
        async with client(wire) as asker:
            assert (await asker.chat("a", ASKED)).text == "Hello Ann"
            pool = asker._kept
            assert pool is not None
        assert pool.is_closed
        assert (await asker.chat("a", ASKED)).text == "Hello Ann"


async def test_a_stream_that_is_left_is_closed() -> None:
    async with wired(stream(said("one"), said("two"), stays=True)) as wire:
        chunks = await client(wire).chat("a", ASKED, stream=True)
        assert (await anext(chunks))["choices"]
        await chunks.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(chunks)


@pytest.mark.parametrize(("header", "waits"), [("retry-after: 3", 3.0), ("retry-after-ms: 20", 0.02), ("x: y", 1.0)])
@pytest.mark.parametrize("status", ["429 Too Many", "503 Unavailable"])
async def test_a_server_that_asks_to_come_later_is_asked_later(
    use: Any, status: str, header: str, waits: float
) -> None:
    naps = Naps()
    refusal = answer(status, {"error": {"message": "later"}}, header)
    good = stream(said("Hello Ann", "stop"), DONE) if use.__name__ == "streamed" else answer("200 OK", COMPLETION)
    async with wired(refusal, refusal, good) as wire:
        assert await use(client(wire, naps)) == "Hello Ann"
    assert naps.all == [waits, waits]


async def test_a_date_to_come_back_at_is_understood() -> None:
    naps = Naps()
    at = formatdate(ManualClock().time() + 9, usegmt=True)
    async with wired(answer("503 x", None, f"retry-after: {at}"), answer("200 OK", COMPLETION)) as wire:
        await client(wire, naps).chat("a", ASKED)
    assert 8 <= naps.all[0] <= 9


@pytest.mark.parametrize("header", ["retry-after: 61", "x-should-retry: false", "retry-after: inf", "x: y"])
async def test_what_would_not_help_is_not_tried_again(use: Any, header: str) -> None:
    naps = Naps()
    retries = 0 if header == "x: y" else 2
    status = "429 Too Many" if "inf" not in header else "500 Defect"
    async with wired(answer(status, {"error": {"message": "no", "code": "limit"}}, header)) as wire:
        with pytest.raises(ErrorAnswer) as caught:
            await use(client(wire, naps, retries=retries))
    assert (caught.value.code, naps.all, len(wire.asked)) == ("limit", [], 1)


@pytest.mark.parametrize(
    ("status", "body", "code", "text"),
    [
        (
            "404 Not Found",
            {"error": {"message": "no x", "code": "not_found", "param": "model"}},
            "not_found",
            "x",
        ),
        ("402 Pay", {"error": {"message": "no credits", "type": "insufficient_credits", "code": None}}, "insuff", "no"),
        ("500 Defect", {"detail": "oops"}, "http_500", "oops"),
        ("418 Teapot", [1], "http_418", "418"),
        ("301 Moved", None, "http_301", "301"),
    ],
)
async def test_an_error_of_the_server_is_typed(use: Any, status: str, body: object, code: str, text: str) -> None:
    async with wired(answer(status, body, "x-request-id: r-1")) as wire:
        with pytest.raises(ErrorAnswer, match=text) as caught:
            await use(client(wire))
    assert caught.value.code.startswith(code)
    assert (caught.value.status, caught.value.request_id) == (int(status[:3]), "r-1")
    assert len(wire.asked) == 1


async def test_nobody_there_is_tried_again_and_then_said(use: Any) -> None:
    naps = Naps()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = Wire([], f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(Unreachable, match="ConnectError"):
            await use(client(nobody, naps))
    assert len(naps.all) == 2


@pytest.mark.parametrize("end", [Answer([], resets=True), Answer([])])
async def test_a_connection_that_breaks_before_an_answer_is_an_error_and_not_asked_for_again(
    use: Any, end: Answer
) -> None:
    async with wired(end) as wire:
        with pytest.raises(Unreachable) as caught:
            await use(client(wire))
    assert caught.value.retryable, "whether doing it twice is all right is for the caller to say"
    assert len(wire.asked) == 1, "the server may be at work"


@pytest.mark.requirement("S1-76")
@pytest.mark.parametrize("resets", [True, False])
async def test_a_stream_cut_at_any_byte_is_an_error_and_never_asked_for_again(resets: bool) -> None:
    body = said("one ") + said("two ") + said("three")
    for end in range(len(body)):
        got: list[str] = []
        async with wired(stream(body[:end], resets=resets)) as wire:
            with pytest.raises(BrokenAnswer):
                await hear(client(wire).chat("a", ASKED, stream=True), got)
        assert got == ["one ", "two ", "three"][: len(got)]
        assert len(wire.asked) == 1


async def test_a_completion_cut_at_any_byte_is_an_error() -> None:
    full = reply("200 OK", json.dumps(COMPLETION).encode())
    start = full.index(b"\r\n\r\n") + 4
    for end in range(start, len(full), 7):
        async with wired(Answer([full[:end]])) as wire:
            with pytest.raises(BrokenAnswer):
                await client(wire).chat("a", ASKED)
        assert len(wire.asked) == 1


@pytest.mark.requirement("S1-76")
async def test_an_error_in_the_middle_of_a_stream_is_typed_after_what_came_before() -> None:
    failure = b'data: {"error":{"message":"the model is away","type":"api_error","code":"model_error"}}\n\n'
    got: list[str] = []
    async with wired(stream(said("one"), failure, split=3)) as wire:
        with pytest.raises(ErrorAnswer, match="the model is away") as caught:
            await hear(client(wire).chat("a", ASKED, stream=True), got)
    assert len(got) == 1
    assert (caught.value.code, caught.value.status) == ("model_error", None)


@pytest.mark.parametrize(
    "bad",
    [
        answer("200 OK", {"choices": []}, "content-type: application/json"),
        Answer([reply("200 OK", b"<html>", "content-type: text/html")]),
        Answer([reply("200 OK", b"[1]")]),
        stream(b"data: {not json}\n\n", DONE),
        stream(b"data: [1]\n\n", DONE),
        stream(b"data: " + b"x" * 17_000_000),
        Answer([b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nxxxxx"]),
        Answer([b"garbage\r\n\r\n"]),
    ],
)
async def test_what_is_no_answer_is_an_error_of_this_client(use: Any, bad: Answer) -> None:
    async with wired(bad) as wire:
        with pytest.raises(ClientError) as caught:
            await use(client(wire))
    assert isinstance(caught.value, UnreadableAnswer | BrokenAnswer | Unreachable)


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(UnreadableAnswer, match="more than 100 bytes"):
        await whole(httpx.Response(200, content=b"x" * 101), 100)


@pytest.mark.parametrize("silent", [Answer([], stays=True), Answer([b"HTTP/1.1 200 OK\r\n"], stays=True)])
async def test_a_server_that_says_nothing_is_given_up(use: Any, silent: Answer) -> None:
    async with wired(silent) as wire:
        with pytest.raises(TimedOut):
            await use(client(wire, timeout=0.05, silence=0.05))
    assert len(wire.asked) == 1, "it may be at work: asking again would have it do so twice"


async def test_a_stream_that_goes_silent_is_given_up_after_what_came() -> None:
    got: list[str] = []
    async with wired(stream(said("one"), stays=True)) as wire:
        with pytest.raises(TimedOut, match="silent"):
            await hear(client(wire, silence=0.05).chat("a", ASKED, stream=True), got)
    assert len(got) == 1


async def test_a_stream_may_end_without_done_once_it_has_said_why_it_ended() -> None:
    async with wired(stream(said("one", "stop")), stream(said("two", "stop")[:-2])) as wire:
        asker = client(wire)
        assert await words(asker.chat("a", ASKED, stream=True)) == ["one"]
        assert await words(asker.chat("a", ASKED, stream=True)) == ["two"]


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x", "http://", "http://x?q=1"])
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        Client(url)


def test_nothing_secret_is_shown() -> None:
    with pytest.raises(ValueError, match="token=") as caught:
        Client("http://ada:hunter2@x")
    assert "hunter2" not in str(caught.value)
    made = Client("http://x", "pt-secret", token="tk-secret")
    assert "secret" not in repr(made) + repr(made.room("r")) + repr(made.chat("a", ASKED))


def test_names_and_headers_that_cannot_be_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="X-Payment-Token"):
        Client("http://x", "a\nb")
    for name in ("", "/", "a//b", "../v1", "a/./b"):
        with pytest.raises(ValueError, match="agent_name"):
            Client("http://x").chat(name, ASKED)
