"""The link for servers that know nothing of us: one frame at a time, bounded, and never blocking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from salon.errors import Close
from salon.hub.frames import Frames
from salon.ws.sends import HIGH_WATER, AsgiLink


class Server:
    """An ASGI server whose `send` waits for `reads`."""

    def __init__(self) -> None:
        self.sent: list[MutableMapping[str, Any]] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.fault: Exception | None = None
        self.failed = asyncio.Event()
        self.news = asyncio.Condition()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.reads.wait()
        if self.fault:
            self.failed.set()
            raise self.fault
        async with self.news:
            self.sent.append(message)
            self.news.notify_all()

    async def has_sent(self, count: int) -> None:
        async with asyncio.timeout(5), self.news:
            await self.news.wait_for(lambda: len(self.sent) >= count)


class Counter:
    def __init__(self) -> None:
        self.drains = asyncio.Event()

    def drained(self) -> None:
        self.drains.set()

    def dismiss(self) -> None: ...

    def gone(self) -> None: ...


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[AsgiLink, Server]]:
    server = Server()
    async with asyncio.timeout(5) as patience:
        link = AsgiLink(server.send, patience)
        yield link, server
        await link.end()


async def test_frames_arrive_one_by_one_and_in_order() -> None:
    async with linked() as (link, server):
        link.write(Frames([b"1", b"2"]))
        link.write(Frames([b"3"]))
        await server.has_sent(3)
        link.write(Frames([b"4"]))
        await server.has_sent(4)
        assert [message["text"] for message in server.sent] == ["1", "2", "3", "4"]


async def test_it_pauses_when_much_is_under_way_and_tells_when_that_is_over() -> None:
    async with linked() as (link, server):
        link.listener = listener = Counter()
        server.reads.clear()
        link.write(Frames([b"x" * HIGH_WATER]))
        held = link.paused
        assert held
        link.write(Frames([b"y"]))
        server.reads.set()
        async with asyncio.timeout(5):
            await listener.drains.wait()
        assert not link.paused
        await server.has_sent(2)


async def test_a_goodbye_follows_what_is_under_way_and_nothing_follows_it() -> None:
    async with linked() as (link, server):
        link.write(Frames([b"1"]))
        link.close(Close.DRAINING, "bye")
        link.close(Close.SERVER_ERROR, "no")
        link.write(Frames([b"2"]))
        await server.has_sent(2)
        assert server.sent[1] == {"type": "websocket.close", "code": 4000, "reason": "bye"}


@pytest.mark.parametrize("fault", [OSError("gone"), RuntimeError("a defect of the server")])
async def test_a_client_that_is_gone_costs_no_more_memory(fault: Exception) -> None:
    async with linked() as (link, server):
        server.fault = fault
        link.write(Frames([b"1"]))
        async with asyncio.timeout(5):
            await server.failed.wait()
        link.write(Frames([b"2"]))
        link.close(Close.DRAINING, "bye")
        assert server.sent == []


async def test_ending_does_not_wait_for_a_client_that_does_not_read() -> None:
    async with linked() as (link, server):
        server.reads.clear()
        link.write(Frames([b"1"]))
        async with asyncio.timeout(5):
            await link.end()
