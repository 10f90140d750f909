"""What an agent remembers: the room's transcript as that agent's model sees it. Pure.

Its own words and calls are its own; what others said comes as what it was told, with their names. How much of it there
is, the agent's memory strategy decides.
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
from salon.memory.conversation import Choice, Piece, kept
from salon.memory.messages import MESSAGE_TOKENS
from salon.memory.quoting import EARLIER, background
from salon.memory.strategies import LastN
from salon.memory.tokens import clip, count_tokens

GO_ON = "Please go on."
TRANSFERRED = "Transferred."
NO_RESULT = "There is no result: the call was cut short."


def remember(
    transcript: Sequence[RoomEvent],
    agent: str,
    strategy: Choice = LastN(),  # noqa: B008 - immutable
    *,
    opening: Sequence[RoomEvent] = (),
    summary: str | None = None,
) -> tuple[list[BaseEvent], list[Input]]:
    """The conversation so far as AG2 events, and what `agent` is to answer now.

    Nothing to answer means that the last thing is a tool result.

    Args:
        transcript: what happened, the newest at least.
        strategy: how much of it is remembered. What others did with their tools is no part of it.
        opening: how the conversation began, when the transcript does not reach back so far.
        summary: what is known of the rest.
    """
    known = transcript if opening[:1] == transcript[:1] else [*opening, *transcript]
    pieces = [piece for event in known if (piece := _piece(event, agent)) is not None]
    recent = kept(strategy, pieces, weigh=_weight, shorten=_shortened)
    people = {e.author.id for e in recent if isinstance(e, MsgDone) and e.author.role == "user"}
    memory = _Memory(agent, named_people=len(people) > 1)
    if summary:
        memory.hear(background(summary))
    for event in recent:
        memory.take(event)
    return memory.finish()


def _piece(event: RoomEvent, agent: str) -> Piece[RoomEvent] | None:
    """The event as `agent` remembers it, if it does."""
    if isinstance(event, MsgDone):
        return Piece(event, "request" if event.author.role == "user" else "talk")
    if isinstance(event, ToolReady):
        return Piece(event, opens=(event.call,)) if event.agent == agent else None
    if isinstance(event, ToolDone):
        return Piece(event, closes=event.call)
    return Piece(event) if isinstance(event, Handoff) else None


def _weight(event: RoomEvent) -> int:
    """About how many tokens the model gets for it."""
    match event:
        case MsgDone():
            text = f"[{event.author.name or event.author.id}]: {_words(event)}"
        case ToolReady():
            text = f"{event.name}{json.dumps(event.args)}"
        case ToolDone():
            text = _plain(event.output)
        case Handoff():
            text = f"[{event.source} handed the conversation to {event.target}: {event.reason}]"
        case _:
            return 0
    return MESSAGE_TOKENS + count_tokens(text)


def _shortened(event: RoomEvent, limit: int) -> RoomEvent:
    """The event with its text cut to fit into so many tokens; the arguments of a call cannot be cut."""
    match event:
        case MsgDone():
            left = max(0, limit - _weight(event.model_copy(update={"parts": []})))
            return event.model_copy(update={"parts": [TextPart(kind="text", text=clip(_words(event), left))]})
        case ToolDone():
            return event.model_copy(update={"output": clip(_plain(event.output), max(0, limit - MESSAGE_TOKENS))})
    return event


class _Memory:
    def __init__(self, agent: str, *, named_people: bool) -> None:
        self._agent = agent
        self._named_people = named_people
        self._events: list[BaseEvent] = []
        self._heard: list[Input] = []
        self._text = ""
        self._calls: list[ToolCallEvent] = []
        self._results: dict[str, ToolResultEvent] = {}

    def hear(self, text: str) -> None:
        self._heard.append(TextInput(text))

    def take(self, event: RoomEvent) -> None:
        match event:
            case MsgDone() if event.author.id == self._agent and event.author.role == "agent":
                self._close_request()
                self._close_response()
                self._text = _words(event)
            case MsgDone():
                self.hear(self._line(event))
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
                self.hear(f"[{event.source} handed the conversation to {event.target}{why}]")

    def finish(self) -> tuple[list[BaseEvent], list[Input]]:
        self._close_response()
        if self._events and isinstance(self._events[0], ModelResponse):  # some vendors want to be asked first
            self._events.insert(0, ModelRequest([TextInput(EARLIER)]))
        if not self._heard and not isinstance(self._events[-1] if self._events else None, ToolResultsEvent):
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
