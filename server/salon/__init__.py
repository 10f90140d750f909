"""Salon: rooms in which people and teams of AI agents talk. These are the public names; everything else may move.

They load when they are first used, so that importing one small module does not start the whole house.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salon.agents.agent import Agent as Agent
    from salon.agents.context import Context as Context
    from salon.agents.definition import AgentDefinition as AgentDefinition
    from salon.agents.handoff import handoff as handoff
    from salon.agents.tools import ToolError as ToolError
    from salon.agents.tools import tool as tool
    from salon.app import create_app as create_app
    from salon.chat.team import Team as Team
    from salon.settings import Settings as Settings

_HOMES = {
    "Agent": "salon.agents.agent",
    "AgentDefinition": "salon.agents.definition",
    "Context": "salon.agents.context",
    "Settings": "salon.settings",
    "Team": "salon.chat.team",
    "ToolError": "salon.agents.tools",
    "create_app": "salon.app",
    "handoff": "salon.agents.handoff",
    "tool": "salon.agents.tools",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of the keys above


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'salon' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found
