"""A recording as JSON Lines: a first line about the room, then its entries as they went over the wire. Pure.

What later entries superseded may be missing from it; `filled` tells it again, so that every `seq` is what it was.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import orjson
from pydantic import ValidationError

from salon.contracts.events import Custom, Entry, MsgDelta, MsgDone, MsgRemoved, MsgStarted
from salon.contracts.problems import problems, summary
from salon.contracts.types import Id, Label, Opt, TextPart, Wire
from salon.errors import Detail, RequestError

W = TypeVar("W", bound=Wire)

WIDEST_GAP = 100_000
"""How many entries may be missing between two: each of them is told again."""

MISSING = "replay.missing"
"""The name of the event that stands for an entry of which nothing is known."""


class FirstLine(Wire):
    """What the recording is of."""

    kind: Literal["recording"]
    version: Literal[1]
    room: Id
    title: Opt[Label] = None


@dataclass(frozen=True, slots=True)
class Recording:
    """A file that was read and found in order: `entries` are ascending, and may have gaps."""

    room: str
    title: str | None
    entries: Sequence[Entry]


def first_line(room: str, title: str | None) -> bytes:
    """The line about the room."""
    return FirstLine(kind="recording", version=1, room=room, title=title).model_dump_json().encode() + b"\n"


def entry_line(entry: Entry) -> bytes:
    """The line of an entry."""
    return entry.model_dump_json(by_alias=True).encode() + b"\n"


def read(lines: Iterable[bytes]) -> Recording:
    """Read a whole file. Raises RequestError that names the line."""
    first: FirstLine | None = None
    entries: list[Entry] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if first is None:
            first = _read(FirstLine, line, number)
            continue
        entry = _read(Entry, line, number)
        if entries and entry.seq <= entries[-1].seq:
            raise _wrong(number, f"its seq is {entry.seq}, and that of the line before {entries[-1].seq}")
        if entry.seq - (entries[-1].seq if entries else 0) > WIDEST_GAP:
            raise _wrong(number, f"more than {WIDEST_GAP} entries are missing before its seq {entry.seq}")
        entries.append(entry)
    if first is None or not entries:
        raise RequestError("there is nothing in the recording: it has a first line, and one for each entry")
    return Recording(first.room, first.title, entries)


def filled(entries: Sequence[Entry]) -> list[Entry]:
    """The same without gaps, from seq 1 on.

    A gap in which a message was written is filled with its text in as many pieces; nothing is known of other gaps.
    """
    texts = {
        entry.body.message: "".join(part.text for part in entry.body.parts if isinstance(part, TextPart))
        for entry in entries
        if isinstance(entry.body, MsgDone)
    }
    pieces = Counter(message for _, message in _gaps(entries) if message is not None)
    told: Counter[str] = Counter()
    made: dict[int, Entry] = {entry.seq: entry for entry in entries}
    for seq, message in _gaps(entries):
        after = made[seq - 1] if seq > 1 else entries[0]
        body: MsgDelta | Custom = Custom(event="custom", name=MISSING, value=None)
        if message is not None and message in texts:
            text, count = texts[message], pieces[message]
            told[message] += 1
            begin, end = (len(text) * n // count for n in (told[message] - 1, told[message]))
            body = MsgDelta(event="message.delta", message=message, text=text[begin:end], at=end)
        made[seq] = Entry(seq=seq, at=after.at, cause=after.cause, body=body)
    return [made[seq] for seq in sorted(made)]


def _gaps(entries: Sequence[Entry]) -> Iterator[tuple[int, str | None]]:
    """The seqs that are missing, each with the message that was being written then; none that has its pieces."""
    seq, writing = 1, list[str]()
    whole = {entry.body.message for entry in entries if isinstance(entry.body, MsgDelta)}
    for entry in entries:
        for missing in range(seq, entry.seq):
            yield missing, writing[-1] if writing else None
        seq = entry.seq + 1
        match entry.body:
            case MsgStarted() as started if started.message not in whole:
                writing.append(started.message)
            case MsgDone() | MsgRemoved() as ended if ended.message in writing:
                writing.remove(ended.message)


def _read(shape: type[W], line: bytes, number: int) -> W:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _wrong(number, "it is no JSON object") from None
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise _wrong(number, summary(problems(error, value)).rstrip(".")) from None


def _wrong(number: int, what: str) -> RequestError:
    remedy = "is this a file of `salon record`?" if number == 1 else "record again, or cut the file before this line"
    return RequestError(f"line {number}: {what}; {remedy}", [Detail(f"/{number - 1}", "line", what)])
