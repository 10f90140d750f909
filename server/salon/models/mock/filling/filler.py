"""Fills a JSON schema from a request: what the text gives, and something plausible where the schema insists. Pure.

What it returns validates against the schema, as far as that can be had without solving a pattern.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

from salon.models.mock.filling.fields import (
    formatted,
    known_format,
    mentions,
    text_for,
    wants_document,
    wants_request,
)
from salon.models.mock.filling.fit import bounds, fit_number, fit_text, unique
from salon.models.mock.filling.plausible import plausible_items, plausible_number, plausible_rows, plausible_text
from salon.models.mock.filling.request import Request
from salon.models.mock.filling.schema import Schema, flat, kind_of
from salon.models.words import content_words, split_words, stem

_DEEPEST = 8
_COUNTS = frozenset(("n", "count", "limit", "number", "max", "top", "quantity", "size", "results"))
_EXPLICIT = frozenset(("steps", "tasks", "todos", "milestones", "agenda", "phases", "columns", "headers", "fields"))
"""Lists that a mere "and" in the text does not give; they take a colon or quotes."""
_NO = frozenset(("no", "not", "without", "don't", "never"))


class _Nothing(Enum):
    NOTHING = "nothing"


NOTHING: Final = _Nothing.NOTHING
"""The text says nothing for this schema; unlike None, which is JSON's null."""


@dataclass(slots=True)
class Filler:
    """Fills one schema.

    Args:
        request: the text to take values from.
        schema: the whole schema, for `$ref`.
        seed: makes made-up values differ between conversations.
        long_text: a text to put into fields that hold a document, an email or a story.
    """

    request: Request
    schema: Schema
    seed: int = 0
    long_text: str = ""
    _quotes_used: int = 0
    _numbers_used: set[int] = field(default_factory=set)
    _length: int | None = None  # of the first list, since labels and values go together

    def fill(self) -> object:
        """A value for the whole schema."""
        value = self._value(self.schema, "", required=True, depth=0)
        return None if value is NOTHING else value

    def _value(self, schema: object, name: str, *, required: bool, depth: int) -> object:
        if not isinstance(schema, Mapping):
            return {} if required and schema is not False else NOTHING  # `true` accepts anything
        schema = flat(schema, self.schema)
        if "const" in schema:
            return schema["const"] if required else NOTHING
        if options := schema.get("enum"):
            return self._choice(options, schema, required=required)
        if alternatives := schema.get("anyOf") or schema.get("oneOf"):
            return self._alternative(schema, alternatives, name, required=required, depth=depth)
        kind = kind_of(schema)
        if kind == "object":
            return self._object(schema, required=required, depth=depth)
        if kind == "array":
            return self._array(schema, name, required=required, depth=depth)
        return self._simple(kind, schema, name, required=required)

    def _simple(self, kind: str | None, schema: Schema, name: str, *, required: bool) -> object:
        if kind == "null":
            return None if required else NOTHING
        if kind in {"integer", "number"}:
            found: object = self._number(schema, name, required=required, whole=kind == "integer")
        elif kind == "boolean":
            found = self._boolean(name)
        else:
            found = self._string(schema, name, required=required)
        if found is not NOTHING or not required:
            return found
        if "default" in schema:
            return schema["default"]
        return self._made_up(kind, schema, name)

    def _made_up(self, kind: str | None, schema: Schema, name: str) -> object:
        if kind in {"integer", "number"}:
            return fit_number(plausible_number(name, self.seed), schema, whole=kind == "integer")
        if kind == "boolean":
            return False
        words = split_words(name)
        text = self.long_text if wants_document(words) and self.long_text else plausible_text(words, self.request)
        return self._fit_text(text, schema)

    def _alternative(
        self, schema: Schema, alternatives: Sequence[object], name: str, *, required: bool, depth: int
    ) -> object:
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf", "default")}
        options = [{**rest, **option} if isinstance(option, Mapping) else option for option in alternatives]
        for option in options if depth < _DEEPEST else ():
            if (value := self._value(option, name, required=False, depth=depth + 1)) is not NOTHING:
                return value
        if not required:
            return NOTHING
        if "default" in schema:
            return schema["default"]
        # Deep down, what refers to something else may refer to itself; else anything is better than null.
        avoided = "$ref" if depth >= _DEEPEST // 2 else "null"
        chosen = [option for option in options if not _has(option, avoided)] or options
        return self._value(chosen[0], name, required=True, depth=depth + 1)

    def _object(self, schema: Schema, *, required: bool, depth: int) -> object:
        needed: list[str] = list(schema.get("required", ()))
        properties: Mapping[str, object] = schema.get("properties") or {}
        values: dict[str, object] = {}
        for key, part in properties.items():
            if key not in needed and depth >= _DEEPEST:
                continue
            value = self._value(part, key, required=required and key in needed, depth=depth + 1)
            if value is not NOTHING:
                values[key] = value
        if not required and (not values or any(key not in values for key in needed)):
            return NOTHING
        extra = schema.get("additionalProperties")
        loose: object = extra if isinstance(extra, Mapping) else {"type": "string"}
        missing = [key for key in needed if key not in values]
        missing += [f"key{number}" for number in range(1, schema.get("minProperties", 0) - len(values) + 1)]
        for key in missing:
            value = self._value(loose, key, required=True, depth=depth + 1)
            values[key] = "" if value is NOTHING else value
        return values

    def _array(self, schema: Schema, name: str, *, required: bool, depth: int) -> object:
        least, most = int(schema.get("minItems", 0)), int(schema.get("maxItems", 12))
        if prefix := schema.get("prefixItems"):
            if not required:
                return NOTHING
            parts = [*prefix, *[schema.get("items", True)] * (least - len(prefix))]
            return [self._value(part, name, required=True, depth=depth + 1) for part in parts][:most]
        item = schema.get("items")
        item = flat(item, self.schema) if isinstance(item, Mapping) else {"type": "string"}
        kind = None if "enum" in item or "anyOf" in item or "oneOf" in item or "const" in item else kind_of(item)
        given = self._listed(name, item, kind)
        if not given and not required:
            return NOTHING
        if not given and isinstance(schema.get("default"), list):
            return schema["default"]
        if not given:
            count = max(least, min(most, self._count()))
            given = self._made_up_list(name, item, kind, count)
        if kind is not None:
            given = [self._fitted(value, item, kind) for value in given]
        given = (unique(given) if schema.get("uniqueItems") else given)[:most]
        wanted = max(least, 1 if kind == "object" and most and depth < _DEEPEST else 0)
        for position in range(wanted + 64):
            if len(given) >= wanted:
                break
            value = self._another(item, name, kind, position, depth)
            if not (schema.get("uniqueItems") and value in given):
                given.append(value)
        if self._length is None and given:
            self._length = len(given)
        return given

    def _listed(self, name: str, item: Schema, kind: str | None) -> list[object]:
        """The list that the text gives, if it does."""
        if options := item.get("enum"):
            return [option for option in options if mentions(self.request.text, option)]
        if kind == "string" and not item.get("format"):
            loose = not _EXPLICIT.intersection(split_words(name))
            return list(self.request.items if loose else self.request.listing)
        if kind in ("integer", "number") and len(self.request.numbers) > 1:
            return [number.value for number in self.request.numbers]
        return []

    def _made_up_list(self, name: str, item: Schema, kind: str | None, count: int) -> list[object]:
        if kind == "array":
            cells = item.get("items")
            simple = isinstance(cells, Mapping) and kind_of(cells) in (None, "string")
            return list(plausible_rows(self.request, self._length or 2)) if simple and "minItems" not in item else []
        if kind in ("string", "integer", "number") and not item.get("format"):
            return list(plausible_items(name, kind == "string", count, self.request, self.seed))
        return []

    def _another(self, item: Schema, name: str, kind: str | None, position: int, depth: int) -> object:
        """One more item, different at each position where the schema leaves room for it."""
        if options := item.get("enum"):
            return options[position % len(options)]
        if kind == "string" and not item.get("format"):
            return self._fitted(f"{position + 1} {name or 'item'}", item, kind)
        if kind in ("integer", "number"):
            low, _, step = bounds(item, whole=kind == "integer")
            return self._fitted((low if low is not None else 0.0) + position * step, item, kind)
        if kind == "boolean":
            return position % 2 == 0
        value = self._value(item, name, required=True, depth=depth + 1)
        return "" if value is NOTHING else value

    def _fitted(self, value: object, item: Schema, kind: str) -> object:
        if kind == "string":
            return self._fit_text(str(value), item)
        if kind in ("integer", "number") and isinstance(value, int | float):
            return fit_number(float(value), item, whole=kind == "integer")
        return value

    def _fit_text(self, text: str, schema: Schema) -> str:
        return fit_text(text, schema, (*self.request.quotes, *self.request.text.split()))

    def _count(self) -> int:
        """How long a made-up list should be: as long as the one before, or as the text says."""
        if self._length is not None:
            return self._length
        return next((int(number.value) for number in self.request.numbers if 2 <= number.value <= 12), 4)

    def _choice(self, options: Sequence[object], schema: Schema, *, required: bool) -> object:
        best = max(options, key=lambda option: mentions(self.request.text, option))
        if mentions(self.request.text, best):
            return best
        if not required:
            return NOTHING
        return schema["default"] if "default" in schema and schema["default"] in options else options[0]

    def _boolean(self, name: str) -> bool | Literal[_Nothing.NOTHING]:
        wanted = content_words(name)
        said = split_words(self.request.text)
        for position, word in enumerate(said):
            if stem(word) in wanted:
                return not _NO.intersection(said[max(0, position - 3) : position])
        return NOTHING

    def _number(
        self, schema: Schema, name: str, *, required: bool, whole: bool
    ) -> int | float | Literal[_Nothing.NOTHING]:
        numbers, words = self.request.numbers, split_words(name)
        free = [position for position in range(len(numbers)) if position not in self._numbers_used]
        near = [position for position in free if numbers[position].near & {stem(word) for word in words}]
        small = [position for position in free if numbers[position].value <= 20 and _COUNTS.intersection(words)]
        chosen = next(iter([*near, *small, *(free if required else ())]), None)
        if chosen is None:
            return NOTHING
        self._numbers_used.add(chosen)
        return fit_number(numbers[chosen].value, schema, whole=whole)

    def _string(self, schema: Schema, name: str, *, required: bool) -> str | Literal[_Nothing.NOTHING]:
        form = str(schema.get("format", ""))
        if form and (value := formatted(form, self.request, self.seed, required=required)) is not None:
            return value
        if known_format(form):
            return NOTHING
        found = text_for(name, self.request, self._next_quote)
        if found is None or (not required and wants_request(split_words(name)) and not self._takes_the_request()):
            return NOTHING
        return self._fit_text(found, schema)

    def _takes_the_request(self) -> bool:
        """Whether an optional field for the request is meant for it: when nothing else has to be given."""
        return not self.schema.get("required") and not self.request.text.startswith("ui_action")

    def _next_quote(self) -> str | None:
        if self._quotes_used >= len(self.request.quotes):
            return None
        self._quotes_used += 1
        return self.request.quotes[self._quotes_used - 1]


def _has(option: object, what: str) -> bool:
    """Whether an alternative is a reference ("$ref") or of a type ("null")."""
    return isinstance(option, Mapping) and (what in option or option.get("type") == what)
