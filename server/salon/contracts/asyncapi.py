"""The AsyncAPI 3 document of /ws/agent: which frames go which way, with examples of each."""

from collections.abc import Sequence
from typing import cast

from salon.contracts.examples.frames import client_frames, server_frames
from salon.contracts.types import Json, Obj
from salon.contracts.wire import SUBPROTOCOL, VERSION

_FORMAT = "application/schema+json;version=draft-2020-12"


def asyncapi(wire: Obj, file: str) -> Obj:
    """The document that goes with the JSON Schema `wire`, whose definitions it refers to in `file`."""
    received, sent = client_frames(), server_frames()
    messages = {**_messages(wire, "ClientFrame", file, received), **_messages(wire, "ServerFrame", file, sent)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Salon: people and teams of agents in rooms",
            "version": VERSION,
            "description": "One WebSocket for everything live. docs/protocol.md explains it in words.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "127.0.0.1:8000", "protocol": "ws", "description": "`salon serve`"}},
        "channels": {
            "agent": {
                "address": "/ws/agent",
                "description": f"Text frames of one JSON object each; subprotocol {SUBPROTOCOL}.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "act": _operation("receive", "What a client may send.", received),
            "watch": _operation("send", "What the server sends.", sent),
        },
        "components": {"messages": messages},
    }


def _operation(action: str, summary: str, frames: Sequence[Obj]) -> Obj:
    names = sorted({_name(frame) for frame in frames})
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/agent"},
        "messages": [{"$ref": f"#/channels/agent/messages/{name}"} for name in names],
    }


def _messages(wire: Obj, root: str, file: str, frames: Sequence[Obj]) -> Obj:
    messages: Obj = {}
    for name in sorted({_name(frame) for frame in frames}):
        examples: list[Json] = [{"payload": frame} for frame in frames if _name(frame) == name]
        kind = name.rpartition(".")[2]
        envelope = _at(wire, "$defs", _member(_at(wire, "$defs", root), name.partition(".")[0]))
        payload = _member(_at(envelope, "properties", "payload"), kind)
        # The envelope with this one payload: with a reference to all of them a reader would unfold them all each time.
        fields: Obj = {**_at(envelope, "properties"), "payload": {"$ref": f"{file}#/$defs/{payload}"}}
        messages[name] = {
            "name": name,
            "title": kind,
            "summary": _at(wire, "$defs", payload)["description"],
            "payload": {"schemaFormat": _FORMAT, "schema": {**envelope, "properties": fields}},
            "examples": examples,
        }
    return messages


def _name(frame: Obj) -> str:
    """A message's name: its envelope type, and its payload's kind where it has one."""
    kind = cast(Obj, frame["payload"]).get("kind")
    return f"{frame['type']}.{kind}" if kind else str(frame["type"])


def _member(schema: Obj, tag: str) -> str:
    """The definition that `schema` refers to, for a tagged union the one of `tag`."""
    ref = schema["$ref"] if "$ref" in schema else _at(schema, "discriminator", "mapping")[tag]
    return str(ref).rpartition("/")[2]


def _at(schema: Obj, *path: str) -> Obj:
    for step in path:
        schema = cast(Obj, schema[step])
    return schema
