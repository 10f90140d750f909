"""Who can be asked here, by name: teams, each agent by itself with the team it belongs to behind it, and whomever else
somebody finds."""

from collections.abc import Callable, Sequence

from salon.agents.agent import Agent
from salon.agents.compiled.build import Built, Resolve, build
from salon.chat.front import Front
from salon.chat.others import Others, Outline
from salon.chat.run import ChatLimits, GroupChat
from salon.chat.team import Team
from salon.clock import Clock
from salon.contracts.runs import Principal, Recall, Responder
from salon.errors import SalonError

DEFAULT_TEAM = "team"


class Catalog:
    """The agents and teams of one server. `default` answers in rooms that people open: the first team.

    Args:
        agents: agents that belong to no team; they form one of their own in which each speaks when it is named.
        teams: teams.
        resolve: makes a model of what an agent names.
        recall: what agents are told of the person who asks.
        settle: told of each agent that is one of this server's.

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
        settle: Callable[[Agent], None] | None = None,
    ) -> None:
        self._resolve = resolve
        self._settle = settle
        self._limits = limits
        self._clock = clock
        self._recall = recall
        self._given = list(agents)
        self._named = list(teams)
        self._others: list[Others] = []
        self.teams: dict[str, Team] = {}
        self.agents: dict[str, Agent] = {}
        self._casts: dict[str, dict[str, Built]] = {}
        self._responders: dict[str, GroupChat] = {}
        self._register()
        self.default = Front(lambda: next(iter(self._responders[name] for name in self.teams), None))

    def add(self, agent: Agent) -> None:
        """One more agent, of no team. Raises ValueError when its name is taken."""
        if agent.name in self._responders:
            raise ValueError(f"agents: there is an agent or team {agent.name!r} already; names must differ")
        self._given.append(agent)
        self._register()

    def ask_too(self, others: Others) -> None:
        """Let `others` find agents whose names are not known here."""
        self._others.append(others)

    @property
    def open(self) -> bool:
        """Whether there may be agents beside those in `names`."""
        return bool(self._others)

    async def find(self, name: str, who: Principal) -> Responder | None:
        """Who answers when `who` asks for that name: a team, or an agent with its team behind it; None for nobody.

        Raises SalonError when an agent that there is cannot be had now.
        """
        known: Responder | None = self._responders.get(name)
        for others in self._others if known is None else ():
            known = await others.find(name, who)
            if known is not None:
                break
        return known

    async def agent(self, name: str, who: Principal) -> Agent | None:
        """The agent of that name, a team's host for a team's; None when there is none that `who` may see."""
        team = self.teams.get(name)
        known = self.agents.get(name) or (self.agents[team.host] if team is not None else None)
        for others in self._others if known is None else ():
            known = await others.agent(name, who)
            if known is not None:
                self._settled(known)
                break
        return known

    async def listed(self, who: Principal) -> list[str]:
        """Everything that `who` can ask, teams first."""
        more = [name for others in self._others for name in await others.names(who)]
        return list(dict.fromkeys([*self.names(), *more]))

    async def outlines(self, who: Principal) -> list[Outline]:
        """The agents that `who` can ask beside the server's own."""
        return [
            found
            for others in self._others
            for found in await others.outlines(who)
            if found.name not in self._responders
        ]

    def responder(self, name: str) -> GroupChat:
        """The server's own team of that name, or its agent with its team behind it.

        Raises SalonError (`not_found`), which says what there is.
        """
        responder = self._responders.get(name)
        if responder is None:
            raise SalonError(
                "not_found", f"there is no agent or team {name!r}; there are: {', '.join(self._responders)}"
            )
        return responder

    def names(self) -> list[str]:
        """All of the server's own teams and agents, teams first."""
        return list(dict.fromkeys([*self.teams, *self.agents]))

    def built(self, agent: str) -> Built:
        """An agent as it speaks: its model, source and tools. Raises SalonError (`not_found`)."""
        for cast in self._casts.values():
            if agent in cast:
                return cast[agent]
        raise SalonError("not_found", f"there is no agent {agent!r}")

    def build(self, agent: Agent) -> Built:
        """An agent of no team as it would speak."""
        return build(self._settled(agent), resolve=self._resolve, handoffs=())

    def alone(self, agent: Agent) -> GroupChat:
        """Who answers when this agent is asked, which is not one of the server's own."""
        return self._chat(Team(agent.name, [agent], handoffs={}), {agent.name: self.build(agent)})

    def mocks(self) -> list[str]:
        """The agents that a mock model answers for."""
        return [name for name in self.agents if self.built(name).source == "mock"]

    def _chat(self, team: Team, cast: dict[str, Built]) -> GroupChat:
        return GroupChat(team, cast, limits=self._limits, clock=self._clock, recall=self._recall)

    def _settled(self, agent: Agent) -> Agent:
        if self._settle is not None:
            self._settle(agent)
        return agent

    def _register(self) -> None:
        for names in (self.teams, self.agents, self._casts, self._responders):
            names.clear()
        loose = [agent for agent in self._given if all(agent.name not in team.agents for team in self._named)]
        own = [Team(loose[0].name if len(loose) == 1 else DEFAULT_TEAM, loose, handoffs={})] if loose else []
        for team in (*self._named, *own):
            self._add(team)

    def _add(self, team: Team) -> None:
        if team.name in self.teams:
            raise ValueError(f"teams: two teams are named {team.name!r}; names must differ")
        self.teams[team.name] = team
        cast = self._casts[team.name] = {
            agent.name: build(self._settled(agent), resolve=self._resolve, handoffs=team.handoffs(agent.name))
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
