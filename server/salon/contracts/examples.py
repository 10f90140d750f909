"""One example of every action, event and answer: data for documents and tests, told as one conversation."""

from collections.abc import Sequence

from salon.contracts.events import Entry, lane_of
from salon.contracts.types import Json, Obj

AT = 1767225600.25

ACTIONS: list[Obj] = [
    {"kind": "connect", "id": "c-1", "versions": ["1"], "client": "my-app/1.0", "components": ["chart", "table"]},
    {"kind": "refresh", "id": "c-2", "token": "a-newer-token"},
    {"kind": "subscribe", "id": "c-3", "room": "lobby", "recover": {"epoch": "e1", "seq": 41}},
    {"kind": "unsubscribe", "id": "c-4", "room": "lobby"},
    {
        "kind": "send",
        "id": "c-5",
        "room": "lobby",
        "parts": [{"kind": "text", "text": "Chart our sales by quarter, please."}],
        "to": ["analyst"],
        "when_busy": "queue",
    },
    {
        "kind": "ui_action",
        "id": "c-6",
        "room": "lobby",
        "surface": "sales",
        "name": "details",
        "context": {"quarter": "Q2"},
        "version": 2,
    },
    {"kind": "tool_result", "id": "c-7", "room": "lobby", "call": "call-2", "ok": True, "output": {"city": "Basel"}},
    {"kind": "resolve", "id": "c-8", "room": "lobby", "interrupt": "ask-1", "status": "resolved", "value": True},
    {"kind": "cancel", "id": "c-9", "room": "lobby", "run": "run-1", "reason": "changed my mind"},
    {"kind": "next_speaker", "id": "c-10", "room": "lobby", "agent": "writer"},
    {
        "kind": "patch_state",
        "id": "c-11",
        "room": "lobby",
        "ops": [{"op": "replace", "path": "/topic", "value": "sales"}, {"op": "move", "from": "/old", "path": "/new"}],
        "if_version": 3,
    },
    {"kind": "regenerate", "id": "c-12", "room": "lobby", "message": "m-2"},
    {"kind": "fork", "id": "c-13", "room": "lobby", "at": 12, "new_room": "what-if"},
    {"kind": "history", "id": "c-14", "room": "lobby", "before": 100, "limit": 50},
    {"kind": "signal", "room": "lobby", "typing": True},
    {"kind": "seen", "room": "lobby", "seq": 41},
]

_HOST: Obj = {"id": "host", "description": "Finds out who can help.", "host": True}
_ANALYST: Obj = {"id": "analyst", "description": "Makes sense of numbers.", "host": False}
_USAGE: Obj = {"input_tokens": 210, "output_tokens": 24}
_STARTED: Obj = {
    "event": "message.started",
    "message": "m-2",
    "author": {"id": "analyst", "role": "agent"},
    "run": "run-1",
    "turn": "turn-1",
}
_TURN: Obj = {
    "event": "turn.started",
    "turn": "turn-1",
    "run": "run-1",
    "agent": "analyst",
    "chosen": {"rule": "handoff", "by": "host", "reason": "It is about numbers.", "candidates": ["analyst", "writer"]},
    "source": "mock",
    "model": "mock/salon",
}
_SAID: Obj = {
    "event": "message.done",
    "message": "m-1",
    "author": {"id": "ada", "role": "user", "name": "Ada"},
    "parts": [{"kind": "text", "text": "Chart our sales by quarter, please."}],
}
_CHART: Obj = {
    "event": "ui.put",
    "surface": "sales",
    "owner": "analyst",
    "component": "chart",
    "props": {"kind": "bar", "labels": ["Q1", "Q2"], "series": [{"name": "Sales", "values": [12, 15.5]}]},
    "version": 1,
}
_READY: Obj = {
    "event": "tool.ready",
    "call": "call-2",
    "name": "where_am_i",
    "args": {},
    "where": "client",
    "assignee": "ada",
}
_A2UI: Obj = {
    "event": "ui.a2ui",
    "surface": "trip",
    "owner": "planner",
    "messages": [{"deleteSurface": {"surfaceId": "x"}}],
}
_ASKED: Obj = {
    "event": "interrupt.opened",
    "interrupt": "ask-1",
    "run": "run-1",
    "agent": "analyst",
    "reason": "approval",
    "message": "Send the report to the whole team?",
    "response_schema": {"type": "boolean"},
    "expires_at": AT + 300,
    "allowed": ["ada"],
}
_STATUS: Obj = {"event": "agent.status", "agent": "analyst", "status": "thinking", "run": "run-1"}
_RUN: Obj = {"event": "run.started", "run": "run-1", "team": "salon"}

EVENTS: list[Obj] = [
    {"event": "room.opened", "team": "salon", "roster": [_HOST, _ANALYST]},
    _SAID,
    _RUN,
    {"event": "agent.handoff", "source": "host", "target": "analyst", "run": "run-1", "reason": "It is about numbers."},
    _TURN,
    _STATUS,
    {"event": "reasoning.delta", "run": "run-1", "text": "Quarters, so bars.", "at": 18, "turn": "turn-1"},
    {"event": "tool.started", "call": "call-1", "name": "sales", "run": "run-1", "where": "server", "agent": "analyst"},
    {"event": "tool.args", "call": "call-1", "text": '{"by":"quarter"}', "at": 16},
    {"event": "tool.ready", "call": "call-1", "name": "sales", "args": {"by": "quarter"}, "where": "server"},
    {"event": "tool.done", "call": "call-1", "ok": True, "output": [12, 15.5]},
    _CHART,
    {"event": "ui.patch", "surface": "sales", "ops": [{"op": "add", "path": "/title", "value": "Sales"}], "version": 2},
    _READY,
    _ASKED,
    {"event": "interrupt.resolved", "interrupt": "ask-1", "status": "resolved", "by": "ada", "value": True},
    _STARTED,
    {"event": "message.delta", "message": "m-2", "text": "Sales grew by ", "at": 14},
    {"event": "message.delta", "message": "m-2", "text": "29 %.", "at": 19},
    {
        "event": "message.done",
        "message": "m-2",
        "author": {"id": "analyst", "role": "agent"},
        "parts": [{"kind": "text", "text": "Sales grew by 29 %."}, {"kind": "ui", "surface": "sales"}],
        "run": "run-1",
        "turn": "turn-1",
        "source": "mock",
    },
    {"event": "usage", "turn": "turn-1", "model": "mock/salon", **_USAGE},
    {"event": "turn.finished", "turn": "turn-1", "outcome": "success", "usage": _USAGE},
    {"event": "run.finished", "run": "run-1", "outcome": "success", "usage": _USAGE},
    {"event": "state.patched", "ops": [{"op": "add", "path": "/topic", "value": "sales"}], "version": 1},
    {"event": "floor.given", "agent": "writer", "by": "ada"},
    {"event": "ui.removed", "surface": "sales"},
    _A2UI,
    {"event": "message.removed", "message": "m-2"},
    {"event": "room.forked", "room": "what-if", "at": 12},
    {"event": "custom", "name": "my-app.celebrate", "value": {"confetti": True}},
]

ENTRIES: list[Json] = [{"seq": seq, "at": AT, "cause": "c-5", "body": body} for seq, body in enumerate(EVENTS, 1)]

_SNAPSHOT: Obj = {
    "state": {"topic": "sales"},
    "version": 1,
    "messages": [_SAID],
    "open_messages": [_STARTED],
    "partial": {"m-2": "Sales grew by "},
    "surfaces": [_CHART],
    "a2ui": [_A2UI],
    "runs": [_RUN],
    "turns": [_TURN],
    "calls": [_READY],
    "interrupts": [_ASKED],
    "agents": [_STATUS],
    "roster": [_HOST, _ANALYST],
    "team": "salon",
    "floor": "analyst",
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
