"""Anthropic's models as a skill; they need the extra `anthropic`."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from salon.agents.arguments import DEFAULT_MODELS
from salon.skills.models.vendor import VendorSkill


class AnthropicSkill(VendorSkill):
    """Anthropic's models; see OpenAISkill for the settings."""

    provider: ClassVar[str] = "anthropic"
    default_model: ClassVar[str] = DEFAULT_MODELS["anthropic"]

    async def query_anthropic(self, model: str, messages: Sequence[Mapping[str, object]]) -> str:
        """What a model answers to messages; see `ask`."""
        return await self.ask(model, messages)
