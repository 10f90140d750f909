"""What may be entered into a form."""

from __future__ import annotations

import pytest

from salon.contracts.forms import mistakes, submits
from salon.contracts.types import Json, Obj

FORM: Obj = {
    "fields": [
        {"type": "text", "name": "name", "label": "Name", "required": True, "min_length": 2, "max_length": 5},
        {"type": "email", "name": "mail", "label": "Mail"},
        {"type": "url", "name": "page", "label": "Page"},
        {"type": "date", "name": "day", "label": "Day"},
        {"type": "integer", "name": "seats", "label": "Seats", "minimum": 1, "maximum": 4},
        {"type": "number", "name": "price", "label": "Price"},
        {"type": "boolean", "name": "terms", "label": "Terms"},
        {"type": "choice", "name": "size", "label": "Size", "options": [{"value": "S"}, {"value": "M"}]},
        {"type": "choices", "name": "extras", "label": "Extras", "options": [{"value": "tea"}, {"value": "cake"}]},
    ]
}


def test_a_form_that_is_filled_in_well_has_no_mistakes() -> None:
    fine: Obj = {
        "name": "Ann",
        "mail": "ann@example.org",
        "page": "https://example.org/a",
        "day": "2027-01-31",
        "seats": 4.0,
        "price": 2.5,
        "terms": False,
        "size": "M",
        "extras": ["tea", "cake"],
    }
    assert mistakes(FORM, fine) == []
    assert mistakes(FORM, {"name": "Ann", "mail": "", "seats": None, "extras": []}) == []


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("name", None, "needed"),
        ("name", "", "needed"),
        ("name", "A", "at least 2"),
        ("name", "Annabel", "at most 5"),
        ("name", 7, "must be a text"),
        ("mail", "ann", "ann@example.org"),
        ("page", "example.org", "https://"),
        ("day", "31.1.2027", "2027-01-31"),
        ("seats", 2.5, "whole"),
        ("seats", 0, "at least 1"),
        ("seats", 5, "at most 4"),
        ("seats", True, "must be a number"),
        ("price", "2", "must be a number"),
        ("terms", "yes", "true or false"),
        ("size", "XL", "one of: S, M"),
        ("extras", "tea", "list"),
        ("extras", ["beer"], "tea, cake"),
        ("other", 1, "no such field"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(name: str, value: Json, remedy: str) -> None:
    [found] = mistakes(FORM, {"name": "Ann", name: value})
    assert found.path == f"/{name}"
    assert remedy in found.message


def test_a_box_that_has_to_be_ticked_is() -> None:
    form: Obj = {"fields": [{"type": "boolean", "name": "terms", "label": "Terms", "required": True}]}
    assert [each.message for each in mistakes(form, {"terms": False})] == ["Terms: must be ticked"]
    assert mistakes(form, {"terms": True}) == []


def test_a_form_of_an_applications_own_is_its_own_matter() -> None:
    assert mistakes({"questions": []}, {"a": 1}) == []


def test_the_action_that_submits_is_the_one_the_form_names() -> None:
    assert submits({}, "submit")
    assert not submits({"action": "book"}, "submit")
    assert submits({"action": "book"}, "book")
