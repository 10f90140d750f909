"""The mock, under observation: everything that a model was given, call by call."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ag2.config import LLMClient
from ag2.context import ConversationContext
from ag2.events import BaseEvent, ModelRequest, ModelResponse, TextInput
from ag2.response import ResponseProto
from ag2.tools.schemas import ToolSchema
from fast_depends.library.serializer import SerializerProto

from salon.contracts.runs import Sampling
from salon.models.config import SalonModelConfig
from salon.models.mock import MockConfig


@dataclass(frozen=True)
class Watched(SalonModelConfig):
    """The mock, and all that it was given: for each call the prompt, then what was said in it."""

    given: list[list[str]] = field(default_factory=list)
    model: str = "watched"

    def with_sampling(self, sampling: Sampling) -> "Watched":
        return self

    def create(self) -> "Watcher":
        return Watcher(self.given)


class Watcher(LLMClient):
    def __init__(self, given: list[list[str]]) -> None:
        self._given = given
        self._mock = MockConfig().create()

    async def __call__(
        self,
        messages: Sequence[BaseEvent],
        context: ConversationContext,
        *,
        tools: Iterable[ToolSchema],
        response_schema: ResponseProto[Any] | None,
        serializer: SerializerProto,
    ) -> ModelResponse:
        said = [
            part.content
            for m in messages
            if isinstance(m, ModelRequest)
            for part in m.parts
            if isinstance(part, TextInput)
        ]
        said += [m.content or "" for m in messages if isinstance(m, ModelResponse)]
        self._given.append(["\n".join(context.prompt), *said])
        return await self._mock(messages, context, tools=tools, response_schema=response_schema, serializer=serializer)
