"""Agents that are made at run time, on every database."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from salon.errors import RequestError, SalonError
from salon.store.agents import AgentStore
from salon.store.database import Database
from tests.clock import ManualClock


@pytest.fixture
def agents(database: Database, clock: ManualClock) -> AgentStore:
    return AgentStore(database, clock=clock)


@pytest.mark.requirement("S2-19")
async def test_an_agent_that_was_created_is_there_with_its_id(agents: AgentStore, database: Database) -> None:
    agent = await agents.create(
        name="assistant", system_prompt="You are helpful.", model="openai/gpt-4o", tools=["sum"]
    )
    assert agent["id"]
    expected = {"name": "assistant", "system_prompt": "You are helpful.", "model": "openai/gpt-4o", "tools": ["sum"]}
    assert agent.items() >= expected.items()
    assert await agents.get(agent["id"]) == agent
    async with AsyncSession(database.engine) as session:
        assert await AgentStore(session).list() == [agent]


async def test_the_agents_of_a_user_are_listed_by_name(agents: AgentStore) -> None:
    for name, user in [("zoe", "ann"), ("abe", "ann"), ("bea", "bob"), ("all", None)]:
        await agents.create(name=name, user_id=user)
    assert [agent["name"] for agent in await agents.list("ann")] == ["abe", "zoe"]
    assert [agent["name"] for agent in await agents.list()] == ["abe", "all", "bea", "zoe"]


@pytest.mark.requirement("S1-65")
async def test_agents_of_customers_are_told_apart_before_they_are_counted(agents: AgentStore) -> None:
    for tenant in ("acme", "globex", None):
        for name in ("abe", "zoe"):
            await agents.create(name=name, tenant=tenant)
    assert [agent["tenant"] for agent in await agents.list(tenants=["acme"], limit=2)] == ["acme", "acme"]
    assert [agent.get("tenant") for agent in await agents.named("zoe", [None])] == [None]
    assert {agent.get("tenant") for agent in await agents.named("zoe", ["acme", None])} == {"acme", None}
    assert await agents.named("zoe", ["a\0b"]) == []
    assert len(await agents.list()) == 6


async def test_an_update_changes_what_it_names(agents: AgentStore, clock: ManualClock) -> None:
    made = await agents.create(name="assistant", system_prompt="Be kind.", model="mock")
    clock.advance(5)
    changed = await agents.update(made["id"], name="helper", system_prompt="Be brief.")
    expected = {"name": "helper", "system_prompt": "Be brief.", "updated_at": made["created_at"] + 5}
    assert changed == await agents.get(made["id"]) == made | expected


async def test_what_is_not_there_cannot_be_read_changed_or_deleted(agents: AgentStore) -> None:
    made = await agents.create(name="assistant")
    await agents.delete(made["id"])
    for attempt in (agents.get(made["id"]), agents.update(made["id"], name="other"), agents.delete(made["id"])):
        with pytest.raises(SalonError, match="there is no agent") as refused:
            await attempt
        assert refused.value.code == "not_found"
    assert await agents.list() == []


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"name": " "}, "/name"),
        ({"name": "a", "x": object()}, "/definition"),
        ({"name": "a", "user_id": "u" * 161}, "/user_id"),
        ({"name": "a", "user_id": "a\0b"}, "/user_id"),
        ({"name": "a", "tenant": " "}, "/tenant"),
    ],
)
async def test_what_cannot_be_stored_is_refused_by_name(
    agents: AgentStore, values: dict[str, object], path: str
) -> None:
    with pytest.raises(RequestError) as refused:
        await agents.create(**values)  # type: ignore[arg-type]
    assert [detail.path for detail in refused.value.details] == [path]


@pytest.mark.parametrize("fixed", ["id", "user_id", "tenant", "created_at", "updated_at"])
async def test_what_the_store_gives_an_agent_cannot_be_changed_unnoticed(agents: AgentStore, fixed: str) -> None:
    agent = await agents.create(name="Helper", user_id="ann")
    with pytest.raises(RequestError, match=fixed):
        await agents.update(agent["id"], **{fixed: "bob"})
    assert await agents.get(agent["id"]) == agent


@pytest.mark.parametrize("name", ["a\0b", "a\ud800", "a\nb"])
async def test_a_name_that_cannot_be_read_is_none(agents: AgentStore, name: str) -> None:
    with pytest.raises(RequestError, match="printable"):
        await agents.create(name=name)


async def test_what_no_database_can_hold_is_nobodys(agents: AgentStore) -> None:
    for attempt in (agents.get("a\0b"), agents.update("a\0b", name="other"), agents.delete("a\0b")):
        with pytest.raises(SalonError, match="there is no agent"):
            await attempt
    assert await agents.list("a\0b") == []


@pytest.mark.parametrize("limit", [-1, 0, 1001])
async def test_a_page_has_a_size(agents: AgentStore, limit: int) -> None:
    with pytest.raises(RequestError, match="limit"):
        await agents.list(limit=limit)
