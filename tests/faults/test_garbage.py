"""Whatever is sent to the socket gets a clear error or a close code, and harms nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
import websockets
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from salon import Settings
from salon.contracts.wire import ServerFrame
from salon.errors import SalonError
from salon.hub.session import Effect, Session
from tests.e2e.sockets import LINKS, Served, note, served


@pytest.fixture(params=list(LINKS.values()), ids=list(LINKS))
async def house(settings: Settings, request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """A house with a bystander in it, who must be able to work and read undisturbed to the end."""
    async with served(settings, ws=request.param) as running, running.client() as bystander:
        await bystander.enter("calm")
        yield running
        await bystander.do("send", room="calm", parts=[{"kind": "text", "text": "still here?"}])
        assert (await bystander.until("ack"))["seq"] == 2
        while "run.finished" not in bystander.texts[-1]:
            await bystander.read()
        await running.until(lambda: running.hub.connections == 1)


def action(**payload: Any) -> str:
    return json.dumps({"type": "action", "payload": payload, "timestamp": 1.0})


def text(said: Any) -> str:
    return action(kind="send", id="a1", room="r", parts=[{"kind": "text", "text": said}])


GARBAGE = {
    "not JSON": ("{", "bad_request"),
    "nothing": ("", "bad_request"),
    "a number": ("1", "bad_request"),
    "a list": ("[]", "bad_request"),
    "null": ("null", "bad_request"),
    "NaN": ('{"type":"ping","timestamp":NaN}', "bad_request"),
    "very deep": ("[" * 10_000 + "]" * 10_000, "bad_request"),
    "deep inside": (text("x")[:-1] + ',"x":' + '{"a":' * 40 + "1" + "}" * 41, "bad_request"),
    "no type": ('{"payload":{}}', "bad_request"),
    "an unknown type": ('{"type":"hello","payload":{}}', "bad_request"),
    "a type that is an object": ('{"type":{},"payload":{}}', "bad_request"),
    "a payload that is a text": ('{"type":"action","payload":"hi"}', "bad_request"),
    "an unknown kind": (action(kind="explode", id="a1"), "bad_request"),
    "a kind that is a number": (action(kind=7, id="a1"), "bad_request"),
    "a server's kind": (action(kind="welcome", id="a1"), "bad_request"),
    "a wrong type inside": (text(7), "bad_request"),
    "an unknown key": (action(kind="subscribe", id="a1", room="r", admin=True), "bad_request"),
    "a key of JavaScript's": ('{"type":"ping","payload":{"__proto__":{"admin":true}}}', "bad_request"),
    "a lone surrogate": ('{"type":"action","payload":{"message":"\\ud800"}}', "bad_request"),
    "an empty message": ('{"type":"action","payload":{"message":""}}', "bad_request"),
    "a room that cannot be": (action(kind="subscribe", id="a1", room="../etc"), "bad_request"),
    "an endless id": (action(kind="subscribe", id="a" * 129, room="r"), "bad_request"),
    "an integer beyond all bounds": (
        '{"type":"action","payload":{"kind":"seen","room":"r","seq":1e400}}',
        "bad_request",
    ),
    "more than a frame may hold": (text("x" * 70_000), "too_large"),
}


@pytest.mark.requirement("S4-15", "S4-19")
async def test_each_piece_of_garbage_gets_a_clear_error_and_the_socket_stays(house: Served) -> None:
    for name, (garbage, code) in GARBAGE.items():
        async with house.client() as client:
            await client.enter()
            await client.ws.send(garbage)
            error = await client.until("error")
            assert error["code"] == code, name
            assert len(error["message"]) > 10, name
            assert error["fatal"] is False, name
            for leak in ("Traceback", "pydantic", "orjson", "Error("):
                assert leak not in client.texts[-1], name
            ServerFrame.model_validate_json(client.texts[-1])
            await client.say("ping", nonce="alive")
            assert (await client.until("pong"))["nonce"] == "alive", name


@pytest.mark.requirement("S4-15")
async def test_an_unknown_type_is_named_with_those_that_are_known(house: Served) -> None:
    async with house.client() as client:
        await client.ws.send('{"type":"hello","payload":{}}')
        error = await client.until("error")
        assert error["details"][0]["path"] == "/type"
        assert "action" in error["message"]
        assert "ping" in error["message"]


async def test_ten_bad_frames_end_the_connection(house: Served) -> None:
    async with house.client() as client:
        await client.enter()
        for _ in range(10):
            await client.ws.send("garbage")
        assert await client.closed() == 4506
        assert client.frames[-1]["payload"]["fatal"] is True


async def test_ten_megabytes_end_the_connection_unread(settings: Settings) -> None:
    async with served(settings) as house, house.client() as client, house.client() as other:
        await client.enter()
        with suppress(websockets.ConnectionClosed):  # the server need not wait for all of it
            await client.ws.send("x" * 10_000_000)
        assert await client.closed() in (1009, 1006)
        await other.enter()
        await house.until(lambda: house.hub.connections == 1)


async def test_a_binary_frame_ends_the_connection(house: Served) -> None:
    async with house.client() as client:
        await client.enter()
        await client.ws.send(b'{"type":"ping"}')
        assert await client.closed() == 4501


async def test_a_version_that_nobody_speaks_ends_the_connection(house: Served) -> None:
    async with house.client() as client:
        await client.do("connect", versions=["99"])
        assert (await client.until("error"))["code"] == "unsupported_version"
        assert await client.closed() == 4505


async def test_connecting_twice_ends_the_connection(house: Served) -> None:
    async with house.client() as client:
        await client.enter()
        await client.do("connect", versions=["1"])
        assert await client.closed() == 4501


async def test_a_replayed_id_is_answered_again_and_has_no_second_effect(house: Served) -> None:
    room = await house.room()
    async with house.client() as client:
        await client.enter()
        await client.ws.send(text("once"))
        first = await client.until("ack")
        await client.ws.send(text("once"))
        again = await client.until("ack")
        assert (again["duplicate"], again["seq"]) == (True, first["seq"])
        await client.ws.send(text("something else"))
        error = await client.until("error")
        assert (error["code"], error["reply_to"]) == ("conflict", "a1")
    said = [message for message in room.snapshot().messages if message.author.role == "user"]
    assert len(said) == 1


async def test_a_flood_is_slowed_down_and_then_cut_off(house: Served) -> None:
    async with house.client() as client:
        await client.enter()

        async def flood() -> None:
            for n in range(1000):
                await client.ws.send(action(kind="unsubscribe", id=f"a{n}", room="nowhere"))

        flooding = asyncio.create_task(flood())
        assert await client.closed() == 4006
        codes = [frame["payload"]["code"] for frame in client.frames if frame["type"] == "error"]
        assert set(codes) == {"not_subscribed", "rate_limited"}
        assert codes.count("not_subscribed") < 100
        limited = next(f["payload"] for f in client.frames if f["payload"].get("code") == "rate_limited")
        assert 0 < limited["retry_after"] < 1
        await asyncio.gather(flooding, return_exceptions=True)


async def test_many_connections_that_never_say_anything_are_closed(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(served(settings.model_copy(update={"connect_timeout": 1.0})))
        silent = [await stack.enter_async_context(house.client()) for _ in range(200)]
        talking = await stack.enter_async_context(house.client())
        await talking.enter()
        assert {await client.closed() for client in silent} == {4502}
        assert house.hub.connections == 1
        last = note(await house.room())
        await talking.until_entry(last)


@pytest.mark.requirement("S4-37")
async def test_the_text_of_an_exception_stays_on_the_server(
    house: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    room = await house.room()

    async def broken(*args: object, **named: object) -> None:
        raise RuntimeError("the database password is swordfish")

    async with house.client() as client:
        await client.enter()
        monkeypatch.setattr(room, "act", broken)
        await client.ws.send(text("hi"))
        error = await client.until("error")
        assert (error["code"], error["reply_to"]) == ("internal", "a1")
        assert "swordfish" not in "".join(client.texts)
        assert "err_" in error["message"]


@pytest.mark.requirement("S4-37")
async def test_a_defect_of_the_protocol_ends_only_the_connection_that_met_it(
    house: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = Session.receive

    def broken(session: Session, frame: Any, now: float) -> list[Effect]:
        if isinstance(frame, SalonError):
            raise RuntimeError("the database password is swordfish")
        return receive(session, frame, now)

    monkeypatch.setattr(Session, "receive", broken)
    async with house.client() as client:
        await client.enter()
        await client.ws.send("garbage")
        assert await client.closed() == 4001
        assert "swordfish" not in "".join(client.texts) + str(client.ws.close_reason)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(
    ["connect", "subscribe", "unsubscribe", "send", "ui_action", "cancel", "history", "signal", "seen", "fork", "x"]
)
SHAPED = st.builds(
    lambda type_, kind, extra: {"type": type_, "payload": {"kind": kind, "id": "a1", "room": "r", **extra}},
    st.sampled_from(["action", "ping", "pong", "error", "state_update"]),
    KINDS,
    st.dictionaries(st.sampled_from(["limit", "recover", "parts", "seq", "at", "versions", "typing"]), JSON_VALUES),
)


def test_no_sequence_of_frames_gets_anything_but_valid_frames_or_a_close_code() -> None:
    async def conversation(house: Served, frames: list[Any]) -> None:
        async with house.client() as client:
            for frame in frames:
                await client.ws.send(json.dumps(frame))
            await client.ws.send('{"type":"ping","payload":{"nonce":"last"}}')
            try:
                while True:
                    frame = await client.read()
                    ServerFrame.model_validate_json(client.texts[-1])
                    assert frame["payload"].get("code") != "internal"
                    if frame["payload"].get("nonce") == "last":
                        break
            except websockets.ConnectionClosed:
                assert client.ws.close_code is not None
                assert client.ws.close_code >= 4500

    stack = AsyncExitStack()
    with asyncio.Runner() as runner:  # one server for all of them
        settings = Settings(host="127.0.0.1", port=0, mock_pace=0)
        house = runner.run(stack.enter_async_context(served(settings)))

        @hypothesis_settings(max_examples=40)
        @given(frames=st.lists(SHAPED | JSON_VALUES, min_size=1, max_size=30))
        def talk(frames: list[Any]) -> None:
            runner.run(conversation(house, frames))

        talk()
        runner.run(stack.aclose())
