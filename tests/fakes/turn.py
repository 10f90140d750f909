"""One model call outside any agent: a context that records what is streamed, and a caller with short arguments."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from ag2 import MemoryStream
from ag2.config import LLMClient, ModelConfig
from ag2.context import ConversationContext
from ag2.events import (
    BaseEvent,
    ModelMessageChunk,
    ModelReasoning,
    ModelRequest,
    ModelResponse,
    TextInput,
    ToolCallEvent,
    ToolResultEvent,
    ToolResultsEvent,
)
from ag2.response import ResponseProto, ResponseSchema
from ag2.tools.final.function_tool import FunctionDefinition, FunctionToolSchema
from fast_depends.pydantic import PydanticSerializer


class RecordingStream(MemoryStream):
    """A stream that keeps what is sent on it, and tells when the first token came."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[BaseEvent] = []
        self.begun = asyncio.Event()

    async def send(self, event: BaseEvent, context: ConversationContext) -> None:
        """Keep the event and pass it on."""
        self.sent.append(event)
        if isinstance(event, ModelMessageChunk):
            self.begun.set()
        await super().send(event, context)


class Turn:
    """A conversation with one model, call by call.

    Args:
        model: the config under test; each call creates its own client, as AG2 does per turn.
        prompt: the system prompt.
        tools: what is offered.
    """

    def __init__(self, model: ModelConfig, prompt: str = "You are helpful.", tools: Iterable[FunctionToolSchema] = ()):
        self.model = model
        self.tools = list(tools)
        self.stream = RecordingStream()
        self.context = ConversationContext(self.stream, prompt=[prompt])
        self.history: list[BaseEvent] = []

    @property
    def streamed(self) -> str:
        """The text streamed so far."""
        return "".join(event.content for event in self.stream.sent if isinstance(event, ModelMessageChunk))

    @property
    def chunks(self) -> list[str]:
        """The text chunks streamed so far."""
        return [event.content for event in self.stream.sent if isinstance(event, ModelMessageChunk)]

    @property
    def reasoning(self) -> str:
        """The thoughts streamed so far."""
        return "".join(event.content for event in self.stream.sent if isinstance(event, ModelReasoning))

    async def say(self, *texts: str, schema: ResponseProto[Any] | None = None) -> ModelResponse:
        """Send a request of one or more parts and return the model's answer, which joins the history."""
        self.history.append(ModelRequest([TextInput(text) for text in texts]))
        return await self.again(schema=schema)

    async def again(self, client: LLMClient | None = None, schema: ResponseProto[Any] | None = None) -> ModelResponse:
        """Call the model on the history as it is."""
        response = await (client or self.model.create())(
            self.history, self.context, tools=self.tools, response_schema=schema, serializer=PydanticSerializer()
        )
        self.history.append(response)
        return response

    async def result(self, call: ToolCallEvent, output: object) -> ModelResponse:
        """Answer a tool call and return what the model says to it."""
        self.history.append(ToolResultsEvent([ToolResultEvent.from_call(call, result=output)]))
        return await self.again()


def calls(response: ModelResponse) -> list[tuple[str, dict[str, Any]]]:
    """Names and arguments of a response's tool calls."""
    return [(call.name, call.serialized_arguments) for call in response.tool_calls.calls]


def function(name: str, description: str = "", **properties: Any) -> FunctionToolSchema:
    """A tool whose arguments are all required; a property given as a type name is short for its schema."""
    schemas = {key: {"type": value} if isinstance(value, str) else value for key, value in properties.items()}
    return with_schema(name, description, {"type": "object", "properties": schemas, "required": list(schemas)})


def with_schema(name: str, description: str, schema: dict[str, Any]) -> FunctionToolSchema:
    """A tool with this JSON schema."""
    return FunctionToolSchema(function=FunctionDefinition(name, description, schema))


def handoff(target: str, description: str) -> FunctionToolSchema:
    """A hand-off as agents are offered it."""
    schema = {"type": "object", "properties": {"reason": {"type": "string"}}}
    return with_schema(f"transfer_to_{target}", f"Hand the conversation to {target}: {description}", schema)


def answers_in(kind: type) -> ResponseSchema[Any]:
    """A structured answer."""
    return ResponseSchema(kind)


def requests(history: Sequence[BaseEvent]) -> list[str]:
    """The texts of the requests in a history."""
    return [
        part.content
        for event in history
        if isinstance(event, ModelRequest)
        for part in event.parts
        if isinstance(part, TextInput)
    ]
