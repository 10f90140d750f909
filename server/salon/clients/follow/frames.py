"""Reads the server's frames as a tolerant client: unknown keys are dropped, unknown kinds passed over, sequence kept.

It may not know what a frame means to anyone.
"""

from dataclasses import dataclass
from typing import cast

import orjson
from pydantic import TypeAdapter, ValidationError

from salon.contracts.events import Entry
from salon.contracts.threads import ThreadPage
from salon.contracts.wire import (
    Ack,
    Ephemeral,
    Error,
    ErrorPayload,
    Events,
    HistoryPage,
    Notice,
    Ping,
    Pong,
    Resync,
    ServerFrame,
    Subscribed,
    Unsubscribed,
    Welcome,
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """An entry of a kind that this client does not know: it counts in the sequence and says nothing."""

    seq: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """Live entries of a room, contiguous."""

    room: str
    entries: tuple[Entry | Unknown, ...]


Frame = (
    Welcome
    | Subscribed
    | Unsubscribed
    | Arrived
    | Resync
    | Ephemeral
    | Ack
    | HistoryPage
    | ThreadPage
    | Notice
    | ErrorPayload
    | Ping
    | Pong
)

_ENTRY = TypeAdapter[Entry](Entry)


def decode(text: str | bytes) -> Frame | None:
    """One frame of the server; None for what a newer server may say and this client does not know."""
    try:
        return _payload(ServerFrame.model_validate_json(text, extra="ignore"))
    except ValidationError:
        return _piecewise(text)


def _payload(frame: ServerFrame) -> Frame:
    match frame.root:
        case Ping() | Pong() as beat:
            return beat
        case Error(payload=error):
            return error
        case other if isinstance(other.payload, Events):
            return Arrived(other.payload.room, tuple(other.payload.entries))
        case other:
            return other.payload


def _piecewise(text: str | bytes) -> Frame | None:
    """The frame without its unreadable entries: one new kind of event must not cost the others of its frame."""
    try:
        frame: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    payload = frame.get("payload") if isinstance(frame, dict) else None
    if not isinstance(payload, dict):
        return None
    match payload:
        case {"kind": "events", "room": str(room), "entries": list(entries)}:
            return Arrived(room, tuple(_entry(entry) for entry in entries))
        case {"kind": "subscribed", "events": list(entries)}:
            known = [entry for entry in map(_entry, entries) if isinstance(entry, Entry)]
            try:
                answer = Subscribed.model_validate({**payload, "events": []}, extra="ignore")
            except ValidationError:
                return None
            return answer.model_copy(update={"events": known})
    return None


def _entry(raw: object) -> Entry | Unknown:
    try:
        return _ENTRY.validate_python(raw, extra="ignore")
    except ValidationError:
        seq = cast("dict[str, object]", raw).get("seq") if isinstance(raw, dict) else None
        return Unknown(seq if isinstance(seq, int) else 0)
