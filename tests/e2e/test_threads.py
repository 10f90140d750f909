"""Rooms that last, over real sockets and HTTP: named, put away, found, forked, branched, cleared and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from salon import Settings, create_app
from tests.e2e.live import RoomClient, clients, kind, serving

JSON = dict[str, Any]


@pytest.fixture
async def address(settings: Settings) -> AsyncIterator[str]:
    async with serving(create_app(settings)) as address:
        yield address


async def do(client: RoomClient, action: str, **payload: Any) -> JSON:
    """Do something in the client's room; gives the ack's or error's payload."""
    return await client.ack(await client.send(action, room=client.room, **payload))


async def talk(client: RoomClient, text: str) -> None:
    """Say something and wait until it is answered."""
    runs = len(client.bodies("run.finished"))
    await client.say(text)
    await client.until_event("run.finished", runs + 1)


async def threads(client: RoomClient, **asked: Any) -> list[str]:
    """The rooms that a search or list finds."""
    answer = await client.ack(await client.send("threads", limit=50, **asked))
    return [row["room"] for row in answer["threads"]]


async def test_a_title_and_the_archive_are_seen_by_everyone_and_by_those_who_come_later(address: str) -> None:
    async with clients(address, "plans", 2) as (one, two):
        assert (await do(one, "rename", title="Summer plans"))["kind"] == "ack"
        assert (await do(two, "archive", archived=True))["kind"] == "ack"
        for client in (one, two):
            await client.until_event("room.changed", 2)
            assert client.bodies("room.changed") == [
                {"event": "room.changed", "title": "Summer plans"},
                {"event": "room.changed", "archived": True},
            ]
        async with clients(address, "plans", 1) as (late,):
            assert late.snapshot is not None
            assert (late.snapshot["title"], late.snapshot["archived"]) == ("Summer plans", True)
        assert await threads(one) == []
        assert await threads(one, archived=True) == ["plans"]
        assert (await do(two, "archive", archived=False))["kind"] == "ack"
        assert await threads(one) == ["plans"]


async def test_a_branch_ends_with_the_message_it_was_made_from(address: str) -> None:
    async with clients(address, "trunk", 1) as (client,):
        for text in ("One", "Two"):
            await talk(client, f"@host {text}")
        first = client.bodies("message.done")[0]["message"]
        done = await do(client, "branch", from_message=first, new_room="another-way")
        assert done["result"] == {"room": "another-way"}
        refused = await do(client, "branch", from_message="no-such-message", new_room="nowhere")
        assert refused["code"] == "not_found"
        taken = await do(client, "branch", from_message=first, new_room="another-way")
        assert taken["code"] == "conflict"
        async with clients(address, "another-way", 1) as (branch,):
            assert branch.snapshot is not None
            assert [message["message"] for message in branch.snapshot["messages"]] == [first]
            assert branch.snapshot["runs"] == []
            await talk(branch, "@host And now?")
        assert await threads(client, query="no-such-words") == []


async def test_a_room_is_forked_in_mid_stream_and_both_go_on_alike_before_and_each_its_own_way_after() -> None:
    settings = Settings(host="127.0.0.1", port=0, mock_pace=0.005)
    async with (
        serving(create_app(settings)) as address,
        clients(address, "trunk", 2) as (one, two),
    ):
        await talk(one, "@host Hello")
        await one.say("@writer Tell me something longer about the sea")
        await one.until_event("message.delta", len(one.bodies("message.delta")) + 3)
        at = one.last
        done = await do(one, "fork", at=at, new_room="fork")
        assert done["kind"] == "ack"
        assert len(one.bodies("run.finished")) == 1, "it is still being answered"
        async with clients(address, "fork", 2) as (here, there):
            await asyncio.gather(talk(here, "@host What is new here?"), one.until_event("run.finished", 2))
            await there.until_event("run.finished")
            await asyncio.gather(talk(two, "@host What is new there?"))
            trunk, fork = await stored(one), await stored(here)
            before = [entry for entry in trunk if entry["seq"] <= at]
            assert [entry for entry in fork if entry["seq"] <= at] == before
            assert len(before) > 5
            after = {entry["body"]["message"] for entry in trunk if entry["body"]["event"] == "message.done"}
            assert "What is new here?" in text_of(fork)
            assert "What is new there?" not in text_of(fork)
            assert "What is new there?" in text_of(trunk)
            assert "What is new here?" not in text_of(trunk)
            assert after
            assert here.entries == there.entries
            partial = [e["body"] for e in fork if e["body"]["event"] == "message.done" and e["body"].get("partial")]
            assert len(partial) == 1, "what was said up to the fork stands there, and nothing stays open"
            whole = [e["body"] for e in trunk if e["body"]["event"] == "message.done"]
            assert all("partial" not in message for message in whole)
            assert texts([partial[0]])[0] in next(
                texts([message])[0] for message in whole if message["message"] == partial[0]["message"]
            )


async def test_a_cleared_room_begins_anew_for_everyone(address: str) -> None:
    async with clients(address, "slate", 2) as (owner, guest):
        await talk(owner, "@host Remember the number 4711")
        refused = await do(guest, "clear")
        assert refused["code"] == "forbidden"
        assert (await do(owner, "clear"))["kind"] == "ack"
        await guest.until_event("room.cleared")
        async with clients(address, "slate", 1) as (late,):
            assert late.snapshot is not None
            assert (late.snapshot["messages"], late.snapshot["more"]) == ([], False)
        assert await threads(owner, query="4711") == []
        assert (await do(owner, "stats"))["result"]["message_count"] == 0


async def test_a_deleted_room_is_gone_for_its_watchers_and_for_all_who_come_later(address: str) -> None:
    async with clients(address, "secret", 2) as (owner, guest):
        await talk(owner, "@host This will not last")
        assert (await do(guest, "delete"))["code"] == "forbidden"
        asked = await owner.send("delete", room="secret")
        for client in (owner, guest):
            gone = await client.until(kind("unsubscribed"))
            assert gone["payload"] == {"kind": "unsubscribed", "room": "secret", "code": "deleted"}
        assert (await owner.ack(asked))["kind"] == "ack"
        for action in ("subscribe", "stats", "rename", "history"):
            more = {"rename": {"title": "Back"}, "history": {"limit": 5}}.get(action, {})
            assert (await do(guest, action, **more))["code"] == "not_found", action
        assert await threads(owner) == []
        assert await threads(owner, query="last") == []
        fork = await owner.ack(await owner.send("fork", room="secret", at=1, new_room="copy"))
        assert fork["code"] == "not_found"


async def test_the_default_room_is_nobodys_to_delete(address: str) -> None:
    async with clients(address, "default", 1) as (client,):
        assert (await do(client, "delete"))["code"] == "forbidden"


async def stored(client: RoomClient) -> list[JSON]:
    """A room's whole stored log."""
    entries: list[JSON] = []
    more = True
    while more:
        asked = await client.send("history", room=client.room, after=entries[-1]["seq"] if entries else 0, limit=200)
        page = await client.ack(asked)
        entries += page["entries"]
        more = page["more"]
    return entries


def texts(messages: list[JSON]) -> list[str]:
    return ["".join(part.get("text", "") for part in message["parts"]) for message in messages]


def text_of(entries: list[JSON]) -> str:
    return "\n".join(texts([entry["body"] for entry in entries if entry["body"]["event"] == "message.done"]))
