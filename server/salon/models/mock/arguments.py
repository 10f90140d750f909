"""Fills a JSON schema from a request: what the text gives, and something plausible where the schema insists. Pure.

Whatever it returns validates against the schema, as far as the schema can be satisfied without solving a pattern.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, cast

from salon.models.mock.extract import Request
from salon.models.mock.plausible import plausible_items, plausible_number, plausible_text
from salon.models.mock.words import content_words, likeness, split_words, stem

Schema = Mapping[str, Any]
"""A JSON schema; `Any` because it is user data, checked key by key."""

_DEEPEST = 8


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
    _used_quotes: int = 0
    _used_numbers: set[int] = field(default_factory=set)

    def fill(self) -> object:
        """A value for the whole schema."""
        value = self._value(self.schema, "", required=True, depth=0)
        return None if value is NOTHING else value

    def _value(self, schema: object, name: str, *, required: bool, depth: int) -> object:
        if not isinstance(schema, Mapping):
            return {} if required and schema is not False else NOTHING  # `true` accepts anything
        schema = self._flat(schema, depth)
        if "const" in schema:
            return schema["const"] if required else NOTHING
        if options := schema.get("enum"):
            return self._choice(options, schema, name, required=required)
        if alternatives := schema.get("anyOf") or schema.get("oneOf"):
            return self._alternative(schema, alternatives, name, required=required, depth=depth)
        match self._type(schema):
            case "object":
                return self._object(schema, required=required, depth=depth)
            case "array":
                return self._array(schema, name, required=required, depth=depth)
            case "string":
                return self._string(schema, name, required=required)
            case "integer":
                return self._number(schema, name, required=required, whole=True)
            case "number":
                return self._number(schema, name, required=required, whole=False)
            case "boolean":
                return self._boolean(schema, name, required=required)
            case "null":
                return None if required else NOTHING
        found = self._found_text(name, [])
        if found is not None:
            return found
        if "default" in schema:
            return schema["default"] if required else NOTHING
        return self.request.subject if required else NOTHING

    def _flat(self, schema: Schema, depth: int) -> Schema:
        """The schema with its `$ref` followed and its `allOf` merged."""
        steps = 0
        while "$ref" in schema and steps < _DEEPEST:
            target: object = self.schema
            for key in str(schema["$ref"]).lstrip("#/").split("/"):
                key = key.replace("~1", "/").replace("~0", "~")
                target = target.get(key, {}) if isinstance(target, Mapping) else {}
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**(target if isinstance(target, Mapping) else {}), **rest}
            steps += 1
        if parts := schema.get("allOf"):
            merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
            for part in parts:
                flat = self._flat(part, depth + 1) if depth < _DEEPEST else {}
                for key, value in flat.items():
                    if key == "properties":
                        merged[key] = {**value, **merged.get(key, {})}
                    elif key == "required":
                        merged[key] = list(dict.fromkeys([*merged.get(key, []), *value]))
                    else:
                        merged.setdefault(key, value)
            return merged
        return schema

    @staticmethod
    def _type(schema: Schema) -> str | None:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), "null")
        if kind is None:
            hints = {"properties": "object", "items": "array", "format": "string", "minLength": "string"}
            hints |= {"maxLength": "string", "pattern": "string", "minimum": "number", "maximum": "number"}
            kind = next((hint for key, hint in hints.items() if key in schema), None)
        return cast("str | None", kind)

    def _alternative(
        self, schema: Schema, alternatives: list[Schema], name: str, *, required: bool, depth: int
    ) -> object:
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf", "default")}
        options = [{**rest, **option} if isinstance(option, Mapping) else option for option in alternatives]
        for option in options:
            if (value := self._value(option, name, required=False, depth=depth + 1)) is not NOTHING:
                return value
        if not required:
            return NOTHING
        if "default" in schema:
            return schema["default"]
        simple = [option for option in options if not (isinstance(option, Mapping) and option.get("type") == "null")]
        flat = [option for option in simple if not (isinstance(option, Mapping) and "$ref" in option)]
        chosen = (flat if depth >= _DEEPEST // 2 else simple) or simple or options
        return self._value(chosen[0], name, required=True, depth=depth + 1)

    def _object(self, schema: Schema, *, required: bool, depth: int) -> object:
        needed = set(schema.get("required", ()))
        values: dict[str, object] = {}
        found = False
        properties = schema.get("properties") or {}
        if depth <= _DEEPEST or needed:
            for key, part in properties.items():
                if depth > _DEEPEST and key not in needed:
                    continue
                value = self._value(part, key, required=key in needed and required, depth=depth + 1)
                if value is not NOTHING:
                    found = found or key not in needed or required
                    values[key] = value
        if not required and (not found or not needed <= values.keys()):
            return NOTHING
        for key in needed - values.keys():
            # Required without a schema of its own, or skipped above.
            value = self._value(properties.get(key, {"type": "string"}), key, required=True, depth=depth + 1)
            values[key] = "" if value is NOTHING else value
        while len(values) < schema.get("minProperties", 0):
            extra = schema.get("additionalProperties")
            value = self._value(
                extra if isinstance(extra, Mapping) else {"type": "string"}, "", required=True, depth=depth + 1
            )
            values[f"key{len(values) + 1}"] = value
        return values

    def _array(self, schema: Schema, name: str, *, required: bool, depth: int) -> object:
        least, most = int(schema.get("minItems", 0)), int(schema.get("maxItems", 12))
        if prefix := schema.get("prefixItems"):
            if not required:
                return NOTHING
            values = [self._value(part, name, required=True, depth=depth + 1) for part in prefix]
            items: object = schema.get("items", True)
            values += [self._value(items, name, required=True, depth=depth + 1) for _ in range(least - len(values))]
            return values[: max(most, 0)]
        items = schema.get("items", {"type": "string"})
        item = self._flat(items, depth) if isinstance(items, Mapping) else {"type": "string"}
        kind = self._type(item) if not item.get("enum") and not item.get("anyOf") else None
        given: list[object] = []
        if kind == "string" and not item.get("format"):
            given = list(self.request.items)
        elif kind in ("integer", "number") and len(self.request.numbers) > 1:
            given = [number.value for number in self.request.numbers]
        elif options := item.get("enum"):
            given = [option for option in options if _mentions(self.request.text, option)]
        if not given and not required:
            return NOTHING
        if not given and "default" in schema and isinstance(schema["default"], list):
            return schema["default"]
        if not given and kind in ("string", "integer", "number") and (least or most):
            count = max(least, min(most, self._count()))
            given = list(plausible_items(name, kind, count, self.request, self.seed))
        given = [self._fitted(value, item, kind) for value in given] if kind else given
        given = _unique(given) if schema.get("uniqueItems") else given
        given = given[:most]
        wanted = max(least, 1 if kind in ("object", "array") and most else 0, 0)
        position = 0
        while len(given) < wanted and position < wanted + 64:
            value = self._another(item, name, kind, position, depth)
            position += 1
            if not (schema.get("uniqueItems") and value in given):
                given.append(value)
        return given

    def _another(self, item: Schema, name: str, kind: str | None, position: int, depth: int) -> object:
        """One more item, different at each position where the schema leaves room for it."""
        if options := item.get("enum"):
            return options[position % len(options)]
        if kind == "string" and not item.get("format"):
            return self._fitted(f"{name or 'item'} {position + 1}", item, kind)
        if kind in ("integer", "number"):
            low, _, step = _bounds(item, whole=kind == "integer")
            return self._fitted((low if low is not None else 0.0) + position * step, item, kind)
        if kind == "boolean":
            return position % 2 == 0
        value = self._value(item, name, required=True, depth=depth + 1)
        return "" if value is NOTHING else value

    def _fitted(self, value: object, item: Schema, kind: str | None) -> object:
        if kind == "string":
            return _fit_text(str(value), item, self.request)
        if kind in ("integer", "number") and isinstance(value, int | float):
            return _fit_number(float(value), item, whole=kind == "integer")
        return value

    def _count(self) -> int:
        """How many of something the text asks for."""
        counts = [int(number.value) for number in self.request.numbers if 2 <= number.value <= 12]
        return counts[0] if counts else 4

    def _choice(self, options: list[object], schema: Schema, name: str, *, required: bool) -> object:
        scored = [(_mentions(self.request.text, option), option) for option in options]
        best = max(scored, key=lambda pair: pair[0])
        if best[0]:
            return best[1]
        if not required:
            return NOTHING
        return schema["default"] if schema.get("default") in options else options[0]

    def _boolean(self, schema: Schema, name: str, *, required: bool) -> object:
        words = content_words(name)
        said = [word for word in split_words(self.request.text)]
        for position, word in enumerate(said):
            if any(likeness(stem(word), each) == 1.0 for each in words):
                return not any(
                    no in ("no", "not", "without", "don't", "never") for no in said[max(0, position - 3) : position]
                )
        if not required:
            return NOTHING
        return bool(schema.get("default", False))

    def _number(self, schema: Schema, name: str, *, required: bool, whole: bool) -> object:
        numbers = self.request.numbers
        words = {stem(word) for word in split_words(name)}
        free = [position for position in range(len(numbers)) if position not in self._used_numbers]
        near = [position for position in free if numbers[position].near & words]
        counts = words & {
            "n",
            "count",
            "limit",
            "number",
            "max",
            "top",
            "period",
            "amount",
            "value",
            "quantity",
            "size",
        }
        chosen = near[0] if near else free[0] if free and (required or counts) else None
        if chosen is not None:
            self._used_numbers.add(chosen)
            return _fit_number(numbers[chosen].value, schema, whole=whole)
        if not required:
            return NOTHING
        default = schema.get("default")
        if isinstance(default, int | float) and not isinstance(default, bool):
            return default
        return _fit_number(plausible_number(name, self.seed), schema, whole=whole)

    def _string(self, schema: Schema, name: str, *, required: bool) -> object:
        if form := schema.get("format"):
            formatted = self._formatted(str(form), required=required)
            if formatted is not None:
                return formatted
            if not required and form in _FORMATS:
                return NOTHING
        words = split_words(name)
        found = self._found_text(name, words)
        if found is not None and (required or not _is_whole(words)):
            return _fit_text(found, schema, self.request)
        if not required:
            return NOTHING
        if isinstance(default := schema.get("default"), str):
            return default
        made_up = self.long_text if _is_document(words) and self.long_text else plausible_text(words, self.request)
        return _fit_text(made_up, schema, self.request)

    def _found_text(self, name: str, words: list[str]) -> str | None:
        """What the text says for a field of this name, or None."""
        request = self.request
        kinds = set(words)
        if labelled := request.labelled(name):
            return labelled
        if kinds & {"expression", "formula", "equation", "calculation"}:
            return request.arithmetic
        if kinds & {"email", "mail"} and not kinds & {"body", "subject", "text"}:
            return request.emails[0] if request.emails else None
        if kinds & {"url", "link", "href", "uri", "website"}:
            return request.urls[0] if request.urls else None
        if kinds & {"to", "recipient", "recipients", "addressee"}:
            return request.recipient
        if kinds & {"city", "location", "place", "destination", "country", "town", "where", "address"}:
            return request.place
        if kinds & {"date", "day", "when", "deadline", "due"}:
            return request.dates[0] if request.dates else request.day
        if kinds & {"id", "code", "number", "order", "ticket", "invoice", "sku"}:
            return request.code
        if _is_whole(words):
            return self._quote() or (
                request.phrase if kinds & {"query", "search", "term", "keywords"} else request.text
            )
        if kinds & {"topic", "subject", "about", "theme", "title", "headline"}:
            return self._quote() or request.subject
        if kinds & {"name", "person", "customer", "user", "who", "author"} and request.names:
            return request.names[0]
        return self._quote() if not _is_document(words) else None

    def _quote(self) -> str | None:
        if self._used_quotes < len(self.request.quotes):
            self._used_quotes += 1
            return self.request.quotes[self._used_quotes - 1]
        return None

    def _formatted(self, form: str, *, required: bool) -> str | None:
        request = self.request
        digest = hashlib.sha256(f"{self.seed}{request.text}".encode("utf-8", "replace")).hexdigest()
        found: dict[str, str | None] = {
            "email": request.emails[0] if request.emails else None,
            "uri": request.urls[0] if request.urls else None,
            "date": request.dates[0] if request.dates else None,
            "time": f"{request.time}Z" if request.time else None,
            "date-time": f"{request.dates[0]}T{request.time or '09:00:00'}Z" if request.dates else None,
            "uuid": request.uuid,
        }
        made_up = {
            "email": "someone@example.com",
            "uri": "https://example.com/",
            "date": "2026-01-15",
            "time": "09:00:00Z",
            "date-time": "2026-01-15T09:00:00Z",
            "uuid": f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}",
            "duration": "P1D",
            "ipv4": "192.0.2.1",
            "ipv6": "2001:db8::1",
            "hostname": "example.com",
        }
        return found.get(form) or (made_up.get(form) if required else None)


_FORMATS = frozenset({"email", "uri", "date", "time", "date-time", "uuid", "duration", "ipv4", "ipv6", "hostname"})
_WHOLE = frozenset(
    [
        "query",
        "question",
        "text",
        "prompt",
        "message",
        "reason",
        "request",
        "task",
        "input",
        "instruction",
        "instructions",
        "goal",
        "search",
        "term",
        "keywords",
        "q",
        "objective",
        "brief",
    ]
)
_DOCUMENT = frozenset(
    [
        "body",
        "content",
        "markdown",
        "document",
        "draft",
        "letter",
        "essay",
        "story",
        "article",
        "poem",
        "notes",
        "report",
        "html",
    ]
)


def _is_whole(words: list[str]) -> bool:
    """Whether a field of this name wants the request itself."""
    return any(word in _WHOLE for word in words) and not _is_document(words)


def _is_document(words: list[str]) -> bool:
    """Whether a field of this name wants a text of some length."""
    return any(word in _DOCUMENT for word in words)


def _mentions(text: str, option: object) -> int:
    """How many words of an option the text has; 0 unless it has all of them."""
    wanted = [stem(word) for word in split_words(str(option))]
    said = {stem(word) for word in split_words(text)}
    return len(wanted) if wanted and all(word in said for word in wanted) else 0


def _unique(values: list[object]) -> list[object]:
    unique: list[object] = []
    for value in values:
        if value not in unique:
            unique.append(value)
    return unique


def _fit_text(text: str, schema: Schema, request: Request) -> str:
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        words = request.text.split()
        samples = [
            text,
            *request.quotes,
            *words,
            request.code or "",
            "1",
            "42",
            "2026",
            "a",
            "A",
            "abc",
            "ABC",
            "Abc",
            "AB-123",
        ]
        samples += ["2026-01-15", "09:00", "#336699", "a" * max(least, 1), "A" * max(least, 1), "0" * max(least, 1), ""]
        for sample in samples:
            if least <= len(sample) and (most is None or len(sample) <= most) and re.search(pattern, sample):
                return sample
    if len(text) < least:
        text = text + "." * (least - len(text))
    return text[: int(most)] if most is not None else text


def _bounds(schema: Schema, *, whole: bool) -> tuple[float | None, float | None, float]:
    """The smallest and largest allowed value, and the distance between two allowed ones."""
    step = float(schema.get("multipleOf") or (1 if whole else 0))
    nudge = step or 0.001
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(above := schema.get("exclusiveMinimum"), int | float) and not isinstance(above, bool):
        low = above + nudge if low is None else max(low, above + nudge)
    if isinstance(below := schema.get("exclusiveMaximum"), int | float) and not isinstance(below, bool):
        high = below - nudge if high is None else min(high, below - nudge)
    return low, high, step or 1.0


def _fit_number(value: float, schema: Schema, *, whole: bool) -> int | float:
    low, high, step = _bounds(schema, whole=whole)
    if whole:
        value = float(round(value))
    if low is not None and high is not None and low > high:
        low = high = (low + high) / 2  # exclusive bounds closer together than a nudge
    value = max(value, low) if low is not None else value
    value = min(value, high) if high is not None else value
    if whole or schema.get("multipleOf"):
        units = math.ceil(value / step - 1e-9)
        if high is not None and units * step > high:
            units = math.floor(high / step + 1e-9)
        value = units * step
    return int(value) if whole or (value == int(value) and abs(value) < 1e15) else value
