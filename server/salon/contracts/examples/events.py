"""An example of every event, and the entries of a log that has them all."""

from salon.contracts.types import Json, Obj

AT = 1767225600.25

HOST: Obj = {"id": "host", "description": "Finds out who can help.", "host": True}
ANALYST: Obj = {"id": "analyst", "description": "Makes sense of numbers.", "host": False}
USAGE: Obj = {"input_tokens": 210, "output_tokens": 24}
STARTED: Obj = {
    "event": "message.started",
    "message": "m-2",
    "author": {"id": "analyst", "role": "agent"},
    "run": "run-1",
    "turn": "turn-1",
}
TURN: Obj = {
    "event": "turn.started",
    "turn": "turn-1",
    "run": "run-1",
    "agent": "analyst",
    "chosen": {"rule": "handoff", "by": "host", "reason": "It is about numbers.", "candidates": ["analyst", "writer"]},
    "source": "mock",
    "model": "mock/salon",
}
SAID: Obj = {
    "event": "message.done",
    "message": "m-1",
    "author": {"id": "ada", "role": "user", "name": "Ada"},
    "parts": [{"kind": "text", "text": "Chart our sales by quarter, please."}],
}
CHART: Obj = {
    "event": "ui.put",
    "surface": "sales",
    "owner": "analyst",
    "component": "chart",
    "props": {"kind": "bar", "labels": ["Q1", "Q2"], "series": [{"name": "Sales", "values": [12, 15.5]}]},
    "version": 1,
}
READY: Obj = {
    "event": "tool.ready",
    "call": "call-2",
    "name": "where_am_i",
    "args": {},
    "where": "client",
    "assignee": "ada",
}
A2UI: Obj = {
    "event": "ui.a2ui",
    "surface": "trip",
    "owner": "planner",
    "messages": [{"deleteSurface": {"surfaceId": "x"}}],
}
ASKED: Obj = {
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
STATUS: Obj = {"event": "agent.status", "agent": "analyst", "status": "thinking", "run": "run-1"}
SUMMARY: Obj = {"event": "room.summarised", "text": "Ada wants a chart of the sales by quarter.", "upto": 20}
BLOCKED = "It tries to set the agent's instructions aside."
RUN: Obj = {"event": "run.started", "run": "run-1", "team": "salon"}

EVENTS: list[Obj] = [
    {"event": "room.opened", "team": "salon", "roster": [HOST, ANALYST]},
    SAID,
    RUN,
    {"event": "agent.handoff", "source": "host", "target": "analyst", "run": "run-1", "reason": "It is about numbers."},
    TURN,
    STATUS,
    {"event": "reasoning.delta", "run": "run-1", "text": "Quarters, so bars.", "at": 18, "turn": "turn-1"},
    {"event": "tool.started", "call": "call-1", "name": "sales", "run": "run-1", "where": "server", "agent": "analyst"},
    {"event": "tool.args", "call": "call-1", "text": '{"by":"quarter"}', "at": 16},
    {"event": "tool.ready", "call": "call-1", "name": "sales", "args": {"by": "quarter"}, "where": "server"},
    {"event": "tool.done", "call": "call-1", "ok": True, "output": [12, 15.5]},
    CHART,
    {"event": "ui.patch", "surface": "sales", "ops": [{"op": "add", "path": "/title", "value": "Sales"}], "version": 2},
    READY,
    ASKED,
    {"event": "interrupt.resolved", "interrupt": "ask-1", "status": "resolved", "by": "ada", "value": True},
    STARTED,
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
    {"event": "usage", "turn": "turn-1", "model": "mock/salon", **USAGE},
    {"event": "turn.finished", "turn": "turn-1", "outcome": "success", "usage": USAGE},
    {"event": "run.finished", "run": "run-1", "outcome": "success", "usage": USAGE},
    {"event": "state.patched", "ops": [{"op": "add", "path": "/topic", "value": "sales"}], "version": 1},
    {"event": "floor.given", "agent": "writer", "by": "ada"},
    {"event": "ui.removed", "surface": "sales"},
    A2UI,
    {"event": "message.removed", "message": "m-2"},
    {"event": "tool.removed", "call": "call-1"},
    {"event": "room.forked", "room": "what-if", "at": 12},
    {"event": "room.changed", "title": "Sales by quarter"},
    {"event": "job.updated", "job": "job-1", "name": "summarise", "status": "processing", "progress": 0.5},
    {"event": "guardrail.blocked", "where": "input", "kind": "injection", "reason": BLOCKED, "agent": "analyst"},
    SUMMARY,
    {"event": "room.cleared"},
    {"event": "custom", "name": "my-app.celebrate", "value": {"confetti": True}},
]

ENTRIES: list[Json] = [{"seq": seq, "at": AT, "cause": "c-5", "body": body} for seq, body in enumerate(EVENTS, 1)]
