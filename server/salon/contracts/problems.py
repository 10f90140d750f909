"""From a validation error to sentences that name the field and the remedy, without echoing what was sent."""

import re
from collections.abc import Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from salon.contracts.types import ID_PATTERN, POINTER_PATTERN, Json
from salon.errors import Detail

MAX_PROBLEMS = 50
MAX_SEGMENT = 64

_TAGS = ("type", "kind", "op", "event")
_SUBJECT = re.compile(r"^(Input|String|List|Dictionary|Value) should ")
_REMEDY = {
    "missing": "is required: add it.",
    "extra_forbidden": "is not known here: remove it, or check its spelling.",
    "model_type": "must be a JSON object.",
    "model_attributes_type": "must be a JSON object.",
    "too_short": "must have at least {min_length} item(s).",
    "too_long": "must have at most {max_length} items.",
    "union_tag_invalid": "must be one of {expected_tags}.",
    "union_tag_not_found": "is required: it says what this object is.",
}
_TYPES = {
    "bool_type": "true or false",
    "int_type": "a number",
    "float_type": "a number",
    "string_type": "a string",
}
_SHAPE = {
    ID_PATTERN: "must be an id: 1 to 128 letters, digits and . _ : @ / -, beginning with a letter or digit.",
    POINTER_PATTERN: "must be a JSON Pointer, such as /rows/0 or the empty string.",
}


def problems(
    error: ValidationError, value: Json, *, within: str = "", shapes: Mapping[str, str] | None = None
) -> list[Detail]:
    """What is wrong with `value`, at most 50 things.

    `within` is the pointer that leads to it; `shapes` has a remedy for each further pattern.
    """
    by_path: dict[str, list[Detail]] = {}
    for item in error.errors(include_url=False, include_input=False):
        detail = _detail(item, value, within, {**_SHAPE, **(shapes or {})})
        by_path.setdefault(detail.path, []).append(detail)
        if len(by_path) > MAX_PROBLEMS:
            break
    return [_merged(details) for details in by_path.values()][:MAX_PROBLEMS]


def summary(details: Sequence[Detail]) -> str:
    """The first problem, and how many more there are."""
    more = "" if len(details) == 1 else f" (and {len(details) - 1} more)"
    return f"{details[0].message}{more}"


def _merged(details: list[Detail]) -> Detail:
    """One problem for one place: a value that fits no alternative of a union breaks the rule of each."""
    wrong_type = [detail for detail in details if detail.code in _TYPES]
    if len(details) == 1 or len(wrong_type) < len(details):
        return next((detail for detail in details if detail not in wrong_type), details[0])
    name = details[0].message.partition("` ")[0]
    *others, last = dict.fromkeys(_TYPES[detail.code] for detail in details)
    wanted = f"{', '.join(others)} or {last}" if others else last
    return Detail(details[0].path, "type", f"{name}` must be {wanted}.")


def _detail(item: ErrorDetails, value: Json, within: str, shapes: Mapping[str, str]) -> Detail:
    steps = _steps(item, value)
    context = item.get("ctx", {})
    if item["type"].startswith("union_tag"):
        steps.append(context["discriminator"].strip("'"))
    if item["type"] == "string_pattern_mismatch":
        remedy = shapes.get(context["pattern"], f"must match {context['pattern']}.")
    elif item["type"] in _REMEDY:
        remedy = _REMEDY[item["type"]].format(**context)
    else:
        remedy = _SUBJECT.sub("must ", item["msg"]) + "."
    return Detail(_pointer(within, steps), item["type"], f"`{_named(steps)}` {remedy}")


def _steps(item: ErrorDetails, value: Json) -> list[str | int]:
    """Where in the value an error is: pydantic's location without the names of union members it went through."""
    here: Json = value
    at_tag = True
    steps: list[str | int] = []
    for step in item["loc"]:
        match here, step:
            case dict(), str() if at_tag and any(here.get(tag) == step for tag in _TAGS):
                at_tag = False
                continue
            case dict(), str() if step in here:
                here = here[step]
            case list(), int():
                here = here[step]
            case _:
                continue
        steps.append(step)
        at_tag = True
    if item["type"] == "missing":
        steps.append(item["loc"][-1])
    return steps


def _named(steps: list[str | int]) -> str:
    """The field as a reader would call it: `parts[0].text`."""
    name = ""
    for step in steps[1:] if len(steps) > 1 and steps[0] == "payload" else steps:
        name += f"[{step}]" if isinstance(step, int) else f".{_short(step)}"
    return name.lstrip(".") or "the frame"


def _short(step: str) -> str:
    return step if len(step) <= MAX_SEGMENT else step[:MAX_SEGMENT] + "…"


def _pointer(within: str, steps: list[str | int]) -> str:
    return within + "".join("/" + _short(str(step)).replace("~", "~0").replace("/", "~1") for step in steps)
