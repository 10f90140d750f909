"""xAI's models as a skill."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from salon.agents.arguments import DEFAULT_MODELS
from salon.skills.models.vendor import VendorSkill


class XAISkill(VendorSkill):
    """xAI's models; see OpenAISkill for the settings."""

    provider: ClassVar[str] = "xai"
    default_model: ClassVar[str] = DEFAULT_MODELS["xai"]

    async def query_xai(self, model: str, messages: Sequence[Mapping[str, object]]) -> str:
        """What a model answers to messages; see `ask`."""
        return await self.ask(model, messages)
