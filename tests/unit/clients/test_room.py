from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from salon import Client
from salon.clients import room as module
from salon.clients.backoff import Backoff
from salon.clients.errors import ClientError, ErrorAnswer, LinkRefused, Unreachable
from salon.clients.follow.follower import Picture
from salon.clients.room import Room
from salon.contracts.events import Entry
from salon.errors import Close
from tests.unit.clients.frames import JSON, entry, events, resync, subscribed, text
from tests.unit.clients.server import Desk, House


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with House.opened() as opened:
        yield opened


def room_at(house: House, **options: str) -> Room:
    client = Client(house.url.replace("ws:", "http:"), backoff=Backoff(floor=0, ceiling=0), **options)  # type: ignore[arg-type]
    return client.room("lab", name="Ann")


@asynccontextmanager
async def inside(house: House) -> AsyncIterator[tuple[Room, Desk]]:
    """A room that has been entered, and the server's side of it."""
    room = room_at(house)
    entering = asyncio.create_task(room.__aenter__())
    desk = await house.next_client()
    await desk.lets_in(subscribed(3))
    async with asyncio.timeout(5):
        await entering
        yield room, desk
        await room.__aexit__()


async def news(room: Room, count: int = 1) -> list[Entry | Picture]:
    async with asyncio.timeout(5):
        return [await anext(room) for _ in range(count)]


def seqs(found: list[Entry | Picture]) -> list[int]:
    return [one.seq for one in found if isinstance(one, Entry)]


def note(seq: int) -> JSON:
    return entry(seq, "custom", name="n", value=seq)


def ack(to: str) -> str:
    return text({"kind": "ack", "reply_to": to, "duplicate": False, "seq": 4})


def refusal(to: str, code: str, **more: object) -> str:
    return text({"code": code, "message": "no", "retryable": False, "fatal": False, "reply_to": to, **more}, "error")


async def test_entering_gives_the_room_as_it_is_and_iterating_what_happens_from_then_on(house: House) -> None:
    room = room_at(house, token="key")
    entering = asyncio.create_task(room.__aenter__())
    desk = await house.next_client()
    connect, _ = await desk.lets_in(subscribed(3))
    await entering
    assert (connect["name"], connect["token"]) == ("Ann", "key")
    assert (room.welcome.mode, room.snapshot.floor) == ("mock", "host")
    assert room.position is not None
    assert room.position.seq == 3
    assert list(room.members) == ["c1"]
    await desk.says(events(note(4), note(5)))
    assert seqs(await news(room, 2)) == [4, 5]
    await room.__aexit__()
    with pytest.raises(StopAsyncIteration):
        await anext(room)


async def test_what_is_said_waits_for_its_ack_and_goes_out_again_under_its_id_after_a_cut(house: House) -> None:
    async with inside(house) as (room, desk):
        saying = asyncio.create_task(room.send("hi", to=["writer"]))
        said = await desk.hears("send")
        assert (said["parts"], said["to"]) == ([{"kind": "text", "text": "hi"}], ["writer"])
        desk.vanishes()
        again = await house.next_client()
        _, subscribe = await again.lets_in(subscribed(3, recovered=[]))
        assert subscribe["recover"] == {"epoch": "e1", "seq": 3}
        assert (await again.hears("send"))["id"] == said["id"]
        await again.says(ack(said["id"]))
        assert (await saying).seq == 4


async def test_entries_come_once_and_in_order_whatever_happens_to_the_connection(house: House) -> None:
    async with inside(house) as (room, desk):
        await desk.says(events(note(4)), events(note(4), note(5)))
        assert seqs(await news(room, 2)) == [4, 5]
        desk.vanishes()
        again = await house.next_client()
        _, subscribe = await again.lets_in(subscribed(7, recovered=[note(seq) for seq in (5, 6, 7)]))
        assert subscribe["recover"]["seq"] == 5
        await again.says(events(note(8)), events(note(10)))
        assert (await again.hears("subscribe"))["recover"]["seq"] == 8
        await again.says(subscribed(10, recovered=[note(9), note(10)]))
        assert seqs(await news(room, 5)) == [6, 7, 8, 9, 10]


async def test_what_cannot_be_told_one_by_one_comes_as_a_picture_in_its_place(house: House) -> None:
    async with inside(house) as (room, desk):
        await desk.says(events(note(4)), resync(50, floor="analyst"), events(note(51)))
        first, picture, last = await news(room, 3)
        assert isinstance(picture, Picture)
        assert (seqs([first, last]), picture.rewound) == ([4, 51], False)
        assert room.snapshot.floor == "analyst"


async def test_a_program_that_does_not_iterate_gets_a_picture_instead_of_a_backlog(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BACKLOG", 3)
    async with inside(house) as (room, desk):
        await desk.says(*(events(note(seq)) for seq in range(4, 10)))
        saying = asyncio.create_task(room.send("hi"))
        await desk.says(ack((await desk.hears("send"))["id"]))
        await saying  # by now all of it has come
        waiting = asyncio.create_task(news(room, 2))
        assert (await desk.hears("subscribe"))["recover"] == {"epoch": "none", "seq": 0}
        await desk.says(subscribed(9), events(note(10)))
        picture, entry = await waiting
        assert isinstance(picture, Picture)
        assert not picture.rewound
        assert seqs([entry]) == [10]


async def test_a_refusal_is_typed_and_one_for_haste_is_waited_out(house: House) -> None:
    async with inside(house) as (room, desk):
        answering = asyncio.create_task(room.resolve("q1", True))
        asked = await desk.hears("resolve")
        assert (asked["interrupt"], asked["status"], asked["value"]) == ("q1", "resolved", True)
        await desk.says(refusal(asked["id"], "already_resolved"))
        with pytest.raises(ErrorAnswer) as caught:
            await answering
        assert caught.value.code == "already_resolved"

        stopping = asyncio.create_task(room.cancel())
        asked = await desk.hears("cancel")
        await desk.says(refusal(asked["id"], "rate_limited", retry_after=0.001))
        assert (await desk.hears("cancel"))["id"] == asked["id"]
        await desk.says(ack(asked["id"]))
        assert (await stopping).seq == 4


@pytest.mark.parametrize(("said", "code"), [("cut in an emoji: \ud83d", "bad_request"), ("x" * 70_000, "too_large")])
async def test_what_no_server_could_read_is_refused_here_and_does_not_stay(house: House, said: str, code: str) -> None:
    async with inside(house) as (room, desk):
        with pytest.raises(ErrorAnswer) as refused:
            await room.resolve("q1", said)
        assert refused.value.code == code
        sending = asyncio.create_task(room.send("hello"))
        sent = await desk.hears("send")
        assert sent["parts"][0]["text"] == "hello"
        await desk.says(ack(sent["id"]))
        await sending


async def test_no_more_actions_wait_at_once_than_a_server_bears(house: House) -> None:
    async with inside(house) as (room, desk):
        saying = [asyncio.create_task(room.send(str(number))) for number in range(module.UNANSWERED + 1)]
        ids = [(await desk.hears("send"))["id"] for _ in range(module.UNANSWERED)]
        await desk.says(ack(ids[0]))
        await desk.says(*map(ack, [*ids[1:], (await desk.hears("send"))["id"]]))
        assert len(await asyncio.gather(*saying)) == module.UNANSWERED + 1


async def test_the_end_of_the_room_ends_whoever_waits_with_the_reason(house: House) -> None:
    async with inside(house) as (room, desk):
        saying = asyncio.create_task(room.send("hi"))
        waiting = asyncio.create_task(news(room))
        await desk.hears("send")
        await desk.hangs_up(Close.ROOM_GONE)
        for task in (saying, waiting):
            with pytest.raises(LinkRefused, match="the room is gone"):
                await task
        with pytest.raises(LinkRefused):
            await room.send("still?")


async def test_leaving_ends_whoever_waits_and_is_no_error_to_the_server(house: House) -> None:
    async with inside(house) as (room, desk):
        saying = asyncio.create_task(room.send("hi"))
        await desk.hears("send")
    with pytest.raises(ClientError, match="was left"):
        await saying
    assert await desk.is_left() == 1000


async def test_a_room_where_nobody_answers_is_not_entered(house: House) -> None:
    house.url = "ws://127.0.0.1:9"
    with pytest.raises(Unreachable, match="salon serve"):
        async with asyncio.timeout(5), room_at(house):
            pass


async def test_a_room_is_entered_once_and_before_it_is_used(house: House) -> None:
    room = room_at(house)
    for use in (lambda: room.snapshot, lambda: room.welcome):
        with pytest.raises(RuntimeError, match="not been entered"):
            use()
    with pytest.raises(RuntimeError, match="not been entered"):
        await room.send("hi")
    async with inside(house) as (room, _):
        with pytest.raises(RuntimeError, match="once"):
            await room.__aenter__()


async def test_entering_can_be_given_up(house: House) -> None:
    room = room_at(house)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), room:
            pass
    assert room._running is not None
    assert room._running.done()


async def test_who_fell_behind_while_the_connection_was_away_gets_the_picture_when_it_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BACKLOG", 1)
    async with inside(house) as (room, desk):
        await desk.says(events(note(4), note(5)))
        desk.vanishes()
        again = await house.next_client()
        waiting = asyncio.create_task(news(room))
        _, subscribe = await again.lets_in(subscribed(9))
        if subscribe["recover"]["epoch"] == "e1":  # it had not been asked for a picture yet
            await again.hears("subscribe")
            await again.says(subscribed(9))
        assert isinstance((await waiting)[0], Picture)
