"""What a room's events come to for a person at a terminal, before anyone decides on colours or widths."""

from dataclasses import dataclass
from typing import Literal

from salon.contracts.events import Interrupted, UiPut


@dataclass(frozen=True, slots=True)
class Said:
    """A whole message; `mock`: no real model wrote it."""

    author: str
    text: str
    mock: bool = False


@dataclass(frozen=True, slots=True)
class Speech:
    """The next piece of a message that streams."""

    message: str
    author: str
    text: str
    mock: bool = False


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """A streamed message is complete, or was cut off."""

    message: str
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened, in one line."""

    text: str
    tone: Literal["quiet", "handoff", "tool", "good", "warn", "bad"] = "quiet"


@dataclass(frozen=True, slots=True)
class Surfaced:
    """A surface appeared, or has changed since it was last shown."""

    surface: UiPut
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to people; `mine` says that the reader may answer it."""

    question: Interrupted
    mine: bool


Shown = Said | Speech | SpeechEnded | Note | Surfaced | Asked
