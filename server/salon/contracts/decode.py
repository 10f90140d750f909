"""From a client's text frame to a typed frame, or to an error that says what to do. Pure."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Union, cast

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from salon.contracts.patch import FORBIDDEN
from salon.contracts.problems import problems, summary
from salon.contracts.types import ID_PATTERN, Json, Obj
from salon.contracts.wire import Action, Error, Limits, Ping, Pong
from salon.errors import Detail, RequestError, SalonError

ClientMessage = Action | Error | Ping | Pong

_FRAME: TypeAdapter[ClientMessage] = TypeAdapter(
    Annotated[Union[Action, Error, Ping, Pong], Field(discriminator="type")]  # noqa: UP007
)
_ID = re.compile(ID_PATTERN)


def decode_client(
    raw: str | bytes, limits: Limits, *, room: str, new_id: Callable[[], str], now: float
) -> ClientMessage:
    """The frame in `raw`.

    Clients may leave out `timestamp` (then it is `now`, in seconds since the epoch) and a ping's payload, and may say
    `{"message": "…"}` for a `send` of that text to `room` under an id of `new_id`. All else must be exact.
    Raises RequestError, with `reply_to` where the frame has a usable id, or SalonError `too_large`.
    """
    _check_size(raw, limits.frame_bytes)
    frame = _parse(raw)
    reply_to = _reply_to(frame)
    _check_nesting(frame, limits.json_depth, reply_to)
    if not isinstance(frame, dict):
        raise RequestError("A frame is a JSON object.", [Detail("", "type", 'Send {"type": …, "payload": {…}}.')])
    shorthand = _fill_in(frame, room, new_id, now, reply_to)
    try:
        return _FRAME.validate_python(frame)
    except ValidationError as error:
        details = problems(error, frame)
    if shorthand:
        details = [_as_message(detail) for detail in details]
    raise RequestError(summary(details), details, reply_to=reply_to)


def _check_size(raw: str | bytes, allowed: int) -> None:
    size = len(raw)
    if size <= allowed and isinstance(raw, str) and not raw.isascii():
        size = len(raw.encode("utf-8", "surrogatepass"))
    if size > allowed:
        hint = f"Send at most {allowed} bytes in one frame; upload files and refer to them."
        raise SalonError("too_large", f"The frame is larger than {allowed} bytes.", details=[Detail("", "size", hint)])


def _parse(raw: str | bytes) -> Json:
    try:
        return cast(Json, orjson.loads(raw))
    except orjson.JSONDecodeError as error:
        hint = f"Send one JSON text per frame, in UTF-8; it cannot be read from character {error.pos} on."
    raise RequestError("Invalid JSON format", [Detail("", "json", hint)])


def _reply_to(frame: Json) -> str | None:
    payload = frame.get("payload") if isinstance(frame, dict) else None
    named = payload.get("id") if isinstance(payload, dict) else None
    return named if isinstance(named, str) and len(named) <= 128 and _ID.fullmatch(named) else None


def _check_nesting(frame: Json, allowed: int, reply_to: str | None) -> None:
    """Refuses what could hurt a reader further on; the outermost object is level 1."""
    level: list[Json] = [frame] if isinstance(frame, dict | list) else []
    depth = 0
    while level:
        depth += 1
        if depth > allowed:
            hint = f"Nest objects and arrays at most {allowed} levels deep."
            raise RequestError(
                f"The frame is nested too deeply. {hint}", [Detail("", "depth", hint)], reply_to=reply_to
            )
        below: list[Json] = []
        for container in level:
            children: Sequence[Json] = ()
            if isinstance(container, dict):
                if FORBIDDEN in container:
                    hint = f"Rename the key {FORBIDDEN}; it is not allowed anywhere in a frame."
                    raise RequestError(hint, [Detail("", "forbidden_key", hint)], reply_to=reply_to)
                children = list(container.values())
            elif isinstance(container, list):
                children = container
            below.extend(child for child in children if isinstance(child, dict | list))
        level = below


def _fill_in(frame: Obj, room: str, new_id: Callable[[], str], now: float, reply_to: str | None) -> bool:
    """Adds what a simple client may leave out; whether the payload was the shorthand for `send`."""
    if frame.get("timestamp") is None:
        frame["timestamp"] = now
    if frame.get("payload") is None and frame.get("type") in ("ping", "pong"):
        frame["payload"] = {}
    payload = frame.get("payload")
    if frame.get("type") != "action" or not isinstance(payload, dict) or payload.keys() & {"kind", "parts"}:
        return False
    if "message" not in payload:
        return False
    said = payload.pop("message")
    if not isinstance(said, str) or not said.strip():
        hint = "`message` must be a text that is not empty: say something."
        raise RequestError(hint, [Detail("/payload/message", "message", hint)], reply_to=reply_to)
    payload["kind"] = "send"
    payload["parts"] = [{"kind": "text", "text": said}]
    if payload.get("room") is None:
        payload["room"] = room
    if payload.get("id") is None:
        payload["id"] = new_id()
    return True


def _as_message(detail: Detail) -> Detail:
    """What the shorthand was turned into is not what its sender wrote."""
    if not detail.path.startswith("/payload/parts"):
        return detail
    return Detail("/payload/message", detail.code, detail.message.replace("`parts[0].text`", "`message`"))
