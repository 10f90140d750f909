"""The decorator."""

import inspect
from typing import Any, cast

import pytest

from salon.access.scopes import scopes_of
from salon.agents.tools.tool import ToolSpec, tool, tool_spec


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool(description="Look the weather up.", name="get_weather")
async def weather(city: str) -> str:
    return f"sunny in {city}"


class Calculator:
    def __init__(self, offset: int) -> None:
        self.offset = offset

    @tool(scope=["owner", "premium"])
    def shift(self, n: int) -> int:
        """Add the offset."""
        return n + self.offset


@pytest.mark.requirement("S2-27")
async def test_a_decorated_function_stays_what_it_was() -> None:
    assert add(2, 3) == 5
    assert not inspect.iscoroutinefunction(add)
    assert inspect.iscoroutinefunction(weather)
    assert await weather("Lisbon") == "sunny in Lisbon"


def test_the_tool_is_described_by_the_docstring_or_by_the_decorator() -> None:
    assert (tool_spec(add).name, tool_spec(add).description) == ("add", "Add two numbers.")
    assert (tool_spec(weather).name, tool_spec(weather).description) == ("get_weather", "Look the weather up.")


def test_a_plain_function_is_a_tool_too_and_says_its_name_when_it_says_nothing_else() -> None:
    def find_cheap_flights(to: str) -> str:
        return to

    spec = tool_spec(find_cheap_flights)
    assert (spec.name, spec.description) == ("find_cheap_flights", "Find cheap flights.")
    assert tool_spec(spec) is spec


def test_a_bound_method_keeps_its_object() -> None:
    three, four = Calculator(3), Calculator(4)
    assert tool_spec(three.shift).function(10) == 13
    assert tool_spec(four.shift).function(10) == 14
    assert tool_spec(three.shift).parameters["required"] == ["n"]


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        (None, frozenset()),
        ("all", frozenset()),
        ("owner", {"owner"}),
        (["owner", "admin"], {"owner", "admin"}),
        (["owner", "all"], frozenset()),
        ([], frozenset()),
    ],
)
def test_scopes_have_one_form(given: list[str] | str | None, normal: frozenset[str]) -> None:
    assert scopes_of(given) == normal


def test_one_of_a_tools_scopes_is_enough_and_no_scope_opens_it_to_all() -> None:
    spec: ToolSpec = tool_spec(Calculator(1).shift)
    assert spec.open_to(frozenset({"premium", "other"}))
    assert not spec.open_to(frozenset({"other"}))
    assert not spec.open_to(frozenset())
    assert tool_spec(add).open_to(frozenset())


def test_unusable_decorator_arguments_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"name: 'my tool' cannot be a tool's name"):
        tool(name="my tool")(add)
    with pytest.raises(ValueError, match="timeout: 0 is not a time"):
        tool(timeout=0)(add)
    with pytest.raises(ValueError, match="scope: a scope cannot be empty"):
        tool(scope="")(add)
    with pytest.raises(ValueError, match=r"approval: \{to\} is not an argument of the tool. There are: a, b"):
        tool(approval="Send to {to}?")(add)


def test_what_cannot_be_a_tool_is_refused() -> None:
    def stream(n: int):  # type: ignore[no-untyped-def]
        yield n

    with pytest.raises(TypeError, match="it yields"):
        tool(stream)
    with pytest.raises(TypeError, match="directly on the function"):
        tool(classmethod(cast(Any, add)))  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="put the decorator on the function itself"):
        tool(Calculator(1).shift)
    with pytest.raises(TypeError, match="tools: expected functions, got int"):
        tool_spec(3)  # type: ignore[arg-type]
