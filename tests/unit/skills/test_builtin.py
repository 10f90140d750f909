"""The tools that come with the house: known by name, loaded when asked for, and usable by a model."""

import subprocess
import sys

import pytest

from salon import Agent, Context, ToolError
from salon.agents.tools import registry
from salon.contracts.components import CATALOG
from salon.errors import SalonError
from salon.skills.builtin import NAMES, built_in
from salon.skills.screen import render_ui
from tests.fakes.port import FakePort


@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_tool_has_a_description_and_describes_its_arguments(name: str) -> None:
    spec = registry.named(name)
    assert spec.name == name
    assert spec.description.endswith(".")
    properties = spec.parameters["properties"]
    assert isinstance(properties, dict)
    assert properties
    assert all("description" in field for field in properties.values() if isinstance(field, dict))
    assert built_in(name).parameters == spec.parameters


@pytest.mark.requirement("S2-28")
async def test_an_agent_calculates_with_the_tool_that_it_named() -> None:
    agent = Agent(role="You help with math", tools=["calculate"])
    assert "100" in await agent.chat("What's 25 * 4?")


def test_importing_salon_loads_none_of_them() -> None:
    code = "import sys, salon; print([name for name in sys.modules if name.startswith(('salon.skills', 'simpleeval'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_component_is_shown_and_replaced() -> None:
    context = Context(port := FakePort())
    shown = await render_ui(context, "markdown", {"text": "Hello"})
    surface = next(iter(port.surfaces))
    assert shown == f"Shown as {surface}."
    await render_ui(context, "markdown", {"text": "Bye"}, surface)
    assert port.surfaces[surface].props == {"text": "Bye"}


async def test_what_cannot_be_shown_is_told_to_the_model() -> None:
    context = Context(FakePort())
    with pytest.raises(ToolError, match=f"There are: {', '.join(CATALOG)}"):
        await render_ui(context, "hologram", {})
    with pytest.raises(SalonError, match="text"):
        await render_ui(context, "markdown", {"words": "Hello"})


async def test_a_component_of_the_applications_own_is_shown_where_somebody_can_draw_it() -> None:
    context = Context(port := FakePort(drawable=["seat-map"]))
    await render_ui(context, "seat-map", {"rows": 20})
    assert [surface.component for surface in port.surfaces.values()] == ["seat-map"]
    with pytest.raises(ToolError, match=r"shown 'hologram'.*approval, seat-map\."):
        await render_ui(context, "hologram", {})
