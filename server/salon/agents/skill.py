"""Skills: bundles of tools, hooks, hand-offs and prompts that agents share the making of."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self, cast

from salon.access.scopes import Scopes
from salon.agents.around import named_models
from salon.contracts.runs import Sampling
from salon.memory.strategies import MemoryStrategy

if TYPE_CHECKING:
    from salon.agents.agent import Agent

_MARKS = {"__salon_tool__", "__salon_hooks__", "__salon_handoff__", "__salon_prompt__"}


class Skill:
    """A bundle of tools, hooks, hand-offs and prompts: methods under `@tool`, `@hook`, `@handoff` and `@prompt`.

    An agent that has it offers them all: `Agent(…, skills={"search": SearchSkill()})`. A skill object belongs to one
    agent; a second agent that is given the same object gets a copy.

    Args:
        config: the skill's own settings by name.
    """

    name: ClassVar[str] = ""
    """What other skills depend on it by; the key under which the agent has it is always good too."""

    dependencies: Sequence[str] = ()
    """Keys or names of the agent's skills that must be ready before this one."""

    scope: Scopes = None
    """Who may use all of it; everyone by default."""

    memory_strategy: MemoryStrategy | None = None
    """How much of a conversation the agent is given, where nobody else says it."""

    config: Mapping[str, object] = MappingProxyType({})
    agent: "Agent"
    _owner: "Agent | None" = None

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        self.config = dict(config or {})

    async def initialize(self, agent: "Agent") -> None:
        """Get ready: called once for its agent, before the agent first answers and after what it depends on."""
        self.agent = agent

    async def cleanup(self) -> None:
        """Let go of what `initialize` took: called when its agent is closed."""

    def owned_by(self, agent: "Agent") -> Self:
        """This skill as that agent's own: a copy when it is another's already."""
        mine = self if self._owner is None or self._owner is agent else copy.copy(self)
        mine._owner = agent
        mine.agent = agent  # an `initialize` of the skill's own may leave this out
        return mine

    def members(self) -> Iterator[object]:
        """Its decorated methods, bound to it, in the order in which they are written, inherited ones first."""
        names = dict.fromkeys(name for cls in reversed(type(self).__mro__) for name in vars(cls))
        for name in names:
            written = next(vars(cls)[name] for cls in type(self).__mro__ if name in vars(cls))
            plain = getattr(written, "__func__", written)  # of a class or static method
            if callable(plain) and not _MARKS.isdisjoint(getattr(plain, "__dict__", ())):
                yield getattr(self, name)


def own_skills(owner: "Agent", skills: Mapping[str, Skill] | None) -> Mapping[str, Skill]:
    """The skills of an agent by key, as its own. Raises TypeError for what is no mapping of skills."""
    if skills is not None and not isinstance(cast(object, skills), Mapping):
        raise TypeError(
            'skills: expected a mapping of keys to skills. Give each a key: skills={"search": SearchSkill()}.'
        )
    own: dict[str, Skill] = {}
    for key, skill in (skills or {}).items():
        if isinstance(skill, type):
            raise TypeError(f"skills: {key!r} is the class {skill.__name__}. Pass an object of it: {skill.__name__}().")
        if not isinstance(cast(object, skill), Skill):
            raise TypeError(f"skills: {key!r} is a {type(skill).__name__}. Make it a subclass of salon.Skill.")
        own[key] = skill.owned_by(owner)
    return own


def strategy_in(skills: Mapping[str, Skill]) -> MemoryStrategy | None:
    """How much of a conversation an agent with these skills is given: the first of them that says it."""
    return next((skill.memory_strategy for skill in skills.values() if skill.memory_strategy is not None), None)


class ModelSpec(NamedTuple):
    """A model as a skill names it: what `Agent(model=…, api_key=…, base_url=…)` would be given."""

    model: str
    api_key: str | None = None
    base_url: str | None = None
    sampling: Sampling = Sampling()


class ModelSkill(Skill):
    """A model as a skill: `Agent(model=OpenAISkill({"model": "gpt-4o", "temperature": 0.7}))`, or one of its skills.

    Its settings are `model`, `api_key`, `base_url` and those of Sampling, such as `temperature` and `max_tokens`.
    """

    provider: ClassVar[str] = ""
    """The provider that a model's bare name belongs to."""

    default_model: ClassVar[str] = ""

    def spec(self) -> ModelSpec:
        """The model. Raises ValueError for settings that no model has."""
        settings = dict(self.config)
        model = str(settings.pop("model", self.default_model) or "")
        if not model:
            raise ValueError(f"model: {type(self).__name__} needs one. Name it: {{'model': '…'}}.")
        if self.provider and not model.startswith(f"{self.provider}/"):
            model = f"{self.provider}/{model}"
        key, address = settings.pop("api_key", None), settings.pop("base_url", None)
        try:
            sampling = Sampling(**settings)  # type: ignore[arg-type]  # checked where a vendor is asked
        except TypeError:
            known = ", ".join(["model", "api_key", "base_url", *Sampling.__slots__])
            unknown = next(name for name in settings if name not in Sampling.__slots__)
            raise ValueError(f"{unknown}: no setting of {type(self).__name__}. There are: {known}.") from None
        return ModelSpec(model, cast("str | None", key), cast("str | None", address), sampling)


def model_skill(spec: ModelSpec) -> ModelSkill:
    """The skill that a model named as a text is, such as an OpenAISkill for "openai/gpt-4o"."""
    return named_models.skill_of(spec) or ModelSkill(
        {"model": spec.model, "api_key": spec.api_key, "base_url": spec.base_url}
    )
