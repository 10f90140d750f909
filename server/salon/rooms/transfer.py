"""Threads as JSON Lines: a first line about the thread, then one for each message, tool call and result. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeVar, Union

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from salon.contracts.events import Entry, MsgDone, ToolDone, ToolReady
from salon.contracts.problems import problems, summary
from salon.contracts.types import Id, Label, Opt, Ts, Wire
from salon.errors import Detail, RequestError, SalonError
from salon.rooms.log.rows import result_id
from salon.rooms.state import RoomState, fold
from salon.store.log.rows import MessageRow
from salon.store.threads import ThreadInfo

T = TypeVar("T")

LONGEST = 100_000
"""Lines of one file."""

Said = Annotated[Union[MsgDone, ToolReady, ToolDone], Field(discriminator="event")]  # noqa: UP007


class ThreadLine(Wire):
    """The first line: what the thread is."""

    kind: Literal["thread"]
    version: Literal[1]
    title: Opt[Label] = None
    agent: Opt[Id] = None
    exported_from: Opt[Id] = None


class SaidLine(Wire):
    """Every further line: what was said or done, and when, in seconds since 1970."""

    kind: Literal["said"]
    at: Ts
    body: Said


_FIRST: TypeAdapter[ThreadLine] = TypeAdapter(ThreadLine)
_FURTHER: TypeAdapter[SaidLine] = TypeAdapter(SaidLine)


@dataclass(slots=True)
class Transfer:
    """A file that was read and found in order."""

    title: str | None
    agent: str | None
    said: list[tuple[float, MsgDone | ToolReady | ToolDone]] = field(default_factory=list)


def first_line(thread: ThreadInfo) -> str:
    """The line about a thread."""
    line = ThreadLine(kind="thread", version=1, title=thread.title, agent=thread.agent_id, exported_from=thread.id)
    return line.model_dump_json() + "\n"


def further_line(row: MessageRow) -> str:
    """The line of a stored message, tool call or result."""
    return f'{{"kind":"said","at":{row.created_at!r},"body":{row.data.decode()}}}\n'


def read_lines(lines: Iterable[str | bytes]) -> Transfer:
    """Read a whole file. Raises RequestError that names the line, or SalonError `too_large`."""
    transfer: Transfer | None = None
    state, taken, at = RoomState(), set[str](), 0.0
    for number, line in enumerate(lines, 1):
        if number > LONGEST:
            raise SalonError("too_large", f"the file has more than {LONGEST} lines; split the conversation")
        if not line.strip():
            continue
        if transfer is None:
            first = _read(_FIRST, line, number)
            transfer = Transfer(first.title, first.agent)
            continue
        said = _read(_FURTHER, line, number)
        at, key = said.at, _key(said.body)
        if key in taken:
            raise _wrong(number, f"the id {key!r} is that of a line before it")
        taken.add(key)
        try:
            fold(state, Entry(seq=state.seq + 1, at=at, body=said.body))
        except SalonError as error:  # a result without its call
            raise _wrong(number, error.message) from None
        transfer.said.append((at, said.body))
    if transfer is None:
        raise RequestError("the file is empty: its first line tells what the thread is")
    for call in state.calls:  # nobody waits for it any more
        transfer.said.append((at, ToolDone(event="tool.done", call=call, ok=False, output="no result was imported")))
    return transfer


def _key(body: MsgDone | ToolReady | ToolDone) -> str:
    """The id under which it is stored: messages, calls and results of a thread share them."""
    match body:
        case MsgDone():
            return body.message
        case ToolReady():
            return body.call
        case ToolDone():
            return result_id(body.call)


def _read(adapter: TypeAdapter[T], line: str | bytes, number: int) -> T:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _wrong(number, "it is no JSON object") from None
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise _wrong(number, summary(problems(error, value))) from None


def _wrong(number: int, what: str) -> RequestError:
    return RequestError(f"line {number}: {what}", [Detail(f"/{number - 1}", "line", what)])
