import io
from typing import Any

import pytest
from rich.console import Console

from salon.cli.terminal.surfaces import draw
from salon.contracts.components import CATALOG
from salon.contracts.events import UiPut

PROPS: dict[str, dict[str, Any]] = {
    "text": {"text": "A plain word.", "tone": "warning"},
    "markdown": {"text": "# Title\n\nSome *words*."},
    "card": {
        "title": "Card",
        "subtitle": "sub",
        "text": "body",
        "link": "https://example.org/a",
        "buttons": [{"name": "go", "label": "Go"}],
        "children": ["u2"],
        "tone": "info",
    },
    "list": {"title": "Todo", "items": [{"text": "one", "done": True}, {"text": "two", "detail": "later"}]},
    "table": {
        "title": "Stock",
        "columns": [{"key": "a", "label": "Product"}, {"key": "n"}],
        "rows": [{"a": "tea", "n": 12}, {"a": "rice"}],
        "caption": "today",
    },
    "chart": {
        "title": "Sales",
        "kind": "bar",
        "labels": ["Q1", "Q2", "Q3"],
        "unit": "EUR",
        "series": [{"name": "2025", "values": [10, 40, None]}, {"name": "2026", "values": [5, -20, 2.5]}],
    },
    "form": {
        "title": "Trip",
        "fields": [
            {"type": "text", "name": "to", "label": "Where to", "required": True},
            {"type": "boolean", "name": "car", "label": "By car", "value": True},
            {
                "type": "choice",
                "name": "c",
                "label": "Class",
                "value": "2",
                "options": [{"value": "1"}, {"value": "2"}],
            },
            {"type": "choices", "name": "x", "label": "Extras", "options": [{"value": "wifi", "label": "Wi-Fi"}]},
            {"type": "integer", "name": "n", "label": "Nights", "value": 3, "help": "at most 9"},
        ],
    },
    "buttons": {"text": "Which?", "buttons": [{"name": "a", "label": "This"}, {"name": "b", "label": "That"}]},
    "progress": {"label": "Work", "value": 0.5, "status": "running", "text": "half way"},
    "image": {"url": "https://example.org/cat.png", "alt": "a cat", "caption": "ours"},
    "code": {"code": "print('hello')", "language": "python"},
    "plan": {
        "title": "Week",
        "steps": [
            {"id": "1", "text": "think", "status": "done", "agent": "planner"},
            {"id": "2", "text": "act", "status": "pending"},
        ],
    },
    "document": {"title": "Letter", "text": "Dear **Ann**", "status": "draft"},
    "approval": {"title": "Send?", "status": "pending", "facts": [{"label": "To", "value": "ann"}], "text": "really"},
}
EXPECTED = {
    "text": ["A plain word."],
    "markdown": ["Title", "Some words."],
    "card": ["Card", "sub", "body", "https://example.org/a", "[ Go ]", "with u2"],
    "list": ["Todo", "☑ one", "two  later"],
    "table": ["Product", "tea", "12", "rice", "today"],
    "chart": ["Sales", "2025", "2026", "Q2 ████████████████████████████████████████ 40 EUR", "-20 EUR", "2.5 EUR"],
    "form": ["Where to*: ________", "By car: ☑", "○ 1  ◉ 2", "○ Wi-Fi", "Nights: 3  at most 9"],
    "buttons": ["Which?", "[ This ]  [ That ]"],
    "progress": ["Work ████████████░░░░░░░░░░░░ 50%", "half way"],
    "image": ["[picture: a cat]", "https://example.org/cat.png", "ours"],
    "code": ["print('hello')"],
    "plan": ["Week", "● 1. think  planner", "○ 2. act"],
    "document": ["Letter", "draft", "Dear Ann"],
    "approval": ["Send?", "really", "To: ann", "waits for an answer"],
}


def drawn(component: str, props: dict[str, Any], *, changed: bool = False) -> str:
    out = io.StringIO()
    surface = UiPut(event="ui.put", surface="u1", owner="analyst", component=component, props=props, version=1)
    Console(file=out, width=100).print(draw(surface, changed=changed))
    return out.getvalue()


def test_every_component_of_the_catalogue_has_an_example_here() -> None:
    assert PROPS.keys() == CATALOG.keys() == EXPECTED.keys()


@pytest.mark.parametrize("component", PROPS)
def test_a_component_is_drawn_readably(component: str) -> None:
    shown = drawn(component, PROPS[component])
    for words in EXPECTED[component]:
        assert words in shown
    assert f"{component} by analyst" in shown


def test_a_changed_surface_says_so() -> None:
    assert "text by analyst, changed" in drawn("text", {"text": "x"}, changed=True)


def test_a_component_of_an_applications_own_is_drawn_as_a_tree() -> None:
    shown = drawn("seat-map", {"title": "Flight", "rows": [{"seat": "1A", "free": True}], "price": 12})
    assert "Flight" in shown
    assert "seat: 1A, free: yes" in shown
    assert "price: 12" in shown


def test_props_that_do_not_fit_their_component_are_drawn_as_they_are() -> None:
    assert "kind: spiral" in drawn("chart", {"kind": "spiral"})
    assert "(empty)" in drawn("chart", {})


def test_long_tables_are_cut_and_the_rest_is_counted() -> None:
    rows = [{"n": n} for n in range(100)]
    assert "… and 60 more" in drawn("table", {"columns": [{"key": "n"}], "rows": rows})


def test_a_pie_shows_shares() -> None:
    props = {"kind": "pie", "labels": ["a", "b"], "series": [{"name": "s", "values": [1, 3]}]}
    assert "75%" in drawn("chart", props)


def test_a_scatter_chart_is_labelled_by_its_places() -> None:
    props = {"kind": "scatter", "x_label": "t", "series": [{"name": "s", "values": [1, 2], "x": [0.5, 7]}]}
    shown = drawn("chart", props)
    assert "0.5 █" in shown
    assert "7 █" in shown


def test_escape_codes_and_markup_in_props_are_not_obeyed() -> None:
    shown = drawn("text", {"text": "\x1b[31mred\x1b[0m [bold]x[/bold]"})
    assert "\x1b" not in shown
    assert "[bold]x[/bold]" in shown
