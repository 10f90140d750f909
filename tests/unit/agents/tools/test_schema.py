"""From signatures to schemas and back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, Optional

import pytest
from pydantic import BaseModel, Field

from salon.agents.context.context import Context
from salon.agents.tools.schema import BadArguments, Signature, signature_of

if TYPE_CHECKING:
    from decimal import Decimal


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Item(BaseModel):
    name: str
    count: int = 1


@dataclass
class Place:
    lat: float
    lon: float


def signature(function: object) -> Signature:
    return signature_of(function, Context)  # type: ignore[arg-type]


def test_every_common_type_has_a_schema_and_is_read_back_as_itself() -> None:
    def order(
        *,
        items: list[Item],
        size: Size,
        place: Place | None = None,
        speed: Literal["slow", "fast"] = "slow",
        tags: set[str] = frozenset(),  # type: ignore[assignment]
        pair: tuple[int, str] = (1, "a"),
        notes: dict[str, float] | None = None,
        when: Optional[datetime] = None,  # noqa: UP045 - the older spelling has to work too
        limit: int | str = 3,
    ) -> None: ...

    found = signature(order)
    properties = found.parameters["properties"]
    assert isinstance(properties, dict)
    assert found.parameters["required"] == ["items", "size"]
    assert properties["speed"] == {"type": "string", "enum": ["slow", "fast"], "default": "slow"}
    assert properties["tags"] == {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "default": []}
    assert found.parameters["additionalProperties"] is False

    values = found.read(
        {
            "items": [{"name": "tea"}],
            "size": "large",
            "place": {"lat": 1, "lon": 2},
            "tags": ["a", "a"],
            "pair": ["7", "b"],
            "notes": {"x": 1},
            "when": "2026-01-02T03:04:05",
            "limit": "many",
        }
    )
    assert values == {
        "items": [Item(name="tea")],
        "size": Size.LARGE,
        "place": Place(1.0, 2.0),
        "tags": {"a"},
        "pair": (7, "b"),
        "notes": {"x": 1.0},
        "when": datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001 - as the model wrote it
        "limit": "many",
    }


def test_arguments_left_out_are_left_to_the_functions_own_defaults() -> None:
    def greet(name: str, loud: bool = False) -> None: ...

    assert signature(greet).read({"name": "Ann"}) == {"name": "Ann"}


def test_a_parameter_may_have_a_name_that_pydantic_uses_itself() -> None:
    def f(copy: int, json: str, model_config: int = 1, _private: int = 2) -> None: ...

    assert signature(f).read({"copy": 1, "json": "x", "_private": 3}) == {"copy": 1, "json": "x", "_private": 3}


def test_schemas_carry_no_generated_titles_but_a_parameter_called_title_stays() -> None:
    def f(title: str, item: Item) -> None: ...

    text = str(signature(f).parameters)
    assert text.count("title") == 2  # the property and its place in `required`


def test_a_parameters_words_come_from_google_style_docstrings() -> None:
    def f(city: str, days: int = 1) -> None:
        """Forecast the weather.

        For any city.

        Args:
            city (str): where to look,
                by its English name
            days: how far ahead

        Returns:
            the forecast: as text
        """

    found = signature(f)
    assert found.summary == "Forecast the weather.\n\nFor any city."
    assert found.parameters["properties"] == {
        "city": {"type": "string", "description": "where to look, by its English name"},
        "days": {"type": "integer", "default": 1, "description": "how far ahead"},
    }


@pytest.mark.parametrize(
    "line", [":param city: where to look", ":param str city: where to look", "city: where to look"]
)
def test_a_parameters_words_come_from_plain_lines_too(line: str) -> None:
    def f(city: str) -> None: ...

    f.__doc__ = f"Forecast: as good as it gets.\n\n{line}\n:return: the forecast"
    found = signature(f)
    assert found.summary == "Forecast: as good as it gets."
    assert found.parameters["properties"] == {"city": {"type": "string", "description": "where to look"}}


def test_annotated_constraints_reach_the_schema_and_are_checked() -> None:
    def f(n: Annotated[int, Field(ge=1, le=9, description="how many")]) -> None: ...

    found = signature(f)
    assert found.parameters["properties"] == {
        "n": {"type": "integer", "minimum": 1, "maximum": 9, "description": "how many"}
    }
    with pytest.raises(BadArguments, match="n: Input should be less than or equal to 9"):
        found.read({"n": 10})


def test_wrong_arguments_are_told_by_field_in_a_few_words() -> None:
    def f(count: int, item: Item, size: Size = Size.SMALL) -> None: ...

    with pytest.raises(BadArguments) as caught:
        signature(f).read({"count": "many", "item": {}, "size": "huge", "colour": "red"})
    text = str(caught.value)
    assert "count: Input should be a valid integer" in text
    assert "item.name: Field required" in text
    assert "size: Input should be 'small' or 'large'" in text
    assert "colour: there is no such argument (there are: count, item, size)" in text


@pytest.mark.requirement("S1-24")
def test_the_context_is_hidden_from_the_schema_whatever_it_is_called() -> None:
    def by_type(query: str, ctx: Context) -> None: ...

    def optional(query: str, context: Context | None = None) -> None: ...

    def sloppy(query: str, context: Context = None) -> None: ...  # type: ignore[assignment]

    def bare(query: str, context=None) -> None: ...  # type: ignore[no-untyped-def]

    assert [signature(f).context for f in (by_type, optional, sloppy, bare)] == ["ctx", "context", "context", "context"]
    for f in (by_type, optional, sloppy, bare):
        assert signature(f).parameters["properties"] == {"query": {"type": "string"}}


def test_a_context_imported_for_type_checkers_only_is_found_by_its_name() -> None:
    def f(query: str, context: object) -> None: ...

    f.__annotations__ = {"query": "str", "context": "kit.Context | None"}
    assert signature(f).context == "context"


def test_an_ordinary_parameter_may_be_called_context() -> None:
    def f(context: str) -> None: ...

    assert signature(f).context is None
    assert signature(f).parameters["required"] == ["context"]


def test_methods_callable_objects_and_partials_have_schemas() -> None:
    class Counter:
        def add(self, n: int) -> None: ...

        def __call__(self, m: int) -> None: ...

    def f(a: int, b: str) -> None: ...

    wanted = {"n": {"type": "integer"}}
    assert signature(Counter.add).parameters["properties"] == wanted
    assert signature(Counter().add).parameters["properties"] == wanted
    assert signature(Counter()).parameters["properties"] == {"m": {"type": "integer"}}
    assert signature(partial(f, 1)).parameters["properties"] == {"b": {"type": "string"}}


def test_no_parameters_make_an_empty_object() -> None:
    def f() -> None: ...

    assert signature(f).parameters == {"type": "object", "properties": {}, "additionalProperties": False}
    assert signature(f).read({}) == {}


def test_signatures_that_a_model_cannot_call_are_refused_with_what_to_change() -> None:
    def star(*parts: str) -> None: ...

    def stars(**parts: str) -> None: ...

    def positional(part: str, /) -> None: ...

    def thing(part: object, lock: type[Exception] | Context, other: Context) -> None: ...

    for f in (star, stars, positional):
        with pytest.raises(TypeError, match="a model passes named arguments"):
            signature(f)
    with pytest.raises(TypeError, match="two context parameters, lock and other"):
        signature(thing)


def test_a_type_without_a_json_form_or_out_of_reach_is_refused_by_name() -> None:
    class Socket: ...

    def unknown(line: Socket) -> None: ...

    def hidden(price: "Decimal") -> None: ...

    with pytest.raises(TypeError, match="one of its type hints has no JSON form"):
        signature(unknown)
    with pytest.raises(TypeError, match="parameter price cannot be resolved"):
        signature(hidden)


def test_a_text_in_annotated_describes_a_parameter() -> None:
    def find(city: Annotated[str, "The city's name"], area: Annotated[str, "By the type"] = "") -> None:
        """Find.

        Args:
            area: By the docstring.
        """

    told = signature(find).parameters["properties"]
    assert {name: field["description"] for name, field in told.items()} == {  # type: ignore[union-attr, index, call-overload]
        "city": "The city's name",
        "area": "By the docstring.",
    }


def test_a_default_without_a_json_form_is_left_out_without_a_word() -> None:
    def find(limit: float = float("inf"), marker: int = object()) -> None:  # type: ignore[assignment]
        """Find."""

    assert signature(find).parameters["properties"] == {"limit": {"type": "number"}, "marker": {"type": "integer"}}
    assert signature(find).read({}) == {}


def test_a_field_as_a_default_is_refused_with_the_remedy() -> None:
    def find(limit: int = Field(3, ge=1)) -> None:
        """Find."""

    with pytest.raises(TypeError, match=r"Write it into the type: limit: Annotated\["):
        signature(find)


@pytest.mark.parametrize("hint", ["Missing", "list[int", "re.Missing", "1 + 'x'"])
def test_a_type_that_cannot_be_resolved_is_named_with_its_parameter(hint: str) -> None:
    def find(limit: object) -> None:
        """Find."""

    find.__annotations__["limit"] = hint
    with pytest.raises(TypeError, match="the type of parameter limit cannot be resolved"):
        signature(find)
