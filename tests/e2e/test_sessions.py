"""Document 003, request by request, in a plain FastAPI application: its own code, only its imports are changed."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from salon import (
    Agent,
    DatabaseSession,
    Settings,
    chat_storage_router,
    create_agent_router,
    create_app,
    create_chat_storage_router,
    get_session,
)
from salon.store.database import Database
from salon.store.tables import StoredEntry
from tests.e2e.processes import free_port, running
from tests.fakes.vendor import FakeVendor, answer, fail
from tests.serving import serving

JSON = dict[str, Any]

SETUP = """
from fastapi import FastAPI, Depends
from salon import create_agent_router
from salon import get_session
from salon import Agent
from salon import chat_storage_router

# Create your OpenAI Agent
my_agent = Agent(
    name="DND Assistant",
    instructions="You are a helpful D&D campaign assistant. Help users with campaign planning, character creation, and game mechanics.",
    model="gpt-4o-mini"  # or your preferred model
)

# Create the router with database session dependency
agent_router = create_agent_router(
    agent=my_agent,
    prefix="/dnd-assistant",
    agent_name="DND Assistant",
    get_db_session=get_session  # Inject the database session dependency
)

app = FastAPI(title="DND Agent Builder")

# Include the agent router
app.include_router(agent_router)

# Your other routers...
app.include_router(chat_storage_router)
"""  # noqa: E501 - as it stands in the document

SEVERAL = """
# Create multiple specialized agents
dnd_agent = Agent(name="DND Assistant", instructions="...")
character_agent = Agent(name="Character Creator", instructions="...")
world_agent = Agent(name="World Builder", instructions="...")

# Create routers for each
dnd_router = create_agent_router(dnd_agent, "/dnd", "DND Assistant", get_session)
character_router = create_agent_router(character_agent, "/character", "Character Creator", get_session)
world_router = create_agent_router(world_agent, "/world", "World Builder", get_session)

# Include all routers
app.include_router(dnd_router)
app.include_router(character_router)
app.include_router(world_router)
"""

BY_HAND = """
# You can also create sessions manually if needed
from salon import DatabaseSession

async def custom_agent_run(chat_id: str, user_input: str, db_session: AsyncSession):
    # Create session manually
    session = DatabaseSession(chat_id, db_session)

    # Run agent with custom logic
    result = await Runner.run(
        my_agent,
        user_input,
        session=session
    )

    return result
"""


def run_code(*blocks: str, **names: object) -> JSON:
    """Runs the document's blocks one after the other; gives their names."""
    for block in blocks:
        exec(compile(block, "document 003", "exec"), names)
    return names


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that DATABASE_URL names."""
    name: str = request.param
    url = request.getfixturevalue("sqlite_database_url" if name == "SQLite" else "postgres_database_url")
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("MOCK_PACE", "0")
    return name


@pytest.fixture
def sqlite(sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A SQLite file that DATABASE_URL names."""
    monkeypatch.setenv("DATABASE_URL", sqlite_database_url)
    monkeypatch.setenv("MOCK_PACE", "0")
    return sqlite_database_url


@asynccontextmanager
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield http


async def ask(http: httpx.AsyncClient, text: object, session: str | None, path: str = "/dnd-assistant") -> JSON:
    answered = await http.post(f"{path}/run", json={"input": text, "session_id": session})
    assert answered.status_code == 200, answered.text
    told: JSON = answered.json()
    return told


def events(text: str) -> list[tuple[str, JSON]]:
    """What a stream of server-sent events says, comments left out."""
    found = []
    for block in re.split(r"\n\n", text.strip()):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


@pytest.mark.requirement("S3-01", "S3-02", "S3-03", "S3-04", "S3-05", "S3-06", "S3-07", "S3-08", "S3-09", "S3-10")
@pytest.mark.requirement("S3-11", "S3-12", "S3-13", "S3-14")
async def test_the_documents_session_goes_request_by_request(backend: str) -> None:
    async with client(run_code(SETUP)["app"]) as http:
        created = await http.post("/chats/", json={"title": "D&D Campaign Planning Session"})
        assert created.status_code == 201
        chat = created.json()
        assert chat["title"] == "D&D Campaign Planning Session"
        assert chat["user_id"] == "anonymous"
        session = chat["chat_id"]

        first = await ask(http, "My name is Alice. Help me create a fantasy campaign setting", session)
        assert set(first) == {"final_output", "success", "session_id"}
        assert first["success"] is True
        assert first["session_id"] == session
        second = await ask(http, "What is my name?", session)
        assert "Alice" in second["final_output"]

        question = {"input": "What did I say first? My first message, please.", "session_id": session}
        streamed = await http.post("/dnd-assistant/stream", json=question)
        assert streamed.headers["content-type"].startswith("text/event-stream")
        told = events(streamed.text)
        assert {name for name, _ in told} == {"agent_updated", "raw_response", "run_item", "stream_complete"}
        assert all(data["type"] == name for name, data in told)
        name, last = told[-1]
        assert name == "stream_complete"
        assert last["session_id"] == session
        assert "My name is Alice" in last["final_output"]
        assert "".join(data["delta"] for name, data in told if name == "raw_response") == last["final_output"]
        assert "3 messages" in (await ask(http, "What did I say before?", session))["final_output"]

        shown = (await http.get(f"/chats/{session}")).json()
        assert set(shown) == {"chat_id", "user_id", "conversation", "title", "created_at", "updated_at"}
        assert [said["role"] for said in shown["conversation"]] == ["user", "assistant"] * 4
        assert shown["conversation"][1] == {"role": "assistant", "content": first["final_output"]}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shown["created_at"])

        untouched = await http.put(f"/chats/{session}", json={"title": "Another title"})
        assert untouched.json()["title"] == "Another title"
        assert len(untouched.json()["conversation"]) == 8
        cleared = await http.put(f"/chats/{session}", json={"conversation": None})
        assert cleared.status_code == 200
        assert cleared.json()["conversation"] == []
        assert cleared.json()["title"] == "Another title"
        assert "not told me" in (await ask(http, "What is my name?", session))["final_output"]

        info = (await http.get("/dnd-assistant/info")).json()
        assert info == {
            "name": "DND Assistant",
            "agent_name": "DND Assistant",
            "instructions": info["instructions"],
            "model": "gpt-4o-mini",
            "tools_count": 0,
            "handoffs_count": 0,
            "endpoints": {
                "run": "/dnd-assistant/run",
                "stream": "/dnd-assistant/stream",
                "info": "/dnd-assistant/info",
            },
            "session_config": {
                "sessions_enabled": True,
                "session_type": backend,
                "description": f"Sessions are enabled by default with {backend} storage",
            },
        }
        assert info["instructions"].startswith("You are a helpful D&D campaign assistant.")

        assert (await http.delete(f"/chats/{session}")).status_code == 204
        for gone in (
            await http.get(f"/chats/{session}"),
            await http.put(f"/chats/{session}", json={"title": "x"}),
            await http.delete(f"/chats/{session}"),
            await http.post("/dnd-assistant/run", json={"input": "hi", "session_id": session}),
        ):
            assert gone.status_code == 404
            assert gone.json()["success"] is False


@pytest.mark.requirement("S3-21")
async def test_a_session_survives_a_server_that_was_killed(sqlite: str, tmp_path: Path) -> None:
    (tmp_path / "dnd.py").write_text(SETUP, encoding="utf-8")
    port = free_port()
    start = ("-m", "uvicorn", "--app-dir", str(tmp_path), "dnd:app", "--port", str(port))
    session = str(uuid4())
    async with running(*start) as server, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        await server.shows("Uvicorn running on")
        await ask(http, "My name is Alice", session)  # and at the end of this block it is killed
    async with client(run_code(SETUP)["app"]) as http:
        assert "Alice" in (await ask(http, "What is my name?", session))["final_output"]
        assert len((await http.get(f"/chats/{session}")).json()["conversation"]) == 4


@pytest.mark.requirement("S3-21")
async def test_a_session_goes_on_in_the_next_application(backend: str) -> None:
    session = str(uuid4())
    async with client(run_code(SETUP)["app"]) as http:
        await ask(http, "My name is Alice", session)
    async with client(run_code(SETUP)["app"]) as http:
        assert "Alice" in (await ask(http, "What is my name?", session))["final_output"]


@pytest.mark.requirement("S3-19")
async def test_agents_that_share_a_session_see_who_said_what(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeVendor() as vendor:
        monkeypatch.setenv("OPENAI_API_KEY", "key-for-tests")
        monkeypatch.setenv("OPENAI_BASE_URL", vendor.base_url)
        vendor.script(answer("A land of seven rivers."), answer("Then a river pirate."))
        app = run_code(SETUP, SEVERAL)["app"]
        async with client(app) as http:
            session = str(uuid4())
            await ask(http, "Describe the land.", session, "/dnd")
            assert (await ask(http, "Who lives there?", session, "/character"))[
                "final_output"
            ] == "Then a river pirate."
        seen = [str(message["content"]) for message in vendor.bodies[1]["messages"][1:]]
    assert "Describe the land." in seen[0]
    assert "[DND-Assistant]: A land of seven rivers." in "\n".join(seen)
    assert "Who lives there?" in seen[-1]


@pytest.mark.requirement("S3-20")
async def test_a_session_made_by_hand_runs_and_is_the_routers_own(backend: str) -> None:
    names = run_code(SETUP, "from salon import Runner", "from sqlalchemy.ext.asyncio import AsyncSession", BY_HAND)
    custom_agent_run: Callable[..., Any] = names["custom_agent_run"]
    session = str(uuid4())
    async with client(names["app"]) as http:
        await ask(http, "My name is Alice", session)
        async with asynccontextmanager(get_session)() as db_session:
            result = await custom_agent_run(session, "What is my name?", db_session)
            assert "Alice" in result.final_output
            assert [item["role"] for item in await DatabaseSession(session, db_session).get_items()] == [
                "user", "assistant", "user", "assistant",
            ]  # fmt: skip
        assert (await http.get(f"/chats/{session}")).json()["conversation"][-1]["content"] == str(result)


@pytest.mark.requirement("S3-22")
async def test_every_user_has_chats_that_do_not_exist_for_others(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_HEADER", "X-User")
    async with client(run_code(SETUP)["app"]) as http:
        alice, bob = {"X-User": "alice"}, {"X-User": "auth0|bob"}
        chats = [(await http.post("/chats", json={"title": t}, headers=alice)).json() for t in ("one", "two")]
        assert {chat["user_id"] for chat in chats} == {"alice"}
        session = chats[0]["chat_id"]
        body = {"input": "My name is Alice", "session_id": session}
        assert (await http.post("/dnd-assistant/run", json=body, headers=alice)).status_code == 200
        for refused in (
            await http.get(f"/chats/{session}", headers=bob),
            await http.put(f"/chats/{session}", json={"conversation": None}, headers=bob),
            await http.delete(f"/chats/{session}", headers=bob),
            await http.post("/dnd-assistant/run", json=body, headers=bob),
            await http.post("/dnd-assistant/stream", json=body, headers=bob),
            await http.get(f"/chats/{session}"),
        ):
            assert refused.status_code == 404, refused.text
        assert (await http.get("/chats", headers=bob)).json()["chats"] == []
        assert len((await http.get(f"/chats/{session}", headers=alice)).json()["conversation"]) == 2
        own = {"input": "What is my name?", "session_id": str(uuid4())}
        answered = await http.post("/dnd-assistant/run", json=own, headers=bob)
        assert "Alice" not in answered.json()["final_output"]
        assert (await http.get("/chats", headers=bob)).json()["total"] == 1
        two = await http.get("/chats", headers=[("X-User", "mallory"), ("X-User", "alice")])
        assert two.status_code == 422


async def test_an_application_may_say_itself_who_asks_and_where_chats_are_kept(sqlite: str) -> None:
    database = Database(sqlite)
    make = async_sessionmaker(database.engine)

    async def session() -> AsyncIterator[AsyncSession]:
        async with make() as made:
            yield made

    def user(token: str) -> str:
        return f"user-of-{token}"

    app = FastAPI()
    app.include_router(
        create_agent_router(Agent("guide", "You guide."), "/guide", get_db_session=session, get_user=user)
    )
    app.include_router(create_chat_storage_router(session, get_user=user))
    async with client(app) as http:
        made = (await http.post("/chats/?token=a")).json()
        assert made["user_id"] == "user-of-a"
        body = {"input": "Hello", "session_id": made["chat_id"]}
        assert (await http.post("/guide/run?token=b", json=body)).status_code == 404
        assert (await http.post("/guide/run?token=a", json=body)).status_code == 200
        assert (await http.post("/guide/run", json=body)).status_code == 422
    await database.close()


@pytest.mark.requirement("S3-25", "S3-28")
async def test_what_cannot_be_answered_is_no_success_and_says_why(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeVendor() as vendor:
        monkeypatch.setenv("OPENAI_API_KEY", "key-for-tests")
        monkeypatch.setenv("OPENAI_BASE_URL", vendor.base_url)
        monkeypatch.setenv("MODEL_RETRIES", "0")
        async with client(run_code(SETUP)["app"]) as http:
            for body, field in (
                ({"input": "hi", "session_id": "no-uuid"}, "session_id"),
                ({"input": "  "}, "input"),
                ({"input": []}, "input"),
                ({"input": 7}, "input"),
                ({"input": [{"role": "assistant", "content": "I answer myself."}]}, "input"),
                ({"input": [{"role": "user", "content": "x"}, {"role": "nobody", "content": "y"}]}, "input"),
                ({}, "input"),
            ):
                for path in ("run", "stream"):
                    refused = await http.post(f"/dnd-assistant/{path}", json=body)
                    assert refused.status_code == 422, body
                    told = refused.json()
                    assert told["success"] is False
                    assert told["error"]["param"] == field
                    assert field in told["error"]["message"]
            assert vendor.bodies == []

            new = str(uuid4())
            vendor.script(answer("Welcome."), fail(500), fail(429), fail(500))
            assert (await ask(http, "hi", new))["final_output"] == "Welcome."
            assert len((await http.get(f"/chats/{new}")).json()["conversation"]) == 2, "it was made for the caller"

            broken = await http.post("/dnd-assistant/run", json={"input": "hi", "session_id": new})
            assert broken.status_code == 502
            busy = await http.post("/dnd-assistant/run", json={"input": "hi", "session_id": new})
            assert busy.status_code == 503
            streamed = await http.post("/dnd-assistant/stream", json={"input": "hi", "session_id": new})
            name, last = events(streamed.text)[-1]
            assert (name, last["success"], last["session_id"]) == ("error", False, new)
            for told in (broken.json(), busy.json(), last):
                assert told["success"] is False
                assert told["error"]["message"]
                assert "key-for-tests" not in json.dumps(told)


@pytest.mark.requirement("S3-08", "S3-30")
async def test_chats_are_listed_in_pages_with_or_without_a_slash(sqlite: str) -> None:
    async with client(run_code(SETUP)["app"]) as http:
        made = []
        for number in range(5):
            path = "/chats/" if number % 2 else "/chats"
            made.append((await http.post(path, json={"title": f"Chat {number}"})).json()["chat_id"])
        untitled = await http.post("/chats/")
        assert untitled.status_code == 201
        assert untitled.json()["title"] is None
        assert (await http.delete(f"/chats/{untitled.json()['chat_id']}/")).status_code == 204
        await ask(http, "Hello", made[0])

        everything = (await http.get("/chats/?skip=0&limit=100&active_only=true")).json()
        assert set(everything) == {"chats", "total", "skip", "limit"}
        assert [chat["chat_id"] for chat in everything["chats"]] == [made[0], *reversed(made[1:])]
        page = (await http.get("/chats?skip=1&limit=2")).json()
        assert [chat["chat_id"] for chat in page["chats"]] == [made[4], made[3]]
        assert (page["total"], page["skip"], page["limit"]) == (5, 1, 2)
        assert (await http.get("/chats?skip=5")).json()["chats"] == []
        assert (await http.get("/chats?limit=0")).status_code == 422

        assert (await http.put(f"/chats/{made[1]}/", json={"is_active": False})).status_code == 200
        assert (await http.get("/chats")).json()["total"] == 4
        both = (await http.get("/chats?active_only=false")).json()
        assert {chat["chat_id"]: chat["is_active"] for chat in both["chats"]}[made[1]] is False
        assert both["total"] == 5


@pytest.mark.requirement("S3-15")
def test_the_agent_router_runs_and_the_chats_router_keeps() -> None:
    names = run_code(SETUP)
    routes = [route for route in names["agent_router"].routes if isinstance(route, APIRoute)]
    assert {(*sorted(route.methods or ()), route.path) for route in routes} == {
        ("POST", "/dnd-assistant/run"),
        ("POST", "/dnd-assistant/stream"),
        ("GET", "/dnd-assistant/info"),
    }
    kept = {route.path for route in chat_storage_router.routes if isinstance(route, APIRoute)}
    assert kept == {"/chats", "/chats/", "/chats/{chat_id}", "/chats/{chat_id}/"}


@pytest.mark.requirement("S3-24")
async def test_a_chat_was_updated_when_something_was_said(sqlite: str) -> None:
    async with client(run_code(SETUP)["app"]) as http:
        chat = (await http.post("/chats", json={"title": "T"})).json()
        moments = [chat["updated_at"]]
        for text in ("one", "two"):
            await ask(http, text, chat["chat_id"])
            moments.append((await http.get(f"/chats/{chat['chat_id']}")).json()["updated_at"])
        assert moments == sorted(set(moments))
        assert (await http.get(f"/chats/{chat['chat_id']}")).json()["created_at"] == chat["created_at"]


@pytest.mark.requirement("S3-23")
async def test_a_turn_in_a_long_chat_appends_as_much_as_in_a_short_one(backend: str) -> None:
    async with client(run_code(SETUP)["app"]) as http:
        short, long = str(uuid4()), str(uuid4())
        written: list[int] = []
        async with asynccontextmanager(get_session)() as db_session:
            said = [{"role": ("user", "assistant")[n % 2], "content": f"message {n}"} for n in range(10_000)]
            await DatabaseSession(long, db_session).add_items(said)
            for session in (short, long):
                before = await entries(db_session, session)
                await ask(http, "Hello there", session)
                written.append(await entries(db_session, session) - before)
        assert written[0] - 1 == written[1] < 20, "the short one's first entry is that it was opened"
        conversation = (await http.get(f"/chats/{long}")).json()["conversation"]
        assert len(conversation) == 10_002
        assert conversation[9_999] == {"role": "assistant", "content": "message 9999"}


async def entries(db_session: AsyncSession, thread: str) -> int:
    query = select(func.count()).select_from(StoredEntry).where(StoredEntry.thread_id == thread)
    return await db_session.scalar(query) or 0


async def test_runs_at_the_same_time_in_one_session_lose_nothing(backend: str) -> None:
    async with client(run_code(SETUP, SEVERAL)["app"]) as http:
        session = str(uuid4())
        paths = ["/dnd", "/character", "/world"] * 3
        await asyncio.gather(*(ask(http, f"question {n}", session, path) for n, path in enumerate(paths)))
        conversation = (await http.get(f"/chats/{session}")).json()["conversation"]
        asked = sorted(said["content"] for said in conversation if said["role"] == "user")
        assert asked == [f"question {n}" for n in range(9)]
        assert sum(said["role"] == "assistant" for said in conversation) == 9


async def test_input_may_be_items_with_context_and_needs_no_session(
    sqlite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeVendor() as vendor:
        monkeypatch.setenv("OPENAI_API_KEY", "key-for-tests")
        monkeypatch.setenv("OPENAI_BASE_URL", vendor.base_url)
        vendor.script(answer("Blue."))
        async with client(run_code(SETUP)["app"]) as http:
            items = [
                {"role": "user", "content": "I like the sea."},
                {"role": "assistant", "content": "So do I."},
                {"role": "user", "content": [{"type": "input_text", "text": "Which colour?"}]},
            ]
            body = {"input": items, "context": {"season": "winter"}}
            answered = (await http.post("/dnd-assistant/run", json=body)).json()
            assert answered == {"final_output": "Blue.", "success": True, "session_id": None}
            assert (await http.get("/chats")).json()["total"] == 0
        told = [(m["role"], str(m["content"])) for m in vendor.bodies[0]["messages"][1:]]
        assert told[:2] == [("user", "I like the sea."), ("assistant", "So do I.")]
        assert "Which colour?" in told[2][1]
        assert "winter" in told[2][1]


@pytest.mark.requirement("S3-11")
async def test_a_client_that_leaves_a_stream_finds_the_whole_answer_in_its_session(
    sqlite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCK_PACE", "0.01")
    async with client(run_code(SETUP)["app"]) as http:
        session = str(uuid4())
        body = {"input": "Tell me about the sea", "session_id": session}
        async with http.stream("POST", "/dnd-assistant/stream", json=body) as streamed:
            async for line in streamed.aiter_lines():
                if line == "event: raw_response":
                    break
        monkeypatch.setenv("MOCK_PACE", "0")
        assert "Just before this you said" in (await ask(http, "What did I say last?", session))["final_output"]
        conversation = (await http.get(f"/chats/{session}")).json()["conversation"]
        whole = next(said["content"] for said in conversation if said["role"] == "assistant")
        assert whole.endswith(")"), "the mock's last words"


async def test_on_a_server_a_chat_is_a_room_and_a_room_is_a_chat(sqlite: str, settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"database_url": sqlite}))
    names = run_code(SETUP.replace('app = FastAPI(title="DND Agent Builder")', ""), app=app)
    assert names["app"] is app
    async with client(app) as http:
        session = (await http.post("/chats", json={"title": "Both"})).json()["chat_id"]
        await ask(http, "My name is Alice", session)
        assert [t["room"] for t in (await http.get("/threads")).json()["threads"]] == [session]
        said = {"model": f"room:{session}", "messages": [{"role": "user", "content": "What is my name?"}]}
        answered = await http.post("/v1/chat/completions", json=said)
        assert "Alice" in answered.json()["choices"][0]["message"]["content"]
        assert len((await http.get(f"/chats/{session}")).json()["conversation"]) == 4
        assert app.state.runtime.lobby.find(session) is not None
        assert (await http.get("/dnd-assistant/info")).json()["session_config"]["session_type"] == "SQLite"
