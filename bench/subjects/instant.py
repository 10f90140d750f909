"""A model that answers at once: it costs next to nothing, so what is measured is everything around it."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ag2.config import LLMClient
from ag2.context import ConversationContext
from ag2.events import (
    BaseEvent,
    ModelMessage,
    ModelMessageChunk,
    ModelRequest,
    ModelResponse,
    TextInput,
    ToolCallEvent,
    ToolCallsEvent,
    Usage,
)
from ag2.response import ResponseProto
from ag2.tools.schemas import ToolSchema
from fast_depends.library.serializer import SerializerProto

from salon.contracts.runs import Sampling
from salon.models.config import SalonModelConfig

ORDER = re.compile(r"tokens=(\d+)")
TOKENS = 4
TOKEN = " token"


@dataclass(frozen=True, slots=True)
class InstantConfig(SalonModelConfig):
    """A model that says as many tokens as the last message asks for (`tokens=200`), each in a step of the loop."""

    model: str = "instant"

    def with_sampling(self, sampling: Sampling) -> "InstantConfig":  # noqa: ARG002  # nothing here is sampled
        """The same."""
        return self

    def create(self) -> "InstantClient":
        """A client."""
        return InstantClient()


class InstantClient(LLMClient):
    """See `InstantConfig`."""

    async def __call__(
        self,
        messages: Sequence[BaseEvent],
        context: ConversationContext,
        *,
        tools: Iterable[ToolSchema],  # noqa: ARG002  # AG2's signature
        response_schema: ResponseProto[Any] | None,  # noqa: ARG002
        serializer: SerializerProto,  # noqa: ARG002
    ) -> ModelResponse:
        """One answer."""
        count = ordered(messages)
        for _ in range(count):
            await context.send(ModelMessageChunk(TOKEN))
            await asyncio.sleep(0)  # as a vendor's tokens come: not all at once
        message = ModelMessage(TOKEN * count)
        await context.send(message)
        return ModelResponse(
            message=message,
            tool_calls=ToolCallsEvent(),
            usage=Usage(prompt_tokens=1, completion_tokens=count, total_tokens=1 + count),
            model="instant",
            finish_reason="stop",
        )


def ordered(messages: Sequence[BaseEvent]) -> int:
    """How many tokens the last message asks for."""
    last = messages[-1] if messages else None
    parts = last.parts if isinstance(last, ModelRequest) else []
    asked = ORDER.search(parts[-1].content) if parts and isinstance(parts[-1], TextInput) else None
    return int(asked[1]) if asked else TOKENS


@dataclass(frozen=True, slots=True)
class CallingConfig(SalonModelConfig):
    """A model that calls the tool `add` so many times, one call after the other, and then says a word."""

    calls: int
    model: str = "calling"

    def with_sampling(self, sampling: Sampling) -> "CallingConfig":  # noqa: ARG002  # nothing here is sampled
        """The same."""
        return self

    def create(self) -> "CallingClient":
        """A client."""
        return CallingClient(self.calls)


class CallingClient(LLMClient):
    """See `CallingConfig`; one client serves one turn."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    async def __call__(
        self,
        messages: Sequence[BaseEvent],  # noqa: ARG002  # AG2's signature
        context: ConversationContext,  # noqa: ARG002
        *,
        tools: Iterable[ToolSchema],  # noqa: ARG002
        response_schema: ResponseProto[Any] | None,  # noqa: ARG002
        serializer: SerializerProto,  # noqa: ARG002
    ) -> ModelResponse:
        """One answer."""
        if self._left:
            self._left -= 1
            return ModelResponse(tool_calls=ToolCallsEvent([ToolCallEvent("add", arguments='{"a": 1, "b": 2}')]))
        return ModelResponse(message=ModelMessage(TOKEN), finish_reason="stop")
