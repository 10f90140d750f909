"""Files of agents that are hostile, broken, or half written: they cost their own agent, and nobody else anything."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from salon.contracts.runs import Principal
from salon.errors import SalonError
from salon.sources.dynamic import DynamicAgents
from salon.sources.folder import MOST, AgentFolder
from salon.sources.source import Place

ANNA = Principal("anna")


def bomb(more: str = "") -> str:
    """Ten million values in four hundred bytes."""
    lines = ["instructions: x", "skills:", "  crm:", "    a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdef", "bcdefg", strict=True):
        lines.append(f"    {name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    return "\n".join([*lines, more])


@pytest.mark.requirement("H-10")
@pytest.mark.parametrize(
    "content",
    [
        "instructions: x\nskills: {crm: {a: " + "[" * 100_000,
        "instructions: x\nskills: " + "{a: " * 100_000,
        "instructions: x\nintents: [" + "a," * 200_000 + "]",
        bomb(),
        bomb("variants: [{label: b}]"),
        "instructions: x\nskills: {crm: {a: &a [*a]}}\nvariants: [{label: b}]",
        "instructions: x\ndescription: 2024-99-99",
        "instructions: x\ndescription: !!int ''",
        "instructions: x\ndescription: !!bool maybe",
        "instructions: x\ndescription: !!timestamp soon",
        "instructions: x\n? [a]\n: b",
        "instructions: \ud800",
        "# " + "x" * 1_000_000,
        "",
    ],
)
async def test_a_file_that_is_no_agent_is_its_own_problem(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.yaml").write_bytes(content.encode("utf-8", "surrogatepass"))
    (tmp_path / "clerk.yaml").write_text("instructions: You count.")
    agents = DynamicAgents(AgentFolder(tmp_path))
    async with asyncio.timeout(5):
        with pytest.raises(SalonError, match="cannot be used"):
            await agents.create_agent("bad")
    assert await agents.names(ANNA) == ["clerk"]
    assert [found.name for found in await agents.definitions(ANNA)] == ["clerk"]
    await agents.close()


@pytest.mark.requirement("S1-62")
async def test_a_half_written_file_leaves_in_force_what_it_said_before(tmp_path: Path) -> None:
    file = tmp_path / "clerk.yaml"
    file.write_text("instructions: You are the first.\nscope: [all]")
    agents = DynamicAgents(AgentFolder(tmp_path))
    first = await agents.create_agent("clerk")
    for half in ("", "instructions: [", "instructions: You are the second.\nsco"):
        file.write_text(half)
        assert await agents.create_agent("clerk") is first
        assert await agents.names(ANNA) == ["clerk"]
    file.write_text("instructions: You are the second.\n")
    second = await agents.create_agent("clerk")
    assert second is not None
    assert second.instructions == "You are the second."
    file.unlink()
    assert await agents.create_agent("clerk") is None
    await agents.close()


async def test_a_file_that_takes_the_place_of_another_is_seen_though_time_and_size_are_the_same(tmp_path: Path) -> None:
    file, other = tmp_path / "clerk.yaml", tmp_path / "other"
    file.write_text("instructions: One.")
    other.write_text("instructions: Two.")
    os.utime(file, (1_000_000, 1_000_000))
    os.utime(other, (1_000_000, 1_000_000))
    agents = DynamicAgents(AgentFolder(tmp_path))
    await agents.create_agent("clerk")
    other.replace(file)
    found = await agents.create_agent("clerk")
    assert found is not None
    assert found.instructions == "Two."
    await agents.close()


@pytest.mark.requirement("H-10")
async def test_links_are_followed_within_the_folder_only_and_what_is_no_file_is_no_agent(tmp_path: Path) -> None:
    folder = tmp_path / "agents"
    (folder / "..data").mkdir(parents=True)
    (folder / "..data" / "in.yaml").write_text("instructions: Inside.")
    (tmp_path / "out.yaml").write_text("instructions: Outside.")
    (folder / "in.yaml").symlink_to(folder / "..data" / "in.yaml")
    (folder / "out.yaml").symlink_to(tmp_path / "out.yaml")
    (folder / "tenants").mkdir()
    (folder / "tenants" / "acme").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.yaml")
    (folder / "dir.yaml").mkdir()
    agents = DynamicAgents(AgentFolder(folder))
    async with asyncio.timeout(5):
        assert await agents.create_agent("in") is not None
        for name, tenant in (("out", None), ("out", "acme")):
            with pytest.raises(SalonError, match="cannot be used"):
                await agents.create_agent(name, tenant=tenant)
        assert await agents.create_agent("pipe") is None
        assert await agents.create_agent("dir") is None
        assert await agents.names(ANNA) == ["in"]
    await agents.close()


async def test_no_more_definitions_are_kept_than_the_bound_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salon.sources.folder.MOST", 3)
    folder = AgentFolder(tmp_path)
    for number in range(8):
        (tmp_path / f"a{number}.yaml").write_text(f"instructions: Number {number}.")
    assert MOST >= 500
    assert len(await folder.names(Place())) == 8
    assert len(folder._seen) == 3
    found = await folder.find("a0", Place())
    assert found is not None
    assert found.name == "a0"


@pytest.mark.requirement("S1-63")
async def test_a_name_with_a_scope_is_told_to_those_who_have_it_only(tmp_path: Path) -> None:
    (tmp_path / "vault.yaml").write_text("instructions: You keep secrets.\nscope: [owner, admin]\n")
    (tmp_path / "open.yaml").write_text("instructions: You greet.\nscope: [all]\n")
    agents = DynamicAgents(AgentFolder(tmp_path))
    assert await agents.names(ANNA) == ["open"]
    assert await agents.find("open", ANNA) is not None
    assert await agents.names(Principal("olga", scopes=frozenset({"owner"}))) == ["open", "vault"]
    await agents.close()


async def test_a_file_may_repeat_its_name(tmp_path: Path) -> None:
    (tmp_path / "clerk@2.yaml").write_text("name: clerk\ninstructions: You count.")
    agents = DynamicAgents(AgentFolder(tmp_path))
    found = await agents.create_agent("clerk@2")
    assert found is not None
    assert found.system_prompt == "You count."
    await agents.close()
