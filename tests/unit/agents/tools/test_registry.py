"""Tools that are known by name."""

import pytest

from salon import Agent, Skill, clear_tools, register_tool, tool
from salon.agents.tools import registry
from salon.agents.tools.tool import tool_spec


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry of the test's own."""
    monkeypatch.setattr(registry, "_known", {})
    monkeypatch.setattr(registry, "_built_in", {})


@pytest.mark.requirement("S2-26", "S2-27")
async def test_a_decorated_function_is_known_by_its_name_and_stays_what_it_was() -> None:
    @tool(description="Get current weather for a city")
    async def get_weather(city: str) -> str:
        return f"Weather in {city}: Sunny, 72°F"

    @tool(description="Reverse a text")
    def reverse(text: str) -> str:
        return text[::-1]

    agent = Agent(role="You help.", tools=["get_weather", "reverse"])
    assert [spec.description for spec in agent.kit.tools.values()] == [
        "Get current weather for a city",
        "Reverse a text",
    ]
    assert await get_weather("Rome") == "Weather in Rome: Sunny, 72°F"
    assert reverse("abc") == "cba"


@pytest.mark.requirement("S2-29")
def test_a_name_that_nobody_registered_is_refused_when_the_agent_is_made_with_the_nearest_ones() -> None:
    with pytest.raises(ValueError, match=r"no tool named 'get_wether'\. None is registered yet"):
        Agent(role="You help.", tools=["get_wether"])

    @tool
    def get_weather(city: str) -> str:
        return city

    with pytest.raises(ValueError, match=r"Did you mean 'get_weather'\?"):
        Agent(role="You help.", tools=["get_wether"])
    with pytest.raises(ValueError, match="There are: get_weather"):
        Agent(role="You help.", tools=["xyz"])


def test_methods_are_not_registered_since_they_need_their_object() -> None:
    class Search(Skill):
        @tool
        def find(self, word: str) -> str:
            return word

    with pytest.raises(ValueError, match="no tool named 'find'"):
        Agent(role="You help.", tools=["find"])
    register_tool(Search().find)
    assert Agent(role="You help.", tools=["find"]).tools[0].name == "find"


@pytest.mark.requirement("S2-31")
def test_a_newer_tool_replaces_an_older_one_and_all_can_be_forgotten() -> None:
    for number in (1, 2):

        @tool(name="count", description=f"Count {number}")
        def count() -> int:
            return 0

    assert registry.named("count").description == "Count 2"
    clear_tools()
    with pytest.raises(ValueError, match="no tool named 'count'"):
        registry.named("count")


def test_built_in_tools_are_loaded_when_they_are_named_and_an_applications_own_comes_first() -> None:
    loaded: list[str] = []

    def load() -> object:
        loaded.append("calculate")
        return tool_spec(abs_)

    def abs_(number: float) -> float:
        """Built in."""
        return abs(number)

    registry.provide({"calculate": load})  # type: ignore[dict-item]
    assert loaded == []
    assert registry.named("calculate").description == "Built in."

    @tool
    def calculate(number: float) -> float:
        """My own."""
        return number

    assert registry.named("calculate").description == "My own."
    clear_tools()
    assert registry.named("calculate").description == "Built in."
