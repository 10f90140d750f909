"""Tools of real MCP servers, started as a program and reached over HTTP, are an agent's tools like any other."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ag2.events import ToolCallEvent, ToolResultEvent
from ag2.tools.final import FunctionToolSchema
from ag2.tools.final.function_tool import FunctionDefinition

from salon import Agent, MCPSkill, tool
from salon.agents.context.port import TurnPort
from salon.agents.tools import mcp
from salon.agents.tools.execution import outcome_of
from salon.contracts.runs import Principal
from salon.models.mock.scenario import Scenario
from tests.fakes.port import FakePort

SERVER = str(Path(__file__).parents[2] / "fakes" / "mcp_server.py")
LISTENING = re.compile(rb"running on (http://127\.0\.0\.1:\d+)")
PROGRAM = [sys.executable, SERVER]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")


@asynccontextmanager
async def over_http() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(*PROGRAM, "http", "0", stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            while (found := LISTENING.search(await process.stderr.readline())) is None:
                assert process.returncode is None
        yield f"{found[1].decode()}/mcp"
    finally:
        process.terminate()
        await process.communicate()


def calling(name: str, **arguments: object) -> Scenario:
    return Scenario.of([{"when": ".", "call": name, "args": arguments, "then": [{"say": "Told: {result}"}]}])


async def test_the_tools_of_a_program_are_called_and_what_goes_wrong_is_told_without_its_words() -> None:
    calls = [
        {"when": when, "call": name, "args": {"harbour": "Brest"}, "then": [{"say": "Told: {result}"}]}
        for when, name in (("leave", "high_tide"), ("break", "broken"))
    ]
    skills = {"tides": MCPSkill({"command": PROGRAM})}
    agent = Agent("pilot", "You pilot.", skills=skills, scenario=Scenario.of(calls))
    async with asyncio.timeout(30):
        assert str(await agent.run("When can I leave?")) == "Told: In Brest the water is highest at 11:42."
        answer = str(await agent.run("Now break"))
    assert answer.startswith("Told: Error: broken failed")
    assert "secret" not in answer


async def test_the_tools_of_a_server_over_http_are_called() -> None:
    async with over_http() as url:
        skill = MCPSkill({"url": url, "prefix": "sea_", "tools": ["high_tide"]})
        agent = Agent("pilot", "You.", skills={"tides": skill}, scenario=calling("sea_high_tide", harbour="Brest"))
        async with asyncio.timeout(30):
            assert "11:42" in str(await agent.run("When can I leave?"))


@pytest.mark.parametrize(
    "config",
    [
        {"command": [sys.executable, "-c", "raise SystemExit(3)"]},
        {"url": "http://127.0.0.1:1/mcp"},
        {"command": ["/no/such/program"]},
    ],
    ids=["ends at once", "nobody listens", "no program"],
)
async def test_a_server_that_does_not_answer_costs_its_tools_and_not_the_answer(config: dict[str, object]) -> None:
    agent = Agent("pilot", "You pilot.", skills={"tides": MCPSkill({**config, "seconds": 1})})
    async with asyncio.timeout(20):
        assert str(await agent.run("Good morning"))


class Found:
    """A toolkit that has found these tools."""

    def __init__(self, *names: str) -> None:
        self.registered: list[str] = []
        self.tools = tuple(self._tool(name) for name in names)

    def _tool(self, name: str) -> SimpleNamespace:
        function = FunctionDefinition(name=name, description="d" * 5_000, parameters={"type": "object"})
        schema = FunctionToolSchema(function=function)
        return SimpleNamespace(name=name, schema=schema, register=lambda *_, **__: self.registered.append(name))

    async def schemas(self, _context: object) -> None:
        """They are found already."""


def turn(*scopes: str) -> Any:
    who = Principal("ann", scopes=frozenset(scopes))
    return SimpleNamespace(dependencies={TurnPort: FakePort(principal=who)})


@tool
def anchor() -> str:
    """The agent's own."""
    return "down"


async def test_tools_that_no_model_could_call_or_that_clash_are_left_out() -> None:
    skills = {"one": MCPSkill({"command": PROGRAM}), "two": MCPSkill({"command": PROGRAM})}
    agent = Agent("pilot", "You.", skills=skills, tools=[anchor])
    one, two = cast("list[mcp.McpTools]", agent.kit.foreign)
    await asyncio.gather(*(skill.initialize(agent) for skill in skills.values()))
    one._toolkit = Found("sail", "anchor", "wind.get", "a b", "x" * 65, "", "transfer_to_bob")  # type: ignore[assignment]
    two._toolkit = Found("sail", *(f"tool{n}" for n in range(200)))  # type: ignore[assignment]
    offered = [[schema.function for schema in await tools.schemas(turn())] for tools in (one, two)]
    assert [function.name for function in offered[0]] == ["sail"]
    assert [function.name for function in offered[1]] == [f"tool{n}" for n in range(mcp.MOST_TOOLS)]
    assert len(offered[0][0].description) == mcp.LONGEST_DESCRIPTION


async def test_a_server_for_owners_is_neither_offered_nor_open_to_others() -> None:
    class Tides(MCPSkill):
        scope = "owner"

    agent = Agent("pilot", "You.", skills={"tides": Tides({"command": PROGRAM})})
    await agent.skills["tides"].initialize(agent)
    (tides,) = cast("list[mcp.McpTools]", agent.kit.foreign)
    tides._toolkit = found = Found("sail")  # type: ignore[assignment]
    for scopes, names in (((), []), (("owner",), ["sail"])):
        here = turn(*scopes)
        assert [schema.function.name for schema in await tides.schemas(here)] == names
        tides.register(ExitStack(), here)
        assert found.registered == names


async def test_a_call_that_hangs_ends_in_time_and_a_result_that_is_huge_is_cut() -> None:
    event = ToolCallEvent("sail", id="c1", arguments="{}")

    async def hang(_event: object, _context: object) -> ToolResultEvent:
        await asyncio.Event().wait()
        raise AssertionError

    async def flood(_event: object, _context: object) -> ToolResultEvent:
        return ToolResultEvent.from_call(event, result="a" * 1_000_000)

    async with asyncio.timeout(5):
        late = await mcp.Bounded(event, turn(), seconds=0.05).on_tool_execution(hang, event, turn())
        long = await mcp.Bounded(event, turn(), seconds=5).on_tool_execution(flood, event, turn())
    assert outcome_of(cast(ToolResultEvent, late)) == (False, "Error: sail did not answer within 0.05 s.")
    ok, text = outcome_of(cast(ToolResultEvent, long))
    assert ok
    assert str(text).endswith("[cut: the whole result has 1000000 bytes]")


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({}, "command"),
        ({"command": ["a"], "url": "http://x"}, "command"),
        ({"command": [5]}, "command"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "http://x", "tools": "one"}, "tools"),
        ({"url": "http://x", "seconds": 0}, "seconds"),
        ({"url": "http://x", "headers": {"a": 1}}, "headers"),
        ({"address": "http://x"}, "address"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_when_it_is_made(config: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        MCPSkill(config)


def test_without_the_package_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("no module named mcp")

    monkeypatch.setattr(mcp, "MCPToolkit", missing)
    with pytest.raises(ImportError, match=r"pip install 'salon\[mcp\]'"):
        MCPSkill({"command": ["any"]})
