"""What an agent may be made of when it comes as data: these fields and no others, and nothing that can be abused.

There is no key and no address among them: whoever may write a definition must not learn a key by naming a server of
their own.
"""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from salon.access.scopes import scopes_of
from salon.agents.agent import Agent

Text = Annotated[str, Field(max_length=100_000)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Model = Annotated[str, Field(min_length=1, max_length=256)]

DEEPEST = 32
"""Levels of nesting."""

ONE_FOR_ALL = ("scope", "version", "variants")
"""What no variant may change: a user must not get another agent for what it is open to."""


class Variant(BaseModel):
    """A variant: `weight` is its share beside those of the others, all other fields are the agent's that differ."""

    model_config = ConfigDict(extra="allow", frozen=True)

    label: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]
    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1

    @property
    def changes(self) -> dict[str, Any]:
        """What differs."""
        return dict(self.model_extra or {})


class AgentData(BaseModel):
    """An agent as data.

    `skills` names those that the server allows, each with its settings; `use` in them names the skill where the key is
    another. `scope` says who may ask the agent; `variants` are tried on users, each on as many as its weight says.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    instructions: Text = Field(min_length=1)
    description: Annotated[str, Field(max_length=1000)] = ""
    model: Model | list[Model] | None = None
    tools: list[Name] = []
    skills: dict[Name, dict[str, Any]] = {}
    intents: list[Annotated[str, Field(max_length=200)]] = []
    credits_per_token: Annotated[int, Field(ge=0, le=1_000_000)] = 10
    memory_strategy: Name | None = None
    memory_params: dict[str, int] = {}
    scope: list[Name] = []
    version: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._-]*$")] = ""
    variants: list[Variant] = []

    @model_validator(mode="before")
    @classmethod
    def _names(cls, data: Any) -> Any:
        """Skills as a list of names, and `role` or `system_prompt` for the instructions."""
        if not isinstance(data, Mapping):
            return data
        given = dict(data)
        for other in ("system_prompt", "role"):
            if other in given and not given.get("instructions"):
                given["instructions"] = given.pop(other)
        skills = given.get("skills")
        if isinstance(skills, list):
            given["skills"] = {name: {} for name in skills}
        elif isinstance(skills, Mapping):
            given["skills"] = {name: settings or {} for name, settings in skills.items()}
        if "version" in given:
            given["version"] = str(given["version"])
        return given

    @field_validator("skills")
    @classmethod
    def _shallow(cls, skills: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """What is nested without end cannot be stored or shown."""
        level: list[Any] = [skills]
        for _ in range(DEEPEST):
            level = [inner for one in level if isinstance(one, dict | list) for inner in _inner(one)]
        if level:
            raise ValueError(f"nested more than {DEEPEST} deep")
        return skills

    @model_validator(mode="after")
    def _variants_fit(self) -> "AgentData":
        labels = [variant.label for variant in self.variants]
        if len(set(labels)) < len(labels):
            raise ValueError("variants: two have one label; labels must differ")
        for variant in self.variants:
            if fixed := [field for field in ONE_FOR_ALL if field in variant.changes]:
                raise ValueError(f"variants: {fixed[0]!r} is the same for all; take it out of {variant.label!r}")
            self.varied(variant)
        return self

    def varied(self, variant: Variant) -> "AgentData":
        """This agent with what is other in a variant. Raises ValueError when that is no agent."""
        plain = self.model_dump(exclude={"variants", "name"})
        return AgentData.model_validate({**plain, **variant.changes})


def _inner(one: dict[Any, Any] | list[Any]) -> Iterable[Any]:
    return one.values() if isinstance(one, dict) else one


Made = Agent | Mapping[str, Any] | None
Maker = Callable[[], Made | Awaitable[Made]]


@dataclass(frozen=True, slots=True)
class Definition:
    """An agent that could be made.

    Args:
        name: how it is asked for.
        of: what it is made of: data, or a function of the application that makes it.
        state: is another whenever `of` is.
        tenant: whose it is; None for everyone's.
    """

    name: str
    of: AgentData | Maker
    state: Hashable
    tenant: str | None = None

    @property
    def scope(self) -> frozenset[str]:
        """Who may ask it: whoever has one of these; everyone when there are none."""
        return scopes_of(self.of.scope) if isinstance(self.of, AgentData) else frozenset()
