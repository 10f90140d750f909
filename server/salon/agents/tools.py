"""What a tool is: a function that a model may call, with its schema and its rules. Knows no model, room or AG2."""

import inspect
import re
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar, cast, overload

from salon.agents.context import Context, ToolError
from salon.agents.schema import Signature, signature_of
from salon.contracts.types import Obj

__all__ = ["EVERYONE", "Scopes", "ToolError", "ToolSpec", "scopes_of", "tool", "tool_spec"]

F = TypeVar("F", bound=Callable[..., object])
Scopes = str | Iterable[str] | None

EVERYONE = "all"
_MARK = "__salon_tool__"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


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
    """

    name: str
    description: str
    function: Callable[..., object]
    signature: Signature
    scopes: frozenset[str] = frozenset()
    approval: bool | str = False
    timeout: float | None = None

    @property
    def parameters(self) -> Obj:
        """JSON Schema of the arguments."""
        return self.signature.parameters

    def open_to(self, scopes: frozenset[str]) -> bool:
        """Whether someone with these scopes may use the tool."""
        return not self.scopes or not self.scopes.isdisjoint(scopes)


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
        spec = _spec(target, name=name, description=description, scope=scope, approval=approval, timeout=timeout)
        try:
            setattr(target, _MARK, spec)
        except AttributeError:
            raise TypeError(f"{target!r} cannot carry @tool: put the decorator on the function itself.") from None
        return target

    return mark if function is None else mark(function)


def tool_spec(function: Callable[..., object] | ToolSpec) -> ToolSpec:
    """The tool that a function is, decorated or not; a bound method stays bound to its object."""
    if isinstance(function, ToolSpec):
        return function
    if not callable(function):
        raise TypeError(f"tools: expected functions, got {type(function).__name__}. Pass the function, not its result.")
    marked = getattr(function, _MARK, None)
    if isinstance(marked, ToolSpec):
        return replace(marked, function=function)
    return _spec(function)


def scopes_of(scope: Scopes) -> frozenset[str]:
    """Scopes in their one form: plain strings; none at all, or one that is `all`, means everyone."""
    names = frozenset([scope] if isinstance(scope, str) else (str(one) for one in scope or ()))
    if "" in names:
        raise ValueError("scope: a scope cannot be empty. Leave scope out to open the tool to everyone.")
    return frozenset() if EVERYONE in names else names


def _spec(
    function: Callable[..., object],
    *,
    name: str | None = None,
    description: str | None = None,
    scope: Scopes = None,
    approval: bool | str = False,
    timeout: float | None = None,
) -> ToolSpec:
    if isinstance(function, classmethod | staticmethod):
        raise TypeError("@tool goes under @classmethod and @staticmethod, directly on the function.")
    label = str(name if name is not None else getattr(function, "__name__", type(function).__name__))
    if not _NAME.fullmatch(label):
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
