"""Agents that belong to no server: who answers for them, with models as the settings say."""

from functools import lru_cache

from salon.agents.agent import Agent
from salon.chat.catalog import Catalog
from salon.chat.run import ChatLimits, GroupChat
from salon.chat.team import Team
from salon.chat.turn import TurnLimits
from salon.clock import SystemClock
from salon.models.openai import SharedHttp
from salon.models.resolve import Models
from salon.runtime.house import House, Nobody
from salon.runtime.server import model_settings
from salon.settings import Settings
from salon.store.database import Database


class Embedded:
    """What agents share that answer without a server, for one set of settings. See `embedded`."""

    def __init__(self, settings: Settings) -> None:
        self._models = Models(model_settings(settings), SharedHttp())
        self._limits = ChatLimits(
            rounds=settings.max_agent_rounds,
            turn=TurnLimits(tool_rounds=settings.max_tool_rounds, seconds=settings.turn_timeout),
        )
        self._clock = SystemClock()
        # Only for conversations that are not kept: its database is never opened.
        self.house = House(Database("sqlite:///:memory:"), Nobody(), settings, self._clock)

    def responder(self, agent: Agent) -> GroupChat:
        """Who answers when this agent is asked: it, with all agents that it hands over to.

        Raises ValueError: a hand-off to an agent that is known by name only, or a model that cannot be used.
        """
        catalog = Catalog((), [company(agent)], resolve=self._models.resolve, limits=self._limits, clock=self._clock)
        return catalog.default


@lru_cache(maxsize=8)
def embedded(settings: Settings) -> Embedded:
    """What agents share that answer without a server."""
    return Embedded(settings)


def company(agent: Agent) -> Team:
    """An agent and all that it, and they, hand over to; nobody may who has not said so.

    Raises ValueError: a hand-off to an agent that is known by name only.
    """
    members = [agent]
    for member in members:  # it grows meanwhile
        for spec in member.handoffs:
            if isinstance(spec.agent, Agent) and spec.agent not in members:
                members.append(spec.agent)
    name = agent.name if len(members) == 1 else f"{agent.name[:59]}-team"
    return Team(name, members, host=agent, handoffs={})
