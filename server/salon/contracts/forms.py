"""The fields of a form surface: what may be asked, and which answers are fine."""

from typing import Annotated, Literal, Union

from pydantic import Field

from salon.contracts.types import Exact, Label, Opt, Pos, Text, Wire

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
