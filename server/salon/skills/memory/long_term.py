"""What people tell of themselves, remembered across conversations, as a skill."""

import asyncio
import contextvars
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

from salon.agents.around.surroundings import around
from salon.agents.context.context import Context
from salon.agents.hooks import hook
from salon.agents.prompt import prompt
from salon.agents.skill import ModelSpec, Skill
from salon.contracts.runs import Principal, is_known
from salon.memory.extractor import UserMemoryExtractor
from salon.memory.facts import UserFact, UserMemoryStore
from salon.models.plain.asking import fact_reader
from salon.skills.memory.places import own_address

if TYPE_CHECKING:
    from salon.agents.agent import Agent

log = structlog.get_logger(__name__)

READ_WITHIN = 5.0
"""Seconds that a turn waits for what was told in the one before to be understood."""


class LongTermMemorySkill(Skill):
    """Remembers what people tell of themselves, each person apart, and tells it to the agent's model.

        Agent("friend", "…", skills={"memory": LongTermMemorySkill({"connection_string": "postgresql://…"})})

    What was told is read after each message by the model that `model` names; where the mock answers, by plain rules,
    such as "my name is …". It connects when it is first used; a database that does not answer costs the memory, not the
    answer. On a server nothing is remembered of people whom nobody has named: they cannot be told apart.

    Settings:
        connection_string: the database; without it, or with a placeholder such as `postgresql://...`, the server's, or
            where the agent itself remembers.
        model: who reads; the agent's model by default.
    """

    name = "long_term_memory"

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        super().__init__(config)
        self._address = own_address(self.config)
        self._reading: dict[str, asyncio.Task[None]] = {}

    async def initialize(self, agent: "Agent") -> None:
        """Nothing is connected yet; a copy of a skill reads for itself."""
        await super().initialize(agent)
        self._reading = {}

    async def cleanup(self) -> None:
        """What is being read is read to its end."""
        if self._reading:
            await asyncio.wait(list(self._reading.values()), timeout=READ_WITHIN)

    async def remember(self, user: str, key: str, value: str, category: str = "general") -> None:
        """Know a fact about a user. Raises SalonError, as UserMemoryStore does."""
        await self._store.set(user, key, value, category)

    async def recall(self, user: str) -> list[UserFact]:
        """All that is known of a user. Raises SalonError, as UserMemoryStore does."""
        return await self._store.get_all(user)

    async def forget(self, user: str) -> int:
        """Forget all that is known of a user; how many facts there were. Raises as `recall`."""
        return await self._store.clear(user)

    @prompt(priority=20)
    async def known(self, context: Context) -> str:
        """What is known of who asks, as a part of the agent's instructions."""
        who = context.principal
        if not self._knows(who) or self._told_anyway(who):
            return ""
        if (reading := self._reading.get(who.user)) is not None:
            await asyncio.wait([reading], timeout=READ_WITHIN)
        try:
            return self._store.format_for_prompt(await self._store.get_all(who.user))
        except Exception as error:
            log.warning("memory.not_recalled", agent=context.agent, exc_info=error)
            return ""

    @hook("on_message", priority=90)
    async def listen(self, context: Context) -> None:
        """Read what was said, beside the answer."""
        user, text = context.user, context.message
        if not self._knows(context.principal) or not text.strip():
            return
        before = self._reading.get(user)
        # In a context of its own: it outlives the request.
        task = asyncio.create_task(self._read(user, text, context.room, before), context=contextvars.Context())
        self._reading[user] = task
        task.add_done_callback(lambda done: self._reading.pop(user) if self._reading.get(user) is done else None)

    async def _read(self, user: str, text: str, room: str, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            reader = fact_reader(around(self._owner).model(self._spec()))
            extractor = UserMemoryExtractor(reader, self._store)
            await extractor.extract_and_save(user, [{"role": "user", "content": text}], source_thread=room)
        except Exception as error:
            log.warning("memory.not_read", exc_info=error)

    def _spec(self) -> ModelSpec:
        named = self.config.get("model")
        if isinstance(named, str):
            return ModelSpec(named)
        skill = self.agent.llm_skill
        return skill.spec() if skill is not None else ModelSpec("mock")

    def _knows(self, who: Principal) -> bool:
        """Whether it is clear who asks."""
        return is_known(who.user) or not around(self._owner).open

    def _told_anyway(self, who: Principal) -> bool:
        """Whether the server itself tells its agents what its own database knows of people."""
        return self._address is None and around(self._owner).open and self._knows(who)

    @property
    def _store(self) -> UserMemoryStore:
        return UserMemoryStore(self._address or around(self._owner).database)
