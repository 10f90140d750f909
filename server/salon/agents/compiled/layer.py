"""The hooks of a turn at the points that AG2 offers: around each model call and each tool call."""

from collections.abc import Sequence
from copy import copy
from typing import cast

from ag2.annotations import Context as Ag2Context
from ag2.events import (
    BaseEvent,
    ModelMessage,
    ModelMessageChunk,
    ModelRequest,
    ModelResponse,
    TextInput,
    ToolCallEvent,
    ToolResultEvent,
    ToolResultsEvent,
)
from ag2.middleware import BaseMiddleware, LLMCall, ToolExecution, ToolResultType
from pydantic_core import to_json

from salon.agents.compiled.firing import Firing
from salon.agents.compiled.toolbox import told
from salon.agents.tools.execution import as_outcome, failure, make_safe, outcome_of, refusal, result_of
from salon.contracts.types import Json
from salon.errors import SalonError
from salon.models.tool_json import malformed

LAYERED = ("before_llm", "after_llm", "on_chunk", "on_toolcall", "after_tool")
"""The events that need this layer; a turn whose agent has hooks on none of them does without it."""


class HookLayer(BaseMiddleware):
    """One turn's hooks as AG2 middleware."""

    def __init__(self, event: BaseEvent, context: Ag2Context, firing: Firing) -> None:
        super().__init__(event, context)
        self._firing = firing

    async def on_llm_call(self, call_next: LLMCall, events: Sequence[BaseEvent], context: Ag2Context) -> ModelResponse:
        """Let hooks see, and change, what the model is asked and what it answers."""
        if self._firing.listens("before_llm"):
            system: list[dict[str, object]] = [{"role": "system", "content": text} for text in context.prompt]
            messages = [*system, *(_message(event) for event in events)]
            data = await self._firing.fire("before_llm", {"messages": messages})
            events = _changed(events, data.get("messages"), after=len(system))
        response = await call_next(events, context)
        self._firing.rethrow()
        text = response.content or ""
        if text and self._firing.listens("on_chunk"):
            text = await self._firing.edited(text)
        if self._firing.listens("after_llm"):
            calls = [{"name": call.name, "arguments": call.arguments} for call in response.tool_calls.calls]
            data = await self._firing.fire("after_llm", {"text": text, "tool_calls": calls})
            text = str(data.get("text") or "")
        if text != (response.content or ""):
            response.message = ModelMessage(text) if text else None
        if rest := self._firing.unsaid(text):
            await context.send(ModelMessageChunk(rest))
        return response

    async def on_tool_execution(
        self, call_next: ToolExecution, event: ToolCallEvent, context: Ag2Context
    ) -> ToolResultType:
        """Let hooks see, change and refuse a call, and change its result."""
        try:
            if self._firing.listens("on_toolcall") and malformed(event) is None:
                data = await self._firing.fire(
                    "on_toolcall", {"name": event.name, "arguments": dict(event.serialized_arguments)}
                )
                event = _with_arguments(event, data.get("arguments"))
            result = await call_next(event, context)
            if isinstance(result, ToolResultEvent):
                make_safe(result)
            if isinstance(result, ToolResultEvent) and not result.result.final and self._firing.listens("after_tool"):
                ok, output = outcome_of(result)
                data = await self._firing.fire("after_tool", {"name": event.name, "result": output, "ok": ok})
                if data.get("result") is not output:
                    return told(event, as_outcome(cast(Json, data.get("result")), ok=ok))
        except SalonError as problem:
            return told(event, refusal(f"Refused: {problem.message}"))
        except Exception as error:  # noqa: BLE001 - such as of what a hook left that has no JSON form
            return told(event, failure(event.name, error))
        return result


def _message(event: BaseEvent) -> dict[str, object]:
    """An event as a message in OpenAI's manner, for hooks to read."""
    match event:
        case ModelRequest():
            return {"role": "user", "content": _words(event)}
        case ModelResponse():
            calls = [{"name": call.name, "arguments": call.arguments} for call in event.tool_calls.calls]
            return {"role": "assistant", "content": event.content or "", **({"tool_calls": calls} if calls else {})}
        case ToolResultsEvent():
            return {"role": "tool", "content": _outputs(event)}
    return {"role": "other", "content": ""}


def _words(request: ModelRequest) -> str:
    return "\n".join(part.content for part in request.parts if isinstance(part, TextInput))


def _changed(events: Sequence[BaseEvent], messages: object, *, after: int) -> Sequence[BaseEvent]:
    """The events with the words of people and the results of tools as hooks left them; what else they changed does not
    count.

    `after` so many messages that are no events.
    """
    if not isinstance(messages, list) or len(messages) != after + len(events):
        return events
    changed = list(events)
    for index, (event, message) in enumerate(zip(events, messages[after:], strict=True)):
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(event, ModelRequest) and content is not None:
            text = str(content)
            if text != _words(event):
                others = [part for part in event.parts if not isinstance(part, TextInput)]
                changed[index] = ModelRequest([TextInput(text), *others])
        elif isinstance(event, ToolResultsEvent) and isinstance(content, list):
            changed[index] = _with_results(event, content)
    return changed


def _with_results(event: ToolResultsEvent, outputs: Sequence[object]) -> ToolResultsEvent:
    before = _outputs(event)
    if outputs == before or len(outputs) != len(before):
        return event
    rows = zip(event.results, before, outputs, strict=True)
    return ToolResultsEvent([result if new == old else _with_output(result, new) for result, old, new in rows])


def _with_output(result: ToolResultEvent, output: object) -> ToolResultEvent:
    changed = copy(result)
    changed.result = result_of(as_outcome(cast(Json, output)))
    return changed


def _outputs(event: ToolResultsEvent) -> list[Json]:
    return [outcome_of(result)[1] for result in event.results]


def _with_arguments(event: ToolCallEvent, arguments: object) -> ToolCallEvent:
    if not isinstance(arguments, dict) or arguments == event.serialized_arguments:
        return event
    changed = copy(event)
    changed.arguments, changed.serialized_arguments = to_json(arguments).decode(), arguments
    return changed
