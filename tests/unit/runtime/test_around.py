"""What is around an agent: on a server its other agents as far as the person may see them, alone the program's."""

import asyncio
import gc
from pathlib import Path

import httpx
import pytest

from salon import Agent, AgentServer, DiscoverySkill, LongTermMemorySkill, NLISkill, Settings, StorageSkill
from salon.access.asking import HEADER, written
from salon.agents.around.surroundings import Asking, around, standing_alone
from salon.contracts.runs import Principal
from salon.errors import SalonError
from salon.models.mock.scenario import Scenario


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")


def calling(tool: str, **arguments: object) -> Scenario:
    return Scenario.of([{"when": ".", "call": tool, "args": arguments, "then": [{"say": "Told: {result}"}]}])


def server(*agents: Agent, **settings: object) -> AgentServer:
    given = {"mock_pace": 0, "database_url": "sqlite:///:memory:", "user_header": "X-User-Id", **settings}
    return AgentServer(agents, settings=Settings(**given))  # type: ignore[arg-type]


async def said(app: AgentServer, agent: str, text: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://salon", headers=headers) as http,
        asyncio.timeout(10),
    ):
        return await http.post(f"/{agent}/chat/completions", json={"messages": [{"role": "user", "content": text}]})


def words(answer: httpx.Response) -> str:
    return str(answer.json()["choices"][0]["message"]["content"])


async def test_on_a_server_its_own_agents_are_asked_and_no_others() -> None:
    stranger = Agent("stranger", "You.", scenario=Scenario.of([{"when": ".", "say": "should not be heard"}]))
    locksmith = Agent("locksmith", "You help.", scenario=Scenario.of([{"when": ".", "say": "I help."}]))
    host = Agent(
        "host", "You.", skills={"nli": NLISkill()}, scenario=calling("nli_tool", agent_name="locksmith", message="x")
    )
    lost = Agent(
        "lost", "You.", skills={"nli": NLISkill()}, scenario=calling("nli_tool", agent_name="stranger", message="x")
    )
    app = server(host, locksmith, lost)
    assert words(await said(app, "host", "go")) == "Told: I help."
    answer = words(await said(app, "lost", "go"))
    assert "there is no agent 'stranger' here" in answer
    assert "heard" not in answer
    alone = list(standing_alone().values())
    assert stranger in alone
    assert not {host, locksmith, lost} & set(alone)
    with pytest.raises(SalonError, match="no agent 'locksmith'"):
        await around(stranger).ask("locksmith", "hello", Asking(Principal("ann")))


async def test_a_search_on_a_server_finds_its_agents() -> None:
    weaver = Agent("weaver", "You weave.", description="Weaves carpets.", intents=["weave a carpet"])
    host = Agent(
        "host", "You.", skills={"d": DiscoverySkill()}, scenario=calling("discovery_tool", intent="weave carpets")
    )
    answer = words(await said(server(host, weaver), "host", "go"))
    assert "weaver" in answer


@pytest.mark.parametrize("waiting", ["host@{here}", ", ".join(f"a{n}@elsewhere" for n in range(8))])
async def test_whoever_waits_already_is_not_asked_again_by_another_server(waiting: str) -> None:
    here = written(["x"]).partition("@")[2]
    host = Agent("host", "You.")
    refused = await said(server(host), "host", "go", **{HEADER: waiting.format(here=here)})
    assert refused.status_code in (409, 429)
    assert "agents ask each other" in refused.json()["error"]["message"]


async def test_facts_on_a_server_are_each_persons_and_nobodys_are_not_kept(tmp_path: Path) -> None:
    memory = LongTermMemorySkill()
    agent = Agent("friend", "You remember.", skills={"memory": memory})
    app = server(agent, database_url=f"sqlite:///{tmp_path}/salon.db", background_jobs=False)
    async with app.router.lifespan_context(app):
        for headers in ({"X-User-Id": "alice"}, {}):
            await said(app, "friend", "My name is Alice and I love Python programming", **headers)
        await agent.close()

        async def name(**headers: str) -> str:
            return words(await said(app, "friend", "What's my name?", **headers))

        assert "Alice" in await name(**{"X-User-Id": "alice"})
        assert "Alice" not in await name(**{"X-User-Id": "bob"})
        assert "Alice" not in await name()
        assert await memory.recall("anonymous") == []


async def test_what_skills_keep_for_an_agent_alone_goes_with_it_and_needs_no_closing() -> None:
    agent = Agent("short", "You.", skills={"storage": StorageSkill()})
    storage = agent.skills["storage"]
    assert isinstance(storage, StorageSkill)
    await storage.store_data("a", 1)
    del agent, storage
    gc.collect()
    assert "short" not in standing_alone()


async def test_the_agents_of_a_server_that_has_ended_stand_alone_again() -> None:
    agent = Agent("left", "You.")
    app = server(agent)
    async with app.router.lifespan_context(app):
        assert agent not in standing_alone().values()
    assert agent in standing_alone().values()
