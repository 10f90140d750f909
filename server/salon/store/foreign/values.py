"""Values on their way into a column and out of a row. Pure."""

import math
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import cast

import orjson
from sqlalchemy import JSON, Column, Date, DateTime, Numeric, String, Time

from salon.contracts.types import Json
from salon.store.foreign.names import refused

LONGEST = 1_048_576
"""Bytes of one value."""

LOOSE = (Date, DateTime, Time, Numeric)
"""Columns in which SQLite keeps whatever is written."""

_WHOLE = 2**63


def bound(column: "Column[object]", value: object) -> object:
    """The value as the column's driver takes it. Raises RequestError for one that it cannot take."""
    name = column.name
    if isinstance(value, dict | list):
        if isinstance(column.type, JSON):
            return value
        value = _dumped(name, value)
    if isinstance(value, str):
        return _read(column, _text(name, value))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        if not -_WHOLE <= value < _WHOLE:
            raise refused(name, "the number is too large")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise refused(name, "it is no number")
    else:
        raise refused(name, f"{type(value).__name__} is no value of a row; give a text, number, true, false or null")
    return str(value) if isinstance(column.type, String) else value


def shown(value: object, column: "Column[object]") -> Json:
    """A value of a row as JSON."""
    if isinstance(value, str) and isinstance(column.type, DateTime):
        with suppress(ValueError):  # in a form of its own: as it is
            return datetime.fromisoformat(value).isoformat()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes | memoryview):
        return f"({len(value)} bytes)"
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool | dict | list):
        return cast(Json, value)
    return str(value)


def _read(column: "Column[object]", text: str) -> object:
    """A text as the column has it: drivers take no text for a time."""
    try:
        if isinstance(column.type, DateTime):
            at = datetime.fromisoformat(text)
            if column.type.timezone:
                return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
            return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo is not None else at
        if isinstance(column.type, Date):
            return date.fromisoformat(text)
    except ValueError:
        raise refused(column.name, "give the time as in 2026-01-31T12:00:00") from None
    return text


def _text(name: str, text: str) -> str:
    if "\0" in text:
        raise refused(name, "a text has no NUL")
    try:
        length = len(text.encode())
    except UnicodeEncodeError:
        raise refused(name, "it is no Unicode text") from None
    if length > LONGEST:
        raise refused(name, f"shorten it to {LONGEST} bytes")
    return text


def _dumped(name: str, value: object) -> str:
    try:
        return orjson.dumps(value).decode()
    except (orjson.JSONEncodeError, RecursionError):
        raise refused(name, "give plain JSON") from None
