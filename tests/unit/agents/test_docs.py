"""The Python on the page about agents runs, and does what the page says."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from salon.agents.agent import Agent
from salon.agents.context.context import Context
from salon.agents.hooks import EVENTS
from salon.agents.tools.execution import execute
from salon.agents.tools.tool import tool_spec
from salon.contracts.runs import Principal
from tests.fakes.port import FakePort

PAGE = Path(__file__).parents[3] / "docs" / "agents.md"


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "page"}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), names)
    return names


def test_the_team_has_a_host_and_its_hand_offs(page: dict[str, Any]) -> None:
    team = page["team"]
    assert team.host == "greeter"
    (way,) = team.handoffs("greeter")
    assert way.tool_description == (
        "Hand the conversation to clerk: You are a clerk who knows the shop. Use for: opening hours."
    )
    assert [way.target for way in page["desk"].handoffs("support")] == ["billing"]
    assert "money is mentioned" in page["desk"].handoffs("support")[0].tool_description


def test_the_definition_is_the_agents_prompt(page: dict[str, Any]) -> None:
    assert page["assistant"].system_prompt.startswith("## Role\nYou are a property assistant")


async def test_the_tools_do_what_the_page_says(page: dict[str, Any]) -> None:
    stock, port = page["stock"], FakePort(answers=[{"approved": True}])
    counted = await execute(tool_spec(stock.count), {"item": "lamps"}, Context(port))
    missing = await execute(tool_spec(stock.count), {"item": "sofas"}, Context(port))
    refused = await execute(tool_spec(stock.discard), {"item": "lamps"}, Context(port))
    assert (counted.output, missing.text, refused.ok) == (4, "Error: There is no 'sofas'; there are: lamps.", False)
    port.principal = Principal("olga", scopes=frozenset({"staff"}))
    assert (await execute(tool_spec(stock.discard), {"item": "lamps"}, Context(port))).text == "lamps is gone (old)."
    assert port.questions[0].message == "Throw away all lamps?"


async def test_the_booking_asks_twice_and_shows_what_was_booked(page: dict[str, Any]) -> None:
    port = FakePort(answers=[{"answer": "20:00"}, {"approved": True}])
    async with asyncio.timeout(5):
        outcome = await execute(tool_spec(page["book"]), {"guests": 4}, Context(port))
    assert outcome.text == "Booked for 20:00."
    assert port.shared == {"booking": {"guests": 4, "when": "20:00"}}
    assert port.shown("card")[0].props == {"title": "Table for 4", "text": "Today at 20:00", "tone": "success"}


async def test_the_waiter_does_what_the_page_says(page: dict[str, Any]) -> None:
    waiter = page["waiter"]
    await waiter.initialize()
    assert [tool.name for tool in waiter.get_all_tools()] == ["price", "order"]
    assert [way.name for way in waiter.get_all_handoffs()] == ["ask_the_cook"]
    price = await execute(waiter.kit.tools["price"], {"dish": "soup"}, Context(FakePort()))
    assert price.text == "soup: 4 €"
    refused = await execute(waiter.kit.tools["order"], {"dish": "soup"}, Context(FakePort()))
    assert refused.text == "Error: order is not available to this user."
    port = FakePort(principal=Principal("olga", scopes=frozenset({"owner"})))
    assert (await execute(waiter.kit.tools["order"], {"dish": "soup"}, Context(port))).text == "soup ordered for olga"
    assert port.usage.total_credits == 20
    assert [tool.name for tool in page["reporter"].tools] == ["forecast", "opening_hours"]


def test_every_event_that_can_be_hooked_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [event for event in EVENTS if f"`{event}`" not in text] == []


def test_every_argument_of_an_agent_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    code = Agent.__init__.__code__
    arguments = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    assert [name for name in arguments if f"`{name}`" not in text] == []
