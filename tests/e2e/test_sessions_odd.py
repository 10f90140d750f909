"""What the session routers are not meant to be sent: refused by name, on either database, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from salon import (
    Agent,
    DatabaseSession,
    Settings,
    chat_storage_router,
    create_agent_router,
    create_app,
    get_session,
)
from tests.serving import serving

JSON = {"content-type": "application/json"}


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that DATABASE_URL names."""
    monkeypatch.setenv("DATABASE_URL", request.getfixturevalue(f"{request.param}_database_url"))
    monkeypatch.setenv("MOCK_PACE", "0")


@pytest.fixture
async def http(backend: None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a plain application."""
    app = FastAPI()
    app.include_router(create_agent_router(Agent("guide", "You guide."), "/guide", get_db_session=get_session))
    app.include_router(chat_storage_router)
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=20) as client:
        yield client


@pytest.mark.requirement("S3-25")
async def test_a_conversation_that_cannot_be_takes_nothing_away_and_makes_nothing(http: httpx.AsyncClient) -> None:
    said = [{"role": "user", "content": "Remember me"}]
    chat = (await http.post("/chats/", json={"conversation": said})).json()["chat_id"]
    wrong = [{"role": "user", "content": "fine"}, {"role": "nobody", "content": "not"}]
    for refused in (
        await http.put(f"/chats/{chat}", json={"conversation": wrong}),
        await http.post("/chats/", json={"conversation": wrong}),
    ):
        assert refused.status_code == 422
        assert refused.json()["error"]["param"] == "conversation[1]"
    untitled = await http.put(f"/chats/{chat}", json={"conversation": None, "title": "   "})
    assert (untitled.status_code, untitled.json()["error"]["param"]) == (422, "title")
    assert (await http.get(f"/chats/{chat}")).json()["conversation"] == said
    assert (await http.get("/chats/")).json()["total"] == 1


@pytest.mark.requirement("S3-25")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"input": "hi", "context": {"x": NaN}}', "context"),
        ('{"input": "hi", "context": {"x": 1e999}}', "context"),
        ('{"input": "hi", "context": {"x": "\\ud800"}}', "context"),
        ('{"input": "hi \\ud800"}', "input"),
        ('{"input": [{"role": "nobody", "content": "x"}, {"role": "user", "content": "hi"}]}', "input[0]"),
    ],
)
async def test_what_a_room_cannot_hold_is_refused_in_words_of_ours(
    http: httpx.AsyncClient, body: str, field: str
) -> None:
    refused = await http.post("/guide/run", content=body, headers=JSON)
    assert refused.status_code == 422
    error = refused.json()["error"]
    assert error["param"] == field
    assert "pydantic" not in error["message"]


@pytest.mark.requirement("S3-25")
async def test_a_chat_whose_id_cannot_be_is_not_there(http: httpx.AsyncClient) -> None:
    for chat in ("%00", "a%00b", "%ff", "x" * 300, "a b"):
        for method in ("GET", "PUT", "DELETE"):
            answered = await http.request(method, f"/chats/{chat}", json={"title": "x"})
            assert answered.status_code == 404, (method, chat, answered.text)


async def test_on_a_server_sessions_are_of_its_own_database(
    sqlite_database_url: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{elsewhere}")
    app = create_app(settings.model_copy(update={"database_url": sqlite_database_url}))
    app.include_router(create_agent_router(Agent("guide", "You guide."), "/guide", get_db_session=get_session))
    app.include_router(chat_storage_router)
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        chat = (await http.post("/chats/", json={})).json()["chat_id"]
        await http.post("/guide/run", json={"input": "My name is Alice", "session_id": chat})
        conversation = (await http.get(f"/chats/{chat}")).json()["conversation"]
        assert [said["role"] for said in conversation] == ["user", "assistant"]
    assert not elsewhere.exists()


async def test_a_session_by_hand_may_be_called_default(sqlite_database_url: str) -> None:
    session = DatabaseSession("default", sqlite_database_url)
    await session.add_items([{"role": "user", "content": json.dumps({"n": 1})}])
    assert [item["role"] for item in await session.get_items()] == ["user"]
    await session.house.close()
