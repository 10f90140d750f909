"""A reader that stops reading costs the others nothing, gets the present state when it comes back, and is let go."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import uvloop
import websockets

from salon import Settings
from salon.clock import SystemClock
from salon.ws.fanout import FanoutProtocol
from tests.e2e.sockets import LINKS, Client, Served, note, served

LIVE = 49
GRACE = 1000.0
NOTES = 200
LARGE = "y" * 2000
"""Together more than kernel, transport and outbox take for someone who does not read."""


@asynccontextmanager
async def narrow(house: Served) -> AsyncIterator[Client]:
    """A client that takes no more than it reads: the kernel's buffers would hide a stall for megabytes."""
    host, port = house.url.removeprefix("ws://").removesuffix("/ws/agent").split(":")
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, (host, int(port)))
    async with websockets.connect(house.url, sock=sock, max_size=None, max_queue=1, ping_interval=None) as ws:
        yield Client(ws)


class Hours:
    """The machine's clock, and time that passes when a test says so: how long a flood takes is nobody's promise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = 0.0
        monkeypatch.setattr(SystemClock, "monotonic", lambda _: time.monotonic() + self.ahead)


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    return Hours(monkeypatch)


async def stall(house: Served, hours: Hours) -> None:
    """One of many in a room stops reading, comes back, and stops again."""
    async with AsyncExitStack() as stack:
        live = [await stack.enter_async_context(house.client()) for _ in range(LIVE)]
        for client in live:
            await client.enter(presence=False, ephemeral=False)
        stalled = await stack.enter_async_context(narrow(house))
        await stalled.enter(presence=False, ephemeral=False)
        room = await house.room()

        async def flood() -> int:
            for _ in range(NOTES // 8):
                last = [note(room, LARGE) for _ in range(8)][-1]
                for client in live:
                    await client.until_entry(last)
            return room.position.seq

        last = await flood()
        resync = await stalled.until("resync")
        assert (resync["reason"], resync["position"]["seq"]) == ("slow_consumer", last)
        before = list(stalled.seqs)
        assert before == list(range(2, 2 + len(before)))
        assert len(before) < NOTES
        last = note(room)
        await stalled.until_entry(last)
        assert stalled.seqs == [*before, last]

        last = await flood()
        assert house.hub.connections == LIVE + 1
        hours.ahead += GRACE
        await house.until(lambda: house.hub.connections == LIVE)
        assert await stalled.closed() == 4003
        for client in live:
            assert client.seqs == list(range(2, last + 1))


@pytest.mark.requirement("S4-36")
@pytest.mark.parametrize("ws", LINKS.values(), ids=LINKS.keys())
async def test_one_stalled_reader_in_a_room_of_fifty_is_resynced_then_sent_away(
    settings: Settings, hours: Hours, ws: Any
) -> None:
    async with served(quick(settings), ws=ws, send_buffer=16_384) as house:
        await stall(house, hours)


@pytest.mark.requirement("S4-36")
def test_the_same_on_the_loop_that_production_runs_on(settings: Settings, hours: Hours) -> None:
    async def scenario() -> None:
        async with served(quick(settings), send_buffer=16_384) as house:
            await stall(house, hours)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scenario())


async def test_a_client_that_never_reads_again_is_cut_off(
    settings: Settings, hours: Hours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salon.ws.fanout.GOODBYE", 0.1)
    lost = asyncio.Event()

    class Watched(FanoutProtocol):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            lost.set()

    async with served(quick(settings), ws=Watched, send_buffer=16_384) as house, narrow(house) as stalled:
        await stalled.enter()
        room = await house.room()
        while not lost.is_set():
            note(room, LARGE)
            hours.ahead += 1
            await asyncio.sleep(0.001)
        assert house.hub.connections == 0
        stalled.ws.transport.abort()


def quick(settings: Settings) -> Settings:
    return settings.model_copy(
        update={
            "outbox_bytes": 65_536,
            "outbox_frames": 16,
            "slow_grace": GRACE,
            "ping_every": 100 * GRACE,
        }
    )
