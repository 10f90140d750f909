import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from salon.clients.backoff import Backoff
from salon.clients.errors import LinkRefused, Unreachable
from salon.clients.follow.follower import News, Picture
from salon.clients.follow.link import Away, Happening, Joined, Link, complete
from salon.contracts.actions import Send
from salon.contracts.types import TextPart
from salon.contracts.wire import Ack, ErrorPayload, Welcome
from salon.errors import Close
from tests.unit.clients.frames import JSON, entry, events, resync, subscribed, text, welcome
from tests.unit.clients.server import House

NOW = Backoff(floor=0, ceiling=0)


class Told:
    """What a link told, to be waited for."""

    def __init__(self) -> None:
        self.all: list[Happening] = []
        self._more = asyncio.Event()

    def __call__(self, what: Happening) -> None:
        self.all.append(what)
        self._more.set()

    async def has(self, kind: type[Happening], count: int = 1) -> Happening:
        async with asyncio.timeout(5):
            while len(found := [one for one in self.all if isinstance(one, kind)]) < count:
                self._more.clear()
                await self._more.wait()
        return found[-1]

    def seqs(self) -> list[int]:
        return [one.seq for news in self.all if isinstance(news, News) for one in news.entries]


@asynccontextmanager
async def linked(url: str, **options: str) -> AsyncIterator[tuple[Link, Told]]:
    told = Told()
    link = Link(url, "lab", told, backoff=NOW, **options)  # type: ignore[arg-type]
    task = asyncio.create_task(link.run())
    try:
        yield link, told
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with House.opened() as opened:
        yield opened


def send(id: str, words: str = "hi") -> Send:
    return Send(kind="send", id=id, room="lab", parts=[TextPart(kind="text", text=words)])


def ack(id: str) -> str:
    return text({"kind": "ack", "reply_to": id, "duplicate": False, "seq": 4})


def note(seq: int) -> JSON:
    return entry(seq, "custom", name="n", value=seq)


async def test_a_link_says_who_it_is_and_subscribes_to_its_room(house: House) -> None:
    async with linked(house.url, name="Ann", token="t0ken") as (_, told):
        connect, subscribe = await (await house.next_client()).lets_in()
        await told.has(Picture)
    assert connect["versions"] == ["1"]
    assert (connect["name"], connect["token"]) == ("Ann", "t0ken")
    assert subscribe["room"] == "lab"
    assert "recover" not in subscribe
    assert [type(one) for one in told.all] == [Welcome, Joined, Picture]


async def test_a_ping_is_answered_with_its_nonce(house: House) -> None:
    async with linked(house.url):
        client = await house.next_client()
        await client.lets_in()
        await client.says(text({"nonce": "42"}, "ping"))
        pong = await client.hears("pong")
    assert pong["payload"] == {"nonce": "42"}


async def test_actions_go_out_once_the_room_is_joined_and_are_told_of_when_acked(house: House) -> None:
    async with linked(house.url) as (link, told):
        link.send(send("a1"))
        client = await house.next_client()
        await client.lets_in()
        assert (await client.hears("send"))["id"] == "a1"
        assert link.unanswered == 1
        await client.says(ack("a1"))
        answer = await told.has(Ack)
        assert isinstance(answer, Ack)
        assert link.unanswered == 0


async def test_a_refused_action_is_not_sent_again(house: House) -> None:
    async with linked(house.url) as (link, told):
        client = await house.next_client()
        await client.lets_in()
        link.send(send("a1"))
        await client.hears("send")
        refusal = {"code": "bad_request", "message": "no", "retryable": False, "fatal": False, "reply_to": "a1"}
        await client.says(text(refusal, "error"))
        await told.has(ErrorPayload)
        assert link.unanswered == 0


async def test_a_lost_connection_is_resumed_where_it_was_with_the_same_session(house: House) -> None:
    async with linked(house.url) as (_, told):
        client = await house.next_client()
        await client.lets_in()
        await client.says(events(note(4)))
        await told.has(News)
        client.vanishes()
        connect, subscribe = await (await house.next_client()).lets_in(subscribed(6, recovered=[note(5), note(6)]))
        await told.has(News, 2)
    assert connect["session"] == "s3cret"
    assert subscribe["recover"] == {"epoch": "e1", "seq": 4}
    assert told.seqs() == [4, 5, 6]
    assert [one for one in told.all if isinstance(one, Joined)] == [Joined(back=False), Joined(back=True)]


async def test_an_action_without_an_answer_is_sent_again_under_its_id(house: House) -> None:
    async with linked(house.url) as (link, told):
        client = await house.next_client()
        await client.lets_in()
        link.send(send("a1"))
        link.send(send("a2"))
        assert [(await client.hears("send"))["id"] for _ in range(2)] == ["a1", "a2"]
        await client.says(ack("a1"))
        await told.has(Ack)
        client.vanishes()
        client = await house.next_client()
        await client.lets_in(subscribed(3, recovered=[]))
        assert (await client.hears("send"))["id"] == "a2"


async def test_a_missing_entry_is_asked_for(house: House) -> None:
    async with linked(house.url) as (_, told):
        client = await house.next_client()
        await client.lets_in()
        await client.says(events(note(5)), events(note(6)))
        subscribe = await client.hears("subscribe")
        assert subscribe["recover"] == {"epoch": "e1", "seq": 3}
        await client.says(subscribed(6, recovered=[note(4), note(5), note(6)]), events(note(7)))
        await told.has(News, 2)
    assert told.seqs() == [4, 5, 6, 7]
    assert sum(isinstance(one, Joined) for one in told.all) == 1


async def test_a_resync_is_a_picture(house: House) -> None:
    async with linked(house.url) as (_, told):
        client = await house.next_client()
        await client.lets_in()
        await client.says(resync(50))
        await told.has(Picture, 2)


async def test_a_room_that_the_server_lost_is_entered_again_and_a_deleted_one_ends_the_link(house: House) -> None:
    task = asyncio.create_task(Link(house.url, "lab", Told(), backoff=NOW).run())
    client = await house.next_client()
    await client.lets_in()
    await client.says(text({"kind": "unsubscribed", "room": "lab", "code": "lost"}))
    await client.hears("subscribe")
    await client.says(text({"kind": "unsubscribed", "room": "lab", "code": "deleted"}))
    with pytest.raises(LinkRefused, match="deleted"):
        async with asyncio.timeout(5):
            await task


@pytest.mark.parametrize("code", [Close.DRAINING, Close.SLOW_CONSUMER, 1012])
async def test_the_link_comes_back_after_a_close_that_allows_it(house: House, code: int) -> None:
    async with linked(house.url) as (_, told):
        client = await house.next_client()
        await client.lets_in()
        await told.has(Picture)
        await client.hangs_up(code)
        await (await house.next_client()).lets_in()
        await told.has(Picture, 2)
    assert any(isinstance(one, Away) for one in told.all)


@pytest.mark.parametrize(
    ("code", "words"), [(Close.FORBIDDEN, "does not allow"), (Close.ROOM_GONE, "room is gone"), (4599, "for good")]
)
async def test_the_link_gives_up_after_a_terminal_close(house: House, code: int, words: str) -> None:
    task = asyncio.create_task(Link(house.url, "lab", Told(), backoff=NOW).run())
    client = await house.next_client()
    await client.lets_in()
    await client.hangs_up(code)
    with pytest.raises(LinkRefused, match=words):
        async with asyncio.timeout(5):
            await task


async def test_a_room_that_may_not_be_watched_ends_the_link(house: House) -> None:
    task = asyncio.create_task(Link(house.url, "lab", Told(), backoff=NOW).run())
    client = await house.next_client()
    await client.hears("connect")
    await client.says(welcome())
    id = (await client.hears("subscribe"))["id"]
    refusal = {"code": "forbidden", "message": "members only", "retryable": False, "fatal": False, "reply_to": id}
    await client.says(text(refusal, "error"))
    with pytest.raises(LinkRefused, match="members only"):
        async with asyncio.timeout(5):
            await task


async def test_a_room_that_may_not_be_watched_just_now_is_asked_for_again(house: House) -> None:
    async with linked(house.url) as (_, told):
        client = await house.next_client()
        await client.hears("connect")
        await client.says(welcome())
        id = (await client.hears("subscribe"))["id"]
        refusal = {"code": "rate_limited", "message": "slow down", "retryable": True, "fatal": False, "reply_to": id}
        await client.says(text({**refusal, "retry_after": 0.001}, "error"))
        assert (await client.hears("subscribe"))["id"] != id
        await client.says(subscribed(3))
        await told.has(Picture)


async def test_a_silent_server_is_left_and_tried_again(house: House) -> None:
    async with linked(house.url) as (_, told):
        client = await house.next_client()
        await client.lets_in(hello=welcome(ping_every=0.01, pong_within=0.01))
        await told.has(Away)
        await (await house.next_client()).lets_in()
        await told.has(Picture, 2)


async def test_nobody_at_the_address_says_how_to_start_a_server() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Unreachable, match="salon serve"):
            async with asyncio.timeout(5):
                await Link(url, "lab", Told(), backoff=NOW).run()


async def test_what_is_no_address_is_said_to_be_none() -> None:
    with pytest.raises(LinkRefused, match="write ws://"):
        await Link("ftp://somewhere/x", "lab", Told(), backoff=NOW).run()


async def test_waits_grow_and_tries_start_over_after_a_connection(house: House) -> None:
    waits: list[float] = []
    down = asyncio.Event()
    ports = house.url

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        link.url = "ws://127.0.0.1:9/ws/agent" if len(waits) < 4 else complete(ports)
        down.set()

    link = Link(house.url, "lab", Told(), backoff=Backoff(chance=lambda: 1.0), sleep=sleep)
    task = asyncio.create_task(link.run())
    try:
        client = await house.next_client()
        await client.lets_in()
        client.vanishes()
        client = await house.next_client()
        await client.lets_in()
        assert waits == [1.0, 2.0, 4.0, 8.0]
        down.clear()
        client.vanishes()
        async with asyncio.timeout(5):
            await down.wait()
        assert waits[4] == 1.0
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_the_wait_is_fully_jittered_between_its_bounds() -> None:
    low, high = Backoff(chance=lambda: 0.0), Backoff(chance=lambda: 1.0)
    assert [low.wait(n) for n in (0, 1, 5, 500)] == [0.5] * 4
    assert [high.wait(n) for n in (0, 1, 5, 500)] == [1.0, 2.0, 20.0, 20.0]


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("ws://h:1", "ws://h:1/ws/agent"),
        ("http://h:1/", "ws://h:1/ws/agent"),
        ("https://h", "wss://h/ws/agent"),
        ("h:8000", "ws://h:8000/ws/agent"),
        ("ws://h/other?x=1", "ws://h/other?x=1"),
    ],
)
def test_an_address_is_completed(given: str, address: str) -> None:
    assert complete(given) == address
