"""Where an agent remembers when it belongs to no server: a thread for each user, kept in a room."""

import asyncio
from collections.abc import Sequence
from inspect import isawaitable
from uuid import uuid4

from salon.access.principal import principal_of
from salon.agents.agent import Agent
from salon.agents.alone.home import Message
from salon.agents.alone.result import RunResult
from salon.contracts.runs import Principal, Responder
from salon.errors import SalonError
from salon.rooms.room import Room
from salon.runtime.embedded import embedded, responder
from salon.runtime.house import House, house_of
from salon.runtime.sessions import conversation
from salon.runtime.sessions.asking import ask, said
from salon.settings import Settings
from salon.store.threads import ThreadRows


class AgentHome:
    """See `Home`. With a database the threads are there again after a restart; without one they end with the agent."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._private: dict[str, Room] = {}
        self._threads: dict[str, str] = {}
        self._anew: set[str] = set()
        self._finding = asyncio.Lock()
        self._settings: Settings | None = None

    async def ask(self, messages: Sequence[Message], user: str | None) -> RunResult:
        """Let the agent answer the last of `messages`; see `Home`."""
        who = principal_of(user)
        house, chat = self._join()
        instructions, talk = _split(messages)
        before, parts = said(talk, who, self._agent.name)
        async with self._finding:
            room, new = await (
                self._kept_room(house, who) if self._agent.conn is not None else self._private_room(house, who)
            )
            if new and before:
                await conversation.append(room, before, who, self._agent.name)
        result = await ask(house, room, who, parts, agent=self._agent.name, responder=chat, instructions=instructions)
        return result.model_copy(update={"session_id": room.id if self._agent.conn is not None else None})

    def new_thread(self, user: str | None) -> None:
        """The next thing that `user` says begins a new thread."""
        self._anew.add(principal_of(user).user)

    def _join(self) -> tuple[House, Responder]:
        """What is needed. Settings are read at first use: then keys are known."""
        settings = self._settings = self._settings or Settings.load()
        house = house_of(self._agent.conn) if self._agent.conn is not None else embedded(settings).house
        return house, responder(self._agent, settings)

    async def _private_room(self, house: House, who: Principal) -> tuple[Room, bool]:
        """A room in memory, which nobody else can find."""
        old = self._private.get(who.user)
        if old is not None and who.user not in self._anew:
            return old, False
        room = self._private[who.user] = house.lobby.ephemeral(self._join()[1])
        self._anew.discard(who.user)
        if old is not None:
            await house.lobby.release(old)
        return room, True

    async def _kept_room(self, house: House, who: Principal) -> tuple[Room, bool]:
        """The user's thread with this agent: the one that goes on, else the newest that is stored, else a new one."""
        thread = self._threads.get(who.user)
        if who.user in self._anew:
            thread = None
        elif thread is None:
            found = await ThreadRows(house.database).latest(who.user, self._agent.name)
            thread = found.id if found is not None else None
        room = await self._found(house, thread, who) if thread is not None else None
        if room is not None:
            self._threads[who.user] = room.id
            return room, False
        room = await house.lobby.create(who, room=str(uuid4()), agent_id=self._agent.name)
        if self._agent.auth is not None:
            answer = self._agent.auth.assign_role(who.user, "owner", "thread", room.id)
            if isawaitable(answer):
                await answer
        self._threads[who.user] = room.id
        self._anew.discard(who.user)
        return room, True

    async def _found(self, house: House, thread: str, who: Principal) -> Room | None:
        if self._agent.auth is not None:
            answer = self._agent.auth.has_permission(who.user, "write", "thread", thread)
            if not (await answer if isawaitable(answer) else answer):
                raise SalonError("forbidden", f"{who.name or who.user} may not write in thread {thread}")
        try:
            return await house.lobby.existing(thread, who)
        except SalonError as error:
            if error.code != "not_found":  # it may have been deleted meanwhile
                raise
            return None


def _split(messages: Sequence[Message]) -> tuple[list[str], list[Message]]:
    """Instructions for this answer, and the conversation."""
    instructions: list[str] = []
    talk: list[Message] = []
    for message in messages:
        content = message.get("content")
        if message.get("role") in ("system", "developer") and isinstance(content, str):
            instructions.append(content)
        else:
            talk.append(message)
    return instructions, talk
