"""Prompts: parts of an agent's instructions that are written anew for each turn."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, overload

from salon.access.scopes import Scopes, allowed, scopes_of

if TYPE_CHECKING:
    from salon.agents.context.context import Context

PromptFunction = Callable[["Context"], "str | Awaitable[str | None] | None"]
F = TypeVar("F", bound=Callable[..., object])

_MARK = "__salon_prompt__"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A function whose text is added to the system prompt of each turn; nothing when it is empty.

    Args:
        function: takes the Context.
        priority: the lowest comes first.
        scopes: for whose requests it is asked; empty means everyone's.
        within: the same of the skill that it belongs to.
    """

    function: PromptFunction
    priority: int = 50
    scopes: frozenset[str] = frozenset()
    within: frozenset[str] = frozenset()

    def open_to(self, scopes: frozenset[str]) -> bool:
        """Whether it is asked for someone with these scopes."""
        return allowed(scopes, self.scopes, self.within)


@overload
def prompt(function: F, /) -> F: ...


@overload
def prompt(*, priority: int = 50, scope: Scopes = None) -> Callable[[F], F]: ...


def prompt(function: F | None = None, /, *, priority: int = 50, scope: Scopes = None) -> F | Callable[[F], F]:
    """Adds what a skill's method returns to the system prompt of each turn: `@prompt`, or `@prompt(priority=10)`."""
    scopes = scopes_of(scope)

    def mark(target: F) -> F:
        setattr(target, _MARK, Prompt(target, priority, scopes))  # type: ignore[arg-type]  # bound when it is collected
        return target

    return mark if function is None else mark(function)


def prompt_of(function: object) -> Prompt | None:
    """The prompt that a function or bound method was declared to be."""
    marked = getattr(function, _MARK, None)
    if not isinstance(marked, Prompt):
        return None
    return replace(marked, function=function)  # type: ignore[arg-type]  # bound or not, it is the same function
