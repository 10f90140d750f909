"""From typed frames to the bytes of a text frame, without encoding anything twice. Pure."""

from collections.abc import Sequence
from typing import Literal

import orjson

from salon.contracts.events import Entry, Lane
from salon.contracts.types import Wire

FrameType = Literal["state_update", "action", "error", "ping", "pong"]


def frame_bytes(type_: FrameType, payload: Wire, timestamp: float) -> bytes:
    """A whole frame around `payload`; `timestamp` is in seconds since the epoch. Absent values are left out."""
    return b'{"type":"%b","payload":%b,"timestamp":%b}' % (type_.encode(), _json(payload), orjson.dumps(timestamp))


def entry_bytes(entry: Entry) -> bytes:
    """A log entry, encoded once for all its watchers; what `events_frame` joins."""
    return _json(entry)


def events_frame(room: str, lane: Lane, entries: Sequence[bytes], timestamp: float) -> bytes:
    """A frame of entries that are encoded already: contiguous, at least one, at most 500, all of one lane."""
    return b'{"type":"%b","payload":{"kind":"events","room":%b,"entries":[%b]},"timestamp":%b}' % (
        lane.encode(),
        orjson.dumps(room),
        b",".join(entries),
        orjson.dumps(timestamp),
    )


def _json(model: Wire) -> bytes:
    return model.__pydantic_serializer__.to_json(model)
