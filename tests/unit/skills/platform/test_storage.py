"""Values are kept for each agent and user apart, as JSON of a bounded size, here or with a portal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import orjson
import pytest

from salon import Agent, AgentServer, Settings, StorageSkill
from salon.agents.context.context import Context
from salon.agents.context.current import CONTEXT
from salon.contracts.runs import Principal
from salon.contracts.types import Json
from salon.errors import SalonError
from tests.fakes.port import FakePort


def storing(name: str = "a", **config: object) -> tuple[Agent, StorageSkill]:
    agent = Agent(name, "You keep things.", skills={"robutler.storage": StorageSkill(config)})
    skill = agent.skills["robutler.storage"]
    assert isinstance(skill, StorageSkill)
    return agent, skill


@asynccontextmanager
async def asked_by(agent: Agent, user: str, tenant: str | None = None, room: str = "room") -> AsyncIterator[None]:
    port = FakePort(agent=agent.name, room=room, principal=Principal(user, tenant=tenant))
    before = CONTEXT.set(Context(port, owner=agent))
    try:
        yield
    finally:
        CONTEXT.reset(before)


@pytest.mark.requirement("S1-82")
async def test_what_is_stored_is_read_back() -> None:
    _, storage = storing(portal_url="https://portal.example", api_key="salon_api_key")
    package: Json = {"topic": "tea", "raw": ["a", "b"], "n": 1.5, "none": None}
    assert await storage.store_data("research_tea_1", package) == {"key": "research_tea_1", "bytes": 51}
    assert await storage.get_data("research_tea_1") == package
    assert await storage.get_data("other") is None
    assert await storage.list_data("research_") == ["research_tea_1"]
    assert await storage.delete_data("research_tea_1")
    assert not await storage.delete_data("research_tea_1")


async def test_each_user_has_their_own_and_so_has_each_tenant() -> None:
    agent, storage = storing()
    async with asked_by(agent, "ann"):
        await storage.store_data("plan", "ann's")
    async with asked_by(agent, "ben"):
        assert await storage.get_data("plan") is None
    async with asked_by(agent, "ann", tenant="other"):
        assert await storage.get_data("plan") is None
    async with asked_by(agent, "ann"):
        assert await storage.get_data("plan") == "ann's"
    assert await storage.list_data() == []


async def test_a_shared_storage_is_the_same_for_all_users() -> None:
    agent, storage = storing(shared=True)
    async with asked_by(agent, "ann"):
        await storage.store_data("plan", [1])
    async with asked_by(agent, "ben"):
        assert await storage.get_data("plan") == [1]


@pytest.mark.parametrize(
    ("key", "data", "field"),
    [
        ("", 1, "key"),
        ("k" * 513, 1, "key"),
        ("a\0", 1, "key"),
        ("\ud800", 1, "key"),
        ("k", object(), "data"),
        ("k", "x" * 2_000_000, "data"),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_name(key: str, data: object, field: str) -> None:
    _, storage = storing()
    with pytest.raises(SalonError, match=field):
        await storage.store_data(key, data)  # type: ignore[arg-type]


async def test_a_real_portal_keeps_values_by_http(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, bytes] = {}
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        key = request.url.path.removeprefix("/api/storage").removeprefix("/")
        if not key:
            return httpx.Response(200, json=sorted(kept))
        if request.method == "PUT":
            kept[key] = request.read()
            return httpx.Response(204)
        if request.method == "DELETE":
            return httpx.Response(204 if kept.pop(key, None) is not None else 404)
        found = kept.get(key)
        return httpx.Response(200, content=found) if found is not None else httpx.Response(404)

    carrier = httpx.MockTransport(answer)
    plain = httpx.AsyncClient
    monkeypatch.setattr(httpx, "AsyncClient", lambda **given: plain(transport=carrier, **given))
    _, storage = storing(portal_url="https://portal.test/api", api_key="k-7f3a91")
    await storage.store_data("plan", {"a": 1})
    assert orjson.loads(kept["plan"]) == {"a": 1}
    assert await storage.get_data("plan") == {"a": 1}
    assert await storage.list_data("p") == ["plan"]
    assert await storage.delete_data("plan")
    assert not await storage.delete_data("plan")
    assert await storage.get_data("plan") is None
    assert {request.headers["authorization"] for request in asked} == {"Bearer k-7f3a91"}


async def test_a_portal_that_fails_is_an_error_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = httpx.AsyncClient
    for body in (httpx.Response(500, text="k-7f3a91"), httpx.Response(200, text="<html>")):
        monkeypatch.setattr(
            httpx,
            "AsyncClient",
            lambda body=body, **given: plain(transport=httpx.MockTransport(lambda _: body), **given),
        )
        _, storage = storing(portal_url="https://portal.test", api_key="k-7f3a91")
        with pytest.raises(SalonError, match="the portal does not answer"):
            await storage.get_data("plan")


async def test_a_portal_that_has_no_place_for_a_value_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, nowhere = httpx.AsyncClient, httpx.MockTransport(lambda _: httpx.Response(404))
    monkeypatch.setattr(httpx, "AsyncClient", lambda **given: plain(transport=nowhere, **given))
    _, storage = storing(portal_url="https://portal.test", api_key="k-7f3a91")
    with pytest.raises(SalonError, match="the portal does not answer"):
        await storage.store_data("plan", 1)


async def test_there_is_an_end_to_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salon.skills.platform.storage.MOST_KEYS", 2)
    _, storage = storing()
    for key in ("a", "b", "a"):
        await storage.store_data(key, 1)
    with pytest.raises(SalonError, match="2 values are kept already"):
        await storage.store_data("c", 1)


async def test_on_a_server_strangers_do_not_see_each_others_values() -> None:
    agent, storage = storing()
    server = AgentServer([agent], settings=Settings(database_url="sqlite:///:memory:"))
    async with server.router.lifespan_context(server):
        for user in ("anonymous", "api:ann"):
            async with asked_by(agent, user, room="one"):
                await storage.store_data("plan", "mine")
                assert await storage.get_data("plan") == "mine"
            async with asked_by(agent, user, room="two"):
                assert await storage.get_data("plan") is None
