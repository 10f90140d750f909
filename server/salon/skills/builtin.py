"""The built-in tools by name, for `Agent(tools=["calculate"])`: each is loaded when it is first asked for."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from salon.agents.tools.tool import ToolSpec, tool_of

_PLACES = {
    "calculate": "calculator:calculate",
    "fetch_url": "web.fetch:fetch_url",
    "render_ui": "screen:render_ui",
    "search_documents": "documents:search_documents",
    "web_search": "web.search:web_search",
}
NAMES = tuple(_PLACES)


def built_in(name: str) -> ToolSpec:
    """The built-in tool of one of NAMES."""
    module, _, function = _PLACES[name].partition(":")
    return tool_of(cast(Callable[..., object], getattr(import_module(f"salon.skills.{module}"), function)))
