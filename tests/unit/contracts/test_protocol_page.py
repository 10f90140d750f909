"""docs/protocol.md says what the code does: its tables have the models' rows, its examples are valid frames."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from salon.contracts import export
from salon.contracts.actions import ActionPayload
from salon.contracts.components import CATALOG
from salon.contracts.decode import decode_client
from salon.contracts.events import RoomEvent
from salon.contracts.wire import ErrorCode, Limits, ServerFrame
from salon.errors import ERRORS, Close
from salon.hub.limits import Terms
from salon.settings import Settings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
WIRE = json.loads(export.documents()[export.WIRE])
LIMITS = Terms.of(Settings(), server="salon", schema_hash="x", mode="mock").limits


def examples() -> list[dict[str, object]]:
    """Every JSON value in the page's `json` blocks."""
    found, decoder = [], json.JSONDecoder()
    for block in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        rest = block.strip()
        while rest:
            value, end = decoder.raw_decode(rest)
            found.append(value)
            rest = rest[end:].strip()
    return found


def table(first_column: str) -> dict[str, list[str]]:
    """The rows of the table whose first heading is this, by their first cell."""
    [body] = re.findall(rf"^\| {re.escape(first_column)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    rows = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in body.splitlines()]
    return {cells[0].strip("`"): cells[1:] for cells in rows}


def fields(model: type[BaseModel], *tags: str) -> str:
    """A model's fields as the page names them."""
    shown = [(name, field.is_required()) for name, field in model.model_fields.items() if name not in tags]
    return ", ".join(f"`{name}`" if required else f"`{name}?`" for name, required in shown)


def meaning(model: type[BaseModel]) -> str:
    """A model's docstring in one line."""
    return " ".join((model.__doc__ or "").split())


def rows(union: object, tag: str) -> dict[str, list[str]]:
    """Each member of a tagged union: its tag, fields and meaning."""
    members: tuple[type[BaseModel], ...] = get_args(get_args(union)[0])
    names = [get_args(member.model_fields[tag].annotation)[0] for member in members]
    return {name: [fields(m, tag), meaning(m)] for name, m in zip(names, members, strict=True)}


def test_the_table_of_actions_is_that_of_the_models() -> None:
    assert table("`kind`") == rows(ActionPayload, "kind")


def test_the_table_of_events_is_that_of_the_models() -> None:
    assert table("`event`") == rows(RoomEvent, "event")


def test_the_table_of_components_is_the_catalogue() -> None:
    assert table("component") == {
        name: [fields(model), meaning(model).removeprefix(f"`{name}`: ")] for name, model in CATALOG.items()
    }


def test_the_table_of_errors_is_the_one_error_table() -> None:
    shown = table("`code`")
    assert [(code, cells[:2]) for code, cells in shown.items()] == [
        (code, [str(spec.status), "yes" if spec.retryable else "no"]) for code, spec in ERRORS.items()
    ]
    assert all(cells[2] for cells in shown.values())
    assert list(ERRORS) == list(get_args(ErrorCode))


def test_the_table_of_close_codes_is_that_of_the_server() -> None:
    shown = table("code")
    assert [(code, cells[:2]) for code, cells in shown.items()] == [
        (str(int(code)), [f"`{code.name.lower()}`", "yes" if code.reconnect else "no"]) for code in Close
    ]
    assert all(cells[2] for cells in shown.values())


def test_the_table_of_limits_has_the_defaults() -> None:
    shown = table("limit")
    assert list(shown) == list(Limits.model_fields)
    assert {name: cells[0] for name, cells in shown.items()} == {
        name: f"{value:,}" for name, value in LIMITS.model_dump().items()
    }


@pytest.mark.parametrize("example", examples(), ids=lambda e: e.get("payload", {}).get("kind", e["type"]))
def test_every_example_is_a_frame_that_one_side_takes(example: dict[str, object]) -> None:
    payload = example.get("payload")
    of_server = example["type"] in ("state_update", "error") or (isinstance(payload, dict) and "entries" in payload)
    if of_server:
        ServerFrame.model_validate(example)
        server = {**WIRE, "anyOf": [{"$ref": "#/$defs/ServerFrame"}]}
        assert list(Draft202012Validator(server).iter_errors(example)) == []
    else:
        read = decode_client(json.dumps(example), LIMITS, room="default", new_id=lambda: "a-1", now=1.0)
        assert read.type == example["type"]


def test_the_page_shows_a_frame_of_every_type() -> None:
    assert {example["type"] for example in examples()} == {"state_update", "action", "error", "ping", "pong"}
    assert len(examples()) >= 15


def test_links_lead_to_files() -> None:
    for target in re.findall(r"\]\((?!#|http)([^)#]+)", PAGE):
        assert (ROOT / "docs" / target).resolve().exists(), target
