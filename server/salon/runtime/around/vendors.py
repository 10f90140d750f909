"""The models that skills may ask, and whether the mock stands in for them."""

from salon.agents.agent import Agent
from salon.agents.skill import ModelSpec
from salon.errors import SalonError
from salon.models.errors import InvalidModel, MissingExtra
from salon.models.resolve import Models, Resolved


def resolved(models: Models, spec: ModelSpec) -> Resolved:
    """A model of a server's or program's. Raises SalonError (`model_error`) for one that cannot be used."""
    try:
        return models.resolve(spec.model, api_key=spec.api_key, base_url=spec.base_url)
    except (InvalidModel, MissingExtra) as problem:
        raise SalonError("model_error", str(problem)) from None


def mocked(models: Models, agent: Agent | None) -> bool:
    """Whether the mock answers for an agent; for None, where none is named. A model that cannot be used is no mock."""
    try:
        if agent is None:
            return models.resolve().source == "mock"
        named = {"provider": agent.provider, "api_key": agent.api_key, "base_url": agent.base_url}
        return models.resolve(agent.model, **named, scenario=agent.scenario).source == "mock"
    except (InvalidModel, MissingExtra):
        return False
