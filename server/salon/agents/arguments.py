"""What an agent may be made of: the checks of its arguments, each with the remedy."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from ag2.config import ModelConfig

from salon.agents.definition import AgentDefinition
from salon.agents.handoff import HandoffSpec, handoff
from salon.agents.skill import ModelSkill, Skill
from salon.models.mock.scenario import Scenario

if TYPE_CHECKING:
    from salon.agents.agent import Agent

RESERVED_NAMES = frozenset(
    "docs redoc openapi.json health ready metrics agents catalog chats threads jobs ws v1 api ag-ui static app".split()  # noqa: SIM905
)
"""First path segments of the server's own routes; an agent of that name would shadow them."""

DEFAULT_MODELS = {"openai": "gpt-4o-mini", "anthropic": "claude-sonnet-5", "xai": "grok-4.5-latest"}
"""What a provider answers with when an agent names the provider only."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_SENTENCE = re.compile(r".+?[.!?](?=\s|$)", re.DOTALL)
_DESCRIPTION_LIMIT = 200

Model = str | Sequence[str] | ModelConfig


class Unsaid(str):
    """A default that is told apart from the same text said on purpose."""

    __slots__ = ()


DEFAULT_MODEL = Unsaid(DEFAULT_MODELS["openai"])
PRIMARY = ("litellm", "openai", "anthropic")
"""Keys of the model skills that answer when an agent names no model, the first that it has."""


def check_name(name: str) -> str:
    """The name itself, when an agent or team may have it.

    Raises ValueError when it is not URL-safe or belongs to the server.
    """
    if not isinstance(cast(object, name), str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"name: {name!r} is not URL-safe. Use 1 to 64 letters, digits, '-' or '_', a letter or digit first."
        )
    if name.lower() in RESERVED_NAMES:
        raise ValueError(f"name: {name!r} is a path of the server itself. Choose another, such as '{name}-agent'.")
    return name


def definition_of(instructions: str | None, role: str | None, definition: AgentDefinition | None) -> AgentDefinition:
    """Who the agent is. Raises TypeError for none or several of the three, ValueError for an empty text."""
    given = [name for name, value in locals().items() if value is not None]
    if len(given) != 1:
        found = f"got {' and '.join(given)}" if given else "got none"
        raise TypeError(f"An agent needs exactly one of instructions, role and definition; {found}.")
    if definition is not None:
        if not isinstance(cast(object, definition), AgentDefinition):
            raise TypeError(
                "definition: expected an AgentDefinition. Make one: AgentDefinition(role=…), or use role=…."
            )
        return definition
    text = instructions if instructions is not None else role
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{given[0]}: say who the agent is, such as 'You help travellers.'")
    return AgentDefinition(text.strip())


def model_of(
    model: Model | ModelSkill | None, provider: str | None, skills: Mapping[str, Skill]
) -> Model | ModelSkill | None:
    """The model that answers: the one that is named, else the first of the model skills, else the default.

    Raises ValueError for an empty name, and for a provider that has no default model.
    """
    if isinstance(model, Unsaid) and provider is None:
        found = {key: skill for key, skill in skills.items() if isinstance(skill, ModelSkill)}
        first = next((key for key in (*PRIMARY, *found) if key in found), None)
        return found[first] if first is not None else str(model)
    if isinstance(cast(object, model), type):
        raise TypeError(
            f"model: {model!r} is a class. Pass an object of it: {getattr(model, '__name__', 'Model')}({{…}})."
        )
    if isinstance(model, str) and not model.strip():
        raise ValueError("model: empty. Name one, such as 'openai/gpt-4o', or pass None for the server's default.")
    if provider is None or provider == "openai" or model != DEFAULT_MODELS["openai"]:
        return model
    if provider not in DEFAULT_MODELS:
        raise ValueError(f'model: {provider!r} has no default model here. Name one: model="…".')
    return DEFAULT_MODELS[provider]


def handoffs_of(handoffs: "Iterable[Agent | str | HandoffSpec]") -> tuple[HandoffSpec, ...]:
    """Whom the agent may pass the floor to. Raises TypeError for one alone."""
    if isinstance(handoffs, str) or not isinstance(cast(object, handoffs), Iterable):
        raise TypeError("handoffs: expected a list of agents or names. Put the one into a list: handoffs=[…].")
    return tuple(to if isinstance(to, HandoffSpec) else handoff(to) for to in handoffs)


def scenario_of(scenario: Scenario | None) -> Scenario | None:
    """Scripted turns, if any."""
    if scenario is not None and not isinstance(cast(object, scenario), Scenario):
        raise TypeError("scenario: expected a Scenario. Make one of a list of turns: Scenario.of([…]).")
    return scenario


def texts_of(argument: str, texts: Sequence[str]) -> tuple[str, ...]:
    """A list of texts. Raises ValueError for one text alone."""
    if isinstance(texts, str):
        raise ValueError(f"{argument}: expected a list of texts, got one text. Put it into a list.")
    return tuple(texts)


def price_of(credits: int) -> int:
    """Credits for a token. Raises ValueError for anything but a whole number from 0 on."""
    if isinstance(credits, bool) or not isinstance(cast(object, credits), int) or credits < 0:
        raise ValueError(f"credits_per_token: expected a whole number from 0 on, got {credits!r}.")
    return credits


def first_sentence(prompt: str) -> str:
    """What a prompt begins with, as a description of the agent."""
    text = " ".join(prompt.split())
    found = _SENTENCE.match(text)
    return (found[0] if found else text)[:_DESCRIPTION_LIMIT]
