"""The scalars and small shapes of every contract, chosen so that Python and TypeScript accept the same values."""

from typing import Annotated, Literal, Optional, TypeVar, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from typing_extensions import TypeAliasType

T = TypeVar("T")

SAFE = 2**53 - 1  # JavaScript's Number.MAX_SAFE_INTEGER: beyond it the two sides would disagree about a value


def _integral(value: object) -> object:
    """JSON has one number type: `3.0` from a JavaScript client is the integer 3."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= SAFE else value


def _absent(value: object) -> bool:
    return value is None


Opt = Annotated[Optional[T], Field(exclude_if=_absent)]  # noqa: UP045 - `T | None` is not a generic alias
"""An optional field: `null` is tolerated from a client and never sent."""

Int = Annotated[int, Field(ge=-SAFE, le=SAFE), BeforeValidator(_integral)]
Seq = Annotated[int, Field(ge=0, le=SAFE), BeforeValidator(_integral)]
Pos = Annotated[int, Field(ge=1, le=SAFE), BeforeValidator(_integral)]
Ts = Annotated[float, Field(ge=0)]
"""Seconds since the Unix epoch."""
ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@/-]*$"
POINTER_PATTERN = r"^(?:/(?:[^~/]|~[01])*)*$"
Id = Annotated[str, Field(min_length=1, max_length=128, pattern=ID_PATTERN)]
Label = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=32768)]
Pointer = Annotated[str, Field(max_length=1024, pattern=POINTER_PATTERN)]
"""A JSON Pointer (RFC 6901)."""
Exact = Annotated[int, Field(ge=-SAFE, le=SAFE)]
Json = TypeAliasType("Json", "bool | Exact | float | str | list[Json] | dict[str, Json] | None")
"""Any JSON. Integers stay integers as far as both sides agree about them; larger ones are doubles, as in JavaScript."""
Obj = dict[str, Json]


DEFAULT_ROOM = "default"
"""Where clients are that name no room: nobody's, whoever comes first."""


class Wire(BaseModel):
    """What every model on the wire is: strict, closed, without NaN or infinity."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, serialize_by_alias=True)


Role = Literal["agent", "user", "system", "tool"]


class Author(Wire):
    """Who said a message."""

    id: Id
    role: Role
    name: Opt[Label] = None


class TextPart(Wire):
    """Words."""

    kind: Literal["text"]
    text: Text


class FilePart(Wire):
    """A reference to a stored file."""

    kind: Literal["file"]
    file_id: Id
    media_type: Label
    name: Opt[Label] = None
    size: Opt[Seq] = None


class DataPart(Wire):
    """Structured content, named so that a reader knows what it is."""

    kind: Literal["data"]
    name: Label
    data: Json


class UiPart(Wire):
    """A surface shown at this place of the message."""

    kind: Literal["ui"]
    surface: Id


Part = Annotated[Union[TextPart, FilePart, DataPart, UiPart], Field(discriminator="kind")]  # noqa: UP007
Parts = Annotated[list[Part], Field(min_length=1, max_length=64)]


class AddOp(Wire):
    """JSON Patch operations that carry a value (RFC 6902)."""

    op: Literal["add", "replace", "test"]
    path: Pointer
    value: Json


class RemoveOp(Wire):
    """JSON Patch `remove`."""

    op: Literal["remove"]
    path: Pointer


class MoveOp(Wire):
    """JSON Patch operations with a source."""

    op: Literal["move", "copy"]
    path: Pointer
    from_: Annotated[Pointer, Field(alias="from")]


PatchOp = Annotated[Union[AddOp, RemoveOp, MoveOp], Field(discriminator="op")]  # noqa: UP007
Patch = Annotated[list[PatchOp], Field(min_length=1, max_length=500)]


class Member(Wire):
    """A client that is in a room now."""

    client: Id
    user: Id
    role: Role
    name: Opt[Label] = None
    status: Opt[Label] = None
    data: Opt[Obj] = None


class Position(Wire):
    """A place in a room's log. Another `epoch` means that the log was lost or rewound."""

    epoch: Id
    seq: Seq


class ClientTool(Wire):
    """A function that the client runs when a model calls it."""

    name: Label
    description: Opt[Text] = None
    parameters: Opt[Obj] = None


class AgentCard(Wire):
    """What a person needs to know of an agent to address it."""

    id: Id
    description: Opt[Text] = None
    host: bool
