"""Where an agent remembers when it belongs to no server: a thread for each user, kept in a room."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from inspect import isawaitable
from uuid import uuid4

from salon.access.principal import principal_of
from salon.agents.agent import Agent
from salon.agents.alone.home import Message
from salon.agents.alone.result import RunResult
from salon.contracts.runs import Principal
from salon.errors import Detail, RequestError, SalonError
from salon.rooms.room import Room
from salon.runtime.embedded import embedded
from salon.runtime.house import House, house_of
from salon.runtime.sessions import conversation
from salon.runtime.sessions.asking import ask
from salon.runtime.sessions.items import Item, message_of
from salon.settings import Settings


class AgentHome:
    """See `Home`. With a database the threads are there again after a restart; without one they end with the agent."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._threads: dict[str, Room | str] = {}
        self._begun_anew: set[str] = set()
        self._finding = asyncio.Lock()

    async def ask(self, messages: Sequence[Message], user: str | None) -> RunResult:
        """Let the agent answer the last message; see `Home`."""
        who = principal_of(user)
        said = _checked(messages)
        instructions = [_text(item) for item in said if item["role"] in ("system", "developer")]
        *before, now = [item for item in said if item["role"] not in ("system", "developer")] or said[-1:]
        async with self._finding:
            room, new = await self._thread(who)
            if new and before:
                await conversation.append(room, before, who, self._agent.name)
        return await ask(self._house, room, who, self._agent, self._responder, now, instructions=instructions)
