"""From a definition to an agent: of data, only what the server allows becomes part of it."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from salon.agents.agent import Agent
from salon.agents.kit import AnyTool
from salon.agents.skill import Skill
from salon.agents.tools import registry
from salon.agents.tools.classes import spec_of
from salon.agents.tools.tool import ToolSpec
from salon.errors import SalonError
from salon.sources.code import agent_of
from salon.sources.definition import AgentData, Definition
from salon.sources.source import BadDefinition

SkillFactory = Callable[[dict[str, Any]], Skill]
"""Makes a skill of its settings: a Skill's class does."""


class Workshop:
    """Makes agents.

    Args:
        skills: those that data may name, by the name under which it does.
        tools: the tools that data may name, beside the built-in ones. That a tool is registered is not enough: it may
            be meant for an agent of the application's own.
    """

    def __init__(self, skills: Mapping[str, SkillFactory] | None = None, tools: Iterable[AnyTool] = ()) -> None:
        self._skills = dict(skills or {})
        specs = [spec_of(tool) for tool in tools]
        self._tools: dict[str, ToolSpec] = {spec.name: spec for spec in specs}

    async def make(self, definition: Definition, variant: str, data: AgentData | None) -> Agent | None:
        """The agent of a definition; `data` is the `variant` of it that is meant. None when a function makes none.

        Raises BadDefinition, or SalonError when the function does.
        """
        try:
            if data is not None:
                return self.of_data(definition.name, data, variant)
            assert callable(definition.of)  # noqa: S101 - it is data otherwise
            made = definition.of()
            made = await made if inspect.isawaitable(made) else made
            return agent_of(definition.name, made) if made is not None else None
        except SalonError:
            raise
        except (TypeError, ValueError) as problem:
            raise BadDefinition(f"agent {definition.name!r}: {problem}") from None
        except Exception as problem:  # the application's function or skill fails: the text may hold anything
            raise BadDefinition(f"agent {definition.name!r}: {type(problem).__name__} while it was made") from problem

    def of_data(self, name: str, data: AgentData, variant: str = "") -> Agent:
        """An agent of data. Raises ValueError: what is not allowed, or what an Agent does not take."""
        plain, _, version = name.partition("@")
        agent = Agent(
            plain,
            data.instructions,
            description=data.description,
            model=data.model,
            tools=[self._tool(tool) for tool in data.tools],
            skills={key: self._skill(key, settings) for key, settings in data.skills.items()},
            intents=data.intents,
            credits_per_token=data.credits_per_token,
            memory_strategy=data.memory_strategy,
            memory_params=data.memory_params or None,
        )
        agent.version, agent.variant = data.version or version, variant
        return agent

    def _tool(self, name: str) -> ToolSpec:
        found = self._tools.get(name) or registry.built_in(name)
        if found is None:
            there = ", ".join(sorted({*self._tools, *registry.built_in_names()})) or "none"
            raise ValueError(f"tools: {name!r} is not open to agents from data. There are: {there}.")
        return found

    def _skill(self, key: str, settings: Mapping[str, Any]) -> Skill:
        config = dict(settings)
        name = str(config.pop("use", key))
        factory = self._skills.get(name)
        if factory is None:
            there = ", ".join(sorted(self._skills)) or "none"
            raise ValueError(f"skills: {name!r} is not open to agents from data. There are: {there}.")
        try:
            return factory(config)
        except (TypeError, ValueError):
            raise
        except Exception as problem:
            raise ValueError(f"skills: {name!r} does not take these settings ({type(problem).__name__})") from problem


def data_of(loaded: object, where: str) -> AgentData:
    """Data as it was read. Raises BadDefinition, which names the first field that is wrong."""
    try:
        return AgentData.model_validate(loaded)
    except ValidationError as problem:
        issue = problem.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(step) for step in issue["loc"]) or "the whole"
        known = f" There are: {', '.join(AgentData.model_fields)}." if issue["type"] == "extra_forbidden" else ""
        raise BadDefinition(f"{where}: {field}: {issue['msg']}.{known}") from None
