"""Agents that are made while the server runs: on every route and the socket, changed in a turn, and kept apart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from salon import Agent, AgentFolder, AgentServer, AgentStore, CodeAgents, DynamicAgents, Settings, Skill, tool
from salon.models.mock.scenario import Scenario
from tests.e2e.live import RoomClient
from tests.serving import serving

HELLO = {"messages": [{"role": "user", "content": "Hello"}]}


@asynccontextmanager
async def asked(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield http


@pytest.mark.requirement("S1-58", "S1-59", "S1-62", "S1-53", "S1-54")
async def test_a_file_is_an_agent_on_every_route_without_a_restart(settings: Settings, tmp_path: Path) -> None:
    server = AgentServer(
        [Agent("host", "You greet.")], settings=settings.model_copy(update={"agents_folder": tmp_path})
    )
    async with asked(server) as http:
        lost = await http.post("/agents/clerk/chat/completions", json=HELLO)
        assert lost.status_code == 404
        assert lost.json()["error"]["message"] == "Agent 'clerk' not found. Available: ['host']"
        assert (await http.get("/clerk")).status_code == 404
        (tmp_path / "clerk.yaml").write_text("instructions: You keep the stock.\nintents: [find a spare part]\n")
        for path in ("/agents/clerk/chat/completions", "/clerk/chat/completions", "/clerk/v1/chat/completions"):
            answer = await http.post(path, json=HELLO)
            assert answer.status_code == 200, answer.text
            assert answer.json()["choices"][0]["message"]["content"]
        v1 = await http.post("/v1/chat/completions", json={**HELLO, "model": "clerk", "stream": True})
        assert v1.text.rstrip().endswith("data: [DONE]")
        assert (await http.get("/agents/clerk/info")).json() == {
            "name": "clerk",
            "instructions": "You keep the stock.",
            "skills": [],
            "tools": 0,
            "hooks": 0,
            "handoffs": 0,
        }
        assert (await http.get("/clerk")).json()["intents"] == ["find a spare part"]
        assert set((await http.get("/agents")).json()["agents"]) == {"host", "clerk"}
        assert "clerk" in [model["id"] for model in (await http.get("/v1/models")).json()["data"]]
        found = (await http.get("/", params={"search": "find a spare part"})).json()["results"]
        assert found[0]["name"] == "clerk"
        (tmp_path / "clerk@2.yaml").write_text("instructions: You are new.\nvariants: [{label: a}]\n")
        described = (await http.get("/clerk@2")).json()
        assert (described["name"], described["version"], described["variant"]) == ("clerk", "2", "a")
        assert not {"version", "variant"} & set((await http.get("/clerk")).json())
        for content in ("instructions: [", "instructions: x\nmodel: no such model"):
            (tmp_path / "broken.yaml").write_text(content)
            for broken in (await http.post("/broken/chat/completions", json=HELLO), await http.get("/broken")):
                assert (broken.status_code, broken.json()["error"]["code"]) == (500, "agent_error")
                assert str(tmp_path) not in broken.text
        assert 'turns_total{agent="(dynamic)"' in (await http.get("/metrics")).text
        assert 'agent="clerk"' not in (await http.get("/metrics")).text


class Gate(Skill):
    """Lets a turn wait, and tells what becomes of it."""

    open: asyncio.Event
    waiting: asyncio.Event
    let_go: list[str]

    @tool
    async def wait(self) -> str:
        """Wait."""
        self.waiting.set()
        await self.open.wait()
        return "waited"

    async def cleanup(self) -> None:
        self.let_go.append(str(self.config["label"]))


async def test_an_edit_counts_from_the_next_turn_on_and_a_turn_that_is_on_is_undisturbed(settings: Settings) -> None:
    open_, waiting, let_go = asyncio.Event(), asyncio.Event(), list[str]()

    def config(label: str) -> dict[str, Any]:
        gate = Gate({"label": label})
        gate.open, gate.waiting, gate.let_go = open_, waiting, let_go
        turns = [{"call": "wait"}, {"say": f"I am {label}"}]
        return {"instructions": f"You are {label}.", "skills": {"gate": gate}, "scenario": Scenario.of(turns)}

    configs = {"clerk": config("old")}
    server = AgentServer(dynamic=DynamicAgents(CodeAgents(configs)), settings=settings)
    async with asked(server) as http, asyncio.timeout(15):
        first = asyncio.create_task(http.post("/clerk/chat/completions", json=HELLO))
        await waiting.wait()
        configs["clerk"] = config("new")
        waiting.clear()
        second = asyncio.create_task(http.post("/clerk/chat/completions", json=HELLO))
        await waiting.wait()
        assert let_go == []
        open_.set()
        said = [(await task).json()["choices"][0]["message"]["content"] for task in (first, second)]
        assert said == ["I am old", "I am new"]
    assert let_go == ["old", "new"]


@pytest.mark.requirement("S1-58")
async def test_in_a_room_an_agent_that_is_not_of_its_team_answers_when_it_is_addressed(settings: Settings) -> None:
    host = Agent("host", "You greet.", scenario=Scenario.of([{"say": "The host speaks"}] * 4))
    configs = {"clerk": {"instructions": "You count.", "scenario": Scenario.of([{"say": "The clerk speaks"}] * 4)}}
    server = AgentServer([host], dynamic=DynamicAgents(CodeAgents(configs)), settings=settings)
    async with serving(server) as url:
        room = await RoomClient(url.removeprefix("http://"), "shop").open()
        await room.say("@clerk how many?")
        await room.until_event("run.finished")
        await room.say("And you?", to=["clerk"])
        await room.until_event("run.finished", 2)
        await room.say("Thank you")
        await room.until_event("run.finished", 3)
        assert [(who, text) for who, text in room.texts() if "speaks" in text] == [
            ("clerk", "The clerk speaks"),
            ("clerk", "The clerk speaks"),
            ("host", "The host speaks"),
        ]
        await room.say("You there", to=["nobody"])
        refused = await room.until(lambda frame: frame["type"] == "error")
        assert "nobody" in refused["payload"]["message"]
        await room.close()


HEADERS = {"user_header": "x-user", "scopes_header": "x-scopes", "tenant_header": "x-tenant"}


@pytest.mark.requirement("S1-65", "S1-68", "H-10")
async def test_stored_agents_are_kept_by_owners_and_asked_by_their_tenant_only(settings: Settings) -> None:
    server = AgentServer(settings=settings.model_copy(update=HEADERS))
    owner = {"x-user": "olga", "x-scopes": "owner,user", "x-tenant": "acme"}
    other = {"x-user": "otto", "x-scopes": "owner", "x-tenant": "globex"}
    body = {"name": "clerk", "instructions": "You keep Acme's stock."}
    async with asked(server) as http:
        refused = await http.post("/catalog", json=body, headers={"x-user": "anna", "x-scopes": "user"})
        assert refused.status_code == 403
        made = await http.post("/catalog", json=body, headers=owner)
        assert made.status_code == 201, made.text
        record = made.json()
        assert (record["name"], record["tenant"], record["user_id"]) == ("clerk", "acme", "olga")
        assert (await http.post("/catalog", json=body, headers=owner)).status_code == 409
        for path in ("/clerk/chat/completions", "/agents/clerk/chat/completions"):
            assert (await http.post(path, json=HELLO, headers=owner)).status_code == 200
            assert (await http.post(path, json=HELLO, headers=other)).status_code == 404
            assert (await http.post(path, json=HELLO)).status_code == 404
        assert (await http.get("/agents", headers=other)).json() == {"agents": {}}
        for unknown in (
            await http.get("/v1/models/clerk", headers=other),
            await http.get("/clerk", headers=other),
            await http.get("/agents/clerk/info", headers=other),
            await http.post("/v1/chat/completions", json={**HELLO, "model": "clerk"}, headers=other),
        ):
            assert unknown.status_code == 404
        assert (await http.get("/v1/models", headers=other)).json()["data"] == []
        assert (await http.get("/", headers=other)).json()["agents"] == []
        assert (await http.get("/", params={"search": "stock clerk"}, headers=other)).json()["results"] == []
        own = await http.post("/catalog", json=body, headers=other)  # of the same name, and nobody is in the way
        assert (await http.get("/catalog", headers=other)).json()["agents"] == [own.json()]
        assert (await http.delete(f"/catalog/{own.json()['id']}", headers=other)).status_code == 204
        assert (await http.get(f"/catalog/{record['id']}", headers=other)).status_code == 404
        assert (await http.delete(f"/catalog/{record['id']}", headers=other)).status_code == 404
        changed = {**body, "instructions": "You are new."}
        answer = await http.put(f"/catalog/{record['id']}", json=changed, headers=owner)
        assert answer.json()["definition"]["instructions"] == "You are new."
        assert (await http.get("/agents/clerk/info", headers=owner)).json()["instructions"] == "You are new."
        assert len((await http.get("/catalog", headers=owner)).json()["agents"]) == 1
        room = await RoomClient(str(http.base_url.netloc, "ascii"), "acme-room", headers=owner).open()
        await room.say("Hello", to=["clerk"])
        await room.until_event("run.finished")
        assert "clerk" in [who for who, _ in room.texts()]
        await room.close()
        stranger = await RoomClient(str(http.base_url.netloc, "ascii"), "globex-room", headers=other).open()
        await stranger.say("Hello", to=["clerk"])
        assert (await stranger.until(lambda frame: frame["type"] == "error"))["payload"]["message"]
        await stranger.close()
        assert (await http.delete(f"/catalog/{record['id']}", headers=owner)).status_code == 204
        assert (await http.post("/clerk/chat/completions", json=HELLO, headers=owner)).status_code == 404


class Picky(Skill):
    """Cannot be made without a setting."""

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        super().__init__(config)
        self.region = self.config["region"]


async def test_one_name_and_version_is_one_agent_that_can_be_asked_and_other_records_are_left_alone(
    settings: Settings, tmp_path: Path, sqlite_database_url: str
) -> None:
    (tmp_path / "poet.yaml").write_text("instructions: You write poems.")
    update = {"agents_open": True, "agents_folder": tmp_path, "database_url": sqlite_database_url}
    async with asked(AgentServer(settings=settings.model_copy(update=update))) as http:
        body = {"name": "clerk", "instructions": "You count.", "version": "1"}
        assert (await http.post("/catalog", json=body)).status_code == 201
        second = (await http.post("/catalog", json={**body, "version": "2"})).json()
        assert (await http.put(f"/catalog/{second['id']}", json=body)).status_code == 409
        assert (await http.put(f"/catalog/{second['id']}", json={**body, "version": "3"})).status_code == 200
        assert [(await http.get(f"/{name}")).json().get("version") for name in ("clerk", "clerk@1")] == ["3", "1"]
        hidden = await http.post("/catalog", json={"name": "poet", "instructions": "Never asked."})
        assert hidden.status_code == 409
        record = await AgentStore(sqlite_database_url).create(name="odd", system_prompt="x", api_key="sk-1")
        listed = await http.get("/catalog")
        assert [one["name"] for one in listed.json()["agents"]] == ["clerk", "clerk"]
        assert (await http.get(f"/catalog/{record['id']}")).status_code == 404


WRONG: list[tuple[dict[str, Any], str | None]] = [
    ({"skills": ["shell"]}, "skills"),
    ({"skills": ["picky"]}, "skills"),
    ({"skills": {"picky": {"region": json.loads("[" * 300 + "]" * 300)}}}, "skills"),
    ({"credits_per_token": 10**23}, "credits_per_token"),
    ({"tools": ["wipe"]}, "tools"),
    ({"api_key": "sk-1"}, "api_key"),
    ({"base_url": "http://evil"}, "base_url"),
    ({"name": "docs"}, "name"),
    ({"name": "a/b"}, "name"),
    ({"instructions": ""}, "instructions"),
    ({"model": "no such model"}, "model"),
    ({"variants": [{"label": "b", "tools": ["wipe"]}]}, "tools"),
    ({"variants": [{"label": "b", "scope": ["all"]}]}, None),
    ({"memory_strategy": "wild"}, "memory_strategy"),
]


@pytest.mark.requirement("H-10")
async def test_what_is_wrong_with_a_stored_agent_is_said_when_it_is_stored(settings: Settings) -> None:
    agents = DynamicAgents(skills={"picky": Picky})
    server = AgentServer(dynamic=agents, settings=settings.model_copy(update={"agents_open": True}))
    async with asked(server) as http:
        for more, field in WRONG:
            answer = await http.post("/catalog", json={"name": "clerk", "instructions": "You count.", **more})
            assert (answer.status_code, answer.json()["error"]["param"]) == (400, field), answer.text
        assert (await http.get("/catalog")).json() == {"agents": []}


async def test_a_folder_given_in_code_serves_beside_the_agents_that_are_there_from_the_start(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "host.yaml").write_text("instructions: Never asked.")
    (tmp_path / "clerk.yaml").write_text("instructions: You count.\nscope: [owner]")
    server = AgentServer(
        [Agent("host", "You greet.")],
        dynamic=DynamicAgents(AgentFolder(tmp_path)),
        settings=settings.model_copy(update={"scopes_header": "x-scopes"}),
    )
    async with asked(server) as http:
        assert (await http.get("/agents/host/info")).json()["instructions"] == "You greet."
        assert (await http.post("/clerk/chat/completions", json=HELLO)).status_code == 404
        let_in = await http.post("/clerk/chat/completions", json=HELLO, headers={"x-scopes": "owner"})
        assert let_in.status_code == 200
