"""Every frame that either side may send, with the examples in it."""

from collections.abc import Sequence

from salon.contracts.events import Entry, lane_of
from salon.contracts.examples.actions import ACTIONS
from salon.contracts.examples.answers import ANSWERS, ERROR, PING
from salon.contracts.examples.events import AT, ENTRIES
from salon.contracts.types import Json, Obj


def client_frames() -> list[Obj]:
    """Every frame a client may send."""
    return [*(_frame("action", payload) for payload in ACTIONS), *_both_ways()]


def server_frames() -> list[Obj]:
    """Every frame the server may send, each event in a frame of its own."""
    events = (_frame(lane_of(Entry.model_validate(entry).body), _events([entry])) for entry in ENTRIES)
    return [*(_frame("state_update", payload) for payload in ANSWERS), *events, *_both_ways()]


def _events(entries: Sequence[Json]) -> Obj:
    return {"kind": "events", "room": "lobby", "entries": list(entries)}


def _both_ways() -> list[Obj]:
    return [_frame("error", ERROR), _frame("ping", PING), _frame("pong", {**PING, "server_time": AT})]


def _frame(type_: str, payload: Obj) -> Obj:
    return {"type": type_, "payload": payload, "timestamp": AT}
