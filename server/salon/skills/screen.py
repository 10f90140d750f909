"""Shows a component to people, by whatever agent has the tool: of the catalogue, or one that somebody here can draw."""

from salon.agents.context.context import Context, ToolError
from salon.contracts.components import CATALOG
from salon.contracts.types import Obj


async def render_ui(context: Context, component: str, props: Obj, surface: str | None = None) -> str:
    """Shows people something to look at or to fill in: a chart, table, form, card or another component.

    Args:
        component: its name, such as chart, table, form, card, list, plan, progress, image or code, or one of the
            application's own.
        props: what it shows, as the component wants it; an error names the prop that does not fit.
        surface: the id of what was shown before, to replace it.
    """
    if not context.can_draw(component):
        there = ", ".join([*CATALOG, *context.drawable])
        raise ToolError(f"Nobody here can be shown {component!r}. There are: {there}.")
    return f"Shown as {context.put(component, props, surface)}."
