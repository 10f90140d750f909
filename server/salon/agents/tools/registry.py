"""The tools that agents may name: those that `@tool` and `register_tool` made known, and the built-in ones."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salon.agents.tools.tool import ToolSpec

_known: dict[str, "ToolSpec"] = {}
_built_in: dict[str, Callable[[], "ToolSpec"]] = {}


def register(spec: "ToolSpec") -> None:
    """Make a tool known by its name, in place of an older one of that name."""
    _known[spec.name] = spec


def provide(tools: Mapping[str, Callable[[], "ToolSpec"]]) -> None:
    """Say which tools are built in, each with what loads it; an application's own of that name comes first."""
    _built_in.update(tools)


def built_in(name: str) -> "ToolSpec | None":
    """The built-in tool of that name, None when there is none."""
    return _built_in[name]() if name in _built_in else None


def built_in_names() -> list[str]:
    """What is built in."""
    return sorted(_built_in)


def clear_tools() -> None:
    """Forget all tools but the built-in ones: tests begin with it."""
    _known.clear()


def named(name: str) -> "ToolSpec":
    """The tool of that name. Raises ValueError, which suggests the nearest names, when there is none."""
    if name in _known:
        return _known[name]
    if name in _built_in:
        return _built_in[name]()
    names = sorted({*_known, *_built_in})
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        hint = f"Did you mean {' or '.join(map(repr, close))}?"
    else:
        hint = f"There are: {', '.join(names)}." if names else "None is registered yet."
    raise ValueError(f"tools: there is no tool named {name!r}. {hint} Register yours with @tool or register_tool(…).")
