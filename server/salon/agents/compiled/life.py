"""The hooks of one turn, from its beginning to the end of the run it belongs to."""

from collections.abc import Awaitable, Callable, Sequence

from ag2.annotations import Context as Ag2Context
from ag2.events import BaseEvent, ModelResponse
from ag2.middleware.base import MiddlewareFactory

from salon.agents.agent import Agent
from salon.agents.compiled.firing import Data, Firing
from salon.agents.compiled.layer import LAYERED, HookLayer
from salon.agents.context.context import Context, TurnPort


class TurnHooks:
    """What a turn does for its agent's hooks and prompts; next to nothing for an agent that has none.

    Args:
        agent: whose turn it is.
        port: the turn's door to the room.
    """

    def __init__(self, agent: Agent, port: TurnPort) -> None:
        self.firing = Firing(agent, port)
        self.context = Context(port, owner=agent)
        self._agent = agent

    async def begin(self, *, first: bool) -> None:
        """The turn begins; with `first` the run does, as far as this agent is concerned. Raises SalonError."""
        if first:
            await self._fire("on_connection", lambda: {"text": self.context.message})
        await self._fire("on_message", lambda: {"text": self.context.message})
        await self._fire("on_request", lambda: {"text": self.context.message})

    async def prompts(self) -> Sequence[str]:
        """What is added to the agent's instructions."""
        return await self.firing.prompts() if self._agent.kit.prompts else ()

    @property
    def edit(self) -> Callable[[str], Awaitable[str]] | None:
        """What becomes of each piece of the answer, if hooks have a say in it."""
        concerned = self.firing.listens("on_chunk") or self.firing.listens("after_llm")
        return self.firing.chunk if concerned else None

    def layers(self) -> list[MiddlewareFactory]:
        """AG2's middleware for the hooks that need it."""
        if not any(map(self.firing.listens, LAYERED)):
            return []

        def layer(event: BaseEvent, context: Ag2Context) -> HookLayer:
            return HookLayer(event, context, self.firing)

        return [layer]

    async def end(self, response: ModelResponse) -> None:
        """The agent has answered. Raises SalonError."""
        if not response.response_force:
            await self._fire("on_response", lambda: {"text": response.content or ""})

    async def failed(self, code: str, reason: str) -> None:
        """The turn has failed. Raises nothing."""
        if self.firing.listens("on_error"):
            await self.firing.farewell("on_error", {"code": code, "reason": reason})

    async def finalize(self, outcome: str) -> None:
        """The run is over. Raises nothing."""
        if self.firing.listens("finalize_connection"):
            await self.firing.farewell("finalize_connection", {"outcome": outcome})

    async def _fire(self, event: str, data: Callable[[], Data]) -> None:
        if self.firing.listens(event):
            await self.firing.fire(event, data())
