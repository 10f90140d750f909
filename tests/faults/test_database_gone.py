"""The store stops working under a server: rooms say so, nothing acked is lost, and service returns by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from structlog.testing import capture_logs

from salon import Settings, create_app
from salon.http.operations import health
from salon.rooms.log import log_sql
from salon.store import database as store
from salon.store.tables import StoredEntry
from tests.e2e.live import RoomClient, serving
from tests.faults.outages import Outage, full_disk, wire

JSON = dict[str, Any]

LONG = "x" * 30_000
"""More than the free space of a file that cannot grow."""


@pytest.fixture(params=["a full disk", "a cut wire", "a silent wire"])
async def outage(request: pytest.FixtureRequest) -> AsyncIterator[Outage]:
    """A store that works until a test says otherwise."""
    on = "sqlite" if request.param == "a full disk" else "postgres"
    url = await asyncio.to_thread(request.getfixturevalue, f"{on}_database_url")
    async with full_disk(url) if on == "sqlite" else wire(url, silent="silent" in request.param) as found:
        yield found


@asynccontextmanager
async def served(settings: Settings, url: str, **changes: Any) -> AsyncIterator[tuple[FastAPI, str]]:
    """A server with that database, and its address."""
    app = create_app(settings.model_copy(update={"database_url": url, "background_jobs": False, **changes}))
    async with serving(app) as address:
        yield app, address


def make_impatient(patch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for a store that will not answer."""
    patch.setattr(log_sql, "PATIENCE", 0.1)
    patch.setattr(health, "STORE_ANSWERS_WITHIN", 0.1)
    patch.setattr(store, "ANSWERS_WITHIN", 0.1)


async def say(client: RoomClient, text: str) -> JSON:
    """Say something to the people in the room; gives the answer. The first word is the action's id."""
    return await client.ack(await client.say(text, id=text.split(maxsplit=1)[0], to=[]))


async def ready(address: str, status: int) -> JSON:
    """Wait until the server says that it is ready, or that it is not."""
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as http, asyncio.timeout(10):
        assert (await http.get("/health")).status_code == 200
        while (answer := await http.get("/ready")).status_code != status:
            pass
        body: JSON = answer.json()
        return body


def refused(answer: JSON, reply_to: str) -> None:
    assert [answer.get("code"), answer["reply_to"], answer["retryable"]] == ["unavailable", reply_to, True], answer
    assert answer["retry_after"] >= 1


def words(messages: list[JSON]) -> list[str]:
    return [part["text"].split(maxsplit=1)[0] for message in messages for part in message["parts"]]


async def told(client: RoomClient) -> list[str]:
    """The first words of all messages that the room's history has."""
    page = await client.ack(await client.send("history", room=client.room, limit=200))
    return words([entry["body"] for entry in page["entries"] if entry["body"]["event"] == "message.done"])


@pytest.mark.requirement("S4-31")
async def test_in_an_outage_a_room_says_so_keeps_its_readers_and_goes_on_by_itself_afterwards(
    outage: Outage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(settings, outage.url) as (_, address):
        alice, bob = [await RoomClient(address, "r").open() for _ in range(2)]
        assert (await say(alice, "one"))["kind"] == "ack"
        assert await ready(address, 200) == {"status": "ready"}
        with monkeypatch.context() as patch:
            make_impatient(patch)
            outage.begin()
            for _ in range(2):
                refused(await say(alice, f"two {LONG}"), "two")
            error = (await ready(address, 503))["error"]
            assert [error["code"], error["type"]] == ["unavailable", "api_error"]
            assert not {"sql", "postgres", "disk", "connect"} & set(error["message"].lower().split())
            late = await RoomClient(address, "r").open()
            await bob.until(lambda frame: late.welcome["connection"] in str(frame["payload"].get("joins")))
            assert words(late.messages()) == words(bob.messages()) == ["one"]
        await outage.end()
        await bob.until_event("message.done", 2)  # before anyone asks again
        assert await ready(address, 200) == {"status": "ready"}
        again = await say(alice, f"two {LONG}")
        assert [again["kind"], again["duplicate"]] == ["ack", True]
        assert (await say(alice, "three"))["kind"] == "ack"
        assert await told(bob) == ["one", "two", "three"]
        for client in (alice, bob, late):
            await client.close()


async def test_an_answer_that_streams_when_the_store_goes_is_whole_when_it_comes_back(
    outage: Outage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(settings, outage.url, mock_pace=0.01) as (_, address):
        alice = await RoomClient(address, "r").open()
        run = (await alice.ack(await alice.say("Tell me a long story.")))["result"]["run"]
        await alice.until_event("message.delta")
        outage.begin()
        with monkeypatch.context() as patch:
            make_impatient(patch)
            refused(await say(alice, f"two {LONG}"), "two")
        await outage.end()
        assert (await alice.until_event("run.finished"))["run"] == run
        assert (await say(alice, f"two {LONG}"))["kind"] == "ack"
        answers = [done for done in alice.bodies("message.done") if done["author"]["role"] == "agent"]
        assert answers
        assert not any(answer.get("partial") for answer in answers)
        await alice.close()


@pytest.mark.parametrize("outage", ["a full disk", "a cut wire", "a silent wire"], indirect=True)
async def test_a_store_that_is_gone_for_good_costs_nothing_acked_and_the_server_says_what_it_could_not_keep(
    outage: Outage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with capture_logs() as logged, monkeypatch.context() as patch:
        async with served(settings, outage.url, drain_seconds=0.1) as (_, address):
            alice = await RoomClient(address, "r").open()
            assert (await say(alice, "one"))["kind"] == "ack"
            make_impatient(patch)
            outage.begin()
            refused(await say(alice, f"two {LONG}"), "two")
            await ready(address, 503)
    assert [line["rooms"] for line in logged if line["event"] == "entries_lost"] == [1]
    await outage.end()
    async with served(settings, outage.url) as (_, address):
        alice = await RoomClient(address, "r").open()
        assert await told(alice) == ["one"]
        again = await say(alice, f"two {LONG}")
        assert [again["kind"], again["duplicate"]] == ["ack", False]
        assert await told(alice) == ["one", "two"]
        await alice.close()


@pytest.mark.parametrize("on", ["sqlite", "postgres"])
async def test_a_room_whose_row_is_corrupt_says_so_and_the_others_go_on(
    request: pytest.FixtureRequest, settings: Settings, on: str
) -> None:
    url = await asyncio.to_thread(request.getfixturevalue, f"{on}_database_url")
    async with served(settings, url) as (_, address):
        for room in ("bad", "good"):
            client = await RoomClient(address, room).open()
            await say(client, "one")
            await client.close()
    async with served(settings, url) as (app, address):
        database = app.state.runtime.house.database
        row = StoredEntry.thread_id == "bad", StoredEntry.seq == 2
        async with database.writing() as conn:
            whole = await conn.scalar(select(StoredEntry.data).where(*row))
            await conn.execute(update(StoredEntry).where(*row).values(data=whole[:20]))
        good = await RoomClient(address, "good").open()
        refused(await good.ack(await good.send("subscribe", id="look", room="bad")), "look")
        refused(
            await good.ack(await good.send("send", id="say", room="bad", parts=[{"kind": "text", "text": "?"}])), "say"
        )
        assert (await say(good, "two"))["kind"] == "ack"
        assert await ready(address, 200)
        async with database.writing() as conn:
            await conn.execute(update(StoredEntry).where(*row).values(data=whole))
        bad = await RoomClient(address, "bad").open()
        assert (await say(bad, "two"))["kind"] == "ack"
        assert await told(bad) == ["one", "two"]
        await good.close()
        await bad.close()
