import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from salon.contracts import export

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "ui-contracts"

DOCUMENTS: dict[str, Any] = {name: orjson.loads(text) for name, text in export.documents().items()}


@pytest.mark.requirement("S4-05")
def test_the_files_in_the_repository_are_those_of_the_models() -> None:
    assert export.check(PACKAGE) == [], "run `salon contracts`"


def test_what_was_written_is_found_in_order_and_what_was_changed_is_told(tmp_path: Path) -> None:
    target = tmp_path / "made" / "here"
    written = export.write(target)
    assert [path.relative_to(target).as_posix() for path in written] == list(export.files())
    assert export.check(target) == []
    written[0].write_text("{}\n", encoding="utf-8")
    written[1].unlink()
    (target / "src" / "generated.ts").write_text("export {};\n", encoding="utf-8")
    (target / "schema" / "old.json").write_text("{}\n", encoding="utf-8")
    assert export.check(target) == [
        "schema/old.json is not a document of the contracts.",
        f"schema/{written[0].name} differs from the models.",
        f"schema/{written[1].name} is missing.",
        "src/generated.ts differs from the models.",
    ]


def test_documents_are_sorted_and_end_with_a_line() -> None:
    for name, text in export.documents().items():
        assert text.endswith("}\n"), name
        document = orjson.loads(text)
        assert orjson.dumps(document) == orjson.dumps(document, option=orjson.OPT_SORT_KEYS), name


def test_the_hash_is_short_and_that_of_the_file() -> None:
    digest = hashlib.sha256((PACKAGE / "schema" / export.WIRE).read_bytes()).hexdigest()
    assert export.schema_hash() == digest[:12]


@pytest.mark.parametrize("name", [export.WIRE, export.COMPONENTS])
def test_a_schema_is_good_2020_12_and_has_a_name(name: str) -> None:
    schema = DOCUMENTS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].startswith("urn:salon:")
    assert schema["title"]
    assert all(found in schema["$defs"] for found in references(schema))


@pytest.mark.parametrize("name", [export.WIRE, export.COMPONENTS])
def test_a_schema_is_closed_its_integers_are_safe_and_nothing_has_a_format(name: str) -> None:
    schema = DOCUMENTS[name]
    for place, node in schemas(schema):
        assert "format" not in node, place
        if "properties" in node:
            assert node.get("additionalProperties") is False, f"{place} is open"
        if node.get("type") == "integer":
            assert node["maximum"] <= 2**53 - 1, place
            assert node["minimum"] >= -(2**53) + 1, place


@pytest.mark.parametrize("name", [export.WIRE, export.COMPONENTS])
def test_a_union_with_a_tag_asks_for_the_tag(name: str) -> None:
    schema = DOCUMENTS[name]
    unions = [node for _, node in schemas(schema) if "discriminator" in node]
    assert unions
    for node in unions:
        tag = node["discriminator"]["propertyName"]
        for alternative in node["oneOf"]:
            member = schema["$defs"][alternative["$ref"].rpartition("/")[2]]
            assert tag in member["required"]
            assert "default" not in member["properties"][tag]


def test_the_asyncapi_document_names_every_frame_with_valid_examples() -> None:
    document = DOCUMENTS[export.ASYNCAPI]
    wire = DOCUMENTS[export.WIRE]
    assert document["asyncapi"] == "3.0.0"
    [channel] = document["channels"].values()
    assert channel["address"] == "/ws/agent"
    messages = document["components"]["messages"]
    assert set(channel["messages"]) == set(messages)
    used = {ref["$ref"].rpartition("/")[2] for op in document["operations"].values() for ref in op["messages"]}
    assert used == set(messages)
    assert {op["action"] for op in document["operations"].values()} == {"send", "receive"}
    assert {"action.send", "action.events", "state_update.events", "state_update.welcome", "ping"} <= set(messages)
    for name, message in messages.items():
        assert message["examples"], name
        text = orjson.dumps(message["payload"]["schema"]).decode().replace(f"{export.WIRE}#", "#")
        validator = Draft202012Validator({**orjson.loads(text), "$defs": wire["$defs"]})
        for example in message["examples"]:
            assert list(validator.iter_errors(example["payload"])) == [], name


def test_the_contracts_know_no_event_loop_and_no_clock() -> None:
    for path in (ROOT / "server" / "salon" / "contracts").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {n.partition(".")[0] for n in names} & {"asyncio", "time", "socket", "threading"}, path.name


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].removeprefix("#/$defs/")
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def schemas(schema: dict[str, Any], place: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a document; names of properties are not keywords."""
    yield place, schema
    for keyword in ("$defs", "properties"):
        for name, child in schema.get(keyword, {}).items():
            yield from schemas(child, f"{place}/{keyword}/{name}")
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if isinstance(inner := schema.get(keyword), dict):
            yield from schemas(inner, f"{place}/{keyword}")
    for keyword in ("anyOf", "oneOf"):
        for index, child in enumerate(schema.get(keyword, ())):
            yield from schemas(child, f"{place}/{keyword}/{index}")
