import re
from collections.abc import Iterator

import orjson
import pytest
from jsonschema import Draft202012Validator

from salon.contracts import export
from salon.contracts.components import CATALOG, check_props
from salon.contracts.types import Json, Obj
from salon.errors import RequestError

BUTTON: Obj = {"name": "go", "label": "Go", "style": "primary", "context": {"id": 7}}

EXAMPLES: dict[str, Obj] = {
    "text": {"text": "Hello", "tone": "info"},
    "markdown": {"text": "**Hello**"},
    "card": {"title": "T", "image": "https://example.org/a.png", "buttons": [BUTTON], "children": ["other-surface"]},
    "list": {"items": [{"text": "Milk", "done": False}, {"text": "Bread", "link": "https://example.org/?q=a%20b#c"}]},
    "table": {
        "columns": [{"key": "city", "label": "City"}, {"key": "n", "align": "right"}],
        "rows": [{"city": "Basel", "n": 3}, {"city": "Bern", "n": 2.5}, {"city": None}, {"city": True}],
    },
    "chart": {"kind": "line", "labels": ["a", "b"], "series": [{"name": "x", "values": [1, None]}], "unit": "CHF"},
    "form": {
        "fields": [
            {"type": "text", "name": "who", "label": "Who", "required": True, "min_length": 2, "value": "Ada"},
            {"type": "integer", "name": "n", "label": "How many", "minimum": 0, "maximum": 10, "value": 3},
            {"type": "boolean", "name": "ok", "label": "Fine?", "value": True},
            {
                "type": "choice",
                "name": "one",
                "label": "One",
                "options": [{"value": "a"}, {"value": "b", "label": "B"}],
            },
            {"type": "choices", "name": "many", "label": "Many", "options": [{"value": "a"}], "value": ["a"]},
        ],
        "submit": "Book",
        "action": "book",
    },
    "buttons": {"buttons": [BUTTON]},
    "progress": {"label": "Reading", "value": 1, "status": "running"},
    "image": {"url": "data:image/png;base64,iVBORw0KGgo=", "alt": "A dot", "width": 1},
    "code": {"code": "print(1)", "language": "python"},
    "plan": {"title": "Trip", "steps": [{"id": "1", "text": "Pack", "status": "done", "agent": "planner"}]},
    "document": {"title": "Report", "text": "# Sales", "editable": True, "status": "draft"},
    "approval": {"title": "Send?", "status": "pending", "facts": [{"label": "To", "value": "all"}], "interrupt": "i-1"},
}


DOCUMENTS = {name: orjson.loads(text) for name, text in export.documents().items()}
SCHEMA = Draft202012Validator(DOCUMENTS[export.COMPONENTS])


def refusal(component: str, props: Obj) -> RequestError:
    with pytest.raises(RequestError) as caught:
        check_props(component, props)
    assert caught.value.details
    assert caught.value.code == "bad_request"
    return caught.value


def test_the_catalogue_has_the_promised_names() -> None:
    assert list(CATALOG) == list(EXAMPLES)
    promised = "text markdown card list table chart form buttons progress image code"
    assert set(promised.split()) <= set(CATALOG)
    for name, model in CATALOG.items():
        assert (model.__doc__ or "").startswith(f"`{name}`: "), "a definition's description begins with its name"


@pytest.mark.requirement("S4-21")
@pytest.mark.parametrize("component", CATALOG)
def test_good_props_pass_as_they_are_and_satisfy_the_exported_schema(component: str) -> None:
    props = EXAMPLES[component]
    assert check_props(component, props) == props
    assert list(SCHEMA.iter_errors({component: props})) == []


@pytest.mark.parametrize("component", CATALOG)
def test_absent_optionals_may_be_null_and_are_left_out(component: str) -> None:
    optional = [name for name, field in CATALOG[component].model_fields.items() if not field.is_required()]
    padded: Obj = {**dict.fromkeys(optional), **EXAMPLES[component]}
    assert list(SCHEMA.iter_errors({component: padded})) == []
    assert check_props(component, padded) == EXAMPLES[component]


@pytest.mark.parametrize("component", CATALOG)
def test_unknown_props_are_named(component: str) -> None:
    error = refusal(component, {**EXAMPLES[component], "onClick": "alert(1)"})
    assert [(d.path, d.code) for d in error.details] == [("/props/onClick", "extra_forbidden")]
    assert error.message.startswith(f"Props of {component}: `onClick` is not known here")


@pytest.mark.parametrize(
    ("component", "change", "path"),
    [
        ("text", {"text": 5}, "/props/text"),
        ("text", {"tone": "loud"}, "/props/tone"),
        ("card", {"children": ["no id"]}, "/props/children/0"),
        ("card", {"link": "javascript:alert(1)"}, "/props/link"),
        ("card", {"link": "data:image/png;base64,AA=="}, "/props/link"),
        ("card", {"buttons": [{"name": "go"}]}, "/props/buttons/0/label"),
        ("list", {"items": [{"text": "a"}] * 501}, "/props/items"),
        ("table", {"rows": [{}] * 501}, "/props/rows"),
        ("table", {"rows": [{"city": ["Basel"]}]}, "/props/rows/0/city"),
        ("table", {"columns": []}, "/props/columns"),
        ("chart", {"kind": "radar"}, "/props/kind"),
        ("chart", {"series": [{"name": "x", "values": ["1"]}]}, "/props/series/0/values/0"),
        ("chart", {"series": []}, "/props/series"),
        ("form", {"fields": [{"type": "password", "name": "p", "label": "P"}]}, "/props/fields/0/type"),
        ("form", {"fields": [{"type": "text", "name": "1 p", "label": "P"}]}, "/props/fields/0/name"),
        ("form", {"fields": [{"type": "choice", "name": "p", "label": "P"}]}, "/props/fields/0/options"),
        ("form", {"fields": [{"type": "integer", "name": "p", "label": "P", "x": 1}]}, "/props/fields/0/x"),
        ("buttons", {"buttons": []}, "/props/buttons"),
        ("progress", {"value": 1.01}, "/props/value"),
        ("image", {"url": "data:image/svg+xml;base64,AA=="}, "/props/url"),
        ("image", {"url": "//example.org/a.png"}, "/props/url"),
        ("image", {"url": "https://example.org/a b.png"}, "/props/url"),
        ("image", {"alt": ""}, "/props/alt"),
        ("code", {"code": None}, "/props/code"),
        ("plan", {"steps": [{"id": "1", "text": "a", "status": "maybe"}]}, "/props/steps/0/status"),
    ],
)
def test_bad_props_are_named(component: str, change: Obj, path: str) -> None:
    props = {**EXAMPLES[component], **change}
    error = refusal(component, props)
    assert error.details[0].path == path
    assert list(SCHEMA.iter_errors({component: props})), "the exported schema refuses them too"


def test_addresses_are_explained_in_words() -> None:
    assert refusal("image", {"url": "ftp://x", "alt": "x"}).message == (
        "Props of image: `url` must be an http:// or https:// address, percent-encoded, "
        "or a base64 data:image/… of a bitmap."
    )


@pytest.mark.parametrize("kind", ["line", "bar", "area", "pie"])
def test_a_chart_needs_a_label_for_every_value(kind: str) -> None:
    props: Obj = {"kind": kind, "series": [{"name": "x", "values": [1, 2]}, {"name": "y", "values": [1]}]}
    assert check_props("chart", {**props, "series": props["series"][:1], "labels": ["a", "b"]})  # type: ignore[index]
    for labels in ([], ["a"], ["a", "b"], None):
        error = refusal("chart", {**props, "labels": labels})  # type: ignore[dict-item]
        assert error.details[-1].path == ("/props/series/0/values" if labels == ["a"] else "/props/series/1/values")


def test_a_scatter_chart_needs_a_place_for_every_value() -> None:
    def chart(**series: Json) -> Obj:
        return {"kind": "scatter", "series": [{"name": "s", **series}]}

    assert check_props("chart", chart(x=[1, 2.5], values=[3, 4])) == chart(x=[1, 2.5], values=[3, 4])
    assert "`x`" in refusal("chart", chart(values=[3, 4])).message
    assert "`x`" in refusal("chart", chart(x=[1], values=[3, 4])).message


def test_components_of_an_application_pass_untouched() -> None:
    props: Obj = {"anything": [1, None, {"deep": True}]}
    assert check_props("acme/seat-map.v2", props) is props
    for name in ("", "1st", "seat map", "<b>", "a" * 101):
        assert [d.path for d in refusal(name, props).details] == ["/component"]


def test_a_value_that_fits_no_alternative_is_one_problem() -> None:
    cell = refusal("table", {"columns": [{"key": "a"}], "rows": [{"a": [1]}]})
    assert [d.message for d in cell.details] == ["`rows[0].a` must be true or false, a number or a string."]
    long = refusal("table", {"columns": [{"key": "a"}], "rows": [{"a": "x" * 5_000}]})
    assert [d.message for d in long.details] == ["`rows[0].a` must have at most 4096 characters."]


def test_long_values_are_not_repeated_in_the_error() -> None:
    error = refusal("image", {"url": "x" * 100_000, "alt": "y" * 100_000})
    assert len(error.message) < 300
    assert all(len(detail.message) < 300 for detail in error.details)


def patterns(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        found = value.get("pattern")
        if isinstance(found, str):
            yield found
        for child in value.values():
            yield from patterns(child)
    elif isinstance(value, list):
        for child in value:
            yield from patterns(child)


def test_patterns_mean_the_same_in_python_and_in_javascript_with_the_flag_u() -> None:
    found = {p for name in (export.WIRE, export.COMPONENTS) for p in patterns(DOCUMENTS[name])}
    assert len(found) >= 5
    for pattern in found:
        re.compile(pattern)
        assert pattern.startswith("^")
        assert pattern.endswith("$")
        # What both dialects read alike: no class such as \d, no lookaround, no needless escape (u refuses it).
        assert re.findall(r"\\(.)", pattern) in ([], ["[", "]"], ["[", "]", "[", "]"]), pattern
        assert not re.search(r"\(\?(?!:)", pattern), pattern
        assert pattern.isascii()
