"""AG-UI's messages and the room's: what a frontend says that the room does not know, and the other way round. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ag_ui.core import (
    AssistantMessage,
    FunctionCall,
    Message,
    RunAgentInput,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from ag_ui.core import TextPart as TextContent

from salon.contracts.events import MsgDone, RoomEvent, ToolDone, ToolReady
from salon.contracts.types import Author
from salon.http.dialects.ag_ui.vocabulary import result_id, words
from salon.http.errors import refused
from salon.http.mirror.chunks import arguments
from salon.ids import new_id
from salon.rooms.lobby import ROOM_ID
from salon.rooms.running.closing import text_parts

Told: TypeAlias = AssistantMessage | ToolMessage | UserMessage


@dataclass(frozen=True, slots=True)
class Said:
    """A user's message: its id with the frontend, and its text."""

    id: str
    text: str


@dataclass(slots=True)
class News:
    """What the room does not know yet: what was said before it was there, what is said now, and results of calls."""

    before: list[RoomEvent] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)


def news(asked: RunAgentInput, *, known: set[str], calls: set[str], new: bool, user: Author, host: str) -> News:
    """What is new in a request.

    Args:
        known: the ids of the messages that the room has.
        calls: the calls that wait for a result.
        new: whether the room begins with this request; then it is told what was said before.

    Raises SalonError for content that agents cannot read.
    """
    told = News(instructions=[f"{each.description}: {each.value}" for each in asked.context or ()])
    known = set(known)
    last = max((i for i, message in enumerate(asked.messages) if message.role == "assistant"), default=-1)
    for i, message in enumerate(asked.messages):
        match message.role:
            case "system" | "developer":
                told.instructions.append(_text(message, i))
            case "tool" if message.tool_call_id in calls:
                told.results.append((message.tool_call_id, message.error or _text(message, i)))
            case "user" if i > last and message.id not in known:
                known.add(message.id)
                told.said.append(Said(message.id, _text(message, i)))
            case "user" | "assistant" if new and message.id not in known and (text := _text(message, i)).strip():
                known.add(message.id)
                author = user if message.role == "user" else Author(id=host, role="agent")
                parts = text_parts(text)
                told.before.append(
                    MsgDone(event="message.done", message=wire_id(message.id), author=author, parts=[*parts])
                )
    return told


def shown(transcript: Iterable[RoomEvent], *, without: str | None = None) -> list[Told]:
    """What a room remembers, as a frontend's messages; `without` a run that is told as it goes."""
    messages: list[Told] = []
    for event in transcript:
        match event:
            case MsgDone() if without is not None and event.run == without:
                continue
            case MsgDone() if event.author.role == "agent":
                messages.append(AssistantMessage(id=event.message, content=words(event), name=event.author.id))
            case MsgDone():
                messages.append(UserMessage(id=event.message, content=words(event), name=event.author.name))
            case ToolReady() if without is None or event.run != without:
                function = FunctionCall(name=event.name, arguments=arguments(event.args))
                calls = [ToolCall(id=event.call, function=function)]
                messages.append(AssistantMessage(id=event.call, tool_calls=calls))
            case ToolDone() if any(message.id == event.call for message in messages):
                output = arguments(event.output)
                messages.append(ToolMessage(id=result_id(event.call), tool_call_id=event.call, content=output))
    return messages


def wire_id(id: str) -> str:
    """The id itself when a room's message may have it, else one of our own."""
    return id if ROOM_ID.fullmatch(id) else new_id("msg")


def _text(message: Message, index: int) -> str:
    content: str | Sequence[object] | None = getattr(message, "content", None)
    if content is None or isinstance(content, str):
        return content or ""
    pieces = []
    for i, part in enumerate(content):
        if not isinstance(part, TextContent):
            where = f"messages[{index}].content[{i}]"
            text = f"{where}: content of this kind cannot be read by the agents of this server; send text"
            raise refused(f"messages/{index}/content/{i}", "unsupported_content", text)
        pieces.append(part.text)
    return "\n".join(pieces)
