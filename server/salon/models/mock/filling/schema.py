"""Reads JSON schemas: references followed, `allOf` merged, types guessed where they are left out. Pure."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
"""A JSON schema; `Any` because it is user data, checked key by key."""

_DEEPEST = 16
_HINTS = {
    "properties": "object",
    "required": "object",
    "items": "array",
    "prefixItems": "array",
    "format": "string",
    "pattern": "string",
    "minLength": "string",
    "maxLength": "string",
    "minimum": "number",
    "maximum": "number",
    "exclusiveMinimum": "number",
    "exclusiveMaximum": "number",
    "multipleOf": "number",
}


def kind_of(schema: Schema) -> str | None:
    """The type that a value should have, or None when anything goes."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if kind is None:
        kind = next((hint for key, hint in _HINTS.items() if key in schema), None)
    return str(kind) if kind is not None else None


def flat(schema: Schema, whole: Schema, depth: int = 0) -> Schema:
    """The schema with its `$ref` followed and its `allOf` merged.

    Args:
        schema: a part of `whole`.
        whole: where references point into.
        depth: how many references have been followed to get here.
    """
    while "$ref" in schema and depth < _DEEPEST:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**_target(str(schema["$ref"]), whole), **rest}
        depth += 1
    parts = schema.get("allOf")
    if not parts or depth >= _DEEPEST:
        return schema
    merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in parts:
        for key, value in flat(part, whole, depth + 1).items():
            if key == "properties":
                merged[key] = {**value, **merged.get(key, {})}
            elif key == "required":
                merged[key] = list(dict.fromkeys([*merged.get(key, []), *value]))
            else:
                merged.setdefault(key, value)
    return merged


def _target(reference: str, whole: Schema) -> Schema:
    target: object = whole
    for escaped in reference.lstrip("#/").split("/"):
        key = escaped.replace("~1", "/").replace("~0", "~")
        target = target.get(key) if isinstance(target, Mapping) else None
    return target if isinstance(target, Mapping) else {}
