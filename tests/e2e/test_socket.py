"""/ws/agent with real sockets: the same behaviour whether frames are written by us or by the server we run under."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import uvloop
import websockets
from fastapi.testclient import TestClient

from salon import Agent, Settings, Team, create_app
from salon.contracts.wire import ServerFrame
from tests.e2e.sockets import LINKS, Client, Served, note, notes, served


@pytest.fixture(params=list(LINKS.values()), ids=list(LINKS))
async def house(settings: Settings, request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    async with served(settings, ws=request.param) as running:
        yield running


@pytest.mark.requirement("S4-02", "S4-14")
async def test_a_program_connects_and_is_told_who_it_is(house: Served) -> None:
    async with house.client(subprotocols=["bearer.c2VjcmV0", "salon.v1"]) as client:
        assert client.ws.subprotocol == "salon.v1"
        await client.do("connect", versions=["1"], client="program")
        frame = await client.read()
        assert set(frame) == {"type", "payload", "timestamp"}
        assert isinstance(frame["timestamp"], float)
        welcome = frame["payload"]
        assert (frame["type"], welcome["kind"], welcome["version"], welcome["mode"]) == (
            "state_update",
            "welcome",
            "1",
            "mock",
        )
        assert welcome["user"].startswith("guest-")
        assert welcome["limits"]["rooms"] == 64


async def test_who_comes_back_with_its_session_is_the_same_user(house: Served) -> None:
    async with house.client() as first, house.client() as second, house.client() as other:
        await first.do("connect", versions=["1"])
        welcome = await first.until("welcome")
        await second.do("connect", versions=["1"], session=welcome["session"])
        assert (await second.until("welcome"))["user"] == welcome["user"]
        await other.do("connect", versions=["1"])
        assert (await other.until("welcome"))["user"] != welcome["user"]


@pytest.mark.requirement("S4-17", "S4-20")
async def test_a_client_that_knows_only_the_outer_shape_gets_the_state_and_an_answer(house: Served) -> None:
    async with house.client() as client:
        await client.ws.send('{"type":"action","payload":{"message":"hello there"}}')
        first = await client.read()
        assert (first["type"], first["payload"]["kind"], first["payload"]["room"]) == (
            "state_update",
            "subscribed",
            "default",
        )
        assert first["payload"]["snapshot"]["messages"] == []
        while "run.finished" not in client.texts[-1]:
            await client.read()
        for text in client.texts:
            ServerFrame.model_validate_json(text)
            assert "null" not in text


@pytest.mark.requirement("S4-16")
async def test_a_bare_ping_gets_a_pong(house: Served) -> None:
    async with house.client() as client:
        await client.ws.send('{"type":"ping"}')
        assert (await client.until("pong"))["server_time"] > 1_700_000_000
        await client.say("ping", nonce="n1")
        assert (await client.until("pong"))["nonce"] == "n1"


async def test_a_room_may_be_named_in_the_address(house: Served) -> None:
    async with house.client("?room=lounge") as client:
        await client.ws.send('{"type":"ping"}')
        assert (await client.until("subscribed"))["room"] == "lounge"
    async with house.client("?room=no%20room") as client:
        assert await client.closed() == 4501


@pytest.mark.requirement("S4-04", "M-05")
async def test_two_clients_read_the_same_bytes(settings: Settings) -> None:
    async with served(settings) as house, house.client() as one, house.client() as two:
        await one.enter(presence=False, ephemeral=False)
        await two.enter(presence=False, ephemeral=False)
        room = await house.room()
        for _ in range(10):
            notes(room, 3)
            await asyncio.sleep(0)
        last = notes(room, 3)
        await one.until_entry(last)
        await two.until_entry(last)
        assert one.texts[2:] == two.texts[2:]
        assert one.seqs == list(range(2, last + 1))


async def test_clients_on_any_link_read_the_same_entries(house: Served) -> None:
    async with house.client() as one, house.client() as two:
        await one.enter()
        await two.enter()
        room = await house.room()
        last = notes(room, 30)
        await one.until_entry(last)
        await two.until_entry(last)
        assert one.seqs == two.seqs == list(range(2, last + 1))


async def test_a_gap_inside_the_window_is_filled_exactly_and_outside_it_by_a_snapshot(house: Served) -> None:
    room = await house.room()
    async with house.client() as client:
        position = (await client.enter())["position"]
    notes(room, 20)
    await room.log.stored()
    async with house.client() as client:
        answer = await client.enter(recover=position)
        assert answer["recovered"] is True
        assert [entry["seq"] for entry in answer["events"]] == list(range(position["seq"] + 1, room.position.seq + 1))
        assert [entry["body"]["value"] for entry in answer["events"]] == list(range(20))
        last = note(room)
        await client.until_entry(last)
        assert client.seqs == [last]
    notes(room, 501)
    await room.log.stored()
    async with house.client() as client:
        answer = await client.enter(recover=position)
        assert (answer["was_recovering"], answer["recovered"], answer["events"]) == (True, False, [])
        assert answer["snapshot"]
        assert answer["position"]["seq"] == room.position.seq
    async with house.client() as client:
        assert (await client.enter(recover={**position, "epoch": "another"}))["recovered"] is False


@pytest.mark.requirement("S4-35")
async def test_two_rooms_see_nothing_of_each_other(house: Served) -> None:
    async with house.client() as one, house.client() as two:
        await one.enter("r1")
        await two.enter("r2")
        note(await house.room("r1"), "for the first room")
        last = note(await house.room("r2"), "for the second room")
        await two.until_entry(last)
        await one.until_entry(2)
        assert "second room" not in "".join(one.texts)
        assert "first room" not in "".join(two.texts)


@pytest.mark.requirement("S4-26")
async def test_a_page_of_a_foreign_origin_is_turned_away_before_anything_is_said(house: Served) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with house.client(origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    own = house.url.replace("ws://", "http://").removesuffix("/ws/agent")
    for origin in ("http://localhost:3000", own):
        async with house.client(origin=origin) as client:
            await client.enter()


async def test_connections_beyond_the_limit_are_closed_with_the_reason(settings: Settings) -> None:
    for ws in LINKS.values():
        async with served(settings.model_copy(update={"max_connections": 2}), ws=ws) as house:
            async with house.client() as one, house.client(), house.client() as three:
                assert await three.closed() == 4504
                await one.enter()
            await house.until(lambda: house.hub.connections == 0)
            async with house.client() as client:
                await client.enter()


async def test_silence_is_pinged_and_then_ends_the_connection(settings: Settings) -> None:
    quick = settings.model_copy(update={"ping_every": 0.05, "pong_within": 1.0})
    for ws in LINKS.values():
        async with served(quick, ws=ws) as house, house.client() as client:
            await client.enter()
            for _ in range(2):
                ping = await client.until("ping")
                await client.say("pong", nonce=ping["nonce"])
            assert await client.closed() == 4002


@pytest.mark.requirement("S4-34")
async def test_a_slow_agent_delays_no_ping(settings: Settings) -> None:
    slow = settings.model_copy(update={"mock_pace": 5.0})
    async with served(slow) as house, house.client() as client, house.client() as other:
        await client.enter()
        await other.enter("elsewhere")
        await client.do("send", room="r", parts=[{"kind": "text", "text": "tell me a story"}])
        await client.until("ack")
        for each in (client, other):
            await each.say("ping", nonce="n")
            assert (await each.until("pong"))["nonce"] == "n"
        await client.do("cancel", room="r")
        while "run.finished" not in client.texts[-1]:
            await client.read()


async def test_a_client_that_drops_off_the_net_is_forgotten(house: Served) -> None:
    async with house.client() as client, house.client() as witness:
        await client.enter()
        await witness.enter()
        client.ws.transport.abort()
        while not any(frame["payload"].get("leaves") for frame in witness.frames):
            await witness.read()
    await house.until(lambda: house.hub.connections == 0 and house.hub.watched == 0)


async def test_a_server_that_stops_tells_its_clients_to_come_back(settings: Settings) -> None:
    async with served(settings) as house:
        client = await websockets.connect(house.url)
        await Client(client).enter()
        reading = asyncio.create_task(Client(client).closed())
        await asyncio.sleep(0)
    assert await reading == 4000


def exchange(first: str, read: Any, write: Any) -> list[str]:
    """A short conversation; gives the kinds of what was said, presence apart."""
    told: list[str] = []
    write(first)
    write('{"type":"action","payload":{"kind":"history","id":"h","room":"default","limit":5}}')
    write("not json")
    while len(told) < 4:
        frame = orjson.loads(read())
        told.append(frame["payload"].get("kind") or frame["payload"].get("code") or frame["type"])
    return sorted(told)


def test_a_test_client_in_memory_gets_what_a_socket_gets(settings: Settings) -> None:
    app = create_app(settings, teams=[Team("desk", [Agent("host", "You greet people.")])])
    with TestClient(app) as http, http.websocket_connect("/ws/agent", subprotocols=["salon.v1"]) as ws:
        assert str(ws.accepted_subprotocol) == "salon.v1"
        told = exchange('{"type":"ping"}', ws.receive_text, ws.send_text)
        assert told == ["bad_request", "history", "pong", "subscribed"]
        ws.send_bytes(b"x")
        assert next(message for message in iter(ws.receive, None) if message["type"] == "websocket.close") == {
            "type": "websocket.close",
            "code": 4501,
            "reason": "send text frames",
        }


def test_the_loop_that_production_runs_on_gives_the_same(settings: Settings) -> None:
    async def conversation() -> None:
        async with served(settings) as house, house.client() as one, house.client() as two:
            await one.enter()
            await two.enter()
            room = await house.room()
            for _ in range(40):
                notes(room, 50)
                await asyncio.sleep(0)
            last = notes(room, 50)
            await one.until_entry(last)
            await two.until_entry(last)
            assert one.seqs == two.seqs == list(range(2, last + 1))
            one.ws.transport.abort()
            await house.until(lambda: house.hub.connections == 1)
            note(room)
            await two.ws.send(b"binary")
            assert await two.closed() == 4501

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(conversation())
