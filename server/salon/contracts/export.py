"""The published form of the contracts: JSON Schema 2020-12 and AsyncAPI documents for `ui-contracts/schema/`."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from salon.contracts.asyncapi import asyncapi
from salon.contracts.components import CATALOG
from salon.contracts.examples.frames import client_frames, server_frames
from salon.contracts.types import Obj
from salon.contracts.wire import VERSION, ClientFrame, ServerFrame

WIRE = "wire.schema.json"
COMPONENTS = "components.schema.json"
ASYNCAPI = "asyncapi.json"
EXAMPLES = "examples.json"


class _Named(GenerateJsonSchema):
    """Titles are for definitions only: a property's name says enough."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        """Never."""
        return False


def write(directory: Path) -> list[Path]:
    """Writes every document into `directory`, which is made if need be; returns the files."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in documents().items():
        path = directory / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def check(directory: Path) -> list[str]:
    """What in `directory` is not what `write` would write, as sentences; empty when all is well."""
    wanted = documents()
    present = {path.name for path in directory.glob("*.json")}
    problems = [f"{name} is not a document of the contracts." for name in sorted(present - wanted.keys())]
    for name, text in wanted.items():
        if name not in present:
            problems.append(f"{name} is missing.")
        elif (directory / name).read_text(encoding="utf-8") != text:
            problems.append(f"{name} differs from the models.")
    return problems


def documents() -> dict[str, str]:
    """The text of every document by file name, the same on every machine."""
    wire, components = _wire(), _components()
    examples: Obj = {"client": [*client_frames()], "server": [*server_frames()]}
    whole = {WIRE: wire, COMPONENTS: components, ASYNCAPI: asyncapi(wire, WIRE), EXAMPLES: examples}
    return {name: _text(document) for name, document in whole.items()}


@cache
def schema_hash() -> str:
    """Twelve hexadecimal digits that change with wire.schema.json; told in `welcome`."""
    return hashlib.sha256(_text(_wire()).encode()).hexdigest()[:12]


def _wire() -> Obj:
    return {
        **_head("wire", "The frames of /ws/agent."),
        "anyOf": [{"$ref": "#/$defs/ClientFrame"}, {"$ref": "#/$defs/ServerFrame"}],
        "$defs": _definitions([ClientFrame, ServerFrame]),
    }


def _components() -> Obj:
    return {
        **_head("components", "The props of each component of the catalogue, by the component's name."),
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/{model.__name__}"} for name, model in CATALOG.items()},
        "additionalProperties": False,
        "$defs": _definitions(list(CATALOG.values())),
    }


def _head(name: str, description: str) -> Obj:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:salon:{name}:{VERSION}",
        "title": f"Salon {name}, version {VERSION}",
        "description": description,
    }


def _definitions(models: list[type[BaseModel]]) -> Obj:
    mode: JsonSchemaMode = "validation"
    _, schema = models_json_schema([(model, mode) for model in models], schema_generator=_Named)
    return cast(Obj, schema["$defs"])


def _text(document: Obj) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
