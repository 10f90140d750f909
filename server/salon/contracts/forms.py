"""The fields of a form surface: what may be asked, and which answers are fine. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Union, assert_never

from pydantic import Field, TypeAdapter, ValidationError

from salon.contracts.types import Exact, Json, Label, Obj, Opt, Pos, Text, Wire
from salon.errors import Detail

NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9._:/-]*$"
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=NAME_PATTERN)]
"""What a program reads: a field, an action, a component."""

Number = Exact | float


class TextField(Wire):
    """A form field for words."""

    type: Literal["text", "multiline", "email", "url", "date"]
    name: Name
    label: Label
    required: Opt[bool] = None
    help: Opt[Label] = None
    value: Opt[Text] = None
    placeholder: Opt[Label] = None
    min_length: Opt[Pos] = None
    max_length: Opt[Pos] = None


class NumberField(Wire):
    """A form field for a number; the bounds are inclusive."""

    type: Literal["number", "integer"]
    name: Name
    label: Label
    required: Opt[bool] = None
    help: Opt[Label] = None
    value: Opt[Number] = None
    minimum: Opt[Number] = None
    maximum: Opt[Number] = None


class BooleanField(Wire):
    """A form field to tick."""

    type: Literal["boolean"]
    name: Name
    label: Label
    required: Opt[bool] = None
    help: Opt[Label] = None
    value: Opt[bool] = None


class Option(Wire):
    """One of several to choose from."""

    value: Label
    label: Opt[Label] = None


Options = Annotated[list[Option], Field(min_length=1, max_length=200)]


class ChoiceField(Wire):
    """A form field for one of some options."""

    type: Literal["choice"]
    name: Name
    label: Label
    options: Options
    required: Opt[bool] = None
    help: Opt[Label] = None
    value: Opt[Label] = None


class ChoicesField(Wire):
    """A form field for any number of some options."""

    type: Literal["choices"]
    name: Name
    label: Label
    options: Options
    required: Opt[bool] = None
    help: Opt[Label] = None
    value: Opt[list[Label]] = None


FormField = Annotated[
    Union[TextField, NumberField, BooleanField, ChoiceField, ChoicesField],  # noqa: UP007
    Field(discriminator="type"),
]

SUBMIT = "submit"
"""The name of the action that submits a form which names none."""

_FIELDS: TypeAdapter[list[FormField]] = TypeAdapter(list[FormField])
_WRITTEN = {
    "email": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an address such as ann@example.org"),
    "url": (re.compile(r"https?://\S+"), "an address that begins with http:// or https://"),
    "date": (re.compile(r"\d{4}-\d{2}-\d{2}"), "a date such as 2027-01-31"),
}


def submits(props: Obj, action: str) -> bool:
    """Whether an action of that name submits the form with these props."""
    return action == (props.get("action") or SUBMIT)


def mistakes(props: Obj, values: Mapping[str, Json]) -> list[Detail]:
    """What is wrong with the values that were entered, by field, each with the remedy; nothing when all is fine."""
    try:
        fields = {field.name: field for field in _FIELDS.validate_python(props.get("fields"))}
    except ValidationError:  # a component of an application's own that is called so
        return []
    found = [
        Detail(f"/{name}", "unknown", f"{name}: the form has no such field") for name in values if name not in fields
    ]
    for name, field in fields.items():
        value = values.get(name)
        if value is None or value in ("", []):
            wrong = "an answer is needed" if field.required else None
        else:
            wrong = _wrong(field, value)
        if wrong is not None:
            found.append(Detail(f"/{name}", "invalid", f"{field.label}: {wrong}"))
    return found


def _wrong(field: FormField, value: Json) -> str | None:
    match field:
        case TextField():
            return _wrong_text(field, value)
        case NumberField():
            return _wrong_number(field, value)
        case BooleanField():
            if not isinstance(value, bool):
                return "must be yes or no (true or false)"
            return "must be ticked" if field.required and not value else None
        case ChoiceField():
            return None if value in _values(field) else f"must be one of: {', '.join(_values(field))}"
        case ChoicesField():
            fine = isinstance(value, list) and all(each in _values(field) for each in value)
            return None if fine else f"must be a list of some of: {', '.join(_values(field))}"
        case _:
            assert_never(field)


def _wrong_text(field: TextField, value: Json) -> str | None:
    if not isinstance(value, str):
        return "must be a text"
    if field.min_length is not None and len(value) < field.min_length:
        return f"must have at least {field.min_length} characters"
    if field.max_length is not None and len(value) > field.max_length:
        return f"must have at most {field.max_length} characters"
    form, what = _WRITTEN.get(field.type, (None, ""))
    return f"must be {what}" if form is not None and not form.fullmatch(value) else None


def _wrong_number(field: NumberField, value: Json) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    if field.type == "integer" and not float(value).is_integer():
        return "must be a whole number"
    if field.minimum is not None and value < field.minimum:
        return f"must be at least {field.minimum}"
    if field.maximum is not None and value > field.maximum:
        return f"must be at most {field.maximum}"
    return None


def _values(field: ChoiceField | ChoicesField) -> Sequence[str]:
    return [option.value for option in field.options]
