"""The published form of the contracts, for the package in `ui-contracts/`: JSON Schema, AsyncAPI and TypeScript."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import cast

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from salon.contracts.actions import ActionPayload, WhenBusy
from salon.contracts.asyncapi import asyncapi
from salon.contracts.components import CATALOG, ImageUrl, Tone, WebUrl
from salon.contracts.events import RoomEvent, Rule
from salon.contracts.examples.frames import client_frames, server_frames
from salon.contracts.forms import FormField, Name
from salon.contracts.types import Id, Label, Obj, Part, PatchOp, Pointer, Pos, Role, Seq, Text, Ts
from salon.contracts.wire import VERSION, ClientFrame, ErrorCode, ServerFrame, StatePayload
from salon.contracts.zod import typescript

WIRE = "wire.schema.json"
COMPONENTS = "components.schema.json"
ASYNCAPI = "asyncapi.json"
EXAMPLES = "examples.json"
GENERATED = "src/generated.ts"

_INLINE: dict[str, TypeAdapter[object]] = {
    "Id": TypeAdapter(Id),
    "ImageUrl": TypeAdapter(ImageUrl),
    "Label": TypeAdapter(Label),
    "Name": TypeAdapter(Name),
    "Pointer": TypeAdapter(Pointer),
    "Pos": TypeAdapter(Pos),
    "Seq": TypeAdapter(Seq),
    "Text": TypeAdapter(Text),
    "Ts": TypeAdapter(Ts),
    "WebUrl": TypeAdapter(WebUrl),
    "ActionPayload": TypeAdapter(ActionPayload),
    "ErrorCode": TypeAdapter(ErrorCode),
    "FormField": TypeAdapter(FormField),
    "Part": TypeAdapter(Part),
    "PatchOp": TypeAdapter(PatchOp),
    "Role": TypeAdapter(Role),
    "RoomEvent": TypeAdapter(RoomEvent),
    "Rule": TypeAdapter(Rule),
    "StatePayload": TypeAdapter(StatePayload),
    "Tone": TypeAdapter(Tone),
    "WhenBusy": TypeAdapter(WhenBusy),
}
"""What a JSON Schema holds inline and a TypeScript program wants a name for."""


class _Named(GenerateJsonSchema):
    """Titles are for definitions only: a property's name says enough."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        """Never."""
        return False


def write(package: Path) -> list[Path]:
    """Writes every file into the folder of the npm package, which is made if need be; returns the files."""
    written = []
    for name, text in files().items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def check(package: Path) -> list[str]:
    """What in `package` is not what `write` would write, as sentences; empty when all is well."""
    wanted = files()
    present = {f"schema/{path.name}" for path in (package / "schema").glob("*.json")}
    problems = [f"{name} is not a document of the contracts." for name in sorted(present - wanted.keys())]
    for name, text in wanted.items():
        path = package / name
        if not path.exists():
            problems.append(f"{name} is missing.")
        elif path.read_text(encoding="utf-8") != text:
            problems.append(f"{name} differs from the models.")
    return problems


def files() -> dict[str, str]:
    """The text of everything written, by its path in the package."""
    return {f"schema/{name}": text for name, text in documents().items()} | {GENERATED: generated()}


def documents() -> dict[str, str]:
    """The text of every document by file name, the same on every machine."""
    wire, components = _wire(), _components()
    examples: Obj = {"client": [*client_frames()], "server": [*server_frames()]}
    whole = {WIRE: wire, COMPONENTS: components, ASYNCAPI: asyncapi(wire, WIRE), EXAMPLES: examples}
    return {name: _text(document) for name, document in whole.items()}


def generated() -> str:
    """The types and Zod schemas of everything that the JSON Schemas define."""
    inline = {name: cast(Obj, adapter.json_schema(schema_generator=_Named)) for name, adapter in _INLINE.items()}
    named = {name: {key: schema[key] for key in schema if key != "$defs"} for name, schema in inline.items()}
    definitions = {**cast(dict[str, Obj], _wire()["$defs"]), **cast(dict[str, Obj], _components()["$defs"])}
    return typescript(definitions, named, {name: model.__name__ for name, model in CATALOG.items()})


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
