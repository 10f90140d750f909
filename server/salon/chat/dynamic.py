"""Dynamic agents among those of a server: who answers for each, and that none is let go while it speaks."""

from collections.abc import Awaitable, Callable, Mapping

from salon.agents.agent import Agent
from salon.chat.others import Outline
from salon.contracts.runs import Principal, Responder, RunOrder, RunOutcome, Stage
from salon.contracts.types import AgentCard
from salon.errors import SalonError
from salon.models.errors import InvalidModel, MissingExtra
from salon.sources.code import agent_of
from salon.sources.definition import AgentData
from salon.sources.dynamic import DynamicAgents, Kept, unusable


class Visiting:
    """The Responder of one dynamic agent: it keeps the agent while a run lasts.

    Args:
        again: finds who answers by then, for a run that waited so long for its turn that the agent was let go.
    """

    def __init__(
        self,
        chat: Responder,
        kept: Kept,
        agents: DynamicAgents,
        again: Callable[[Principal], Awaitable[Responder | None]],
    ) -> None:
        self._chat = chat
        self._kept = kept
        self._agents = agents
        self._again = again

    @property
    def team(self) -> str:
        """The agent's name."""
        return self._chat.team

    def roster(self) -> list[AgentCard]:
        """The agent alone."""
        return self._chat.roster()

    def tools(self) -> Mapping[str, str]:
        """Names of its tools."""
        return self._chat.tools()

    async def respond(self, stage: Stage, order: RunOrder) -> RunOutcome:
        """Answer until the floor is the people's again."""
        if self._kept.gone:
            return await self._respond_anew(stage, order)
        with self._agents.in_use(self._kept):
            return await self._chat.respond(stage, order)

    async def _respond_anew(self, stage: Stage, order: RunOrder) -> RunOutcome:
        try:
            found = await self._again(order.principal)
        except SalonError as error:
            return RunOutcome(outcome="error", reason=error.message, error=error.code)
        if found is None:
            return RunOutcome(outcome="error", reason=f"there is no agent {self.team!r} any more", error="not_found")
        return await found.respond(stage, order)


class Dynamic:
    """See Others.

    Args:
        answers: who answers for an agent that was made.
    """

    def __init__(self, agents: DynamicAgents, answers: Callable[[Agent], Responder]) -> None:
        self._agents = agents
        self._answers = answers

    async def find(self, name: str, who: Principal) -> Responder | None:
        """Who answers under a name."""
        kept = await self._kept(name, who)
        return kept.responder if kept is not None else None

    async def agent(self, name: str, who: Principal) -> Agent | None:
        """The agent itself."""
        kept = await self._kept(name, who)
        return kept.agent if kept is not None else None

    async def names(self, who: Principal) -> list[str]:
        """All names that can be asked for."""
        return await self._agents.names(who)

    async def outlines(self, who: Principal) -> list[Outline]:
        """All of them in short; an agent that a function makes has only its name."""
        return [_outline(found.name, found.of) for found in await self._agents.definitions(who)]

    async def _kept(self, name: str, who: Principal) -> Kept | None:
        kept = await self._agents.find(name, who)
        if kept is not None and kept.responder is None:
            try:
                kept.responder = Visiting(
                    self._answers(kept.agent), kept, self._agents, lambda who: self.find(name, who)
                )
            except (ValueError, InvalidModel, MissingExtra) as problem:
                raise unusable(name, problem) from None
        return kept


def _outline(name: str, of: object) -> Outline:
    if not isinstance(of, AgentData):
        return Outline(name, "", "")
    plain = agent_of(name, {"instructions": of.instructions, "description": of.description, "model": None})
    return Outline(name, plain.description, of.instructions, tuple(of.intents), tuple(of.skills), tuple(of.tools))
