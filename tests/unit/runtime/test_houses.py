"""A database has one house in a process, whichever way it is reached: so each room has one writer."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from salon import Agent, Settings, ThreadStore, create_app
from salon.contracts.runs import Principal
from salon.contracts.types import TextPart
from salon.runtime import Runtime
from salon.runtime.house import house_of
from salon.store.database import Database

WORDS = [TextPart(kind="text", text="hello")]


async def test_an_address_and_an_engine_of_ones_own_lead_to_the_same_house(sqlite_database_url: str) -> None:
    house = house_of(sqlite_database_url)
    engine = create_async_engine(house.database.engine.url)
    assert house_of(engine) is house_of(Database(sqlite_database_url)) is house
    await house.close()
    assert house_of(engine) is not house
    await house_of(engine).close()
    await engine.dispose()


async def test_databases_in_memory_are_houses_of_their_own() -> None:
    one, other = (house_of(Database("sqlite:///:memory:")) for _ in range(2))
    assert one is not other
    for house in (one, other):
        await house.close()


async def test_a_program_that_was_there_before_the_server_writes_through_the_servers_rooms(
    sqlite_database_url: str, settings: Settings
) -> None:
    store = ThreadStore(sqlite_database_url)
    thread = (await store.create(user_id="ann", title="Plans"))["id"]
    runtime: Runtime = create_app(settings.model_copy(update={"database_url": sqlite_database_url})).state.runtime
    await runtime.open()
    room = await runtime.lobby.existing(thread)
    assert (await store.rename(thread, "New plans"))["title"] == room.title == "New plans"
    room.say(Principal("ann"), WORDS)
    await room.log.stored()
    assert [said["content"] for said in await store.messages(thread)] == ["hello"]
    await runtime.close()
    assert (await store.rename(thread, "Old plans"))["title"] == "Old plans"
    await house_of(sqlite_database_url).close()


async def test_an_answer_names_the_thread_that_it_is_in(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")
    agent = Agent("guide", "You guide.", conn=sqlite_database_url)
    first = await agent.run("Hello", user_id="ann")
    agent.new_thread(user_id="ann")
    second = await agent.run("Hello", user_id="ann")
    assert first.session_id != second.session_id
    titles = {thread["id"] for thread in await ThreadStore(sqlite_database_url).list(user_id="ann")}
    assert titles == {first.session_id, second.session_id}
    await house_of(sqlite_database_url).close()
