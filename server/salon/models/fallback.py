"""A chain of models: the next one is asked when one fails before its first token."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ag2.config import LLMClient, ModelConfig, ModelProvider
from ag2.context import ConversationContext
from ag2.events import BaseEvent, ModelResponse
from ag2.response import ResponseProto
from ag2.tools.schemas import ToolSchema
from fast_depends.library.serializer import SerializerProto

from salon.contracts.runs import Sampling
from salon.models.config import SalonModelConfig, with_sampling
from salon.models.errors import ModelError


@dataclass(frozen=True, slots=True)
class FallbackConfig(SalonModelConfig):
    """Several guarded configs in order of preference; at least one."""

    chain: tuple[ModelConfig, ...]

    @property
    def provider(self) -> ModelProvider:
        """The preferred config's provider; a response names the one that really answered."""
        return self.chain[0].provider

    @property
    def model(self) -> str:
        """The preferred config's model; a response names the one that really answered."""
        return self.chain[0].model

    def with_sampling(self, sampling: Sampling) -> "FallbackConfig":
        """A copy whose members all have these overrides."""
        return replace(self, chain=tuple(with_sampling(config, sampling) for config in self.chain))

    def create(self) -> "FallbackClient":
        """A client that creates its members when they are needed."""
        return FallbackClient(self.chain)


class FallbackClient(LLMClient):
    """Asks one model after the other."""

    def __init__(self, chain: tuple[ModelConfig, ...]) -> None:
        self._chain = chain
        self._clients: dict[int, LLMClient] = {}

    async def __call__(
        self,
        messages: Sequence[BaseEvent],
        context: ConversationContext,
        *,
        tools: Iterable[ToolSchema],
        response_schema: ResponseProto[Any] | None,
        serializer: SerializerProto,
    ) -> ModelResponse:
        """The first answer of the chain. Raises the last member's ModelError, or one that came in mid-answer."""
        tools = list(tools)
        last = len(self._chain) - 1
        for position, config in enumerate(self._chain):
            client = self._clients.get(position) or self._clients.setdefault(position, config.create())
            try:
                return await client(
                    messages, context, tools=tools, response_schema=response_schema, serializer=serializer
                )
            except ModelError as error:
                if error.started or position == last:
                    raise
        raise ValueError("A fallback chain needs at least one model.")
