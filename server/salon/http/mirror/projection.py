"""One run of a room's log as OpenAI sees it: what the agents said, the calls left to the caller, the tokens. Pure.

Hand-offs, the agents' own tools and surfaces are not part of it; whoever wants those watches the room.
"""

from dataclasses import dataclass, field

from salon.contracts.events import (
    Entry,
    MsgDelta,
    MsgDone,
    MsgRemoved,
    MsgStarted,
    ToolReady,
    UsageNoted,
)
from salon.contracts.openai import Usage
from salon.contracts.types import TextPart

SEPARATOR = "\n\n"
"""Between the messages of a run, streamed or not."""

Piece = str | ToolReady
"""What a stream tells next: more text, or a call whose arguments are complete."""


@dataclass(slots=True)
class Projection:
    """Takes the entries of one run.

    `text` is what was said in the end; the pieces that `take` returned add up to it unless a message was taken back.
    """

    calls: list[ToolReady] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    _messages: dict[str, list[str]] = field(default_factory=dict)
    _told: dict[str, int] = field(default_factory=dict)
    _speaking: str | None = None

    @property
    def text(self) -> str:
        """Everything that was said, message after message."""
        return SEPARATOR.join(text for pieces in self._messages.values() if (text := "".join(pieces)))

    @property
    def usage(self) -> Usage:
        """What all model calls of the run took together."""
        return Usage(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            total_tokens=self.prompt_tokens + self.completion_tokens,
        )

    def take(self, entry: Entry) -> Piece | None:
        """Add an entry; what a stream should tell of it."""
        match entry.body:
            case MsgDelta() as delta:
                return self._more(delta.message, delta.text)
            case MsgStarted() as started if started.author.role == "agent":
                self._messages[started.message] = []
            case MsgDone() as done if done.author.role == "agent":
                return self._whole(done)
            case MsgRemoved() as removed:
                self._messages.pop(removed.message, None)
            case ToolReady(where="client") as ready:
                self.calls.append(ready)
                return ready
            case UsageNoted() as usage:
                self.prompt_tokens += usage.input_tokens
                self.completion_tokens += usage.output_tokens
        return None

    def _more(self, message: str, text: str) -> str | None:
        pieces = self._messages.get(message)
        if pieces is None or not text:
            return None
        pieces.append(text)
        self._told[message] = self._told.get(message, 0) + len(text)
        return self._in_turn(message, text)

    def _whole(self, done: MsgDone) -> str | None:
        text = "".join(part.text for part in done.parts if isinstance(part, TextPart))
        self._messages[done.message] = [text]
        rest = text[self._told.pop(done.message, 0) :]
        return self._in_turn(done.message, rest) if rest else None

    def _in_turn(self, message: str, text: str) -> str:
        before, self._speaking = self._speaking, message
        return text if before in (None, message) else SEPARATOR + text
