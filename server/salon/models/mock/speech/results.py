"""Tool results in words: JSON becomes lines or a short list, long text is cut. Pure."""

import json
from collections.abc import Sequence

_LONGEST_TEXT = 600
_MOST_LINES = 8


def readable(text: str) -> str:
    """A tool's result for people."""
    try:
        value: object = json.loads(text)
    except ValueError:
        return clipped(text, _LONGEST_TEXT)
    return clipped(_rendered(value), _LONGEST_TEXT + 300)


def listed(parts: Sequence[str]) -> str:
    """ "a, b and c"; "nothing" for no parts."""
    if len(parts) < 2:
        return parts[0] if parts else "nothing"
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def clipped(text: str, most: int) -> str:
    """The text, cut at a word with an ellipsis when it has more than `most` characters."""
    text = text.strip()
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"


def _rendered(value: object) -> str:
    match value:
        case dict():
            simple = len(value) <= 3 and not any(isinstance(each, dict | list) for each in value.values())
            if simple:
                return ", ".join(f"{_label(key)}: {_inline(each)}" for key, each in value.items())
            return "\n".join(f"- {_label(key)}: {_inline(each)}" for key, each in value.items())
        case list() if any(isinstance(each, dict | list) for each in value):
            return "\n".join(f"- {_inline(each)}" for each in value[:_MOST_LINES])
        case list():
            return listed([_inline(each) for each in value])
    return _inline(value)


def _inline(value: object) -> str:
    match value:
        case dict():
            return ", ".join(f"{_label(key)} {_inline(each)}" for key, each in value.items())
        case list():
            return ", ".join(_inline(each) for each in value[:12])
        case bool():
            return "yes" if value else "no"
        case None:
            return "nothing"
    return str(value)


def _label(key: object) -> str:
    return str(key).replace("_", " ")
