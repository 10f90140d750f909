"""Hooks: functions that an agent's life calls. What they are and how they are declared; who calls them is elsewhere."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from salon.access.scopes import Scopes, allowed, scopes_of
from salon.errors import SalonError

if TYPE_CHECKING:
    from salon.agents.context.context import Context

Event = Literal[
    "on_connection",
    "on_message",
    "on_request",
    "before_llm",
    "after_llm",
    "on_chunk",
    "on_toolcall",
    "after_tool",
    "on_handoff",
    "on_response",
    "on_error",
    "finalize_connection",
]
EVENTS: tuple[str, ...] = get_args(Event)
"""What can be hooked, in the order in which a run comes by; docs/agents.md says what `context.data` has for each."""

HookFunction = Callable[["Context"], "Context | Awaitable[Context | None] | None"]
F = TypeVar("F", bound=Callable[..., object])

_MARK = "__salon_hooks__"


class Refused(SalonError):
    """A hook raises it to refuse: the turn, or one call of a tool. Its message is told to people and programs.

    Args:
        reason: why, and what to do about it.
        code: the wire code of the error.
    """

    def __init__(self, reason: str, code: str = "forbidden") -> None:
        super().__init__(code, reason)


@dataclass(frozen=True, slots=True)
class Hook:
    """A function to be called at an event.

    Args:
        event: one of EVENTS.
        function: takes the Context; what it changes in `context.data` counts.
        priority: the lowest comes first; equals in the order in which they were registered.
        scopes: for whose requests it is called; empty means everyone's.
        within: the same of the skill that it belongs to.
    """

    event: str
    function: HookFunction
    priority: int = 50
    scopes: frozenset[str] = frozenset()
    within: frozenset[str] = frozenset()

    def open_to(self, scopes: frozenset[str]) -> bool:
        """Whether it is called for someone with these scopes."""
        return allowed(scopes, self.scopes, self.within)


def hook(event: str, priority: int = 50, scope: Scopes = None) -> Callable[[F], F]:
    """Has a function or a skill's method called at an event: `@hook("on_message", priority=10)`.

    Args:
        event: one of EVENTS.
        priority: the lowest comes first.
        scope: for whose requests it is called, one scope or several of which one is enough; everyone's by default.

    Raises ValueError for an unknown event.
    """
    if event not in EVENTS:
        raise ValueError(f"event: {event!r} is none. There are: {', '.join(EVENTS)}.")
    scopes = scopes_of(scope)

    def mark(function: F) -> F:
        if len(inspect.signature(function).parameters) not in (1, 2):  # with and without self
            name = getattr(function, "__qualname__", function)
            raise TypeError(f"{name} cannot be a hook: a hook takes the context and nothing else.")
        found = Hook(event, function, priority, scopes)  # type: ignore[arg-type]  # bound when it is collected
        setattr(function, _MARK, (*getattr(function, _MARK, ()), found))
        return function

    return mark


def hooks_of(function: object) -> tuple[Hook, ...]:
    """The hooks that a function or bound method was declared to be."""
    marked: tuple[Hook, ...] = getattr(function, _MARK, ())
    return tuple(replace(hook, function=function) for hook in marked)  # type: ignore[arg-type]  # bound or not, the same
