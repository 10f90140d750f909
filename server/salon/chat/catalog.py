"""Who can be asked here, by name: teams, and each agent by itself with the team it belongs to behind it."""

from collections.abc import Sequence

from salon.agents.agent import Agent
from salon.agents.build import Built, Resolve, build
from salon.chat.run import ChatLimits, GroupChat
from salon.chat.team import Team
from salon.clock import Clock
from salon.contracts.runs import Recall
from salon.errors import SalonError

DEFAULT_TEAM = "team"


class Catalog:
    """The agents and teams of one server; the first team answers in rooms that people open.

    Args:
        agents: agents that belong to no team; they form one of their own in which each speaks when it is named.
        teams: teams.
        resolve: makes a model of what an agent names.
        recall: what agents are told of the person who asks.

    Raises:
        ValueError: names the agent or team that cannot be registered, and the remedy.
    """

    def __init__(
        self,
        agents: Sequence[Agent],
        teams: Sequence[Team],
        *,
        resolve: Resolve,
        limits: ChatLimits,
        clock: Clock,
        recall: Recall | None = None,
    ) -> None:
        loose = [agent for agent in agents if all(agent.name not in team.agents for team in teams)]
        if loose:
            teams = [*teams, Team(loose[0].name if len(loose) == 1 else DEFAULT_TEAM, loose, handoffs={})]
        if not teams:
            raise ValueError("agents: a server needs at least one agent or team")
        self._resolve = resolve
        self._limits = limits
        self._clock = clock
        self._recall = recall
        self.teams: dict[str, Team] = {}
        self.agents: dict[str, Agent] = {}
        self._casts: dict[str, dict[str, Built]] = {}
        self._responders: dict[str, GroupChat] = {}
        for team in teams:
            self._add(team)
        self.default = self._responders[teams[0].name]

    def responder(self, name: str) -> GroupChat:
        """The team of that name, or the agent with its team behind it.

        Raises SalonError (`not_found`), which says what there is.
        """
        responder = self._responders.get(name)
        if responder is None:
            raise SalonError(
                "not_found", f"there is no agent or team {name!r}; there are: {', '.join(self._responders)}"
            )
        return responder

    def names(self) -> list[str]:
        """Everything that can be asked, teams first."""
        return list(dict.fromkeys([*self.teams, *self.agents]))

    def built(self, agent: str) -> Built:
        """An agent as it speaks: its model, source and tools. Raises SalonError (`not_found`)."""
        for cast in self._casts.values():
            if agent in cast:
                return cast[agent]
        raise SalonError("not_found", f"there is no agent {agent!r}")

    def mocks(self) -> list[str]:
        """The agents that a mock model answers for."""
        return [name for name in self.agents if self.built(name).source == "mock"]

    def _chat(self, team: Team, cast: dict[str, Built]) -> GroupChat:
        return GroupChat(team, cast, limits=self._limits, clock=self._clock, recall=self._recall)

    def _add(self, team: Team) -> None:
        if team.name in self.teams:
            raise ValueError(f"teams: two teams are named {team.name!r}; names must differ")
        self.teams[team.name] = team
        cast = self._casts[team.name] = {
            agent.name: build(agent, resolve=self._resolve, handoffs=team.handoffs(agent.name))
            for agent in team.agents.values()
        }
        for agent in team.agents.values():
            known = self.agents.setdefault(agent.name, agent)
            if known is not agent:
                raise ValueError(f"agents: two agents are named {agent.name!r}; names must differ")
            if agent.name not in self._responders:
                self._responders[agent.name] = self._chat(team.hosted_by(agent.name), cast)
        alone = self.agents.get(team.name)
        if alone is not None and list(team.agents) != [team.name]:
            raise ValueError(f"teams: team {team.name!r} has the name of an agent; names must differ")
        self._responders[team.name] = self._chat(team, cast)
