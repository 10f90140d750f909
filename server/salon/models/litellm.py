"""The door to every vendor that only LiteLLM knows; the extra is imported at the first call, in a thread.

Importing it takes seconds and fetches a price table from the network unless told not to, so nothing else may import it.
"""

import asyncio
import importlib
import importlib.util
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from types import ModuleType
from typing import Any

from ag2.config import LLMClient
from ag2.config.openai.mappers import convert_messages, response_proto_to_schema, tool_to_api
from ag2.context import ConversationContext
from ag2.events import BaseEvent, ModelMessage, ModelResponse
from ag2.response import ResponseProto
from ag2.tools.schemas import ToolSchema
from fast_depends.library.serializer import SerializerProto

from salon.contracts.runs import Sampling
from salon.models.config import SalonModelConfig
from salon.models.errors import MissingExtra
from salon.models.reply import Reply


@dataclass(frozen=True, slots=True)
class LiteLLMConfig(SalonModelConfig):
    """A model by LiteLLM's name for it.

    Args:
        model: for example `mistral/mistral-large-latest`.
        api_key: the vendor's key; None leaves it to LiteLLM's own environment variables.
        base_url: another API root for the vendor's dialect.
        vendor: the provider's name as users know it.
        sampling: defaults of the agent.
        extra: further arguments of `litellm.acompletion`.
    """

    model: str = field()  # field(): else the protocol's property would become its default
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    vendor: str = "litellm"
    sampling: Sampling = field(default_factory=Sampling)
    extra: Mapping[str, object] = field(default_factory=dict)

    def with_sampling(self, sampling: Sampling) -> "LiteLLMConfig":
        """A copy with these overrides on top of its own."""
        return replace(self, sampling=sampling.over(self.sampling))

    def create(self) -> "LiteLLMClient":
        """A client; LiteLLM itself is not loaded before it is called."""
        return LiteLLMClient(self)


class LiteLLMClient(LLMClient):
    """Sends one completion through LiteLLM and passes its tokens on as they arrive."""

    def __init__(self, config: LiteLLMConfig) -> None:
        self._config = config

    async def __call__(
        self,
        messages: Sequence[BaseEvent],
        context: ConversationContext,
        *,
        tools: Iterable[ToolSchema],
        response_schema: ResponseProto[Any] | None,
        serializer: SerializerProto,
    ) -> ModelResponse:
        """One completion. Raises LiteLLM's exceptions, or MissingExtra."""
        config = self._config
        litellm = await asyncio.to_thread(load)
        prompt: Iterable[str] = context.prompt
        if response_schema and response_schema.system_prompt:
            prompt = chain(prompt, (response_schema.system_prompt,))
        arguments: dict[str, Any] = {
            "model": config.model,
            "messages": convert_messages(prompt, messages, serializer),
            "stream": True,
            "stream_options": {"include_usage": True},
            "api_key": config.api_key,
            "api_base": config.base_url,
            "max_retries": 0,  # the retrying client around this one decides
            "drop_params": True,  # what a vendor has no word for is left out
            **config.sampling.given(),
            **config.extra,
        }
        if api_tools := [tool_to_api(tool) for tool in tools]:
            arguments["tools"] = api_tools
        if schema := response_proto_to_schema(response_schema):
            arguments["response_format"] = schema
        reply = Reply(config.vendor, config.model)
        stream = await litellm.acompletion(**arguments)
        try:
            async for chunk in stream:
                for token in reply.feed(chunk.model_dump()):
                    await context.send(token)
        finally:
            await stream.aclose()  # on cancellation, this releases the vendor's connection
        reply.estimate_usage(sum(len(str(message.get("content"))) for message in arguments["messages"]))
        message = ModelMessage(text) if (text := reply.text) else None
        if message is not None:
            await context.send(message)
        return reply.response(message)


def installed() -> bool:
    """Whether the extra is there, without importing it."""
    return importlib.util.find_spec("litellm") is not None


def load() -> ModuleType:
    """LiteLLM, set up to stay off the network and quiet. Takes seconds the first time. Raises MissingExtra."""
    # The only way to tell LiteLLM before its import to leave the network alone.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # noqa: TID251
    try:
        litellm = importlib.import_module("litellm")
    except ImportError:
        raise MissingExtra("litellm", "litellm") from None
    # Its httpx transport closes connections on cancellation.
    vars(litellm).update(telemetry=False, suppress_debug_info=True, disable_aiohttp_transport=True)
    return litellm
