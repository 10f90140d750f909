"""Definitions in Python: dictionaries of an agent's arguments, or functions that make it."""

from collections.abc import Callable, Mapping
from typing import Any

from salon.agents.agent import Agent
from salon.sources.definition import Definition, Made
from salon.sources.source import Place

Config = Mapping[str, Any] | Callable[[], Any]
"""The arguments of `Agent` without its name, or a function that returns them, an agent, or None for no agent; it may be
async."""


class CodeAgents:
    """Agents of the application itself; whatever an Agent takes may stand in them.

    Args:
        configs: by name. It may change while the server runs: a config that is another object is another version.
    """

    def __init__(self, configs: Mapping[str, Config]) -> None:
        self._configs = configs

    async def find(self, name: str, place: Place) -> Definition | None:  # noqa: ARG002 - the same everywhere
        """See Source."""
        config = self._configs.get(name)
        return _definition(name, config) if config is not None else None

    async def names(self, place: Place) -> Mapping[str, frozenset[str]]:  # noqa: ARG002
        """See Source."""
        return dict.fromkeys(self._configs, frozenset())

    async def definitions(self, place: Place) -> list[Definition]:  # noqa: ARG002
        """See Source."""
        return [_definition(name, config) for name, config in self._configs.items()]


class _Same:
    """Is equal to another for the same object only. It keeps the object, so that no other one gets its id."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other._config is self._config

    def __hash__(self) -> int:
        return id(self._config)


class EnvironmentAgents:
    """Other agents in other deployments.

    Args:
        configs: by environment, then by name: `{"production": {"helper": {…}}}`. An environment that is not named has
            none.
    """

    def __init__(self, configs: Mapping[str, Mapping[str, Config]]) -> None:
        self._configs = configs

    def _here(self, place: Place) -> CodeAgents:
        return CodeAgents(self._configs.get(place.environment, {}))

    async def find(self, name: str, place: Place) -> Definition | None:
        """See Source."""
        return await self._here(place).find(name, place)

    async def names(self, place: Place) -> Mapping[str, frozenset[str]]:
        """See Source."""
        return await self._here(place).names(place)

    async def definitions(self, place: Place) -> list[Definition]:
        """See Source."""
        return await self._here(place).definitions(place)


def _definition(name: str, config: Config) -> Definition:
    def make() -> Made:
        made: Made = config() if callable(config) else config
        return made

    return Definition(name, make, state=_Same(config))


def agent_of(name: str, made: Agent | Mapping[str, Any]) -> Agent:
    """The agent itself, or one of these arguments. Raises TypeError and ValueError as Agent does."""
    return made if isinstance(made, Agent) else Agent(**{"name": name.partition("@")[0], **made})
