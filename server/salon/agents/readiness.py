"""Getting an agent's skills ready: each once, in the order of what they need, however many ask at the same time."""

import asyncio
import contextvars
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import structlog

from salon.agents.skill import Skill

if TYPE_CHECKING:
    from salon.agents.agent import Agent

log = structlog.get_logger(__name__)


class Readiness:
    """How far an agent's skills are.

    Args:
        agent: whose they are.
        skills: its skills by key.
        first: a skill that comes before all of them, such as its model.

    Raises ValueError for dependencies that the agent does not have, or that go round in a circle.
    """

    def __init__(self, agent: "Agent", skills: Mapping[str, Skill], *, first: Skill | None = None) -> None:
        self._agent = agent
        ordered = [skills[key] for key in in_order(skills)]
        self._waiting = [*([first] if first is not None and first not in ordered else []), *ordered]
        self._ready: list[Skill] = []
        self._going: asyncio.Task[None] | None = None

    @property
    def done(self) -> bool:
        """Whether all are ready."""
        return not self._waiting

    async def reach(self) -> None:
        """Get those ready that are not. Raises what a skill raised: it stays the next one."""
        if self._going is None or self._going.done():
            # In a context of its own: what a skill keeps must not be the first request's.
            self._going = asyncio.create_task(self._initialize(), context=contextvars.Context())
        await asyncio.shield(self._going)  # one who asks may leave; the others still wait

    async def end(self) -> None:
        """Let those go that are ready, the last one first. What fails is logged: the others are let go still."""
        if self._going is not None and not self._going.done():
            self._going.cancel()
            await asyncio.wait([self._going])
        while self._ready:
            skill = self._ready.pop()
            self._waiting.insert(0, skill)
            try:
                await skill.cleanup()
            except Exception as error:
                log.warning("skill.not_cleaned_up", skill=type(skill).__name__, exc_info=error)

    async def _initialize(self) -> None:
        while self._waiting:
            await self._waiting[0].initialize(self._agent)
            self._ready.append(self._waiting.pop(0))


def in_order(skills: Mapping[str, Skill]) -> list[str]:
    """The keys of skills, each after those that it depends on.

    Raises ValueError for a dependency that is missing or that goes round in a circle.
    """
    keys = {skill.name: key for key, skill in skills.items() if skill.name} | {key: key for key in skills}
    found: dict[str, None] = {}

    def visit(key: str, way: Sequence[str]) -> None:
        if key in way:
            raise ValueError(f"skills: {' needs '.join([*way[way.index(key) :], key])}. Take one dependency away.")
        for needed in skills[key].dependencies:
            if needed not in keys:
                there = ", ".join(skills)
                raise ValueError(
                    f"skills: {key!r} needs {needed!r}, which the agent does not have. There are: {there}."
                )
            visit(keys[needed], [*way, key])
        found[key] = None

    for key in skills:
        visit(key, [])
    return list(found)
