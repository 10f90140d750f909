"""What an application's own agent is asked."""

from dataclasses import dataclass
from typing import Any

from salon.agents.context.context import Context
from salon.contracts.runs import Sampling


@dataclass(slots=True)
class AgentRequest:
    """One question to an agent that is a function; the function may change it as it likes.

    Args:
        agent: the agent's name.
        messages: the conversation in OpenAI's shape, the caller's instructions first: dicts with `role` and `content`.
        tools: the caller's own tools, in OpenAI's shape; an answer that calls one is passed on to the caller.
        sampling: how the caller wants it answered.
        context: who asks, what was noted and what was used.
    """

    agent: str
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    sampling: Sampling
    context: Context

    @property
    def user(self) -> str:
        """The id of who asks."""
        return self.context.user
