"""Models that an Ollama server runs, as a skill."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from salon.skills.models.vendor import VendorSkill


class OllamaSkill(VendorSkill):
    """Models of an Ollama server, which needs no key; see OpenAISkill for the settings.

    The server is at OLLAMA_HOST, or at `base_url` with `/v1`.
    """

    provider: ClassVar[str] = "ollama"
    default_model: ClassVar[str] = "llama3.1"

    async def query_ollama(self, model: str, messages: Sequence[Mapping[str, object]]) -> str:
        """What a model answers to messages; see `ask`."""
        return await self.ask(model, messages)
