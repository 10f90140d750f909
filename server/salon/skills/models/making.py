"""Which skill a model named as a text is."""

from salon.agents.skill import ModelSkill, ModelSpec
from salon.models.errors import InvalidModel
from salon.models.resolve import split
from salon.skills.models.anthropic import AnthropicSkill
from salon.skills.models.litellm import LiteLLMSkill
from salon.skills.models.ollama import OllamaSkill
from salon.skills.models.openai import OpenAISkill
from salon.skills.models.vendor import VendorSkill
from salon.skills.models.xai import XAISkill

_SKILLS: dict[str, type[VendorSkill]] = {
    skill.provider: skill for skill in (OpenAISkill, AnthropicSkill, XAISkill, OllamaSkill, LiteLLMSkill)
}


def skill_of(spec: ModelSpec) -> ModelSkill:
    """The skill of a `provider/model`, split at its first slash; a plain ModelSkill for providers without their own."""
    config: dict[str, object] = {"api_key": spec.api_key, "base_url": spec.base_url, **spec.sampling.given()}
    try:
        provider, name = split(spec.model)
    except InvalidModel:  # whoever asks it will be told
        provider, name = "", spec.model
    skill = _SKILLS.get(provider)
    if skill is None:
        return ModelSkill({**config, "model": spec.model})
    return skill({**config, "model": name})
