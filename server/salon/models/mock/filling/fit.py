"""Makes a value keep a schema's bounds: lengths, patterns, limits and steps. Pure."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

_SAMPLES = ("1", "42", "2026", "a", "A", "abc", "ABC", "Abc", "AB-123", "2026-01-15", "09:00", "#336699", "")
_NUDGE = 0.001


def fit_text(text: str, schema: Mapping[str, Any], candidates: Iterable[str] = ()) -> str:
    """The text within the schema's lengths; for a pattern, the first candidate or common form that matches it."""
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        repeated = [letter * max(least, 1) for letter in "aA0"]
        for sample in (text, *candidates, *_SAMPLES, *repeated):
            if least <= len(sample) and (most is None or len(sample) <= most) and re.search(pattern, sample):
                return sample
    text = text.ljust(least, ".")
    return text[: int(most)] if most is not None else text


def bounds(schema: Mapping[str, Any], *, whole: bool) -> tuple[float | None, float | None, float]:
    """The smallest and largest allowed value, and the distance between two allowed ones."""
    step = float(schema.get("multipleOf") or (1 if whole else 0))
    low, high = _number(schema.get("minimum")), _number(schema.get("maximum"))
    above, below = _number(schema.get("exclusiveMinimum")), _number(schema.get("exclusiveMaximum"))
    if above is not None:
        low = above + (step or _NUDGE) if low is None else max(low, above + (step or _NUDGE))
    if below is not None:
        high = below - (step or _NUDGE) if high is None else min(high, below - (step or _NUDGE))
    return low, high, step or 1.0


def fit_number(value: float, schema: Mapping[str, Any], *, whole: bool) -> int | float:
    """The allowed number nearest to `value`."""
    low, high, step = bounds(schema, whole=whole)
    if low is not None and high is not None and low > high:
        low = high = (low + high) / 2  # exclusive bounds closer together than a nudge
    if whole:
        value = float(round(value))
    value = max(value, low) if low is not None else value
    value = min(value, high) if high is not None else value
    if whole or schema.get("multipleOf"):
        units = math.ceil(value / step - 1e-9)
        if high is not None and units * step > high:
            units = math.floor(high / step + 1e-9)
        value = units * step
    return int(value) if whole or (value == int(value) and abs(value) < 1e15) else value


def unique(values: Iterable[object]) -> list[object]:
    """The values without repetitions; they need not be hashable."""
    kept: list[object] = []
    for value in values:
        if value not in kept:
            kept.append(value)
    return kept


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
