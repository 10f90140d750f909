"""The session protocol of OpenAI's agents library, over every kind of database."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from salon import Agent, DatabaseSession, Runner
from salon.contracts.runs import Principal
from salon.errors import RequestError, SalonError
from salon.runtime.house import house_of
from salon.store.database import Database

JSON = dict[str, Any]

USER = {"role": "user", "content": "My name is Alice"}
REASONING = {"type": "reasoning", "id": "rs_1", "summary": []}
CALL = {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a": 1}'}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "2"}
ANSWER = {"id": "msg_1", "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Two."}]}
ITEMS: list[JSON] = [USER, REASONING, CALL, OUTPUT, ANSWER]


@pytest.fixture
async def session(database: Database) -> AsyncIterator[DatabaseSession]:
    async with AsyncSession(database.engine) as db_session:
        yield DatabaseSession(str(uuid4()), db_session)
    await house_of(database).close()


@pytest.mark.requirement("S3-26")
async def test_it_has_the_shape_of_the_protocol(session: DatabaseSession) -> None:
    assert isinstance(session.session_id, str)
    assert session.session_settings is None
    shape = {
        name: list(inspect.signature(getattr(session, name)).parameters)
        for name in ("get_items", "add_items", "pop_item", "clear_session")
        if inspect.iscoroutinefunction(getattr(session, name))
    }
    assert shape == {"get_items": ["limit"], "add_items": ["items"], "pop_item": [], "clear_session": []}


@pytest.mark.requirement("S3-20", "S3-26")
async def test_items_are_kept_in_order_and_the_newest_are_given(session: DatabaseSession) -> None:
    assert await session.get_items() == []
    await session.add_items([])
    await session.add_items(ITEMS[:2])
    await session.add_items(ITEMS[2:])
    assert await session.get_items() == ITEMS
    for limit in range(7):
        assert await session.get_items(limit) == (ITEMS[-limit:] if limit else [])
    session.session_settings = SimpleNamespace(limit=1)
    assert await session.get_items() == [ANSWER]


@pytest.mark.requirement("S3-26")
async def test_items_are_taken_back_one_by_one(session: DatabaseSession) -> None:
    assert await session.pop_item() is None
    await session.add_items(ITEMS)
    for item in reversed(ITEMS):
        assert await session.pop_item() == item
        assert item not in await session.get_items()
    assert await session.pop_item() is None
    await session.add_items([OUTPUT, USER])
    assert await session.get_items() == [OUTPUT, USER]


@pytest.mark.requirement("S3-26")
async def test_a_cleared_session_begins_anew(session: DatabaseSession) -> None:
    await session.clear_session()
    await session.add_items(ITEMS)
    await session.clear_session()
    assert await session.get_items() == []
    await session.add_items(ITEMS)
    assert await session.get_items() == ITEMS


async def test_more_than_a_page_of_the_log_is_read(session: DatabaseSession) -> None:
    items = [{"role": "user", "content": f"{n}"} for n in range(1_203)]
    await session.add_items(items)
    assert await session.get_items() == items
    assert await session.get_items(700) == items[-700:]


async def test_what_is_added_at_the_same_time_is_kept_and_stays_together(session: DatabaseSession) -> None:
    batches = [[{"role": "user", "content": f"{batch}.{n}"} for n in range(5)] for batch in range(10)]
    await asyncio.gather(*(session.add_items(batch) for batch in batches))
    kept = await session.get_items()
    assert sorted(kept[i : i + 5][0]["content"] for i in range(0, 50, 5)) == [f"{batch}.0" for batch in range(10)]  # type: ignore[type-var]
    assert all(kept[i : i + 5] in batches for i in range(0, 50, 5))


async def test_an_item_that_cannot_be_kept_is_named_and_nothing_is_added(session: DatabaseSession) -> None:
    for broken in ({"role": "nobody", "content": "x"}, {"type": "thing", "value": float("nan")}, {"a": "\ud800"}):
        with pytest.raises(RequestError, match=r"items\[1\]: "):
            await session.add_items([USER, broken])
    assert await session.get_items() == []


async def test_it_is_the_room_of_its_id(session: DatabaseSession) -> None:
    await session.add_items(ITEMS)
    room = await session.house.lobby.existing(session.session_id, Principal("anonymous"))
    assert [message.author.id for message in room.state.messages] == ["anonymous", "assistant"]
    await session.house.threads.delete(session.session_id, None)
    assert await session.get_items() == []
    with pytest.raises(SalonError, match="deleted") as refused:
        await session.add_items([USER])
    assert refused.value.code == "not_found"


@pytest.mark.requirement("S3-20")
async def test_agents_run_in_it(session: DatabaseSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")
    guide = Agent("guide", "You guide.")
    await session.add_items([USER])
    first = await Runner.run(guide, "What is my name?", session=session)
    assert "Alice" in first.final_output
    assert first.session_id == session.session_id
    streaming = Runner.run_streamed(guide, "What did I say first? My first message.", session=session)
    names = [type(step).__name__ async for step in streaming.stream_events()]
    assert streaming.final_output is not None
    assert "My name is Alice" in streaming.final_output
    assert {"Speaks", "Said", "Happened"} == set(names)
    assert [item["role"] for item in await session.get_items()] == ["user", "user", "assistant", "user", "assistant"]
    alone = await Runner.run(guide, [{"role": "user", "content": "What is my name?"}])
    assert "Alice" not in alone.final_output
    assert alone.session_id is None
