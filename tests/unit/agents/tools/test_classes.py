"""Tools that are objects."""

from typing import Any

import pytest

from salon import Agent, Context, Skill, Tool, ToolDefinition, function_tool, register_tool, tool
from salon.agents.tools.classes import spec_of
from salon.agents.tools.execution import execute
from tests.fakes.port import FakePort


class WeatherTool(Tool):
    name = "get_weather"
    description = "Get current weather for a city"

    async def execute(self, city: str) -> str:  # type: ignore[override]
        return f"Weather in {city}: Sunny, 72°F"

    def get_definition(self) -> ToolDefinition:
        return ToolDefinition(
            name=self.name,
            description=self.description,
            parameters={
                "type": "object",
                "properties": {"city": {"type": "string", "description": "City name"}},
                "required": ["city"],
            },
        )


async def run(made: Tool, **arguments: object) -> str:
    return (await execute(spec_of(made), arguments, Context(FakePort()))).text


@pytest.mark.requirement("S2-30")
async def test_a_tool_object_is_offered_as_its_definition_says_and_called_by_name() -> None:
    register_tool(WeatherTool())
    agent = Agent(role="You help with weather questions", tools=["get_weather"])
    spec = agent.kit.tools["get_weather"]
    schema: Any = spec.parameters
    assert schema["properties"]["city"] == {"type": "string", "description": "City name"}
    assert spec.description == "Get current weather for a city"
    assert await run(WeatherTool(), city="London") == "Weather in London: Sunny, 72°F"
    assert "city: Input should be a valid string" in await run(WeatherTool(), city=3)
    answer = await agent.chat("What's the weather in London?")
    assert "London" in answer


async def test_without_a_definition_the_schema_is_read_from_execute_and_the_context_is_given() -> None:
    class Greeter(Tool):
        scope = "staff"

        def execute(self, name: str, context: Context) -> str:  # type: ignore[override]
            """Greet somebody."""
            return f"{context.user} greets {name}"

    spec = Greeter().spec
    assert (spec.name, spec.description, spec.scopes) == ("Greeter", "Greet somebody.", frozenset({"staff"}))
    assert list(spec.parameters["properties"]) == ["name"]  # type: ignore[arg-type]


async def test_a_tool_that_takes_anything_is_checked_by_its_schema() -> None:
    class Anything(Tool):
        name = "anything"

        async def execute(self, **arguments: object) -> object:
            return arguments

        def get_definition(self) -> ToolDefinition:
            properties = {"n": {"type": "integer"}, "note": {"type": "string"}}
            return ToolDefinition("anything", "Takes it.", {"properties": properties, "required": ["n"]})

    assert await run(Anything(), n=1) == '{"n":1}'
    assert "n: Field required" in await run(Anything())
    assert "there is no such argument" in await run(Anything(), n=1, m=2)
    assert "n: " in await run(Anything(), n="many")


@pytest.mark.requirement("H-03")
def test_every_form_of_a_tool_is_offered_by_the_same_schema() -> None:
    @function_tool
    def forecast(city: str, days: int = 1) -> str:
        """Tell the weather.

        Args:
            city: where
        """
        return city

    class Forecast(Tool):
        name = "forecast"

        async def execute(self, city: str, days: int = 1) -> str:  # type: ignore[override]
            """Tell the weather.

            Args:
                city: where
            """
            return city

    class Weather(Skill):
        @tool
        def forecast(self, city: str, context: Context, days: int = 1) -> str:
            """Tell the weather.

            Args:
                city: where
            """
            return city

    agents = [
        Agent("a", "You help.", tools=[forecast]),
        Agent("b", "You help.", tools=[Forecast()]),
        Agent("c", "You help.", skills={"weather": Weather()}),
    ]
    specs = [agent.kit.tools["forecast"] for agent in agents]
    assert {spec.description for spec in specs} == {"Tell the weather."}
    expected = {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "where"}, "days": {"type": "integer", "default": 1}},
        "required": ["city"],
    }
    for spec in specs:
        assert {key: spec.parameters[key] for key in expected} == expected


def test_what_is_no_tool_says_so() -> None:
    with pytest.raises(TypeError, match=r"WeatherTool is a class. Pass an object of it: WeatherTool\(\)"):
        spec_of(WeatherTool)
    with pytest.raises(TypeError, match="expected functions, got int"):
        spec_of(3)
    with pytest.raises(ValueError, match="cannot be a tool's name"):
        ToolDefinition("a b", "")
    with pytest.raises(ValueError, match="JSON Schema of type 'object'"):
        ToolDefinition("a", "", {"type": "string"})
