"""Owns how much of each message was shown: every word once, however often it comes. Pure."""

from collections.abc import Iterator

from salon.cli.reading.clean import brief, clean
from salon.cli.reading.shown import Said, Shown, Speech, SpeechEnded
from salon.contracts.events import MsgDelta, MsgDone, MsgStarted
from salon.contracts.types import DataPart, FilePart, TextPart


class Speeches:
    """The messages of one room as far as they were shown."""

    def __init__(self) -> None:
        self._open: dict[str, MsgStarted] = {}
        self._told: dict[str, int] = {}

    def has_shown(self, message: MsgDone) -> bool:
        """Whether there is nothing left of `message` to show."""
        return self._told.get(message.message, -1) >= len(text_of(message))

    def count_as_shown(self, message: MsgDone) -> None:
        """Pass over a message: it will not be shown."""
        self._open.pop(message.message, None)
        self._told[message.message] = len(text_of(message))

    def start(self, started: MsgStarted) -> None:
        """A message begins to stream."""
        self._open[started.message] = started

    def forget(self, message: str) -> None:
        """The message does not stream any more."""
        self._open.pop(message, None)

    def delta(self, delta: MsgDelta, author: str, *, mock: bool) -> Iterator[Shown]:
        """What is new in a piece that ends at code point `at` of its message."""
        new = delta.at - self._told.get(delta.message, 0)
        if delta.message in self._open and new > 0:
            self._told[delta.message] = delta.at
            yield Speech(delta.message, author, clean(delta.text[-new:]), mock)

    def started(self, message: str) -> MsgStarted | None:
        """How a streaming message began: whose it is and in which turn."""
        return self._open.get(message)

    def done(self, body: MsgDone, author: str) -> Iterator[Shown]:
        """What is left of a message that is complete now."""
        streamed = self._open.pop(body.message, None) is not None
        told, text = self._told.get(body.message, 0), text_of(body)
        self._told[body.message] = len(text)
        mock = body.source == "mock"
        if told or streamed:
            if rest := text[told:]:
                yield Speech(body.message, author, clean(rest), mock)
            yield SpeechEnded(body.message, partial=bool(body.partial))
        elif text:
            yield Said(author, clean(text), mock=mock)


def text_of(message: MsgDone) -> str:
    """A message as text. The parts of an agent's message are one stream; those of a person's stand below each other."""
    texts: list[str] = []
    for part in message.parts:
        match part:
            case TextPart():
                texts.append(part.text)
            case FilePart():
                texts.append(f"[file {part.name or part.file_id}]")
            case DataPart():
                texts.append(f"[{part.name}: {brief(part.data, 100)}]")
            case _:
                pass  # a surface is drawn by itself
    return ("" if message.author.role == "agent" else "\n").join(texts)
