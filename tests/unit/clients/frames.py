"""Frames written by hand, as a server would send them."""

import json
from typing import Any

from salon.clients.follow.frames import Arrived, Frame, decode
from salon.contracts.events import Entry
from salon.contracts.wire import Resync, Snapshot, Subscribed, Welcome

JSON = dict[str, Any]

EMPTY: JSON = {
    "state": {},
    "version": 0,
    "messages": [],
    "open_messages": [],
    "partial": {},
    "surfaces": [],
    "a2ui": [],
    "runs": [],
    "turns": [],
    "calls": [],
    "interrupts": [],
    "agents": [],
    "roster": [{"id": "host", "host": True}, {"id": "analyst", "description": "counts", "host": False}],
    "team": "demo",
    "floor": "host",
    "more": False,
}


def text(payload: JSON, type_: str = "state_update") -> str:
    return json.dumps({"type": type_, "payload": payload, "timestamp": 1.0})


def entry(seq: int, event: str, cause: str | None = None, **body: Any) -> JSON:
    caused = {"cause": cause} if cause else {}
    return {"seq": seq, "at": 1.0, **caused, "body": {"event": event, **body}}


def events(*entries: JSON, room: str = "lab") -> str:
    return text({"kind": "events", "room": room, "entries": list(entries)})


LIMITS = (
    "json_depth",
    "rooms",
    "actions_per_second",
    "inflight",
    "queue_frames",
    "history_page",
    "recover_events",
    "recover_seconds",
)


def welcome(mode: str = "mock", **more: Any) -> str:
    return text(
        {
            "kind": "welcome",
            "version": "1",
            "connection": "con_1",
            "session": "s3cret",
            "user": "guest-me",
            "server": "salon/test",
            "schema_hash": "abc",
            "mode": mode,
            "ping_every": 25.0,
            "pong_within": 10.0,
            "features": [],
            "limits": {**dict.fromkeys(LIMITS, 64), "frame_bytes": 65536},
            **more,
        }
    )


def subscribed(
    seq: int, *, epoch: str = "e1", recovered: list[JSON] | None = None, room: str = "lab", **snapshot: Any
) -> str:
    payload: JSON = {
        "kind": "subscribed",
        "room": room,
        "position": {"epoch": epoch, "seq": seq},
        "first_seq": 1,
        "was_recovering": recovered is not None,
        "recovered": recovered is not None,
        "events": recovered or [],
        "members": [{"client": "c1", "user": "guest-me", "role": "user"}],
    }
    if recovered is None:
        payload["snapshot"] = {**EMPTY, **snapshot}
    return text(payload)


def resync(seq: int, *, epoch: str = "e1", **snapshot: Any) -> str:
    position = {"epoch": epoch, "seq": seq}
    shown = {**EMPTY, **snapshot}
    return text({"kind": "resync", "room": "lab", "position": position, "snapshot": shown, "reason": "slow_consumer"})


def said(message: str, words: str, author: str = "ann", role: str = "user", **more: Any) -> JSON:
    parts = [{"kind": "text", "text": words}]
    return {"event": "message.done", "message": message, "author": {"id": author, "role": role}, "parts": parts, **more}


def read(frame: str) -> Frame:
    found = decode(frame)
    assert found is not None
    return found


def of_room(frame: str) -> Subscribed | Arrived | Resync:
    found = read(frame)
    assert isinstance(found, Subscribed | Arrived | Resync)
    return found


def as_welcome(frame: str) -> Welcome:
    found = read(frame)
    assert isinstance(found, Welcome)
    return found


def snapshot(**fields: Any) -> Snapshot:
    return Snapshot.model_validate({**EMPTY, **fields})


def entries(*raw: JSON) -> tuple[Entry, ...]:
    return tuple(Entry.model_validate(one) for one in raw)
