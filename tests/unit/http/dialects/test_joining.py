"""Threads that several requests use at once, in whatever dialect, and ids that clients choose."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from salon.contracts.runs import RunOutcome
from salon.errors import SalonError
from salon.http.dialects.joining import free_id, running
from salon.rooms.room import Room
from tests.unit.http.conftest import MakeSurface
from tests.unit.http.dialects import test_ag_ui as ag_ui
from tests.unit.http.dialects.test_ai_sdk import chat, chunks, text, user
from tests.unit.http.dialects.test_responses import respond, transcript


async def test_an_id_that_comes_twice_harms_no_log(surface: MakeSurface) -> None:
    one = surface()
    await ag_ui.run(
        one,
        ag_ui.user("I am Ann"),
        {"id": "u1", "role": "assistant", "content": "Hello"},
        ag_ui.user("Hi", "u2"),
        ag_ui.user("Again", "u2"),
    )
    room = one.runtime.lobby.find("t1")
    assert room is not None
    assert [message.message for message in room.state.messages[:2]] == ["u1", "u2"]
    assert await free_id(room, "u1") is None
    assert await free_id(room, "no spaces") is None
    assert await free_id(room, "c1:result") is None, "what a call gives has such an id"
    assert await free_id(room, "u3") == "u3"


async def test_two_requests_may_begin_a_chat_at_once(surface: MakeSurface) -> None:
    one = surface()
    async with asyncio.timeout(5):
        both = await asyncio.gather(chat(one, user("One", "u1")), chat(one, user("Two", "u2")))
    assert [text(chunks(each)) for each in both] == ["Hello there"] * 2


async def test_a_run_whose_end_cannot_be_stored_ends_its_stream(
    surface: MakeSurface, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> RunOutcome:
        raise SalonError("unavailable", "the store does not answer now")

    monkeypatch.setattr(Room, "outcome", refuse)
    async with asyncio.timeout(5):
        told = chunks(await chat(surface(), user("Hello")))
    assert told[-1] == {"type": "error", "errorText": "the store does not answer now"}


async def test_two_may_go_on_from_one_response_at_once(surface: MakeSurface) -> None:
    one = surface()
    first = (await respond(one, "One")).json()
    async with asyncio.timeout(5):
        both = await asyncio.gather(*(respond(one, text, previous_response_id=first["id"]) for text in ("A", "B")))
    rooms = {each.json()["id"].split("_")[1] for each in both}
    assert len(rooms) == 2
    assert sorted(heard[-1] for heard in (transcript(one, -2), transcript(one))) == [("user", "A"), ("user", "B")]
    assert len(transcript(one)) == len(transcript(one, -2)) == 3


async def test_a_chain_of_responses_is_one_thread_in_the_archive(surface: MakeSurface) -> None:
    one = surface()
    first = (await respond(one, "One")).json()
    await respond(one, "Two", previous_response_id=first["id"])
    [room] = one.runtime.lobby.rooms()
    assert room.archived


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"tools": [{"name": "", "description": "", "parameters": {}}]}, "tools[0].name"),
        ({"tools": [{"name": "look", "description": "", "parameters": []}]}, "tools[0].parameters"),
        ({"tools": [{"name": "look", "description": "", "parameters": {}}] * 2}, "tools"),
        ({"state": json.loads('{"a":' * 300 + "1" + "}" * 300)}, "state"),
    ],
)
async def test_what_ag_ui_allows_and_the_wire_does_not_is_refused(
    surface: MakeSurface, change: dict[str, Any], param: str
) -> None:
    refused = await ag_ui.run(surface(), ag_ui.user("Hello"), **change)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)


async def test_a_run_that_ended_with_its_server_is_not_joined() -> None:
    """A room that was loaded ends its runs; readers see so a moment later."""
    shown = SimpleNamespace(runs={"r1": None})

    async def stored() -> None:
        shown.runs.clear()

    assert await running(cast(Room, SimpleNamespace(log=SimpleNamespace(state=shown, stored=stored)))) is None
