"""What a line that a person typed means. Pure."""

from dataclasses import dataclass
from typing import Literal, cast, get_args

Name = Literal["help", "who", "agents", "next", "fork", "skip", "quit"]

HELP: dict[Name, tuple[str, str]] = {
    "help": ("", "this list"),
    "who": ("", "the people in the room"),
    "agents": ("", "the agents that you can address as @name"),
    "next": ("AGENT", "choose who speaks next"),
    "fork": ("[ROOM]", "make another room of this one, as it is now"),
    "skip": ("", "decline the question that is open"),
    "quit": ("", "leave; what runs in the room goes on"),
}


@dataclass(frozen=True, slots=True)
class Command:
    """`/name argument`."""

    name: Name
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Something to say, or an answer when a question is open."""

    text: str


@dataclass(frozen=True, slots=True)
class Mistyped:
    """A command that does not exist or lacks its argument; `hint` says what to do."""

    hint: str


def understand(line: str) -> Command | Words | Mistyped | None:
    """The meaning of `line`; None when there is nothing on it. `//x` says `/x`."""
    text = line.strip()
    if not text:
        return None
    if not text.startswith("/") or text.startswith("//"):
        return Words(text[1:] if text.startswith("//") else text)
    word, _, argument = text[1:].partition(" ")
    if word not in get_args(Name):
        return Mistyped(f"there is no command /{word}; /help lists them")
    command = Command(cast("Name", word), argument.strip())
    if command.name == "next" and not command.argument:
        return Mistyped("/next AGENT: name the agent; /agents lists them")
    return command
