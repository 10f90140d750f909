"""Agents from data: a folder, a database, a portal; what may stand in them; variants and tenants."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from structlog.testing import capture_logs

from salon.agents.skill import Skill
from salon.agents.tools.tool import tool
from salon.contracts.runs import Principal
from salon.errors import SalonError
from salon.sources.dynamic import DynamicAgents
from salon.sources.folder import AgentFolder
from salon.sources.making import data_of
from salon.sources.stored import StoredAgents
from salon.sources.variants import chosen

ANNA = Principal("anna")


class Crm(Skill):
    """Customers."""

    @tool
    def customers(self) -> str:
        """All customers."""
        return str(self.config["region"])


@tool
def stock(part: str) -> str:
    """How many there are."""
    return f"3 of {part}"


@tool
def wipe() -> str:
    """Delete everything."""
    return "gone"


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[tuple[Path, DynamicAgents]]:
    agents = DynamicAgents(AgentFolder(tmp_path), skills={"crm": Crm}, tools=[stock])
    yield tmp_path, agents
    await agents.close()


@pytest.mark.requirement("S1-62")
async def test_a_yaml_or_json_file_is_an_agent_and_an_edit_counts_from_the_next_time_on(
    folder: tuple[Path, DynamicAgents],
) -> None:
    path, agents = folder
    (path / "clerk.yaml").write_text(
        "instructions: You keep the stock.\nintents: [find a part]\ntools: [stock]\nskills:\n  crm: {region: north}\n"
    )
    (path / "greeter.json").write_text('{"role": "You greet.", "credits_per_token": 3, "skills": ["crm"]}')
    (path / "notes.txt").write_text("no agent")
    assert sorted(await agents.names(ANNA)) == ["clerk", "greeter"]
    clerk = await agents.create_agent("clerk")
    greeter = await agents.create_agent("greeter")
    assert clerk is not None
    assert greeter is not None
    assert [one.name for one in clerk.get_all_tools()] == ["customers", "stock"]
    assert clerk.skills["crm"].config == {"region": "north"}
    assert (greeter.instructions, greeter.credits_per_token) == ("You greet.", 3)
    assert await agents.create_agent("clerk") is clerk
    (path / "clerk.yaml").write_text("instructions: You are new here.")
    changed = await agents.create_agent("clerk")
    assert changed is not None
    assert changed.instructions == "You are new here."
    (path / "clerk.yaml").unlink()
    assert await agents.create_agent("clerk") is None


@pytest.mark.requirement("S1-61", "S1-86")
async def test_of_500_files_those_are_read_whose_agents_are_asked_for(
    folder: tuple[Path, DynamicAgents], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, agents = folder
    for number in range(500):
        (path / f"agent-{number}.yaml").write_text(f"instructions: You are number {number}.")
    read: list[bytes] = []
    load = yaml.load

    def counted(content: bytes, **options: Any) -> object:
        read.append(content)
        return load(content, **options)

    monkeypatch.setattr(yaml, "load", counted)
    for number in (7, 70, 499, 7):
        found = await agents.create_agent(f"agent-{number}")
        assert found is not None
        assert found.instructions == f"You are number {number}."
    assert len(read) == 3
    assert agents.count == 3
    for _ in range(2):
        assert len(await agents.names(ANNA)) == 500
    assert len(read) == 500
    assert agents.count == 3


@pytest.mark.requirement("H-10")
@pytest.mark.parametrize(
    "name", ["../clerk", "..", ".clerk", "clerk/../clerk", "/etc/passwd", "clerk\x00", "a" * 200, "", "tenants/x/y"]
)
async def test_no_name_leads_out_of_the_folder(folder: tuple[Path, DynamicAgents], name: str) -> None:
    path, agents = folder
    (path / ".clerk.yaml").write_text("instructions: Hidden.")
    (path.parent / "clerk.yaml").write_text("instructions: Outside.")
    (path / "tenants" / "x").mkdir(parents=True)
    (path / "tenants" / "x" / "y.yaml").write_text("instructions: Of x.")
    assert await agents.create_agent(name) is None
    assert await agents.create_agent("clerk", tenant="../..") is None


@pytest.mark.requirement("H-10", "S1-68")
@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("instructions: x\nskills: [shell]", "'shell' is not open to agents from data. There are: crm"),
        ("instructions: x\ntools: [wipe]", "'wipe' is not open to agents from data"),
        ("instructions: x\napi_key: sk-1", "api_key: Extra inputs are not permitted. There are: instructions"),
        ("instructions: x\nbase_url: http://evil", "base_url"),
        ("instructions: x\nconn: postgresql://db", "conn"),
        ("instructions: x\nvariants: [{label: b, api_key: k}]", "api_key"),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("instructions: [", "clerk.yaml"),
        ("just a text", "clerk.yaml"),
        ("tools: []", "instructions: Field required"),
        ("name: cashier\ninstructions: x", "rename the file"),
    ],
)
async def test_what_is_not_allowed_in_data_is_refused_and_the_log_says_what(
    folder: tuple[Path, DynamicAgents], content: str, told: str
) -> None:
    path, agents = folder
    (path / "clerk.yaml").write_text(content)
    with capture_logs() as logged, pytest.raises(SalonError, match="cannot be used"):
        await agents.create_agent("clerk")
    assert told in logged[0]["problem"]


@pytest.mark.requirement("S1-65")
async def test_a_tenant_sees_its_own_agents_and_everyones_and_never_anothers(
    folder: tuple[Path, DynamicAgents],
) -> None:
    path, agents = folder
    (path / "tenants" / "acme").mkdir(parents=True)
    (path / "tenants" / "globex").mkdir()
    (path / "all.yaml").write_text("instructions: For all.")
    (path / "clerk.yaml").write_text("instructions: The usual clerk.")
    (path / "tenants" / "acme" / "clerk.yaml").write_text("instructions: Acme's clerk.")
    (path / "tenants" / "globex" / "spy.yaml").write_text("instructions: Globex only.")
    acme, globex = Principal("a", tenant="acme"), Principal("g", tenant="globex")
    assert sorted(await agents.names(acme)) == ["all", "clerk"]
    assert sorted(await agents.names(globex)) == ["all", "clerk", "spy"]
    assert [one.name for one in await agents.definitions(ANNA)] == ["all", "clerk"]
    assert await agents.find("spy", acme) is None
    assert await agents.find("spy", ANNA) is None
    for who, said in ((acme, "Acme's clerk."), (globex, "The usual clerk."), (ANNA, "The usual clerk.")):
        found = await agents.find("clerk", who)
        assert found is not None
        assert found.agent.instructions == said


@pytest.mark.requirement("S1-67")
async def test_a_folder_has_agents_of_an_environment_and_versions(tmp_path: Path) -> None:
    (tmp_path / "environments" / "production").mkdir(parents=True)
    (tmp_path / "clerk.yaml").write_text("instructions: Any.")
    (tmp_path / "clerk@1.yaml").write_text("instructions: The first.")
    (tmp_path / "environments" / "production" / "clerk.yaml").write_text("instructions: Production.")
    for environment, said in (("production", "Production."), ("development", "Any.")):
        agents = DynamicAgents(AgentFolder(tmp_path), environment=environment)
        found, first = await agents.create_agent("clerk"), await agents.create_agent("clerk@1")
        assert found is not None
        assert first is not None
        assert (found.instructions, first.instructions, first.name) == (said, "The first.", "clerk")
        await agents.close()


@pytest.mark.requirement("S1-66")
async def test_variants_come_as_often_as_they_weigh_and_a_user_keeps_the_same_one(
    folder: tuple[Path, DynamicAgents],
) -> None:
    data = data_of(
        {
            "instructions": "You are usual.",
            "variants": [
                {"label": "usual", "weight": 3},
                {"label": "bold", "weight": 1, "instructions": "You are bold."},
            ],
        },
        "test",
    )
    drawn = Counter(chosen("clerk", data, f"user-{number}")[0] for number in range(4000))
    assert 900 < drawn["bold"] < 1100
    assert drawn["usual"] + drawn["bold"] == 4000
    for number in range(20):
        assert chosen("clerk", data, f"user-{number}") == chosen("clerk", data, f"user-{number}")
    path, agents = folder
    (path / "clerk.yaml").write_text(
        "instructions: You are usual.\nvariants:\n- {label: a, weight: 1}\n- {label: b, instructions: You are bold.}\n"
    )
    said = {user: await agents.create_agent("clerk", user_id=user) for user in map(str, range(20))}
    assert {agent.instructions for agent in said.values() if agent} == {"You are usual.", "You are bold."}
    assert all([await agents.create_agent("clerk", user_id=user) is agent for user, agent in said.items()])
    assert agents.count == 2


@pytest.mark.requirement("S1-63")
async def test_an_agent_with_a_scope_is_there_for_those_who_have_it_only(folder: tuple[Path, DynamicAgents]) -> None:
    path, agents = folder
    (path / "vault.yaml").write_text("instructions: You keep secrets.\nscope: [owner, admin]\n")
    owner = Principal("olga", scopes=frozenset({"owner"}))
    assert await agents.find("vault", ANNA) is None
    assert await agents.find("vault", owner) is not None
    assert await agents.definitions(ANNA) == []
    assert len(await agents.definitions(owner)) == 1


@pytest.mark.requirement("S1-68")
async def test_a_stored_agent_is_found_by_name_and_version_within_its_tenant(sqlite_database_url: str) -> None:
    source = StoredAgents(sqlite_database_url)
    agents = DynamicAgents(source)
    await source.store.create(name="clerk", system_prompt="The first.", version="1")
    newest = await source.store.create(name="clerk", system_prompt="The second.", version="2")
    await source.store.create(name="clerk", system_prompt="Acme's.", tenant="acme")
    await source.store.create(name="no agent of ours", system_prompt="A record.")
    await source.store.create(name="broken", system_prompt="Bad.", api_key="sk-1")
    first, second = await agents.create_agent("clerk@1"), await agents.create_agent("clerk")
    of_acme = await agents.create_agent("clerk", tenant="acme")
    assert first is not None
    assert second is not None
    assert of_acme is not None
    assert [first.instructions, second.instructions, of_acme.instructions] == ["The first.", "The second.", "Acme's."]
    assert await agents.create_agent("clerk@9") is None
    assert sorted(await agents.names(ANNA)) == ["broken", "clerk"]
    assert [one.name for one in await agents.definitions(ANNA)] == ["clerk"]
    with pytest.raises(SalonError, match="cannot be used"):
        await agents.create_agent("broken")
    await source.store.update(newest["id"], system_prompt="The third.")
    third = await agents.create_agent("clerk")
    assert third is not None
    assert third.instructions == "The third."
    await agents.close()
