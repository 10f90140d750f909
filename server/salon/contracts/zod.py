"""The TypeScript form of the contracts: for each definition of a JSON Schema a type and a schema for Zod.

Knows no model, only JSON Schema; fails on every keyword that it does not translate.
"""

import json
import re
from collections.abc import Callable, Mapping
from graphlib import CycleError, TopologicalSorter
from textwrap import wrap
from typing import cast

from salon.contracts.types import Json, Obj

_ANNOTATIONS = {"default", "description", "title"}
_RANGE = {"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"}
_KEYWORDS: dict[str, set[str]] = {
    "$ref": set(),
    "const": {"type"},
    "enum": {"type"},
    "oneOf": {"discriminator"},
    "anyOf": set(),
    "array": {"items", "maxItems", "minItems", "type"},
    "boolean": {"type"},
    "integer": {*_RANGE, "type"},
    "null": {"type"},
    "number": {*_RANGE, "type"},
    "object": {"additionalProperties", "properties", "required", "type"},
    "string": {"maxLength", "minLength", "pattern", "type"},
}
"""What a schema of each form may say besides: by the keyword that makes it one, or by its type."""

_HEAD = """\
// Written by `salon contracts` from the models in server/salon/contracts. Do not edit it: a test fails when it differs.
import { z } from "zod";

import { absent, record, text } from "./scalars.js";
"""
_REF = "#/$defs/"
_WIDTH = 120
_BOUNDS = {"minimum": "gte", "maximum": "lte", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}
_SAFE = {"minimum": -(2**53) + 1, "maximum": 2**53 - 1}  # the bounds that `z.int()` has anyway


class Untranslatable(Exception):
    """A JSON Schema says something that has no known counterpart in Zod: teach the emitter, or say it otherwise."""


def typescript(definitions: Mapping[str, Obj], names: Mapping[str, Obj], catalogue: Mapping[str, str]) -> str:
    """The text of a TypeScript module that exports each definition under its name, once as a type and once as a schema.

    `names` are shapes that the definitions only hold inline and that readers want to name; `catalogue` tells the
    definition of each component's props. Raises Untranslatable.
    """
    whole = {name: _named(schema, names) for name, schema in definitions.items()}
    whole |= {name: _named(schema, {n: s for n, s in names.items() if n != name}) for name, schema in names.items()}
    parts = [_HEAD]
    for name in _ordered(whole):
        schema = whole[name]
        value = _schema(name, schema, recursive=name in _references(schema))  # first: it is more particular
        parts += [_comment(schema), _type(name, schema), value]
    return "\n".join(part for part in [*parts, _catalogue(catalogue)] if part)


def _catalogue(catalogue: Mapping[str, str]) -> str:
    return "\n".join(
        [
            "/** The props of each component of the catalogue, by the component's name. */",
            "export interface Catalogue {",
            *[f"    {_key(name)}: {props};" for name, props in catalogue.items()],
            "}",
            "export const Catalogue = {",
            *[f"    {_key(name)}: {props}," for name, props in catalogue.items()],
            "} satisfies { [Name in keyof Catalogue]: z.ZodType<Catalogue[Name]> };\n",
        ]
    )


def _named(schema: Json, names: Mapping[str, Obj]) -> Obj:
    """The schema with references in the place of shapes that have a name."""
    return cast(Obj, _replaced(schema, {json.dumps(shape, sort_keys=True): name for name, shape in names.items()}))


def _replaced(schema: Json, names: Mapping[str, str]) -> Json:
    if isinstance(schema, list):
        return [_replaced(child, names) for child in schema]
    if not isinstance(schema, dict):
        return schema
    name = names.get(json.dumps({key: schema[key] for key in schema if key != "default"}, sort_keys=True))
    if name is not None:
        return {"$ref": _REF + name}
    return {key: _replaced(child, names) for key, child in schema.items()}


def _ordered(definitions: Mapping[str, Obj]) -> list[str]:
    """The names, each after those that its schema refers to."""
    needed = {name: sorted(_references(definitions[name]) - {name}) for name in sorted(definitions)}
    try:
        return list(TopologicalSorter(needed).static_order())
    except CycleError as error:
        raise Untranslatable(f"definitions refer to each other: {' > '.join(error.args[1])}") from None


def _references(schema: Json) -> set[str]:
    if isinstance(schema, list):
        return {name for child in schema for name in _references(child)}
    if not isinstance(schema, dict):
        return set()
    found = {_target(schema)} if "$ref" in schema else set()
    return found | {name for key, child in schema.items() if key != "discriminator" for name in _references(child)}


def _target(schema: Obj) -> str:
    return str(schema["$ref"]).removeprefix(_REF)


def _comment(schema: Obj) -> str:
    paragraphs = str(schema.get("description", "")).split("\n\n")
    lines = [line for paragraph in paragraphs for line in wrap(paragraph, _WIDTH - 8)]
    if len(lines) == 1:
        return f"/** {lines[0]} */"
    return "\n".join(["/**", *[f" * {line}" for line in lines], " */"]) if lines else ""


# Types


def _type(name: str, schema: Obj) -> str:
    if "properties" not in schema:
        one_line = f"export type {name} = {_type_of(schema, name)};"
        return one_line if len(one_line) <= _WIDTH else one_line.replace(" = ", " = | ").replace(" | ", "\n    | ")
    required = _required(schema)
    lines = [
        f"    {_key(key)}: {_type_of(child, f'{name}.{key}')};"
        if key in required
        else f"    {_key(key)}?: {_type_of(_present(child, f'{name}.{key}'), f'{name}.{key}')} | undefined;"
        for key, child in _properties(schema).items()
    ]
    return "\n".join([f"export interface {name} {{", *lines, "}"])


def _type_of(schema: Obj, place: str) -> str:
    match schema:
        case {"$ref": _}:
            return _target(schema)
        case {"const": value}:
            return json.dumps(value)
        case {"enum": list(values)}:
            return " | ".join(json.dumps(value) for value in values)
        case {"anyOf": list(members)} | {"oneOf": list(members)}:
            return " | ".join(dict.fromkeys(_type_of(_object(member), place) for member in members))
        case {"type": "array"}:
            inner = _type_of(_object(schema.get("items")), f"{place}[]")
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        case {"type": "object"}:
            return f"{{ [key: string]: {_type_of(_object(schema.get('additionalProperties')), place)} }}"
        case {"type": "integer" | "number"}:
            return "number"
        case {"type": "string" | "boolean" | "null" as simple}:
            return str(simple)
    raise Untranslatable(f"{place}: no type for {json.dumps(schema)}")


# Schemas


def _schema(name: str, schema: Obj, *, recursive: bool) -> str:
    if "properties" in schema:  # that it is of its type shows where a union takes it
        return f"export const {name} = {_zod(schema, name)};\n"
    # The inferred types of a union, spelled out wherever it is used, would come to half a megabyte.
    value = f"z.lazy(() => {_zod(schema, name)})" if recursive else _zod(schema, name)
    return f"export const {name}: z.ZodType<{name}> = {value};\n"


def _check(schema: Obj, place: str) -> None:
    form = next((word for word in _KEYWORDS if word in schema), str(schema.get("type")))
    if unknown := schema.keys() - _KEYWORDS.get(form, set()) - _ANNOTATIONS - {form}:
        raise Untranslatable(f"{place}: no translation for {', '.join(sorted(unknown))}")


def _zod(schema: Obj, place: str) -> str:
    _check(schema, place)
    match schema:
        case {"$ref": _}:
            return _target(schema)
        case {"const": str() | bool() | int() as value}:
            return f"z.literal({json.dumps(value)})"
        case {"enum": list(values)} if all(isinstance(value, str) for value in values):
            return _call("z.enum([", [json.dumps(value) for value in values], "])")
        case {"oneOf": list(members), "discriminator": {"propertyName": str() as tag}}:
            inner = [_zod(_object(member), place) for member in members]
            return _call(f"z.discriminatedUnion({json.dumps(tag)}, [", inner, "])")
        case {"anyOf": list(members)}:
            return _call("z.union([", [_zod(_object(member), place) for member in members], "])")
        case {"type": str() as kind} if kind in _OF_TYPE:
            return _OF_TYPE[kind](schema, place)
    raise Untranslatable(f"{place}: no translation for {json.dumps(schema)}")


def _keyed(schema: Obj, place: str) -> str:
    if "properties" in schema:
        return _strict_object(schema, place)
    return f"record({_zod(_object(schema.get('additionalProperties')), f'{place}.*')})"


def _list(schema: Obj, place: str) -> str:
    counts = {"min": schema.get("minItems"), "max": schema.get("maxItems")}
    return f"z.array({_zod(_object(schema.get('items')), f'{place}[]')})" + _chain(counts)


def _integer(schema: Obj, _: str) -> str:
    bounds = {word: schema[word] for word in _BOUNDS if schema.get(word) not in (None, _SAFE.get(word))}
    return "z.int()" + _chain({_BOUNDS[word]: bound for word, bound in bounds.items()})


def _number(schema: Obj, _: str) -> str:
    return "z.number()" + _chain({method: schema.get(word) for word, method in _BOUNDS.items()})


def _strict_object(schema: Obj, place: str) -> str:
    if schema.get("additionalProperties") is not False:
        raise Untranslatable(f"{place}: an object with named properties has to be closed")
    required, fields = _required(schema), _properties(schema)
    if unknown := required - fields.keys():
        raise Untranslatable(f"{place}: asks for {', '.join(sorted(unknown))}, which it does not describe")
    entries = []
    for key, child in fields.items():
        if key in required:
            entries.append(f"{_key(key)}: {_zod(child, f'{place}.{key}')}")
        else:
            entries.append(f"{_key(key)}: absent({_zod(_present(child, f'{place}.{key}'), f'{place}.{key}')})")
    return "\n".join(["z.strictObject({", *[f"    {_indented(entry)}," for entry in entries], "})"])


def _present(schema: Obj, place: str) -> Obj:
    """What an optional property is where it is there: not null, which the contracts read as absent."""
    _check(schema, place)
    match schema:
        case {"anyOf": [*members, {"type": "null"}], "default": None}:
            return _object(members[0]) if len(members) == 1 else {"anyOf": members}
        case {"$ref": _} if schema.get("default", "none") is None:
            return {"$ref": schema["$ref"]}
        case _:
            raise Untranslatable(f"{place}: optional, and not null when absent: {json.dumps(schema)}")


def _text(schema: Obj, _: str) -> str:
    told = {key: schema[word] for key, word in (("min", "minLength"), ("max", "maxLength")) if word in schema}
    options = [f"{key}: {value}" for key, value in told.items()]
    if "pattern" in schema:
        pattern = re.sub(r"(?<!\\)/", r"\\/", str(schema["pattern"]))
        options.append(f"pattern: /{pattern}/u")
    return f"text({{ {', '.join(options)} }})" if options else "text()"


_OF_TYPE: dict[str, Callable[[Obj, str], str]] = {
    "array": _list,
    "boolean": lambda *_: "z.boolean()",
    "integer": _integer,
    "null": lambda *_: "z.null()",
    "number": _number,
    "object": _keyed,
    "string": _text,
}


def _chain(calls: Mapping[str, Json]) -> str:
    return "".join(f".{method}({json.dumps(value)})" for method, value in calls.items() if value is not None)


def _call(opening: str, arguments: list[str], closing: str) -> str:
    one_line = opening + ", ".join(arguments) + closing
    if len(one_line) < _WIDTH // 2 and "\n" not in one_line:
        return one_line
    return "\n".join([opening, *[f"    {_indented(argument)}," for argument in arguments], closing])


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else json.dumps(name)


def _properties(schema: Obj) -> dict[str, Obj]:
    return {key: _object(child) for key, child in _object(schema["properties"]).items()}


def _required(schema: Obj) -> set[str]:
    return {str(key) for key in cast(list[Json], schema.get("required", []))}


def _object(value: Json) -> Obj:
    if not isinstance(value, dict):
        raise Untranslatable(f"not a schema: {json.dumps(value)}")
    return value
