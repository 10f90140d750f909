"""Turns what a person types into the value that a question's JSON Schema asks for. Pure."""

import json
from dataclasses import dataclass

from salon.cli.reading.clean import brief, clean
from salon.contracts.events import Interrupted
from salon.contracts.types import Json, Obj

YES = frozenset({"y", "yes", "ok", "true", "approve"})
NO = frozenset({"n", "no", "false", "reject", "deny"})


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask: `name` is None when the answer itself is the value."""

    name: str | None
    schema: Obj

    @property
    def choices(self) -> list[Json]:
        """The values to choose from; empty when any value of the type will do."""
        listed = self.schema.get("enum")
        return listed if isinstance(listed, list) else []

    def label(self) -> str:
        """What the prompt says."""
        title = self.schema.get("title") or self.schema.get("description") or self.name or "answer"
        words = clean(str(title)).strip().rstrip("?:.")
        if self.choices:
            return f"{words} [{'/'.join(str(i) for i in range(1, len(self.choices) + 1))}]"
        return f"{words} [y/n]" if self.schema.get("type") == "boolean" else words


@dataclass(frozen=True, slots=True)
class Unfit:
    """The text is no answer to the question; `hint` says what is."""

    hint: str


def fields(question: Interrupted) -> list[Field]:
    """What has to be asked, in order, to answer the question: one field, or one per required property of an object."""
    schema = question.response_schema
    if schema is None:
        # An approval that does not say what it wants to hear is answered with yes or no, anything else in words.
        kind = "boolean" if question.reason == "approval" or question.call is not None else "string"
        return [Field(None, {"type": kind, "title": question.reason})]
    properties = schema.get("properties")
    if schema.get("type") == "object" and isinstance(properties, dict):
        listed = schema.get("required")
        required = listed if isinstance(listed, list) and listed else list(properties)
        asked = {name: inner if isinstance(inner, dict) else {} for name, inner in properties.items()}
        return [Field(name, inner) for name, inner in asked.items() if name in required]
    return [Field(None, {"title": question.reason, **schema})]


def parse(field: Field, text: str) -> Json | Unfit:
    """The value that `text` means for `field`."""
    text = text.strip()
    if field.choices:
        return _choice(field.choices, text)
    match field.schema.get("type"):
        case "boolean":
            if text.lower() in YES or text.lower() in NO:
                return text.lower() in YES
            return Unfit("type y or n (or /skip to decline)")
        case "integer" | "number" as kind:
            try:
                return int(text) if kind == "integer" else float(text)
            except ValueError:
                return Unfit(f"type a {'whole number' if kind == 'integer' else 'number'}")
        case "array" | "object":
            return _structure(text)
        case _:
            return text or Unfit("type an answer (or /skip to decline)")


def compose(asked: list[Field], values: list[Json]) -> Json:
    """The answer made of its fields' values."""
    if len(asked) == 1 and asked[0].name is None:
        return values[0]
    return {field.name: value for field, value in zip(asked, values, strict=True) if field.name is not None}


def _choice(choices: list[Json], text: str) -> Json | Unfit:
    if text.isdecimal() and 1 <= int(text) <= len(choices):
        return choices[int(text) - 1]
    for choice in choices:
        if brief(choice).lower() == text.lower():
            return choice
    return Unfit("type the number of one of: " + ", ".join(f"{i} {brief(c)}" for i, c in enumerate(choices, 1)))


def _structure(text: str) -> Json | Unfit:
    try:
        value: Json = json.loads(text)
    except ValueError:
        return Unfit("type it as JSON")
    return value
