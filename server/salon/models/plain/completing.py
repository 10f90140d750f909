"""Plain messages to a model, one text back: for those who ask a model beside the one that answers."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ag2 import MemoryStream
from ag2.config import ModelConfig
from ag2.context import ConversationContext
from ag2.events import BaseEvent, ModelMessage, ModelRequest, ModelResponse, TextInput
from fast_depends.pydantic import PydanticSerializer

from salon.errors import Detail, RequestError

_INSTRUCTIONS = ("system", "developer")


class Completed(NamedTuple):
    """What a model said, and the tokens that it took: all of them, and those that it wrote."""

    text: str
    tokens: int
    output: int


async def complete(config: ModelConfig, messages: Sequence[Mapping[str, object]]) -> Completed:
    """Let a model answer messages in OpenAI's shape: texts of system, user and assistant.

    Raises ModelError, and RequestError for messages that are none of these.
    """
    prompt, events = _read(messages)
    context = ConversationContext(MemoryStream(), prompt=prompt)
    response = await config.create()(events, context, tools=(), response_schema=None, serializer=PydanticSerializer())
    spent, written = int(response.usage.prompt_tokens or 0), int(response.usage.completion_tokens or 0)
    return Completed(response.content or "", spent + written, written)


def _read(messages: Sequence[Mapping[str, object]]) -> tuple[list[str], list[BaseEvent]]:
    prompt: list[str] = []
    events: list[BaseEvent] = []
    for index, message in enumerate(messages):
        role, text = message.get("role"), message.get("content")
        if not isinstance(text, str) or role not in (*_INSTRUCTIONS, "user", "assistant"):
            remedy = "give each message a role (system, user or assistant) and its content as a text"
            raise RequestError(f"messages[{index}]: {remedy}", [Detail(f"/messages/{index}", "invalid_value", remedy)])
        if role in _INSTRUCTIONS:
            prompt.append(text)
        elif role == "user":
            events.append(ModelRequest([TextInput(text)]))
        else:
            events.append(ModelResponse(message=ModelMessage(text)))
    if not any(isinstance(event, ModelRequest) for event in events):
        if not prompt:
            raise RequestError("messages: there is nothing to answer", [Detail("/messages", "too_short", "give one")])
        events.append(ModelRequest([TextInput(prompt.pop())]))  # vendors answer people, not instructions
    return prompt, events
