"""OpenAI's models as a skill."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from salon.agents.arguments import DEFAULT_MODELS
from salon.skills.models.vendor import VendorSkill


class OpenAISkill(VendorSkill):
    """OpenAI's models: `Agent("chat", "…", model=OpenAISkill({"model": "gpt-4o", "temperature": 0.7}))`.

    Settings:
        model: its name; gpt-4o-mini by default.
        api_key: the server's by default; a placeholder such as `sk-...` means that the mock answers.
        base_url: address of another server that speaks OpenAI's protocol.
        temperature, max_tokens and the other settings of Sampling.
    """

    provider: ClassVar[str] = "openai"
    default_model: ClassVar[str] = DEFAULT_MODELS["openai"]

    async def query_openai(self, model: str, messages: Sequence[Mapping[str, object]]) -> str:
        """What a model answers to messages; see `ask`."""
        return await self.ask(model, messages)
