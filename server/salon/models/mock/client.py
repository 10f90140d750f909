"""The mock as an AG2 model: decides, streams word by word at a settable pace, and counts tokens like a real one."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ag2.config import LLMClient, ModelProvider
from ag2.context import ConversationContext
from ag2.events import (
    BaseEvent,
    ModelMessage,
    ModelMessageChunk,
    ModelReasoning,
    ModelResponse,
    ToolCallEvent,
    ToolCallsEvent,
    Usage,
)
from ag2.response import ResponseProto
from ag2.tools.schemas import ToolSchema
from fast_depends.library.serializer import SerializerProto

from salon.contracts.runs import Sampling
from salon.models.config import SalonModelConfig
from salon.models.errors import ModelError
from salon.models.mock.conversation import Conversation
from salon.models.mock.decide import Decision, Mind
from salon.models.mock.scenario import Scenario
from salon.models.mock.script import Tape

_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class MockConfig(SalonModelConfig):
    """A model that needs no vendor.

    Args:
        pace: seconds between two words.
        scenario: scripted turns that go first.
        sampling: `max_tokens`, `stop`, `tool_choice` and `response_format` are honoured; the rest has no meaning here.
        model: the label on responses.
        sleep: waits for so many seconds.
    """

    pace: float = 0.0
    scenario: Scenario | None = None
    sampling: Sampling = field(default_factory=Sampling)
    model: str = "mock"
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep, repr=False, compare=False)
    tape: Tape = field(default_factory=Tape, repr=False, compare=False)

    @property
    def provider(self) -> ModelProvider:
        """Not one of AG2's vendors; it only labels telemetry with this."""
        return cast(ModelProvider, "mock")

    def with_sampling(self, sampling: Sampling) -> "MockConfig":
        """A copy with these overrides on top of its own."""
        return replace(self, sampling=sampling.over(self.sampling))

    def create(self) -> "MockClient":
        """A client; it keeps nothing between calls."""
        return MockClient(self)


class MockClient(LLMClient):
    """Answers one model call from nothing but the call itself."""

    def __init__(self, config: MockConfig) -> None:
        self._config = config

    async def __call__(
        self,
        messages: Sequence[BaseEvent],
        context: ConversationContext,
        *,
        tools: Iterable[ToolSchema],
        response_schema: ResponseProto[Any] | None,
        serializer: SerializerProto,  # noqa: ARG002  # AG2's signature
    ) -> ModelResponse:
        """One answer. Raises ModelError where a script says so."""
        config = self._config
        prompt = list(context.prompt)
        if response_schema and response_schema.system_prompt:
            prompt.append(response_schema.system_prompt)
        schema = response_schema.json_schema if response_schema else None
        mind = Mind(messages, prompt, tools, config.sampling, schema)
        turn = config.tape.next(config.scenario, mind.conversation) if config.scenario else None
        decision = mind.decide() if turn is None else mind.scripted(turn)
        if decision.fail is not None:
            raise ModelError(decision.fail, "A scripted failure.", retry_after=decision.retry_after)
        return await self._play(decision, context, mind.conversation, sum(map(len, prompt)))

    async def _play(
        self, decision: Decision, context: ConversationContext, conversation: Conversation, prompted: int
    ) -> ModelResponse:
        text, cut = limited(decision.text, self._config.sampling)
        if decision.reasoning:
            async for piece in self._paced(decision.reasoning):
                await context.send(ModelReasoning(piece))
        async for piece in self._paced(text):
            await context.send(ModelMessageChunk(piece))
        message = ModelMessage(text) if text else None
        if message is not None:
            await context.send(message)
        calls = [
            ToolCallEvent(
                id=_call_id(conversation.seed, number, name),
                name=name,
                arguments=json.dumps(arguments, ensure_ascii=False),
            )
            for number, (name, arguments) in enumerate(decision.calls)
        ]
        written = text + decision.reasoning + "".join(call.name + call.arguments for call in calls)
        used, made = tokens(conversation.size + prompted), tokens(len(written))
        return ModelResponse(
            message=message,
            tool_calls=ToolCallsEvent(calls),
            usage=Usage(prompt_tokens=used, completion_tokens=made, total_tokens=used + made),
            model=self._config.model,
            provider="mock",
            finish_reason="length" if cut else "tool_calls" if calls else "stop",
        )

    async def _paced(self, text: str) -> AsyncIterator[str]:
        """The text in words, each with the blanks before it."""
        for number, piece in enumerate(pieces(text)):
            if number and self._config.pace:
                await self._config.sleep(self._config.pace)
            yield piece


def tokens(characters: int) -> int:
    """About how many tokens so many characters are: four to one, at least one."""
    return max(1, characters // _CHARACTERS_PER_TOKEN)


def pieces(text: str) -> list[str]:
    """The words of a text, each with the blanks before it; joined they are the text."""
    found: list[str] = []
    start = 0
    for position in range(1, len(text)):
        if text[position].isspace() and not text[position - 1].isspace():
            found.append(text[start:position])
            start = position
    return [*found, text[start:]] if text else []


def limited(text: str, sampling: Sampling) -> tuple[str, bool]:
    """The text up to the first stop sequence and at most `max_tokens`; and whether it was cut for its length."""
    for stop in sampling.stop or ():
        if stop and (position := text.find(stop)) >= 0:
            text = text[:position]
    if sampling.max_tokens is not None and len(text) > (most := sampling.max_tokens * _CHARACTERS_PER_TOKEN):
        return text[:most], True
    return text, False


def _call_id(seed: int, number: int, name: str) -> str:
    digest = hashlib.blake2b(f"{seed}:{number}:{name}".encode(), digest_size=12).hexdigest()
    return f"call_{digest}"
