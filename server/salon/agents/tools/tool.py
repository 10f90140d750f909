"""What a tool is: a function that a model may call, with its schema and its rules. Knows no model, room or AG2."""

import inspect
import re
import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar, cast, overload

from salon.access.scopes import Scopes, allowed, scopes_of
from salon.agents.context.context import Context, ToolError
from salon.agents.tools import registry
from salon.agents.tools.schema import Signature, signature_of
from salon.contracts.types import Obj

__all__ = ["ToolError", "ToolSpec", "function_tool", "tool", "tool_spec"]

F = TypeVar("F", bound=Callable[..., object])

_MARK = "__salon_tool__"
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What models can call a tool."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A function as a tool.

    Args:
        name: as models call it.
        description: what models choose by.
        function: the function itself, sync or async.
        signature: its arguments.
        scopes: who may use it; empty means everyone, else one of them is enough.
        approval: people must agree to each call first; a text is the question, with `{argument}` filled in.
        timeout: seconds the function may take, waiting for people not counted; None means as long as the turn.
        within: who may use the skill that it belongs to, on top of `scopes`.
        handoff: the kind of hand-off that a call of it is; None for a plain tool.
    """

    name: str
    description: str
    function: Callable[..., object]
    signature: Signature
    scopes: frozenset[str] = frozenset()
    approval: bool | str = False
    timeout: float | None = None
    within: frozenset[str] = frozenset()
    handoff: str | None = None

    @property
    def parameters(self) -> Obj:
        """JSON Schema of the arguments."""
        return self.signature.parameters

    def open_to(self, scopes: frozenset[str]) -> bool:
        """Whether someone with these scopes may use the tool."""
        return allowed(scopes, self.scopes, self.within)


@overload
def tool(function: F, /) -> F: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    scope: Scopes = None,
    approval: bool | str = False,
    timeout: float | None = None,
) -> Callable[[F], F]: ...


def tool(
    function: F | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    scope: Scopes = None,
    approval: bool | str = False,
    timeout: float | None = None,
) -> F | Callable[[F], F]:
    """Makes a function or method a tool and returns it unchanged: `@tool`, or `@tool(description=…, scope=…)`.

    A function that is no method is also known by the tool's name from then on: `Agent(…, tools=["get_weather"])`.

    Args:
        name: as models call it; the function's name by default.
        description: what models choose by; the docstring by default.
        scope: who may use it, one scope or several of which one is enough; everyone by default.
        approval: True, or the question to people, to have each call agreed to first: `"Send this to {to}?"`.
        timeout: seconds a call may take.

    Raises:
        TypeError: the signature is one that a model cannot call.
        ValueError: an argument of the decorator is unusable.
    """

    def mark(target: F) -> F:
        spec = tool_of(target, name=name, description=description, scope=scope, approval=approval, timeout=timeout)
        try:
            setattr(target, _MARK, spec)
        except AttributeError:
            raise TypeError(f"{target!r} cannot carry @tool: put the decorator on the function itself.") from None
        if "." not in getattr(target, "__qualname__", ".").rpartition("<locals>.")[2]:  # no method
            registry.register(spec)
        return target

    return mark if function is None else mark(function)


function_tool = tool
"""The same under the name that OpenAI's agents library has for it."""


def tool_spec(function: Callable[..., object] | ToolSpec) -> ToolSpec:
    """The tool that a function is, decorated or not; a bound method stays bound to its object."""
    if isinstance(function, ToolSpec):
        return function
    if not callable(function):
        raise TypeError(f"tools: expected functions, got {type(function).__name__}. Pass the function, not its result.")
    marked = getattr(function, _MARK, None)
    if isinstance(marked, ToolSpec):
        return replace(marked, function=function)
    return tool_of(function)


def is_tool(function: object) -> bool:
    """Whether `@tool` stands over it."""
    return isinstance(getattr(function, _MARK, None), ToolSpec)


def tool_of(
    function: Callable[..., object],
    *,
    name: str | None = None,
    description: str | None = None,
    scope: Scopes = None,
    approval: bool | str = False,
    timeout: float | None = None,
) -> ToolSpec:
    """The tool that a function is with these rules; those of `tool`, and raises as it does."""
    if isinstance(function, classmethod | staticmethod):
        raise TypeError("@tool goes under @classmethod and @staticmethod, directly on the function.")
    label = str(name if name is not None else getattr(function, "__name__", type(function).__name__))
    if not NAME.fullmatch(label):
        raise ValueError(
            f"name: {label!r} cannot be a tool's name. Use 1 to 64 letters, digits, '_' or '-': @tool(name=\"…\")."
        )
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(f"{label} cannot be a tool: it yields. Return one result, such as a list.")
    if timeout is not None and timeout <= 0:
        raise ValueError(f"timeout: {timeout} is not a time. Give seconds above 0, or leave it out.")
    signature = signature_of(function, Context)
    if isinstance(approval, str):
        _check_question(approval, cast(Obj, signature.parameters["properties"]))
    text = description if description is not None else signature.summary
    return ToolSpec(
        name=label,
        description=text or label.replace("_", " ").replace("-", " ").capitalize() + ".",
        function=function,
        signature=signature,
        scopes=scopes_of(scope),
        approval=approval,
        timeout=timeout,
    )


def _check_question(question: str, arguments: Obj) -> None:
    for _, field, _, _ in string.Formatter().parse(question):
        if field is not None and field not in arguments:
            raise ValueError(
                f"approval: {{{field}}} is not an argument of the tool. There are: {', '.join(arguments) or 'none'}."
            )
