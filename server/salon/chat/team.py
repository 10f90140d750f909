"""A team: a named set of agents, the host that speaks first, and the hand-offs allowed between them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from salon.agents.agent import Agent
from salon.agents.arguments import check_name
from salon.agents.handoff import HandoffSpec, handoff
from salon.contracts.types import AgentCard


class Team:
    """Agents that answer in a room together.

    Args:
        name: URL-safe; the team's model name on the OpenAI route.
        agents: the members.
        host: who speaks first; the first agent by default.
        handoffs: `{"host": ["analyst", …]}` to name exactly who may hand over to whom. By default the host may hand
            over to everyone and everyone back to the host, besides what agents declare themselves.
        description: what the team is for, as people and programs read it.

    Raises:
        ValueError: names the argument and the remedy.
    """

    def __init__(
        self,
        name: str,
        agents: Iterable[Agent],
        *,
        host: Agent | str | None = None,
        handoffs: Mapping[str, Sequence[str]] | None = None,
        description: str = "",
    ) -> None:
        self.name = check_name(name)
        self.agents = _by_name(agents)
        if not self.agents:
            raise ValueError(f"agents: team {name!r} needs at least one agent")
        self.host = (host.name if isinstance(host, Agent) else host) or next(iter(self.agents))
        if self.host not in self.agents:
            raise ValueError(f"host: {self.host!r} is not in team {name!r}; choose one of {', '.join(self.agents)}")
        self.description = description or self.agents[self.host].description
        self._rules = _star(self.agents, self.host) if handoffs is None else handoffs
        if unknown := [agent for agent in self._rules if agent not in self.agents]:
            raise ValueError(f"handoffs: {unknown[0]!r} is not in team {name!r}; choose among {', '.join(self.agents)}")
        self._handoffs = {agent.name: self._allowed(agent, self._rules) for agent in self.agents.values()}

    def hosted_by(self, agent: str) -> "Team":
        """The same people with another first speaker: how one agent of a team answers when it is asked by name."""
        return Team(
            agent, self.agents.values(), host=agent, handoffs=self._rules, description=self.agents[agent].description
        )

    def handoffs(self, agent: str) -> list[HandoffSpec]:
        """Whom an agent may hand over to."""
        return self._handoffs[agent]

    def roster(self) -> list[AgentCard]:
        """The members as people see them."""
        return [
            AgentCard(id=a.name, description=a.description[:1000] or None, host=a.name == self.host)
            for a in self.agents.values()
        ]

    def _allowed(self, agent: Agent, rules: Mapping[str, Sequence[str]]) -> list[HandoffSpec]:
        declared = {spec.target: spec for spec in agent.handoffs}
        for target in (*declared, *rules.get(agent.name, ())):
            if target not in self.agents:
                raise ValueError(
                    f"handoffs: agent {agent.name!r} hands over to {target!r}, who is not in team {self.name!r}; "
                    f"add that agent to the team or leave the hand-off out"
                )
            declared[target] = declared.get(target, handoff(target)).described_by(self.agents[target])
        return list(declared.values())


def _by_name(agents: Iterable[Agent]) -> dict[str, Agent]:
    members: dict[str, Agent] = {}
    for agent in agents:
        if not isinstance(cast(object, agent), Agent):
            raise TypeError(f"agents: expected agents, got {type(agent).__name__}; make one with Agent(name, …)")
        if agent.name in members:
            raise ValueError(f"agents: two agents are named {agent.name!r}; names must differ")
        members[agent.name] = agent
    return members


def _star(members: Iterable[str], host: str) -> dict[str, list[str]]:
    others = [name for name in members if name != host]
    return {host: others, **{name: [host] for name in others}}
