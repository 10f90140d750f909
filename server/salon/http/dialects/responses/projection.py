"""One run of a room's log as a response: an item for each message and for each call left to the caller. Pure.

Hand-offs, the agents' own tools and surfaces are not part of it; whoever wants those watches the room.
"""

from dataclasses import dataclass, field

from salon.contracts.events import Entry, MsgDelta, MsgDone, MsgRemoved, MsgStarted, ToolReady, UsageNoted
from salon.contracts.types import Json, Obj, TextPart
from salon.http.mirror.chunks import arguments
from salon.http.mirror.messages import returned_id


@dataclass(slots=True)
class Text:
    """A message that is being written: its place in the output, and what was said so far."""

    index: int
    pieces: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        """The text so far."""
        return "".join(self.pieces)


@dataclass(slots=True)
class Projection:
    """Takes the entries of one run; what `take` returns are the events that a stream tells, without their numbers.

    `output` holds the items that are complete.

    Args:
        host: who speaks first in a private conversation; None in a live room, which knows who made a call.
    """

    host: str | None = None
    items: list[Obj | None] = field(default_factory=list)
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    _open: dict[str, Text] = field(default_factory=dict)

    @property
    def output(self) -> list[Json]:
        """The items of the response; a message that was taken back is none of them."""
        return [item for item in self.items if item is not None]

    @property
    def usage(self) -> Obj:
        """What all model calls of the run took together."""
        return {
            "input_tokens": self.input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": self.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": self.input_tokens + self.output_tokens,
        }

    def take(self, entry: Entry) -> list[Obj]:
        """Add an entry; what a stream should tell of it."""
        match entry.body:
            case MsgStarted() as started if started.author.role == "agent":
                return self._begin(started.message)
            case MsgDelta() as delta if delta.message in self._open:
                return self._more(delta.message, delta.text)
            case MsgDone() as done if done.author.role == "agent":
                return self._finish(done)
            case MsgRemoved() as removed if removed.message in self._open:
                return self._end(removed.message, "incomplete", keep=False)
            case ToolReady(where="client") as ready:
                return self._call(ready)
            case UsageNoted() as usage:
                self.input_tokens += usage.input_tokens
                self.output_tokens += usage.output_tokens
        return []

    def break_off(self) -> list[Obj]:
        """The run is over: end what is still being written."""
        return [event for message in tuple(self._open) for event in self._end(message, "incomplete")]

    def _begin(self, message: str) -> list[Obj]:
        self._open[message] = text = Text(len(self.items))
        self.items.append(None)
        item = _message(message, "in_progress")
        added: Obj = {"type": "response.output_item.added", "output_index": text.index, "item": item}
        return [added, {"type": "response.content_part.added", **_place(message, text), "part": _text("")}]

    def _more(self, message: str, more: str) -> list[Obj]:
        text = self._open[message]
        if not more:
            return []
        text.pieces.append(more)
        return [{"type": "response.output_text.delta", **_place(message, text), "delta": more, "logprobs": []}]

    def _finish(self, done: MsgDone) -> list[Obj]:
        whole = "".join(part.text for part in done.parts if isinstance(part, TextPart))
        events = [] if done.message in self._open else self._begin(done.message)
        text = self._open[done.message]
        events += self._more(done.message, whole[len(text.said) :])
        text.pieces = [whole]
        return events + self._end(done.message, "incomplete" if done.partial else "completed")

    def _end(self, message: str, status: str, *, keep: bool = True) -> list[Obj]:
        text = self._open.pop(message)
        part = _text(text.said)
        content: list[Json] = [part]
        item: Obj = {**_message(message, status), "content": content}
        if keep:
            self.items[text.index] = item
        place = _place(message, text)
        return [
            {"type": "response.output_text.done", **place, "text": text.said, "logprobs": []},
            {"type": "response.content_part.done", **place, "part": part},
            {"type": "response.output_item.done", "output_index": text.index, "item": item},
        ]

    def _call(self, ready: ToolReady) -> list[Obj]:
        self.calls += 1
        index, given = len(self.items), arguments(ready.args)
        call = ready.call if self.host is None else returned_id(ready, self.host)
        head: Obj = {"type": "function_call", "id": f"fc_{ready.call}", "call_id": call, "name": ready.name}
        item: Obj = {**head, "arguments": given, "status": "completed"}
        self.items.append(item)
        place: Obj = {"item_id": head["id"], "output_index": index}
        begun: Obj = {**head, "arguments": "", "status": "in_progress"}
        return [
            {"type": "response.output_item.added", "output_index": index, "item": begun},
            {"type": "response.function_call_arguments.delta", **place, "delta": given},
            {"type": "response.function_call_arguments.done", **place, "name": ready.name, "arguments": given},
            {"type": "response.output_item.done", "output_index": index, "item": item},
        ]


def _message(message: str, status: str) -> Obj:
    return {"type": "message", "id": message, "role": "assistant", "status": status, "content": []}


def _text(text: str) -> Obj:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _place(message: str, text: Text) -> Obj:
    return {"item_id": message, "output_index": text.index, "content_index": 0}
