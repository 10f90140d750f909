"""Agents of a server that are not there from the start: whoever finds or makes them when they are asked for."""

from dataclasses import dataclass
from typing import Protocol

from salon.agents.agent import Agent
from salon.contracts.runs import Principal, Responder


@dataclass(frozen=True, slots=True)
class Outline:
    """An agent as its definition tells it, without being made: what a list or a search shows."""

    name: str
    description: str
    instructions: str
    intents: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()


class Others(Protocol):
    """Each method is asked on behalf of somebody, and knows no agents but those that they may see.

    Raises SalonError for an agent that there is and that cannot be had now.
    """

    async def find(self, name: str, who: Principal) -> Responder | None:
        """Who answers under a name; None for nobody."""

    async def agent(self, name: str, who: Principal) -> Agent | None:
        """The agent itself."""

    async def names(self, who: Principal) -> list[str]:
        """All names that can be asked for."""

    async def outlines(self, who: Principal) -> list[Outline]:
        """All of them in short."""
