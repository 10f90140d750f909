"""Agents that belong to no server: who answers for them, with models as the settings say."""

from functools import lru_cache

from salon import journal
from salon.agents.agent import Agent
from salon.chat.catalog import Catalog
from salon.chat.run import ChatLimits, GroupChat
from salon.chat.team import Team
from salon.chat.turns.turn import TurnLimits
from salon.clock import SystemClock
from salon.models.openai import SharedHttp
from salon.models.resolve import Models
from salon.runtime.house import House, Nobody
from salon.runtime.server import model_settings
from salon.settings import Settings
from salon.store.database import Database


class Embedded:
    """What agents share that answer without a server, for one set of settings: `embedded(settings)`."""

    def __init__(self, settings: Settings) -> None:
        journal.lend(texts=settings.log_level == "debug")
        self.models = Models(model_settings(settings), SharedHttp())
        self.limits = ChatLimits(
            rounds=settings.max_agent_rounds,
            turn=TurnLimits(tool_rounds=settings.max_tool_rounds, seconds=settings.turn_timeout),
        )
        self.clock = SystemClock()
        # Only for conversations that are not kept: its database is never opened.
        self.house = House(Database("sqlite:///:memory:"), Nobody(), settings, self.clock)


@lru_cache(maxsize=8)
def embedded(settings: Settings) -> Embedded:
    """What agents share that answer without a server."""
    return Embedded(settings)


@lru_cache(maxsize=256)
def responder(agent: Agent, settings: Settings) -> GroupChat:
    """Who answers when this agent is asked: it, with all agents that it hands over to.

    Raises ValueError: a hand-off to an agent that is known by name only, or a model that cannot be used.
    """
    shared = embedded(settings)
    team = company(agent)
    catalog = Catalog((), [team], resolve=shared.models.resolve, limits=shared.limits, clock=shared.clock)
    return catalog.responder(team.name)


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
