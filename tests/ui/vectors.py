"""Frames and props from a JSON Schema, good ones and almost good ones, the same for the same seed."""

import json
import string
from collections.abc import MutableMapping, MutableSequence
from random import Random
from typing import Any

Schema = dict[str, Any]

# Letters of one, two, three and four bytes in UTF-8; the last ones are one code point and two UTF-16 units each.
LETTERS = string.ascii_letters + string.digits + "._:@/-~ é€日😀🎲"
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    3.0,
    2**53,
    -(2**53),
    1e300,
    "",
    "x",
    "\u0000",
    [],
    {},
    [None],
    {"a": 1},
]
# What is decided before any schema is asked.
UNREADABLE = [
    "",
    "{",
    "nothing",
    "NaN",
    '{"type":"ping","payload":{"sent":NaN},"timestamp":1}',
    '{"type":"ping","payload":{"sent":Infinity},"timestamp":1}',
    '{"type":"ping","payload":{"nonce":"a"},"timestamp":01}',
    '{"type":"ping","payload":{},"timestamp":1,}',
    "{'type':'ping'}",
]
# What some reader might stumble over, in the place of a value.
POISON = ['"\\ud800"', '"\\udc00\\ud800"', '{"\\ud800":1}', '{"__proto__":1}', '{"constructor":1}', '{"a":1,"a":2}']
POISON += ['"\\u0000"', "1e999", "18446744073709551616", "9007199254740993", "-0", "1E2"]
DEEP = 8  # from here on what may be small is small
SAFE = 2**53 - 1


class Maker:
    """Makes values that a schema of the contracts accepts, and spoils every second one, most often in one place."""

    def __init__(self, document: Schema, seed: str) -> None:
        self.definitions: dict[str, Schema] = document["$defs"]
        self.random = Random(seed)
        self.places: list[tuple[Any, Any, Schema]] = []

    def text(self, root: Schema) -> str:
        """A JSON text, about every second of them good."""
        if self.random.random() < 0.005:
            return self.random.choice(UNREADABLE)
        self.places = []
        value = self.value(root)
        for _ in range(self.random.choice([0, 0, 1, 1, 1, 2])):
            container, key, schema = self.random.choice(self.places)
            container[key] = self._edge(schema, container[key])
        if self.random.random() < 0.1:
            container, key, _ = self.random.choice(self.places)
            self._spoil(container, key)
        text = json.dumps(value, ensure_ascii=self.random.random() < 0.5)
        return self._poisoned(text) if self.random.random() < 0.03 else text

    def value(self, schema: Schema, depth: int = 0) -> Any:
        """Something that `schema` accepts."""
        match schema:
            case {"$ref": str()}:
                return self.value(self._resolved(schema), depth)
            case {"const": value}:
                return value
            case {"enum": list(values)}:
                return self.random.choice(values)
            case {"anyOf": list(members)} | {"oneOf": list(members)}:
                return self.value(self.random.choice(members[:4] if depth > DEEP else members), depth)
            case {"type": "boolean"}:
                return self.random.random() < 0.5
            case {"type": "null"}:
                return None
        make = {"object": self._object, "array": self._array, "string": self._string}
        return make.get(schema["type"], self._number)(schema, depth)

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.definitions[schema["$ref"].rpartition("/")[2]]
        return schema

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        if "properties" in schema:
            required = schema.get("required", [])
            told = {name: one for name, one in schema["properties"].items() if name in required or self._seldom(0.3)}
        else:
            count = 0 if depth > DEEP else self.random.choice([0, 1, 2])
            told = {self._letters(0, 8): schema["additionalProperties"] for _ in range(count)}
        made = {name: self.value(one, depth + 1) for name, one in told.items()}
        self.places += [(made, name, one) for name, one in told.items()]
        return made

    def _array(self, schema: Schema, depth: int) -> list[Any]:
        least = int(schema.get("minItems", 0))
        count = least if depth > DEEP else least + self.random.choice([0, 0, 1, 2])
        made = [self.value(schema["items"], depth + 1) for _ in range(min(count, int(schema.get("maxItems", count))))]
        self.places += [(made, place, schema["items"]) for place in range(len(made))]
        return made

    def _string(self, schema: Schema, _: int) -> str:
        least, most, pattern = schema.get("minLength", 0), schema.get("maxLength", 99), schema.get("pattern", "")
        if pattern.startswith("^(?:/"):  # a JSON pointer
            steps = [self._letters(0, 5).replace("~", "~0").replace("/", "~1") for _ in range(self.random.randrange(3))]
            return "".join(f"/{step}" for step in steps)
        if "data:image" in pattern and self._seldom(0.5):
            return "data:image/png;base64,iVBORw0KGgo="
        if "https?" in pattern:
            return self.random.choice(["https://example.org/a%20b?c=d#e", "http://a"])
        if pattern:
            return "".join(self.random.choices(string.ascii_letters, k=self.random.choice([1, 3, 9])))
        return self._letters(least, min(most, 12))

    def _number(self, schema: Schema, _: int) -> float:
        low, high = self._range(schema)
        if self._seldom(0.1):
            return int(self.random.choice([low + 1, high]))
        made = self.random.uniform(max(low, -100), min(high, 100))
        if schema["type"] == "number":
            return made or 0.5
        rounded = max(int(made), low)
        return rounded if self._seldom(0.9) else float(rounded)

    def _range(self, schema: Schema) -> tuple[int, int]:
        low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
        return (-SAFE if low is None else int(low), SAFE if high is None else int(high))

    def _letters(self, least: int, most: int) -> str:
        return "".join(self.random.choices(LETTERS, k=self.random.randint(least, most)))

    def _seldom(self, chance: float) -> bool:
        return self.random.random() < chance

    def _edge(self, schema: Schema, value: Any) -> Any:
        """Something at the edge of what `schema` accepts, on this side of it or the other."""
        if schema.get("$ref") == "#/$defs/Json":
            return self._nested(self.random.randint(26, 31))
        schema = self._resolved(schema)
        members = schema.get("anyOf", schema.get("oneOf"))
        if members is not None:
            likely = [member for member in members if member.get("type") != "null"]
            return self._edge(self.random.choice(likely), value) if self._seldom(0.9) else None
        match schema.get("type"), value:
            case "object", dict():
                return self._other_keys(value)
            case "array", list():
                return self._other_count(schema, value)
            case "string", str() if "const" not in schema and "enum" not in schema:
                return self._other_text(schema, value)
            case "integer" | "number", _:
                low, high = self._range(schema)
                near = [
                    low,
                    low - 1,
                    high,
                    high + 1,
                    float(low),
                    low + 0.5,
                    high + 0.5,
                    1e-9,
                    -0.0,
                    1e308,
                    str(low),
                    True,
                ]
                return self.random.choice(near)
            case "boolean", _:
                return self.random.choice([True, 0, 1, "true", None])
        return self.random.choice([*ODD, f"{value} ", f"{value}".upper()])

    def _nested(self, levels: int) -> Any:
        """Objects and arrays within each other; in a frame, where this has a place, 32 levels are the most."""
        value = self.random.choice(ODD)
        for _ in range(levels):
            value = [value] if self._seldom(0.5) else {"a": value}
        return value

    def _other_keys(self, value: dict[str, Any]) -> dict[str, Any]:
        added = self.random.choice(["extra", "kind", "constructor", "toString", ""])
        if not value or self._seldom(0.5):
            return {**value, added: self.random.choice(ODD)}
        return {name: one for name, one in value.items() if name != self.random.choice(list(value))}

    def _other_count(self, schema: Schema, value: list[Any]) -> list[Any]:
        most = schema.get("maxItems", 3)
        small = value if len(json.dumps(value)) < 40 else []
        counts = [0, 1, most, most + 1] if small or most <= 64 else [0, 1]
        return [(value or [None])[0]] * self.random.choice(counts)

    def _other_text(self, schema: Schema, value: str) -> str:
        least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 5))
        if "pattern" in schema and self._seldom(0.8):
            added = [
                f"{value}\n",
                f"{value} ",
                f"-{value}",
                f" {value}",
                f"{value}~",
                f"é{value}",
                f"{value}é",
                f"{value}/",
            ]
            return self.random.choice([*added, f"{value}/~2", f"javascript:{value}", value * 40, ""])
        if most > 5000 and not self._seldom(0.2):
            return value[:least]
        letter = "a" if "pattern" in schema else self.random.choice("aé😀")
        return letter * self.random.choice([least, max(least - 1, 0), most, most + 1, most // 2 + 1])

    def _spoil(self, container: MutableMapping[Any, Any] | MutableSequence[Any], key: Any) -> None:
        """Takes one thing away, renames it or exchanges it."""
        if isinstance(container, MutableMapping) and self._seldom(0.3):
            container[f"{key}2"] = container[key]
        if self._seldom(0.4):
            del container[key]
        else:
            container[key] = self.random.choice(ODD)

    def _poisoned(self, text: str) -> str:
        spots = [place for place, letter in enumerate(text) if letter == ":"]
        spot = self.random.choice(spots) if spots else 0
        ends = [place for sign in ",}" if (place := text.find(sign, spot)) > 0]
        return text[: spot + 1] + self.random.choice(POISON) + text[min(ends) :] if spots and ends else text
