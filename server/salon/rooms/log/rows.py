"""What of a room's log becomes rows of its own: messages, and what the thread is called. Pure."""

import json

from pydantic_core import to_json

from salon.contracts.events import (
    Entry,
    MsgDone,
    MsgRemoved,
    RoomChanged,
    RoomCleared,
    RoomEvent,
    ToolDone,
    ToolReady,
    ToolRemoved,
)
from salon.contracts.types import DataPart, FilePart, TextPart, UiPart
from salon.store.log.rows import MessageRow, RoomWrite


def add_entry(write: RoomWrite, entry: Entry, data: bytes) -> None:
    """Add a durable entry, and all that is made of it, to what is stored next; `data` is its JSON."""
    write.entries.append((entry.seq, data))
    body = entry.body
    match body:
        case MsgDone():
            write.messages.append(_message(entry, body))
            write.settled.append(body.message)
        case ToolReady() | ToolDone():
            write.messages.append(_tool(entry, body))
        case MsgRemoved():
            write.removed.append(body.message)
            write.settled.append(body.message)
        case ToolRemoved():
            write.removed += [body.call, result_id(body.call)]
        case RoomCleared():
            write.cleared_to = entry.seq
        case RoomChanged():
            if body.title is not None:
                write.changed["title"] = _plain(body.title)
            if body.archived is not None:
                write.changed["archived_at"] = entry.at if body.archived else None


def row_id(body: RoomEvent) -> str | None:
    """The id that a message, a call or a call's result has in its room, where no two have the same."""
    match body:
        case MsgDone():
            return body.message
        case ToolReady():
            return body.call
        case ToolDone():
            return result_id(body.call)
        case _:
            return None


def _message(entry: Entry, body: MsgDone) -> MessageRow:
    author = body.author
    person = author.role == "user"
    return MessageRow(
        message_id=body.message,
        seq=entry.seq,
        kind="message",
        role=author.role,
        user_id=author.id if person else None,
        agent=None if person else author.id,
        text=_plain("\n".join(filter(None, map(_words, body.parts)))),
        data=body.__pydantic_serializer__.to_json(body, by_alias=True),
        created_at=entry.at,
    )


def _tool(entry: Entry, body: ToolReady | ToolDone) -> MessageRow:
    call = isinstance(body, ToolReady)
    words = body.args if isinstance(body, ToolReady) else body.output
    return MessageRow(
        message_id=body.call if call else result_id(body.call),
        seq=entry.seq,
        kind="call" if call else "result",
        role="agent" if call else "tool",
        user_id=None,
        agent=body.agent if isinstance(body, ToolReady) else None,
        text=_plain(words if isinstance(words, str) else json.dumps(words, ensure_ascii=False)),
        data=body.__pydantic_serializer__.to_json(body, by_alias=True),
        created_at=entry.at,
    )


def result_id(call: str) -> str:
    """The id of a call's result among the messages."""
    return f"{call}:result"


def _words(part: TextPart | DataPart | FilePart | UiPart) -> str:
    match part:
        case TextPart():
            return part.text
        case DataPart():
            return to_json(part.data).decode()
        case FilePart():
            return part.name or ""
        case UiPart():
            return ""


def _plain(text: str) -> str:
    """PostgreSQL's texts hold no NUL; the entry itself keeps it."""
    return text.replace("\x00", "")
