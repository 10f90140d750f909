"""A real room is recorded, and told again: the same entries under the same numbers; or played by mocks."""

from __future__ import annotations

import asyncio
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from salon.app import create_app
from salon.cli.application import CannotStart
from salon.cli.record import CannotRecord, record
from salon.cli.replay import mocks, opened, player
from salon.settings import Settings
from tests.e2e.live import RoomClient, serving
from tests.e2e.processes import address, running, salon

JSON = dict[str, Any]


async def recorded(address: str, room: str) -> bytes:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"http://{address}/threads/{room}/recording")
    assert answer.status_code == 200, answer.text
    return answer.content


async def talked(settings: Settings, *texts: str) -> tuple[bytes, RoomClient]:
    """A recording of a talk with the demo team, and what somebody saw who was there."""
    async with serving(create_app(settings)) as server:
        client = await RoomClient(server, "lounge").open()
        for count, text in enumerate(texts, 1):
            await client.say(text)
            await client.until_event("run.finished", count)
        recording = await recorded(server, "lounge")
        await client.close()
    return recording, client


def kept(tmp_path: Path, recording: bytes) -> Path:
    file = tmp_path / "talk.jsonl"
    file.write_bytes(recording)
    return file


async def seen_again(settings: Settings, file: Path, last: int) -> RoomClient:
    async with serving(player(settings, opened(file), speed=1000)) as server:
        client = await RoomClient(server, "lounge").open()
        assert client.last == 0
        async with asyncio.timeout(10):
            while client.last < last:
                await client.read()
        await client.close()
    return client


async def test_a_recording_is_told_again_in_the_same_frames(settings: Settings, tmp_path: Path) -> None:
    recording, seen = await talked(settings, "Good morning", "@analyst chart the sales of the last 4 quarters")
    again = await seen_again(settings, kept(tmp_path, recording), seen.last)
    assert [entry for entry in again.entries if entry["seq"] in {e["seq"] for e in seen.entries}] == seen.entries
    assert again.bodies("ui.put")


async def test_what_the_room_had_forgotten_is_told_again_under_the_same_numbers(
    settings: Settings, tmp_path: Path
) -> None:
    forgetful = settings.model_copy(update={"recover_events": 1})
    recording, seen = await talked(forgetful, "Good morning")
    assert b"message.delta" not in recording
    again = await seen_again(settings, kept(tmp_path, recording), seen.last)
    told = {entry["seq"]: entry["body"]["event"] for entry in again.entries}
    assert list(told) == list(range(1, len(told) + 1))
    assert all(told[entry["seq"]] == entry["body"]["event"] for entry in seen.entries)
    assert again.texts() == seen.texts()


async def test_nobody_can_act_in_a_room_that_is_told_again(settings: Settings, tmp_path: Path) -> None:
    recording, _ = await talked(settings, "Good morning")
    async with serving(player(settings, opened(kept(tmp_path, recording)), speed=0)) as server:
        client = await RoomClient(server, "lounge").open()
        refused = await client.ack(await client.say("Hello?"))
        assert refused["code"] == "forbidden"
        await client.close()


async def test_mocks_say_and_show_what_was_said_and_shown(settings: Settings, tmp_path: Path) -> None:
    asked = "@analyst chart the sales of the last 4 quarters"
    recording, seen = await talked(settings, asked)
    async with serving(mocks(settings, opened(kept(tmp_path, recording)))) as server:
        client = await RoomClient(server, "another").open()
        await client.say("@analyst and now?")
        await client.until_event("run.finished")
        await client.close()
    assert client.texts()[1:] == seen.texts()[1:]
    assert [(put["component"], put["props"]) for put in client.bodies("ui.put")] == [
        (put["component"], put["props"]) for put in seen.bodies("ui.put")
    ]


async def test_mocks_ask_again_what_was_asked(settings: Settings, tmp_path: Path) -> None:
    asked = "@writer email ana@example.com that we thank her"

    async def approved(server: str) -> RoomClient:
        client = await RoomClient(server, "lounge").open()
        await client.say(asked)
        question = await client.until_event("interrupt.opened")
        answer = {"interrupt": question["interrupt"], "status": "resolved", "value": {"approved": True}}
        await client.send("resolve", room="lounge", **answer)
        await client.until_event("run.finished")
        return client

    async with serving(create_app(settings)) as server:
        seen = await approved(server)
        recording = await recorded(server, "lounge")
        await seen.close()
    async with serving(mocks(settings, opened(kept(tmp_path, recording)))) as server:
        client = await approved(server)
        await client.close()
    assert [done["output"] for done in client.bodies("tool.done")] == [d["output"] for d in seen.bodies("tool.done")]
    assert client.bodies("interrupt.opened")[0]["message"] == seen.bodies("interrupt.opened")[0]["message"]
    assert client.texts()[1:] == seen.texts()[1:]


def test_a_file_that_is_no_recording_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="cannot be read"):
        opened(tmp_path / "nothing")
    with pytest.raises(CannotStart, match="line 1"):
        opened(kept(tmp_path, b"hello\n"))


async def test_what_cannot_be_recorded_is_said_in_words(settings: Settings) -> None:
    async with serving(create_app(settings)) as server:
        with pytest.raises(CannotRecord, match="there is no room 'nowhere'"):
            await asyncio.to_thread(record, f"http://{server}", "nowhere", BytesIO())
    with pytest.raises(CannotRecord, match="no server answers"):
        await asyncio.to_thread(record, f"http://{server}", "lounge", BytesIO())


async def test_the_commands_record_and_replay(settings: Settings, tmp_path: Path) -> None:
    async with serving(create_app(settings)) as server:
        client = await RoomClient(server, "lounge").open()
        await client.say("Good morning")
        await client.until_event("run.finished")
        async with running(*salon("record", "lounge", "--url", f"http://{server}")) as command:
            assert await command.ends() == 0
        await client.close()
    file = kept(tmp_path, command.out.encode())
    async with running(*salon("replay", str(file), "--speed", "0", "--host", "127.0.0.1", "--port", "0")) as replaying:
        again = await RoomClient(await address(replaying), "lounge").open()
        assert again.last == json.loads(command.out.splitlines()[-1])["seq"]
        assert again.messages() == client.messages()
        await again.close()
