"""An example of every answer of the server: what it says beside a room's entries."""

from salon.contracts.examples.events import (
    A2UI,
    ANALYST,
    ASKED,
    AT,
    CHART,
    ENTRIES,
    HOST,
    READY,
    RUN,
    SAID,
    STARTED,
    STATUS,
    SUMMARY,
    TURN,
)
from salon.contracts.types import Obj

_SNAPSHOT: Obj = {
    "state": {"topic": "sales"},
    "version": 1,
    "messages": [SAID],
    "open_messages": [STARTED],
    "partial": {"m-2": "Sales grew by "},
    "surfaces": [CHART],
    "a2ui": [A2UI],
    "runs": [RUN],
    "turns": [TURN],
    "calls": [READY],
    "interrupts": [ASKED],
    "agents": [STATUS],
    "roster": [HOST, ANALYST],
    "team": "salon",
    "floor": "analyst",
    "title": "Sales by quarter",
    "archived": True,
    "summary": SUMMARY,
    "more": False,
}
_MEMBER: Obj = {"client": "conn-1", "user": "ada", "role": "user", "name": "Ada"}
_POSITION: Obj = {"epoch": "e1", "seq": 42}

ANSWERS: list[Obj] = [
    {
        "kind": "welcome",
        "version": "1",
        "connection": "conn-1",
        "session": "sess-1",
        "user": "ada",
        "server": "salon/0.1.0",
        "schema_hash": "0123456789ab",
        "mode": "mock",
        "ping_every": 25,
        "pong_within": 10,
        "features": [],
        "limits": {
            "frame_bytes": 65536,
            "json_depth": 32,
            "rooms": 64,
            "actions_per_second": 20,
            "inflight": 64,
            "queue_frames": 1000,
            "history_page": 200,
            "recover_events": 500,
            "recover_seconds": 300,
        },
        "reply_to": "c-1",
    },
    {
        "kind": "subscribed",
        "room": "lobby",
        "position": _POSITION,
        "first_seq": 1,
        "was_recovering": True,
        "recovered": True,
        "events": [{"seq": 42, "at": AT, "body": {"event": "ui.removed", "surface": "sales"}}],
        "members": [_MEMBER],
        "reply_to": "c-3",
    },
    {
        "kind": "subscribed",
        "room": "lobby",
        "position": _POSITION,
        "first_seq": 1,
        "was_recovering": False,
        "recovered": False,
        "events": [],
        "snapshot": _SNAPSHOT,
        "members": [_MEMBER],
    },
    {"kind": "unsubscribed", "room": "lobby", "code": "requested", "reply_to": "c-4"},
    {"kind": "resync", "room": "lobby", "position": _POSITION, "snapshot": _SNAPSHOT, "reason": "slow_consumer"},
    {
        "kind": "ephemeral",
        "room": "lobby",
        "joins": [_MEMBER],
        "leaves": ["conn-0"],
        "typing": ["conn-1"],
        "signals": {"conn-1": {"cursor": 7}},
    },
    {"kind": "ack", "reply_to": "c-5", "duplicate": False, "room": "lobby", "seq": 2},
    {"kind": "history", "reply_to": "c-14", "room": "lobby", "position": _POSITION, "entries": ENTRIES, "more": False},
    {
        "kind": "threads",
        "reply_to": "c-21",
        "threads": [
            {
                "room": "lobby",
                "title": "Sales by quarter",
                "archived": False,
                "shared": True,
                "user": "ada",
                "created_at": AT,
                "updated_at": AT + 60,
                "messages": 2,
                "snippet": "Chart our sales by quarter, please.",
                "message": "m-1",
                "seq": 2,
            }
        ],
        "cursor": "20",
    },
    {"kind": "notice", "code": "draining", "message": "The server restarts; reconnect in a moment.", "at": AT},
]

ERROR: Obj = {
    "code": "bad_request",
    "message": "`parts` is required: add it.",
    "retryable": False,
    "fatal": False,
    "reply_to": "c-5",
    "details": [{"path": "/payload/parts", "code": "missing", "message": "`parts` is required: add it."}],
}

PING: Obj = {"nonce": "n-7", "sent": AT}
