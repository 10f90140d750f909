"""What an agent remembers: the room's transcript as that agent's model sees it. Pure.

Its own words and calls are its own; what others said comes as what it was told, with their names.
"""

import json
from collections.abc import Sequence

from ag2.events import (
    BaseEvent,
    Input,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextInput,
    ToolCallEvent,
    ToolCallsEvent,
    ToolResultEvent,
    ToolResultsEvent,
)

from salon.agents.handoff import handoff
from salon.contracts.events import Handoff, MsgDone, RoomEvent, ToolDone, ToolReady
from salon.contracts.types import DataPart, FilePart, Json, TextPart, UiPart

REMEMBERED_EVENTS = 80
"""How many transcript events a model is given; the memory strategies of a later part choose better."""

GO_ON = "Please go on."
TRANSFERRED = "Transferred."
NO_RESULT = "There is no result: the call was cut short."


def remember(
    transcript: Sequence[RoomEvent], agent: str, limit: int = REMEMBERED_EVENTS
) -> tuple[list[BaseEvent], list[Input]]:
    """The conversation so far as AG2 events, and what `agent` is to answer now.

    Nothing to answer means that the last thing is a tool result.
    """
    recent = transcript[-limit:]
    people = {e.author.id for e in recent if isinstance(e, MsgDone) and e.author.role == "user"}
    memory = _Memory(agent, named_people=len(people) > 1)
    for event in recent:
        memory.take(event)
    return memory.finish()


class _Memory:
    def __init__(self, agent: str, *, named_people: bool) -> None:
        self._agent = agent
        self._named_people = named_people
        self._events: list[BaseEvent] = []
        self._heard: list[Input] = []
        self._text = ""
        self._calls: list[ToolCallEvent] = []
        self._results: dict[str, ToolResultEvent] = {}

    def take(self, event: RoomEvent) -> None:
        match event:
            case MsgDone() if event.author.id == self._agent and event.author.role == "agent":
                self._close_request()
                self._close_response()
                self._text = _words(event)
            case MsgDone():
                self._heard.append(TextInput(self._line(event)))
            case ToolReady() if event.agent == self._agent:
                self._close_request()
                if self._results and all(call.id in self._results for call in self._calls):
                    self._close_response()  # calls of one response run side by side: it ends when all have results
                self._calls.append(ToolCallEvent(event.name, id=event.call, arguments=json.dumps(event.args)))
            case ToolDone():
                call = next((c for c in self._calls if c.id == event.call), None)
                if call is not None:
                    self._results[call.id] = ToolResultEvent.from_call(call, result=_plain(event.output))
            case Handoff() if event.source == self._agent:
                self._close_request()
                if self._results:
                    self._close_response()
                call = ToolCallEvent(
                    handoff(event.target).tool_name,
                    id=f"handoff_{len(self._events)}",
                    arguments=json.dumps({"reason": event.reason or ""}),
                )
                self._calls.append(call)
                self._results[call.id] = ToolResultEvent.from_call(call, result=TRANSFERRED)
            case Handoff():
                why = f": {event.reason}" if event.reason else ""
                self._heard.append(TextInput(f"[{event.source} handed the conversation to {event.target}{why}]"))

    def finish(self) -> tuple[list[BaseEvent], list[Input]]:
        self._close_response()
        if not self._heard and self._events and not isinstance(self._events[-1], ToolResultsEvent):
            return self._events, [TextInput(GO_ON)]
        return self._events, self._heard

    def _line(self, event: MsgDone) -> str:
        words = _words(event)
        if event.author.role == "user" and not self._named_people:
            return words
        return f"[{event.author.name or event.author.id}]: {words}"

    def _close_request(self) -> None:
        if self._heard:
            self._close_response()
            self._events.append(ModelRequest(self._heard))
            self._heard = []

    def _close_response(self) -> None:
        if not self._text and not self._calls:
            return
        message = ModelMessage(self._text) if self._text else None
        self._events.append(ModelResponse(message, tool_calls=ToolCallsEvent(self._calls)))
        if self._calls:
            results = [self._results.get(c.id) or ToolResultEvent.from_call(c, result=NO_RESULT) for c in self._calls]
            self._events.append(ToolResultsEvent(results))
        self._text, self._calls, self._results = "", [], {}


def _words(event: MsgDone) -> str:
    words: list[str] = []
    for part in event.parts:
        match part:
            case TextPart():
                words.append(part.text)
            case DataPart():
                words.append(f"[{part.name}: {json.dumps(part.data, ensure_ascii=False)}]")
            case FilePart():
                words.append(f"[file {part.name or part.file_id}, {part.media_type}]")
            case UiPart():
                words.append(f"[surface {part.surface}]")
    return "\n".join(words)


def _plain(output: Json) -> str:
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
