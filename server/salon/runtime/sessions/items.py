"""Between a room's log and the items of OpenAI's agents library. Pure.

What a room has events for becomes such events, so that people read it and models remember it; anything else, and what
an event cannot hold of an item, is kept word for word in a `session.item` beside it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import cast

from salon.contracts.events import (
    Custom,
    MsgDone,
    MsgRemoved,
    RoomEvent,
    ToolDone,
    ToolReady,
    ToolRemoved,
)
from salon.contracts.runs import Principal
from salon.contracts.types import Author, Json, Obj, Part, TextPart
from salon.ids import new_id

Item = Obj
"""An input item: a message, a call, its output, or whatever else there is."""

Given = Mapping[str, object]
"""An item as programs hand it in; whether it is JSON shows when it becomes an event."""

Input = str | Sequence[Given]
"""What an agent is asked: a message, or items that end with a user's message."""

PART_LENGTH = 32_768
MAX_PARTS = 64

_CALL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}")
_MARK = re.compile(r"/[0-9a-f]{8}$")
_ROLES = {"user": "user", "assistant": "agent", "system": "system", "developer": "system"}


@dataclass(frozen=True, slots=True)
class Kept:
    """An item as it stands in a log, under the key by which it can be taken back."""

    key: str
    item: Item
    event: RoomEvent

    def removal(self) -> RoomEvent:
        """The event that takes the item away."""
        match self.event:
            case MsgDone():
                return MsgRemoved(event="message.removed", message=self.event.message)
            case ToolReady():
                return ToolRemoved(event="tool.removed", call=self.event.call)
            case _:
                return Custom(event="custom", name="session.removed", value={"id": self.key})


def events_of(given: Given, who: Principal, agent: str, open_calls: Iterable[str]) -> list[RoomEvent]:
    """The events that an item becomes.

    Args:
        who: whose words a user's message holds.
        agent: whose words an assistant's message holds, and whose calls are meant.
        open_calls: the room's calls that wait for a result.

    Raises ValueError for a message that no room can hold.
    """
    item = cast(Item, dict(given))
    kind = item.get("type", "message")
    event: RoomEvent | None = None
    if kind == "message":
        event = message_of(item, who, agent)
    elif kind == "function_call":
        event = _call(item, agent)
    elif kind == "function_call_output":
        event = _output(item, open_calls)
    if event is None:
        return [_beside({"id": new_id("item"), "item": item})]
    if item_of(event) == item:
        return [event]
    return [event, _beside({"of": key_of(event), "item": item})]


def item_of(event: RoomEvent) -> Item | None:
    """The plainest item that says what an event does; None for an event that is no item."""
    match event:
        case MsgDone(author=author):
            role = {"agent": "assistant", "user": "user"}.get(author.role, "system")
            text = "".join(part.text for part in event.parts if isinstance(part, TextPart))
            return {"role": "developer" if author.id == "developer" else role, "content": text}
        case ToolReady():
            arguments = event.args if isinstance(event.args, str) else json.dumps(event.args)
            call = plain_call(event.call)
            return {"type": "function_call", "call_id": call, "name": event.name, "arguments": arguments}
        case ToolDone():
            output = event.output if isinstance(event.output, str) else json.dumps(event.output)
            return {"type": "function_call_output", "call_id": plain_call(event.call), "output": output}
        case _:
            return None


def key_of(event: RoomEvent) -> str:
    """What names an event among the items of its room."""
    match event:
        case MsgDone():
            return event.message
        case ToolReady():
            return event.call
        case ToolDone():
            return f"{event.call}:result"
        case _:
            return ""


@dataclass(slots=True)
class Backwards:
    """Reads the items of a log from its end: `take` each event, newest first, up to where the room was cleared."""

    _removed: set[str] = field(default_factory=set)
    _verbatim: dict[str, Item] = field(default_factory=dict)

    def take(self, event: RoomEvent) -> Kept | None:
        """The item that this event is, unless it was taken back later."""
        match event:
            case MsgRemoved():
                self._removed.add(event.message)
            case ToolRemoved():
                self._removed |= {event.call, f"{event.call}:result"}
            case Custom(name="session.removed", value={"id": str(key)}):
                self._removed.add(key)
            case Custom(name="session.item", value={"of": str(key), "item": dict(item)}):
                self._verbatim[key] = item
            case Custom(name="session.item", value={"id": str(key), "item": dict(item)}):
                return None if key in self._removed else Kept(key, item, event)
            case _:
                plain, key = item_of(event), key_of(event)
                if plain is not None and key not in self._removed:
                    return Kept(key, self._verbatim.pop(key, plain), event)
        return None


def plain_call(call: str) -> str:
    """The id of a call as whoever made it knows it."""
    return _MARK.sub("", call)


def message_of(item: Given, who: Principal, agent: str) -> MsgDone:
    """The message that an item is. Raises ValueError when it is none that a room can hold."""
    role = item.get("role")
    said_by = _ROLES.get(role) if isinstance(role, str) else None
    content = item.get("content")
    if said_by is None or not isinstance(content, str | list):
        raise ValueError("a message has a role (user, assistant, system or developer) and content, a text or a list")
    match said_by:
        case "user":
            author = Author(id=who.user, role="user", name=who.name)
        case "agent":
            author = Author(id=agent, role="agent")
        case _:
            author = Author(id=str(role), role="system")
    return MsgDone(event="message.done", message=new_id("msg"), author=author, parts=text_parts(text_of(content)))


def text_of(content: str | Sequence[object]) -> str:
    """What a message's content says: a text, or a list of parts."""
    return content if isinstance(content, str) else "\n".join(map(_words, content))


def text_parts(text: str) -> list[Part]:
    """A text as the parts of a message. Raises ValueError when it is longer than a message may be, or no Unicode."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("a text has lone surrogates, which have no UTF-8 form; leave them out")
    if len(text) > PART_LENGTH * MAX_PARTS:
        raise ValueError(f"a message has at most {PART_LENGTH * MAX_PARTS} characters; shorten it or split it")
    pieces = [text[i : i + PART_LENGTH] for i in range(0, len(text), PART_LENGTH)] or [""]
    return [TextPart(kind="text", text=piece) for piece in pieces]


def _words(part: object) -> str:
    """What a part of a message says, or what it is."""
    if not isinstance(part, dict):
        return ""
    said = part.get("text", part.get("refusal"))
    return said if isinstance(said, str) else f"[{part.get('type')}]"


def _call(item: Item, agent: str) -> ToolReady | None:
    call, name, arguments = item.get("call_id"), item.get("name"), item.get("arguments")
    if not (isinstance(call, str) and _CALL_ID.fullmatch(call) and isinstance(name, str) and 0 < len(name) <= 200):
        return None
    # Vendors may use an id again in a later turn; in a room's log it stands for one call.
    marked = f"{call}/{token_hex(4)}"
    return ToolReady(event="tool.ready", call=marked, name=name, args=_parsed(arguments), where="server", agent=agent)


def _output(item: Item, open_calls: Iterable[str]) -> ToolDone | None:
    call = next((known for known in open_calls if plain_call(known) == item.get("call_id")), None)
    return ToolDone(event="tool.done", call=call, ok=True, output=item.get("output")) if call is not None else None


def _parsed(arguments: Json) -> Json:
    """Arguments as JSON; what is not JSON was a model's mistake, and stays the text that it was."""
    if not isinstance(arguments, str):
        return arguments
    try:
        parsed: Json = json.loads(arguments)
    except ValueError:
        return arguments
    return parsed


def _beside(value: Mapping[str, Json]) -> Custom:
    return Custom(event="custom", name="session.item", value=dict(value))
