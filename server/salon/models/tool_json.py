"""Reads the tool calls that models write: repairs near-JSON, marks what is hopeless, and makes call ids unique.

It knows nothing of tools: a call that cannot be repaired keeps its place with empty arguments and the marker
`MALFORMED` in `vendor_metadata`, and whoever executes tools answers it with an error instead of running it.
"""

import json
import re
from collections.abc import Iterable
from copy import copy
from uuid import uuid4

import orjson
from ag2.events import BaseEvent, ModelResponse, ToolCallEvent, ToolCallsEvent

MALFORMED = "salon.malformed"
"""Key in `ToolCallEvent.vendor_metadata`: the call's arguments could not be read; the value is a short reason."""

_FENCE = re.compile(r"^\s*```[a-zA-Z]*\s*|\s*```\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_CLOSERS = {"{": "}", "[": "]"}


def malformed(call: ToolCallEvent) -> str | None:
    """Why this call must not be executed, or None when its arguments are sound."""
    reason = call.vendor_metadata.get(MALFORMED)
    return str(reason) if reason else None


def read_arguments(text: str, *, complete: bool = True) -> dict[str, object] | None:
    """The arguments object that a model meant by `text`, or None when nothing sensible can be read.

    Args:
        text: what the model wrote; may be fenced, double-encoded, or have trailing commas or missing brackets.
        complete: False when the answer was cut off by a length limit: then missing brackets are not filled in, since
            a half-written argument must not be acted upon.
    """
    text = _FENCE.sub("", text).strip()
    if not text or text == "null":
        return {}
    candidates = [text, _TRAILING_COMMA.sub(r"\1", text)]
    if complete:
        candidates.append(_TRAILING_COMMA.sub(r"\1", _closed(text)))
    for candidate in candidates:
        try:
            value: object = json.loads(candidate, strict=False)
            if isinstance(value, str):  # some vendors encode the object twice
                value = json.loads(value, strict=False)
        except (ValueError, RecursionError):
            continue
        return value if isinstance(value, dict) else None
    return None


def _closed(text: str) -> str:
    """`text` with the string and brackets closed that it left open."""
    stack: list[str] = []
    quoted = escaped = False
    for char in text:
        if quoted:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char in _CLOSERS:
            stack.append(_CLOSERS[char])
        elif stack and char == stack[-1]:
            stack.pop()
    tail = '"' if quoted else ""
    return (text[:-1] if escaped else text).rstrip(", \n\t") + tail + "".join(reversed(stack))


def sound_calls(calls: Iterable[ToolCallEvent], *, complete: bool, taken: set[str]) -> list[ToolCallEvent]:
    """The same calls with valid JSON arguments and ids that are neither empty nor in `taken` (which is extended)."""
    sound: list[ToolCallEvent] = []
    for call in calls:
        if not call.name and not call.arguments.strip():
            continue  # an empty slot that a vendor announced and never filled
        metadata = dict(call.vendor_metadata)
        arguments = call.arguments
        parsed = read_arguments(arguments, complete=complete)
        if parsed is None:
            reason = "the arguments are not a JSON object" if complete else "the answer was cut off in the arguments"
            metadata[MALFORMED] = reason
            arguments = "{}"
        else:
            try:
                arguments = orjson.dumps(parsed).decode()
            except (TypeError, orjson.JSONEncodeError):  # integers beyond 64 bits, lone surrogates
                arguments = json.dumps(parsed)
        call_id = call.id if call.id and call.id not in taken else f"call_{uuid4().hex[:24]}"
        taken.add(call_id)
        sound.append(
            ToolCallEvent(id=call_id, name=call.name or "unnamed_tool", arguments=arguments, vendor_metadata=metadata)
        )
    return sound


def sound_history(messages: Iterable[BaseEvent]) -> tuple[list[BaseEvent], set[str]]:
    """The history as it may be sent to a vendor (every past call with a JSON object as arguments), and its call ids."""
    history: list[BaseEvent] = []
    ids: set[str] = set()
    for message in messages:
        if isinstance(message, ModelResponse) and message.tool_calls:
            ids.update(call.id for call in message.tool_calls.calls)
            history.append(_readable_response(message))
        else:
            history.append(message)
    return history, ids


def _readable_response(response: ModelResponse) -> ModelResponse:
    if all(_readable(call) for call in response.tool_calls.calls):
        return response
    repaired = copy(response)
    repaired.tool_calls = ToolCallsEvent([_readable_copy(call) for call in response.tool_calls.calls])
    return repaired


def _readable(call: ToolCallEvent) -> bool:
    try:
        return isinstance(call.serialized_arguments, dict)
    except ValueError:
        return False


def _readable_copy(call: ToolCallEvent) -> ToolCallEvent:
    if _readable(call):
        return call
    arguments = read_arguments(call.arguments) or {}
    return ToolCallEvent(
        id=call.id, name=call.name, arguments=json.dumps(arguments), vendor_metadata=call.vendor_metadata
    )
