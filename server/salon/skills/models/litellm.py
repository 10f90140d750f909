"""Models of any provider by way of LiteLLM, as a skill; they need the extra `litellm`."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from salon.skills.models.vendor import VendorSkill


class LiteLLMSkill(VendorSkill):
    """Models by LiteLLM's names for them: `{"model": "openai/gpt-4o"}`; see OpenAISkill for the settings."""

    provider: ClassVar[str] = "litellm"
    default_model: ClassVar[str] = "openai/gpt-4o-mini"

    async def query_litellm(self, model: str, messages: Sequence[Mapping[str, object]]) -> str:
        """What a model answers to messages; see `ask`."""
        return await self.ask(model, messages)
