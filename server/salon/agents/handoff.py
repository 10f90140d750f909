"""Passing the floor: whom an agent may hand the conversation to, and how that is described to its model."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar, cast, overload

from salon.access.scopes import Scopes

F = TypeVar("F", bound=Callable[..., object])

_MARK = "__salon_handoff__"
_LONGEST_NAME = 64  # what vendors accept as the name of a function


class Describes(Protocol):
    """What a hand-off needs to know of an agent."""

    @property
    def name(self) -> str:
        """The agent's name."""

    @property
    def description(self) -> str:
        """What it does, in a sentence."""

    @property
    def intents(self) -> Sequence[str]:
        """What people want when they want it."""


@dataclass(frozen=True, slots=True)
class HandoffSpec:
    """A way from one agent to another, offered to the first one's model as the tool `tool_name`.

    Args:
        target: name of the receiving agent.
        description: what it does; taken from the agent itself when left out.
        when: a condition, such as "the person asks about prices".
        intents: what people want when they want the target.
        agent: the receiving agent itself, when it was given as such.
    """

    target: str
    description: str | None = None
    when: str | None = None
    intents: tuple[str, ...] = ()
    agent: Describes | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """As the model calls it."""
        return self.tool_name

    @property
    def tool_name(self) -> str:
        """`transfer_to_<agent>`, shortened with a hash where vendors would refuse the length."""
        name = f"transfer_to_{self.target}"
        if len(name) <= _LONGEST_NAME:
            return name
        return f"{name[: _LONGEST_NAME - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"

    @property
    def tool_description(self) -> str:
        """What the model reads when it chooses."""
        text = f"Hand the conversation to {self.target}"
        text += f": {self.description.rstrip('. ')}." if self.description else "."
        if self.intents:
            text += f" Use for: {'; '.join(self.intents)}."
        if self.when:
            text += f" Use when {self.when.rstrip('. ')}."
        return text

    def described_by(self, agent: Describes) -> "HandoffSpec":
        """The same hand-off with the target's own words where none were given."""
        return replace(
            self, description=self.description or agent.description, intents=self.intents or tuple(agent.intents)
        )


@dataclass(frozen=True, slots=True)
class HandoffResult:
    """What a method under `@handoff` returns: what came of asking somebody else.

    Args:
        result: for the model; it goes on with it.
        handoff_type: what kind of hand-off it was, for whoever watches.
    """

    result: object
    handoff_type: str = "agent"


@dataclass(frozen=True, slots=True)
class HandoffMark:
    """What `@handoff` noted on a method; the rest is read from its signature, as with a tool."""

    kind: str
    name: str | None
    description: str | None
    scope: Scopes


@overload
def handoff(target: Describes | str, description: str | None = None, when: str | None = None) -> HandoffSpec: ...


@overload
def handoff(target: F, /) -> F: ...


@overload
def handoff(
    *, handoff_type: str = "agent", name: str | None = None, description: str | None = None, scope: Scopes = None
) -> Callable[[F], F]: ...


def handoff(
    target: Describes | str | Callable[..., object] | None = None,
    description: str | None = None,
    when: str | None = None,
    *,
    handoff_type: str = "agent",
    name: str | None = None,
    scope: Scopes = None,
) -> object:
    """Passing the floor, or asking somebody else and going on with the answer.

    `handoff("billing", when="money is mentioned")` in `Agent(…, handoffs=[…])` lets an agent pass the floor; a target
    given by name gets its description from its team.

    `@handoff(handoff_type="agent", scope="owner")` on a skill's method offers it to the model as a tool that asks
    somebody else: it returns a HandoffResult, and whoever watches sees a hand-off.
    """
    if isinstance(target, str):
        if not target:
            raise ValueError("target: name the agent that shall receive the conversation.")
        return HandoffSpec(address(target), description, when)
    if target is not None and not callable(target):
        return HandoffSpec(target.name, description, when, agent=target).described_by(target)
    noted = HandoffMark(handoff_type, name, description, scope)

    def mark(function: F) -> F:
        setattr(function, _MARK, noted)
        return function

    return mark if target is None else mark(target)


def handoff_mark(function: object) -> HandoffMark | None:
    """What `@handoff` noted on a function or bound method, if anything."""
    marked = getattr(function, _MARK, None)
    return marked if isinstance(marked, HandoffMark) else None


def address(name: str) -> str:
    """How an agent of this name is addressed: in one word."""
    return re.sub(r"(?<=[A-Za-z0-9]) (?=[A-Za-z0-9])", "-", name) if isinstance(cast(object, name), str) else name
