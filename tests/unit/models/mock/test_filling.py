"""Arguments from a JSON schema and the words of a request."""

import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.models.mock.filling.filler import Filler
from salon.models.mock.filling.request import Request


def fill(text: str, schema: dict[str, Any], **options: Any) -> Any:
    """The schema filled from the text."""
    return Filler(Request(text), schema, **options).fill()


def one(text: str, name: str, schema: dict[str, Any], *, required: bool = True) -> Any:
    """A single field's value, or None when it is left out."""
    whole = {"type": "object", "properties": {name: schema}, "required": [name] if required else []}
    return fill(text, whole).get(name)


STRING = {"type": "string"}
STRINGS = {"type": "array", "items": STRING}
NUMBERS = {"type": "array", "items": {"type": "number"}}


@pytest.mark.parametrize(
    ("text", "name", "schema", "value"),
    [
        ("What is the weather in Paris?", "city", STRING, "Paris"),
        ("Fly me from Berlin to New York", "destination", STRING, "Berlin"),
        ("Please find the best espresso machines", "query", STRING, "best espresso machines"),
        ("Write a poem about the sea", "topic", STRING, "the sea"),
        ('Post "Hello world" to the feed', "text", STRING, "Hello world"),
        ("Say hi to them", "message", STRING, "Say hi to them"),
        ("Email it to anna@example.com please", "to", STRING, "anna@example.com"),
        ("Email it to Anna", "recipient", STRING, "Anna"),
        ("Read https://example.org/a?b=1.", "url", STRING, "https://example.org/a?b=1"),
        ("Where is order #4711?", "order_id", STRING, "4711"),
        ("Create a project called Apollo Two", "name", STRING, "Apollo Two"),
        ("Remind me next monday to call", "when", STRING, "next monday"),
        ("Set priority: high for it", "priority", STRING, "high for it"),
        ("What's 15 * 23 + 7?", "expression", STRING, "15 * 23 + 7"),
        ("Make a bar chart", "kind", {"enum": ["line", "bar"]}, "bar"),
        ("Make a chart", "kind", {"enum": ["line", "bar"]}, "line"),
        ("Make a chart", "kind", {"enum": ["line", "bar"], "default": "bar"}, "bar"),
        ("Revenue of the last four quarters", "quarters", {"type": "integer"}, 4),
        ("Book a table for 12 people at 7", "people", {"type": "integer", "maximum": 10}, 10),
        ("Roll 3 dice with 20 sides", "sides", {"type": "integer"}, 20),
        ("Give a discount of 12.5%", "percent", {"type": "number"}, 12.5),
        ("Write it with emoji", "emoji", {"type": "boolean"}, True),
        ("Write it without emoji", "emoji", {"type": "boolean"}, False),
        ("Tag it as: red, green and blue", "tags", STRINGS, ["red", "green", "blue"]),
        ("Compare Paris and Rome", "cities", STRINGS, ["Paris", "Rome"]),
        ("Add 10, 20 and 30.5", "values", NUMBERS, [10, 20, 30.5]),
        ("Due on 2026-03-01", "date", {"type": "string", "format": "date"}, "2026-03-01"),
        ("Meet on 2026-03-01 at 14:30", "start", {"type": "string", "format": "date-time"}, "2026-03-01T14:30:00Z"),
        ("Write to bob@example.org", "email", {"type": "string", "format": "email"}, "bob@example.org"),
    ],
)
def test_the_text_gives_the_value(text: str, name: str, schema: dict[str, Any], value: object) -> None:
    assert one(text, name, schema) == value


@pytest.mark.parametrize(
    ("text", "name", "schema"),
    [
        ("Make a chart", "count", {"type": "integer"}),
        ("The best machines under 300 euros", "max_results", {"type": "integer"}),
        ("Make a chart", "kind", {"enum": ["line", "bar"]}),
        ("Make a chart", "animated", {"type": "boolean"}),
        ("Make a chart", "email", {"type": "string", "format": "email"}),
        ("Make a chart", "note", STRING),
        ("Make a chart", "tags", STRINGS),
        ("Make a chart", "options", {"type": "object", "properties": {"depth": {"type": "integer"}}}),
        ("Make a chart", "unit", {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}),
    ],
)
def test_an_optional_field_that_the_text_does_not_speak_of_is_left_out(
    text: str, name: str, schema: dict[str, Any]
) -> None:
    assert one(text, name, schema, required=False) is None


def test_labels_and_values_of_a_chart_go_together() -> None:
    schema = {
        "type": "object",
        "properties": {"title": STRING, "labels": STRINGS, "values": NUMBERS},
        "required": ["title", "labels", "values"],
    }
    chart = fill("Show a chart of revenue for the last four quarters", schema)
    assert chart["title"] == "Revenue for the last four quarters"
    assert chart["labels"] == ["Q1", "Q2", "Q3", "Q4"]
    assert len(chart["values"]) == 4


def test_a_document_field_gets_the_long_text() -> None:
    schema = {"type": "object", "properties": {"body": STRING}, "required": ["body"]}
    assert fill("Write a letter", schema, long_text="Dear all") == {"body": "Dear all"}


def test_nested_objects_and_references_are_filled() -> None:
    schema = {
        "$defs": {"Guest": {"type": "object", "properties": {"name": STRING}, "required": ["name"]}},
        "type": "object",
        "properties": {
            "guest": {"$ref": "#/$defs/Guest"},
            "others": {"type": "array", "items": {"$ref": "#/$defs/Guest"}},
        },
        "required": ["guest", "others"],
    }
    filled = fill("Invite someone called Ada", schema)
    assert filled["guest"] == {"name": "Ada"}
    jsonschema.validate(filled, schema)


def test_a_schema_that_refers_to_itself_ends() -> None:
    node = {
        "type": "object",
        "properties": {"name": STRING, "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
        "required": ["name", "next"],
    }
    schema = {"$defs": {"Node": node}, "$ref": "#/$defs/Node"}
    jsonschema.validate(fill("Make a list", schema), schema)


NAMES = st.sampled_from(
    [
        "query",
        "city",
        "to",
        "email",
        "body",
        "title",
        "steps",
        "labels",
        "values",
        "count",
        "is_open",
        "when",
        "id",
        "x",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "Make a bar chart of revenue for the last four quarters",
            'Send "Hello, you" to anna@example.com and bob on 2026-03-01 at 14:30',
            "What's 15 * 23 + 7?",
            "Compare 10, 20, 20 and -3.5 for Paris, Rome and Rome: a, b, c",
            "{}[]\\ %s {0} $& \x00",
        ]
    ),
)


@st.composite
def bounded(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """A number schema with bounds that leave room."""
    schema: dict[str, Any] = {"type": kind}
    low = draw(st.integers(-50, 50))
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = low + draw(st.integers(20, 40))
    if draw(st.booleans()):
        schema["multipleOf"] = draw(st.sampled_from([1, 2, 5, 10] if kind == "integer" else [0.5, 1, 2.5, 10]))
    return schema


@st.composite
def strings(draw: st.DrawFn) -> dict[str, Any]:
    """A string schema with lengths or a format."""
    schema: dict[str, Any] = {"type": "string"}
    extra = draw(st.sampled_from(["", "length", "format", "pattern"]))
    if extra == "length":
        schema["minLength"] = draw(st.integers(0, 30))
        schema["maxLength"] = schema["minLength"] + draw(st.integers(0, 30))
    elif extra == "format":
        schema["format"] = draw(st.sampled_from(["date", "date-time", "time", "email", "uri", "uuid", "ipv4", "odd"]))
    elif extra == "pattern":
        schema["pattern"] = draw(st.sampled_from(["^[a-z]+$", "^[A-Z]{2}-\\d+$", "^\\d+$", "^#[0-9a-f]{6}$"]))
    return schema


SIMPLE = st.one_of(
    strings(),
    bounded("integer"),
    bounded("number"),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.just({}),
    st.just({"type": ["integer", "null"]}),
    st.lists(st.one_of(st.text(max_size=8), st.integers(), st.none()), min_size=1, max_size=4).map(
        lambda e: {"enum": e}
    ),
    st.integers().map(lambda value: {"const": value}),
)


def nested(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects, lists and alternatives of other schemas."""
    objects = st.builds(
        lambda properties, optional, closed: {
            "type": "object",
            "properties": properties,
            "required": [name for name in properties if name not in optional],
            **({"additionalProperties": False} if closed else {}),
        },
        st.dictionaries(NAMES, inner, max_size=4),
        st.sets(NAMES),
        st.booleans(),
    )
    lists = st.builds(
        lambda items, least, room: {"type": "array", "items": items, "minItems": least, "maxItems": least + room},
        inner,
        st.integers(0, 4),
        st.integers(0, 4),
    )
    sets = st.just({"type": "array", "items": {"type": "string"}, "minItems": 3, "uniqueItems": True})
    tuples = st.lists(inner, min_size=1, max_size=3).map(
        lambda parts: {"type": "array", "prefixItems": parts, "items": False}
    )
    options = st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts})
    return st.one_of(objects, lists, sets, tuples, options)


SCHEMAS = st.recursive(SIMPLE, nested, max_leaves=8)


@given(TEXTS, SCHEMAS, st.integers(0, 2**32))
def test_whatever_the_schema_the_value_validates(text: str, schema: dict[str, Any], seed: int) -> None:
    value = fill(text, schema, seed=seed, long_text="A long text.")
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)


@given(TEXTS, SCHEMAS, st.integers(0, 2**32))
def test_the_same_request_is_always_filled_the_same_way(text: str, schema: dict[str, Any], seed: int) -> None:
    assert fill(text, schema, seed=seed) == fill(text, schema, seed=seed)


def test_all_parts_of_a_combined_schema_are_filled() -> None:
    schema = {
        "allOf": [
            {"type": "object", "properties": {"city": STRING}, "required": ["city"]},
            {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]},
        ]
    }
    assert fill("Five days in Oslo", schema) == {"city": "Oslo", "days": 5}


def test_a_table_has_rows_as_wide_as_its_columns() -> None:
    schema = {
        "type": "object",
        "properties": {"columns": STRINGS, "rows": {"type": "array", "items": STRINGS}},
        "required": ["columns", "rows"],
    }
    table = fill("Show a table of apples, pears and plums", schema)
    assert [row[0] for row in table["rows"]] == ["apples", "pears", "plums"]
    assert {len(row) for row in table["rows"]} == {len(table["columns"])}


@pytest.mark.parametrize(
    ("text", "name", "schema", "first"),
    [
        ("Make a plan for a party", "steps", STRINGS, "Agree on what matters most for a party"),
        ("Chart costs by month", "labels", STRINGS, "Jan"),
        ("Chart costs", "labels", STRINGS, "A"),
        ("Collect ideas", "ideas", STRINGS, "Ideas 1"),
    ],
)
def test_lists_that_the_text_does_not_give_look_plausible(
    text: str, name: str, schema: dict[str, Any], first: str
) -> None:
    assert one(text, name, schema)[0] == first


@pytest.mark.parametrize(("name", "value"), [("price", 100), ("age", 30), ("latitude", 48.86), ("longitude", 2.35)])
def test_made_up_numbers_have_the_size_of_what_they_are(name: str, value: float) -> None:
    assert one("Do it", name, {"type": "number"}) == value


def test_an_optional_request_is_given_to_a_tool_that_takes_nothing_else() -> None:
    schema = {"type": "object", "properties": {"request": STRING}}
    assert fill("tick step 2", schema) == {"request": "tick step 2"}
    assert fill("ui_action edit: steps is 2", schema) == {}


def test_a_mention_is_not_part_of_the_request_and_what_is_to_be_said_is_taken_word_for_word() -> None:
    request = Request("@writer and @host, please send an email to bob@example.com saying the sea is calm.")
    assert request.text.startswith("please send")
    assert request.quotes == ["the sea is calm"]
    assert Request('tell Ann "hello" saying nothing else').quotes == ["hello"]


@pytest.mark.parametrize("text", ["x" * 20_000, "(-" * 10_000, "a@" * 10_000])
def test_a_text_made_to_be_slow_is_read_in_a_moment(text: str) -> None:
    began = time.process_time()
    assert Request(text).emails == []
    assert Request(text).arithmetic is None
    assert time.process_time() - began < 1
