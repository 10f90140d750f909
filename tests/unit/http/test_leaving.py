"""A client that goes away takes its own run with it, and nothing else. Over a real server, since only that notices."""

import asyncio
from collections.abc import AsyncIterator, Callable
from unittest.mock import Mock

import httpx
import pytest

from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.http.mirror import reply
from salon.http.operations import traffic
from salon.hub.broker import Deliver
from tests.fakes.answering import SUCCESS, say
from tests.serving import serving
from tests.unit.http.conftest import MakeSurface, Surface

ASKED = {"messages": [{"role": "user", "content": "Hello"}]}


class Waiting:
    """A run that says a word and then waits until it is told to go on."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, stage: Stage, order: RunOrder) -> RunOutcome:
        say(stage, order, "Word")
        self.started.set()
        await self.go.wait()
        say(stage, order, "End")
        return SUCCESS


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


@pytest.fixture
async def one(surface: MakeSurface, waiting: Waiting) -> Surface:
    return surface(waiting)


@pytest.fixture
def deaf(one: Surface, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when a call has stopped listening to its room."""
    stopped, subscribe = asyncio.Event(), one.runtime.broker.subscribe

    def listened(room: str, deliver: Deliver) -> Callable[[], None]:
        unsubscribe = subscribe(room, deliver)

        def stop() -> None:
            unsubscribe()
            stopped.set()

        return stop

    monkeypatch.setattr(one.runtime.broker, "subscribe", listened)
    return stopped


@pytest.fixture
async def http(one: Surface) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(one.app) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


@pytest.mark.parametrize("stream", [True, False])
async def test_the_run_of_a_private_conversation_is_cancelled(
    one: Surface, waiting: Waiting, http: httpx.AsyncClient, deaf: asyncio.Event, stream: bool
) -> None:
    asking = asyncio.create_task(http.post("/v1/chat/completions", json={**ASKED, "model": "crew", "stream": stream}))
    async with asyncio.timeout(5):
        await waiting.started.wait()
        asking.cancel()
        left = asyncio.get_running_loop().time()
        await one.crew.cancelled.wait()
        took = asyncio.get_running_loop().time() - left
        await deaf.wait()
    assert took < 0.1, "seconds from leaving to the model call's cancellation"
    assert not one.runtime.lobby._ephemeral


@pytest.mark.parametrize("stream", [True, False])
async def test_the_run_of_a_live_room_goes_on(
    one: Surface, waiting: Waiting, http: httpx.AsyncClient, deaf: asyncio.Event, stream: bool
) -> None:
    room = await one.runtime.lobby.open("lobby")
    body = {**ASKED, "model": "room:lobby", "stream": stream}
    asking = asyncio.create_task(http.post("/v1/chat/completions", json=body))
    async with asyncio.timeout(5):
        await waiting.started.wait()
        asking.cancel()
        await deaf.wait()
        assert room.runs.busy
        waiting.go.set()
        outcome = await room.outcome(next(iter(room.runs._outcomes)))
    assert outcome.outcome == "success"
    assert not one.crew.cancelled.is_set()


async def test_who_leaves_before_the_end_of_its_request_is_no_defect(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, told = asyncio.Event(), Mock()
    told.debug.side_effect = lambda *_, **__: left.set()
    monkeypatch.setattr(traffic, "log", told)
    _, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nhost: salon.test\r\ncontent-length: 100\r\n\r\n{")
    await writer.drain()
    writer.transport.abort()
    async with asyncio.timeout(5):
        await left.wait()
    told.exception.assert_not_called()


async def test_a_silent_stream_says_that_it_is_alive(
    waiting: Waiting, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "BEAT", 0.01)
    body = {**ASKED, "model": "crew", "stream": True}
    lines: list[str] = []
    async with asyncio.timeout(5), http.stream("POST", "/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if line:
                lines.append(line)
            if line.count('"delta":{},"finish_reason":null') and not waiting.go.is_set():
                waiting.go.set()
    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"
    assert any('"content":"Word"' in line for line in lines)
    assert any("End" in line for line in lines)
