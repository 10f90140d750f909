from typing import Any

import pytest

from salon.cli.reading.answers import Field, Unfit, compose, fields, parse
from salon.contracts.events import Interrupted

APPROVAL = {
    "type": "object",
    "properties": {"approved": {"type": "boolean", "title": "Approve"}, "comment": {"type": "string"}},
    "required": ["approved"],
}


def question(schema: dict[str, Any] | None = None, **more: Any) -> Interrupted:
    raw = {"event": "interrupt.opened", "interrupt": "i1", "run": "r1", "agent": "writer", "reason": "input", **more}
    return Interrupted.model_validate(raw if schema is None else {**raw, "response_schema": schema})


def test_an_approval_asks_for_what_it_requires_and_nothing_more() -> None:
    asked = fields(question(APPROVAL, reason="approval"))
    assert [field.label() for field in asked] == ["Approve [y/n]"]
    assert compose(asked, [parse(asked[0], " Yes ")]) == {"approved": True}  # type: ignore[list-item]


@pytest.mark.parametrize(("typed", "value"), [("y", True), ("YES", True), ("n", False), ("no", False)])
def test_yes_and_no_are_understood(typed: str, value: bool) -> None:
    assert parse(Field(None, {"type": "boolean"}), typed) is value


def test_anything_else_than_yes_or_no_is_asked_again() -> None:
    assert isinstance(parse(Field(None, {"type": "boolean"}), "perhaps"), Unfit)


def test_a_question_without_a_schema_wants_yes_or_no_for_an_approval_and_words_otherwise() -> None:
    assert fields(question(reason="approval"))[0].schema["type"] == "boolean"
    assert fields(question(call="c1"))[0].schema["type"] == "boolean"
    assert parse(fields(question())[0], " in May ") == "in May"


def test_a_choice_is_made_by_number_or_by_its_words() -> None:
    field = Field("answer", {"type": "string", "title": "Colour?", "enum": ["red", "Dark blue"]})
    assert field.label() == "Colour [1/2]"
    assert parse(field, "2") == "Dark blue"
    assert parse(field, "dark BLUE") == "Dark blue"
    assert parse(field, "3") == Unfit("type the number of one of: 1 red, 2 Dark blue")


def test_numbers_are_numbers() -> None:
    assert parse(Field(None, {"type": "integer"}), "12") == 12
    assert parse(Field(None, {"type": "number"}), "1.5") == 1.5
    assert parse(Field(None, {"type": "integer"}), "1.5") == Unfit("type a whole number")
    assert parse(Field(None, {"type": "number"}), "few") == Unfit("type a number")


def test_structures_are_typed_as_json() -> None:
    assert parse(Field(None, {"type": "array"}), "[1, 2]") == [1, 2]
    assert parse(Field(None, {"type": "object"}), "{") == Unfit("type it as JSON")


def test_an_empty_text_is_no_answer() -> None:
    assert isinstance(parse(Field(None, {"type": "string"}), "  "), Unfit)


def test_every_property_is_asked_when_none_is_required() -> None:
    asked = fields(
        question({"type": "object", "properties": {"from": {"type": "string"}, "days": {"type": "integer"}}})
    )
    assert [field.name for field in asked] == ["from", "days"]
    assert compose(asked, ["Rome", 3]) == {"from": "Rome", "days": 3}
