"""A model that is a function of the application: it is given the conversation in OpenAI's shape, and answers."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ag2.config import LLMClient, ModelProvider
from ag2.config.openai.mappers import convert_messages, tool_to_api
from ag2.context import ConversationContext
from ag2.events import BaseEvent, ModelMessage, ModelResponse
from ag2.response import ResponseProto
from ag2.tools.schemas import ToolSchema
from fast_depends.library.serializer import SerializerProto

from salon.contracts.runs import Sampling
from salon.models.config import SalonModelConfig
from salon.models.reply import Chunk, Reply

Message = dict[str, Any]
"""A message in OpenAI's shape."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the function is to answer.

    Args:
        messages: what was said; what the agent and its caller were told to keep to comes first, as the system's.
        tools: what may be called, in OpenAI's shape.
        sampling: how the caller wants it answered.
        context: AG2's context of the turn.
    """

    messages: list[Message]
    tools: list[dict[str, Any]]
    sampling: Sampling
    context: ConversationContext


Tell = Callable[[str | Chunk], Awaitable[None]]
"""Takes a piece of the answer: a text, or a chunk in OpenAI's shape."""

Answer = Callable[[Question, Tell], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class FunctionConfig(SalonModelConfig):
    """A function as a model. What it raises ends the turn: it is asked once, whatever the policy for vendors is."""

    function: Answer
    model: str = "custom"
    sampling: Sampling = field(default_factory=Sampling)

    @property
    def provider(self) -> ModelProvider:
        """Not one of AG2's vendors; it only labels telemetry with this."""
        return cast(ModelProvider, "custom")

    def with_sampling(self, sampling: Sampling) -> "FunctionConfig":
        """A copy with these overrides on top of its own."""
        return replace(self, sampling=sampling.over(self.sampling))

    def create(self) -> "FunctionClient":
        """A client; it keeps nothing between calls."""
        return FunctionClient(self)


class FunctionClient(LLMClient):
    """Asks the function, and passes its answer on as it comes."""

    def __init__(self, config: FunctionConfig) -> None:
        self._config = config

    async def __call__(
        self,
        messages: Sequence[BaseEvent],
        context: ConversationContext,
        *,
        tools: Iterable[ToolSchema],
        response_schema: ResponseProto[Any] | None,  # noqa: ARG002  # AG2's signature
        serializer: SerializerProto,
    ) -> ModelResponse:
        """One answer. Raises what the function raises."""
        reply = Reply("custom", self._config.model)
        told = [{"role": "system", "content": text} for text in context.prompt if text]
        said = cast(list[Message], convert_messages((), messages, serializer)[1:])
        question = Question(
            [*told, *map(_plain, said)],
            [cast(dict[str, Any], tool_to_api(tool)) for tool in tools],
            self._config.sampling,
            context,
        )

        async def tell(piece: str | Chunk) -> None:
            chunk = {"choices": [{"delta": {"content": piece}}]} if isinstance(piece, str) else piece
            for token in reply.feed(chunk):
                await context.send(token)

        await self._config.function(question, tell)
        reply.model = self._config.model
        message = ModelMessage(text) if (text := reply.text) else None
        if message is not None:
            await context.send(message)
        return reply.response(message)


def _plain(message: Message) -> Message:
    """Words that came in parts as one text, the form that most programs expect."""
    parts = message.get("content")
    if isinstance(parts, list) and parts and all(isinstance(part, Mapping) and "text" in part for part in parts):
        return {**message, "content": "\n".join(part["text"] for part in parts)}
    return message
