"""The Python client against a real server, through a connection that is cut at many points."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import chain, repeat
from urllib.parse import urlsplit

import pytest

from salon import Agent, Client, Settings, create_app
from salon.clients.backoff import Backoff
from salon.clients.errors import BrokenAnswer, ClientError, ErrorAnswer, Unreachable
from salon.clients.follow.follower import Picture
from salon.clients.room import Room
from salon.contracts.events import Entry, MsgDone, RunFinished
from salon.contracts.types import Json, TextPart
from tests.serving import serving

SEED = 20261121
MESSAGES = 12
ASKED = [{"role": "user", "content": "Tell me about the sea, please, in a few words."}]


class Cutter:
    """Passes bytes between a client and a server, and cuts each connection after so many of them."""

    def __init__(self, server: str, down: Iterator[int], up: Iterator[int]) -> None:
        self._server = urlsplit(server)
        self._down = down
        self._up = up
        self.url = ""
        self.connections = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        ways = (next(self._up), next(self._down))
        there, back = await asyncio.open_connection(self._server.hostname, self._server.port)
        passing = [
            asyncio.create_task(_pass(reader, back, ways[0])),
            asyncio.create_task(_pass(there, writer, ways[1])),
        ]
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        for task in passing:
            task.cancel()
        await asyncio.wait(passing)
        for end in (writer, back):
            end.transport.abort()


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter, budget: int) -> None:
    try:
        while budget > 0 and (data := await source.read(min(budget, 1024))):
            budget -= len(data)
            target.write(data)
            await target.drain()
    except ConnectionError:
        pass  # the other way was cut


FOR_EVER = repeat(1 << 40)


@asynccontextmanager
async def cut(server: str, *, down: Iterator[int] = FOR_EVER, up: Iterator[int] = FOR_EVER) -> AsyncIterator[Cutter]:
    cutter = Cutter(server, down, up)
    async with await asyncio.start_server(cutter.handle, "127.0.0.1", 0) as listening:
        cutter.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield cutter


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[str]:
    async with serving(create_app(settings, agents=[Agent("host", "You greet people.")])) as url:
        yield url


def client(url: str) -> Client:
    return Client(url, backoff=Backoff(floor=0.0, ceiling=0.002), retries=1)


@pytest.mark.parametrize("way", ["down", "up"])
async def test_a_room_loses_nothing_and_doubles_nothing_however_often_it_is_cut(server: str, way: str) -> None:
    dice = random.Random(SEED)
    first, most = (30_000, 20_000) if way == "down" else (1_000, 1_500)
    budgets = chain([first], (dice.randrange(1, most) for _ in range(60)), FOR_EVER)
    down, up = (budgets, FOR_EVER) if way == "down" else (FOR_EVER, budgets)
    seen: list[Entry] = []
    async with asyncio.timeout(60), cut(server, down=down, up=up) as cutter:
        async with client(cutter.url).room("lab", name="Bo") as room, client(server).room("lab") as witness:
            position = room.position
            assert position is not None
            run: Json = None
            for number in range(MESSAGES):
                ack = await room.send(f"message {number}")
                assert isinstance(ack.result, dict)
                run = ack.result["run"]
                seen += await _until_finished(room, run)
            truth = await _until_finished(witness, run)
        assert cutter.connections > 10
    assert [entry.seq for entry in seen] == list(range(position.seq + 1, position.seq + 1 + len(seen)))
    said = [_words(entry.body) for entry in truth if _is_persons(entry)]
    assert said == [f"message {number}" for number in range(MESSAGES)], "each took effect once"
    by_seq = {entry.seq: entry for entry in truth}
    assert all(by_seq[entry.seq] == entry for entry in seen if entry.seq in by_seq)


async def test_a_program_that_fell_behind_gets_the_room_as_it_is(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salon.clients.room.BACKLOG", 3)
    async with asyncio.timeout(20), client(server).room("lab") as room, client(server).room("lab") as witness:
        ack = await room.send("hello")
        assert isinstance(ack.result, dict)
        async for news in witness:  # it may have fallen behind too
            if isinstance(news, Picture) and not news.snapshot.runs:
                break
            if isinstance(news, Entry) and isinstance(news.body, RunFinished):
                break
        picture = await anext(room)
        assert isinstance(picture, Picture)
        assert not picture.rewound
        assert [message.author.id for message in picture.snapshot.messages] == [room.welcome.user, "host"]
        monkeypatch.undo()
        await witness.send("anybody there?")
        following = await anext(room)
        assert isinstance(following, Entry)
        assert picture.snapshot.messages == room.snapshot.messages


async def _until_finished(room: Room, run: Json) -> list[Entry]:
    seen: list[Entry] = []
    async for news in room:
        assert isinstance(news, Entry), "nothing was missed, so no picture is needed"
        seen.append(news)
        if isinstance(news.body, RunFinished) and news.body.run == run:
            break
    return seen


def _is_persons(entry: Entry) -> bool:
    return isinstance(entry.body, MsgDone) and entry.body.author.role == "user"


def _words(body: object) -> str:
    assert isinstance(body, MsgDone)
    assert isinstance(body.parts[0], TextPart)
    return body.parts[0].text


@pytest.mark.requirement("S1-75", "S1-76")
async def test_a_stream_of_a_real_agent_says_what_the_whole_answer_says(server: str) -> None:
    asker = client(server)
    whole = await asker.chat("host", ASKED)
    pieces = [chunk async for chunk in asker.chat("host", ASKED, stream=True)]
    told = "".join(piece["choices"][0]["delta"].get("content", "") for piece in pieces)
    assert told == whole.text != ""


async def test_a_stream_of_a_real_agent_cut_anywhere_is_an_error_or_complete(server: str) -> None:
    async with cut(server) as through:
        complete = [chunk async for chunk in client(through.url).chat("host", ASKED, stream=True)]
    for budget in range(1, 4000, 111):
        got = []
        async with cut(server, down=chain([budget], FOR_EVER)) as cutter:
            try:
                async for chunk in client(cutter.url).chat("host", ASKED, stream=True):
                    got.append(chunk)  # noqa: PERF401 - it is the pieces before the cut that count
            except BrokenAnswer:
                pass
            except Unreachable:
                assert got == []
            else:
                assert len(got) == len(complete)
        assert cutter.connections == 1, "what the server may have begun with is not asked for again"


async def test_what_a_real_server_refuses_is_typed(server: str) -> None:
    with pytest.raises(ErrorAnswer, match="nobody") as caught:
        await client(server).chat("nobody", ASKED)
    assert (caught.value.status, caught.value.retryable) == (404, False)
    with pytest.raises(ErrorAnswer) as caught:
        await client(server).chat("host", [{"role": "user"}])
    assert (caught.value.status, caught.value.param) == (400, "messages[0]")
    async with client(server).room("lab") as room:
        with pytest.raises(ErrorAnswer) as caught:
            await room.resolve("no-such-question")
    assert caught.value.code == "already_resolved"
    with pytest.raises(ClientError):
        async with client(f"{server}/elsewhere").room("lab"):
            pass
