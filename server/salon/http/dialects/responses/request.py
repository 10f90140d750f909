"""OpenAI's Responses as far as Salon reads them, and the same asked as a chat completion. Pure.

Read tolerantly, as chat completions are: what means nothing here is ignored, what would change the answer and cannot be
done is refused with the parameter's name and the remedy.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from salon.contracts.openai import MAX_MESSAGES, MAX_TOOLS, Asked, ChatRequest, Tokens
from salon.contracts.types import Json, Label, Obj, Text
from salon.errors import SalonError
from salon.http.errors import refused
from salon.http.mirror.messages import MAX_PARTS, PART_LENGTH
from salon.http.mirror.ordering import ROOM

FUNCTION_NAME = r"^[a-zA-Z0-9_-]{1,64}$"
READABLE = ("input_text", "output_text", "text", "refusal")
SPOKEN = ("message", "function_call", "function_call_output")
WITHOUT_MEANING = ("reasoning",)
"""Kinds of items that clients send back as they got them, and that say nothing to the agents."""


class Piece(Asked):
    """A piece of a message's content; only text can be read by the agents."""

    type: str
    text: str | None = None
    refusal: str | None = None

    @model_validator(mode="after")
    def _is_text(self) -> "Piece":
        if self.type not in READABLE:
            raise PydanticCustomError(
                "unsupported_content",
                "content of type '{type}' cannot be read by the agents of this server; send input_text",
                {"type": self.type[:64]},
            )
        return self


def _as_pieces(content: object) -> object:
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content


Pieces = Annotated[list[Piece], BeforeValidator(_as_pieces, json_schema_input_type=str | list[Piece])]


def _words(pieces: Sequence[Piece] | None) -> str:
    return "\n".join(piece.text or piece.refusal or "" for piece in pieces or ())


class Item(Asked):
    """A message, a call of one of the caller's functions, or its result."""

    type: str = "message"
    role: Literal["user", "assistant", "system", "developer"] | None = None
    content: Pieces | None = None
    call_id: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    name: Label | None = None
    arguments: str = ""
    output: Pieces | None = None

    @field_validator("content", "output", mode="before")
    @classmethod
    def _plain(cls, value: object, info: ValidationInfo) -> object:
        return value if info.data.get("type", "message") in SPOKEN else None

    @model_validator(mode="after")
    def _is_whole(self) -> "Item":
        needed = {"message": ("role", "content"), "function_call": ("call_id", "name")}.get(self.type)
        if self.type == "function_call_output":
            needed = ("call_id", "output")
        elif needed is None and self.type not in WITHOUT_MEANING:
            raise PydanticCustomError(
                "unsupported_item",
                "items of type '{type}' cannot be read here; send messages, function_call and function_call_output",
                {"type": self.type[:64]},
            )
        for name in needed or ():
            if getattr(self, name) is None:
                raise PydanticCustomError("missing", "a {type} needs '{name}'", {"type": self.type, "name": name})
        if len(_words(self.content)) > PART_LENGTH * MAX_PARTS:
            limit = PART_LENGTH * MAX_PARTS
            raise PydanticCustomError("too_long", "is longer than {limit} characters; shorten it", {"limit": limit})
        return self


def _as_items(value: object) -> object:
    return [{"role": "user", "content": value}] if isinstance(value, str) else value


class FunctionTool(Asked):
    """A function that the caller offers to run."""

    type: str
    name: Annotated[str, Field(pattern=FUNCTION_NAME)] | None = None
    description: Text | None = None
    parameters: Obj | None = None
    strict: bool | None = None

    @model_validator(mode="after")
    def _is_function(self) -> "FunctionTool":
        if self.type != "function" or self.name is None:
            raise PydanticCustomError(
                "unsupported_tool", "only tools of type 'function' with a name can be offered; agents bring their own"
            )
        return self


class TextOptions(Asked):
    """What the text should be like."""

    format: Obj | None = None

    @field_validator("format")
    @classmethod
    def _known(cls, wanted: Obj | None) -> Obj | None:
        kind = wanted.get("type") if wanted else "text"
        if kind not in ("text", "json_object", "json_schema"):
            raise PydanticCustomError("invalid_value", "type must be 'text', 'json_object' or 'json_schema'")
        if kind == "json_schema" and wanted and not isinstance(wanted.get("schema"), dict):
            raise PydanticCustomError("invalid_value", "a json_schema format needs the key 'schema'")
        return wanted


class Reasoning(Asked):
    """How much to think."""

    effort: Label | None = None


class ResponseRequest(Asked):
    """The body of a request for a response."""

    model: Annotated[str | None, Field(description="An agent, a team, or `room:<id>` for a live room.")] = None
    input: Annotated[
        list[Item],
        BeforeValidator(_as_items, json_schema_input_type=str | list[Item]),
        Field(min_length=1, max_length=MAX_MESSAGES),
    ]
    instructions: Text | None = None
    previous_response_id: Label | None = None
    stream: bool | None = None
    store: bool | None = None
    tools: Annotated[list[FunctionTool], Field(max_length=MAX_TOOLS)] | None = None
    tool_choice: Json = None
    parallel_tool_calls: bool | None = None
    text: TextOptions | None = None
    reasoning: Reasoning | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_output_tokens: Tokens | None = None
    metadata: dict[str, str] | None = None
    user: str | None = None
    safety_identifier: str | None = None
    background: bool | None = None
    conversation: Json = None
    prompt: Json = None

    @field_validator("background", "conversation", "prompt")
    @classmethod
    def _not_here(cls, value: Json) -> Json:
        if value:
            raise PydanticCustomError(
                "unsupported_parameter", "is not supported; previous_response_id goes on with a conversation"
            )
        return None

    @field_validator("tools")
    @classmethod
    def _names_differ(cls, tools: list[FunctionTool] | None) -> list[FunctionTool] | None:
        names = [tool.name for tool in tools or ()]
        for name in names:
            if names.count(name) > 1:
                raise PydanticCustomError("duplicate_tool", "two tools are named '{name}'", {"name": name})
        return tools

    @field_validator("tool_choice")
    @classmethod
    def _choosable(cls, choice: Json, info: ValidationInfo) -> Json:
        tools: list[FunctionTool] = info.data.get("tools") or []
        if isinstance(choice, dict):
            if choice.get("type") != "function" or choice.get("name") not in [tool.name for tool in tools]:
                raise PydanticCustomError("invalid_value", "must name one of the tools of this request")
        elif choice not in (None, "none", "auto", "required"):
            raise PydanticCustomError("invalid_value", "must be 'none', 'auto', 'required' or name a tool")
        elif choice == "required" and not tools:
            raise PydanticCustomError("invalid_value", "is 'required', but the request has no tools")
        return choice

    @property
    def format(self) -> Obj:
        """What the text should be like, in the shape of Responses."""
        return (self.text.format if self.text else None) or {"type": "text"}

    @classmethod
    def stored(cls) -> "ResponseRequest":
        """What is known of the request of a response that was stored: nothing."""
        return cls(input=[Item(content=[], role="user")])

    def as_chat(self) -> ChatRequest:
        """The same as a chat completion. Raises RequestError for a result whose call is not known."""
        return ChatRequest.model_validate(
            {
                "messages": self._messages(),
                "user": self.safety_identifier or self.user,
                "tools": [
                    {"type": "function", "function": tool.model_dump(include={"name", "description", "parameters"})}
                    for tool in self.tools or ()
                ],
                "tool_choice": (
                    {"type": "function", "function": {"name": self.tool_choice["name"]}}
                    if isinstance(self.tool_choice, dict)
                    else self.tool_choice
                ),
                "parallel_tool_calls": self.parallel_tool_calls,
                "response_format": _as_response_format(self.format),
                "temperature": self.temperature,
                "top_p": self.top_p,
                "max_completion_tokens": self.max_output_tokens,
                "reasoning_effort": self.reasoning.effort if self.reasoning else None,
            }
        )

    def _messages(self) -> list[Obj]:
        self._check_calls()
        messages: list[Obj] = [{"role": "developer", "content": self.instructions}] if self.instructions else []
        calls: list[Json] | None = None
        for item in self.input:
            if item.type == "function_call":
                if calls is None:
                    calls = []
                    messages.append({"role": "assistant", "content": None, "tool_calls": calls})
                function: Obj = {"name": item.name, "arguments": item.arguments}
                calls.append({"id": item.call_id, "type": "function", "function": function})
                continue
            if item.type in SPOKEN:
                calls = None
            if item.type == "message":
                messages.append({"role": item.role, "content": _words(item.content)})
            elif item.type == "function_call_output":
                messages.append({"role": "tool", "tool_call_id": item.call_id, "content": _words(item.output)})
        if not messages:
            raise refused("input", "missing", "input: there is nothing to answer; send a message")
        return messages

    def _check_calls(self) -> None:
        """Every call has one result, which comes after it; the call may be in what the room remembers."""
        remembers = bool(self.previous_response_id) or (self.model or "").startswith(ROOM)
        waiting: dict[str, int] = {}
        for i, item in enumerate(self.input):
            if item.type == "function_call":
                if item.call_id in waiting:
                    raise _wrong_call(i, f"two calls have the call_id '{item.call_id}'; they must differ")
                waiting[str(item.call_id)] = i
            elif item.type == "function_call_output" and waiting.pop(str(item.call_id), None) is None and not remembers:
                raise _wrong_call(i, f"no function_call before it has the call_id '{item.call_id}'")
        for call, i in waiting.items():
            raise _wrong_call(i, f"no function_call_output was found for the function call '{call}'")


def _wrong_call(index: int, what: str) -> SalonError:
    return refused(f"input/{index}/call_id", "invalid_value", f"input[{index}].call_id: {what}")


def _as_response_format(wanted: Obj) -> Obj | None:
    if wanted["type"] != "json_schema":
        return wanted
    described = {key: value for key, value in wanted.items() if key != "type"}
    return {"type": "json_schema", "json_schema": described}
