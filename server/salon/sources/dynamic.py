"""Agents that are made when they are asked for, kept while they are used, and let go after.

Knows where definitions come from and what an agent is; not who answers for it, nor what a room is.
"""

import asyncio
import contextvars
import inspect
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from salon.access.principal import principal_of
from salon.access.scopes import allowed
from salon.agents.agent import Agent
from salon.agents.kit import AnyTool
from salon.clock import Clock, SystemClock
from salon.contracts.runs import Principal, Responder
from salon.errors import SalonError
from salon.sources.definition import AgentData, Definition
from salon.sources.making import SkillFactory, Workshop
from salon.sources.source import BadDefinition, Place, Source
from salon.sources.variants import chosen

log = structlog.get_logger(__name__)

OnEvict = Callable[[Agent], Awaitable[None] | None]
Key = tuple[str | None, str, str]
"""The tenant whose agent it is, its name, and the variant."""


@dataclass(eq=False, slots=True)
class Kept:
    """An agent that was made. `responder` is who answers for it, once somebody has asked; `running` counts the runs
    that it is in; `gone` says that no other run may begin with it."""

    agent: Agent
    key: Key
    state: Hashable
    used: float
    responder: Responder | None = None
    running: int = 0
    gone: bool = False


class DynamicAgents:
    """Finds agents by name in its sources, the first that knows it, and makes each when it is first asked for.

    A changed definition counts from the next turn on; turns that are on end with the agent that they began with. An
    agent in use is never let go.

    Args:
        sources: where definitions come from.
        skills: those that agents from data may have: a class, or a function of the settings, by name.
        tools: the tools that agents from data may have, beside the built-in ones.
        ttl: seconds after its last use when an agent is let go.
        limit: how many are kept at most; the one that was used longest ago makes room.
        on_evict: called with each agent that was let go, after its skills' `cleanup`.
        environment: the deployment; a server's own ENVIRONMENT by default.

    Raises ValueError: a `ttl` or `limit` that would keep none.
    """

    def __init__(
        self,
        *sources: Source,
        skills: Mapping[str, SkillFactory] | None = None,
        tools: Iterable[AnyTool] = (),
        ttl: float = 900.0,
        limit: int = 1000,
        on_evict: OnEvict | None = None,
        environment: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        if not ttl > 0:
            raise ValueError(f"ttl: seconds above 0, not {ttl!r}.")
        if limit < 1:
            raise ValueError(f"limit: at least 1, not {limit!r}.")
        self.sources: list[Source] = list(sources)
        self.environment = environment
        self.workshop = Workshop(skills, tools)
        self._ttl = ttl
        self._limit = limit
        self._on_evict = on_evict
        self._clock: Clock = clock or SystemClock()
        self._kept: dict[Key, Kept] = {}
        self._making: dict[tuple[Key, Hashable], asyncio.Task[Kept | None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    @property
    def count(self) -> int:
        """How many agents are kept now."""
        return len(self._kept)

    async def create_agent(self, name: str, *, user_id: str | None = None, tenant: str | None = None) -> Agent | None:
        """The agent of that name, made if need be; None when there is none for this tenant.

        Raises SalonError: `agent_error` when it is defined in a way that cannot be used.
        """
        who = principal_of(user_id)
        kept = await self.find(name, Principal(who.user, who.name, tenant=tenant))
        return kept.agent if kept is not None else None

    async def find(self, name: str, who: Principal) -> Kept | None:
        """The same, as it is kept; None also when it is not open to `who`. Raises as `create_agent` does."""
        try:
            definition = await self._defined(name, self._place(who))
            if definition is None or not allowed(who.scopes, definition.scope):
                return None
            label, data = "", None
            if isinstance(definition.of, AgentData):
                label, data = chosen(name, definition.of, who.user)
            return await self._current(definition, (definition.tenant, name, label), data)
        except BadDefinition as problem:
            raise unusable(name, problem) from None

    async def hides(self, name: str, source: Source, who: Principal) -> bool:
        """Whether an agent of that name in `source` would never be found: one of the sources before it knows it."""
        before = self.sources[: self.sources.index(source)]
        try:
            return await self._defined(name, self._place(who), before) is not None
        except BadDefinition:
            return True

    async def names(self, who: Principal) -> list[str]:
        """The names of all agents that there are for `who`. Nothing is made."""
        found: dict[str, frozenset[str]] = {}
        for source in self.sources:
            for name, scope in (await source.names(self._place(who))).items():
                found.setdefault(name, scope)
        return [name for name, scope in found.items() if allowed(who.scopes, scope)]

    async def definitions(self, who: Principal) -> list[Definition]:
        """The definitions of all agents that there are for `who`. Nothing is made."""
        found: dict[str, Definition] = {}
        for source in self.sources:
            for definition in await source.definitions(self._place(who)):
                found.setdefault(definition.name, definition)
        return [definition for definition in found.values() if allowed(who.scopes, definition.scope)]

    @contextmanager
    def in_use(self, kept: Kept) -> Iterator[Agent]:
        """While this lasts, the agent is not let go."""
        kept.running += 1
        try:
            yield kept.agent
        finally:
            kept.running -= 1
            kept.used = self._clock.monotonic()
            if kept.gone and not kept.running:
                self._let_go(kept)

    def sweep(self) -> None:
        """Let those go that nobody has used for a while."""
        horizon = self._clock.monotonic() - self._ttl
        for kept in [kept for kept in self._kept.values() if kept.used <= horizon and not kept.running]:
            self._evict(kept)

    async def close(self) -> None:
        """Let all go, and those that are just being made."""
        making = list(self._making.values())
        for task in making:
            task.cancel()
        await asyncio.gather(*making, return_exceptions=True)
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        for kept in list(self._kept.values()):
            self._evict(kept)
        if self._leaving:
            await asyncio.wait(set(self._leaving))

    async def _defined(self, name: str, place: Place, sources: Sequence[Source] | None = None) -> Definition | None:
        for source in self.sources if sources is None else sources:
            definition = await source.find(name, place)
            if definition is not None:
                return definition
        return None

    def _place(self, who: Principal) -> Place:
        return Place(self.environment or "development", who.tenant)

    async def _current(self, definition: Definition, key: Key, data: AgentData | None) -> Kept | None:
        kept = self._kept.get(key)
        if kept is not None and kept.state == definition.state:
            kept.used = self._clock.monotonic()
            return kept
        flight = (key, definition.state)
        making = self._making.get(flight)
        if making is None:
            # In a context of its own: what the agent keeps must not be the first one's who asked.
            making = self._making[flight] = asyncio.create_task(
                self._make(definition, key, data), context=contextvars.Context()
            )
            making.add_done_callback(lambda _: self._making.pop(flight, None))
        return await asyncio.shield(making)  # whoever asks may leave; the others still wait

    async def _make(self, definition: Definition, key: Key, data: AgentData | None) -> Kept | None:
        agent = await self.workshop.make(definition, key[2], data)
        if agent is None:
            return None
        if (old := self._kept.pop(key, None)) is not None:
            self._evict(old)
        self._make_space()
        made = self._kept[key] = Kept(agent, key, definition.state, self._clock.monotonic())
        if self._sweeping is None:
            self._sweep_later()
        return made

    def _make_space(self) -> None:
        if len(self._kept) < self._limit:
            return
        idle = [kept for kept in self._kept.values() if not kept.running]
        if not idle:
            raise SalonError("unavailable", f"{self._limit} agents are in use, which is the limit", retry_after=1)
        self._evict(min(idle, key=lambda kept: kept.used))

    def _evict(self, kept: Kept) -> None:
        self._kept.pop(kept.key, None)
        kept.gone = True
        if not kept.running:
            self._let_go(kept)

    def _let_go(self, kept: Kept) -> None:
        task = asyncio.create_task(self._goodbye(kept.agent), name=f"letting {kept.agent.name} go")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _goodbye(self, agent: Agent) -> None:
        try:
            await agent.close()
            told = self._on_evict(agent) if self._on_evict is not None else None
            if inspect.isawaitable(told):
                await told
        except Exception as error:
            log.error("agent.not_let_go", agent=agent.name, exc_info=error)

    def _sweep_later(self) -> None:
        self._sweeping = asyncio.get_running_loop().call_later(self._ttl / 4, self._sweep_again)

    def _sweep_again(self) -> None:
        self._sweeping = None
        self.sweep()
        if self._kept:
            self._sweep_later()


def unusable(name: str, problem: Exception) -> SalonError:
    """The error for whoever asks for an agent that cannot be made; what is wrong is the operator's to know."""
    log.error("agent.bad_definition", agent=name, problem=str(problem), exc_info=problem.__cause__)
    text = f"agent {name!r} is defined in a way that cannot be used; the server's log says what is wrong"
    return SalonError("agent_error", text)
