"""Makes text that models and strangers wrote safe to print: no control characters reach the terminal."""

import re

from salon.contracts.types import Json

# Everything that can move the cursor, colour, ring, retitle or reorder; newline and tab stay.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def clean(text: str) -> str:
    """`text` without control characters."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = 100) -> str:
    """`text` in one line of at most `limit` characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def brief(value: Json, limit: int = 60) -> str:
    """A JSON value as a person would say it, in one line of at most `limit` characters."""
    match value:
        case None:
            text = "nothing"
        case bool():
            text = "yes" if value else "no"
        case float() if value.is_integer():
            text = str(int(value))
        case dict():
            text = ", ".join(f"{key}: {brief(item, limit)}" for key, item in value.items())
        case list():
            text = ", ".join(brief(item, limit) for item in value)
        case _:
            text = str(value)
    return one_line(text, limit)
