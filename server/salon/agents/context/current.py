"""Which request is being served here: a context variable, so that concurrent requests never see each other's."""

from contextvars import ContextVar

from salon.agents.context.context import Context

CONTEXT: ContextVar[Context | None] = ContextVar("salon_context", default=None)
"""The Context of the request that is being served; None outside of any."""


def get_server_context() -> Context | None:
    """The Context of the request that is being served; None outside of any."""
    return CONTEXT.get()


def current_agent_context() -> Context:
    """The Context of the request that is being served, wherever in a tool or hook this is called.

    Raises RuntimeError outside of any.
    """
    context = CONTEXT.get()
    if context is None:
        raise RuntimeError(
            "There is no request here. Call this in a tool or hook while an agent answers, or take agent.context."
        )
    return context
