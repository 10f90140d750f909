"""OpenAI's chat completions as far as Salon speaks them: what clients may send, and what they get. Pure.

Requests are read tolerantly: unknown parameters and nulls are ignored, since clients send many that mean nothing here.
What would change the answer and cannot be done is refused with the parameter's name and the remedy.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from salon.contracts.types import SAFE, Json, Label, Obj, Opt, Text

MAX_MESSAGES = 2_000
MAX_TOOLS = 128
MAX_STOPS = 4

_FUNCTION_NAME = r"^[a-zA-Z0-9_-]{1,64}$"


class Asked(BaseModel):
    """A part of a request."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class ContentPart(Asked):
    """A piece of a message's content; only text can be read by the agents."""

    type: str
    text: str | None = None
    refusal: str | None = None

    @model_validator(mode="after")
    def _is_text(self) -> "ContentPart":
        if self.type not in ("text", "refusal"):
            raise PydanticCustomError(
                "unsupported_content",
                "content of type '{type}' cannot be read by the agents of this server; send text",
                {"type": self.type[:64]},
            )
        return self

    @property
    def words(self) -> str:
        """The text of the part."""
        return self.text or self.refusal or ""


def _as_parts(content: object) -> object:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if content is not None and not isinstance(content, list):
        raise PydanticCustomError("invalid_type", "must be a string or an array of content parts")
    return content


Content = Annotated[
    list[ContentPart] | None,
    BeforeValidator(_as_parts, json_schema_input_type=str | list[ContentPart] | None),
]
"""A text, or its parts; always parts once it is read."""


class FunctionCall(Asked):
    """Which function a model called, and its arguments as JSON text."""

    name: Label
    arguments: str = ""


class ToolCall(Asked):
    """A call of one of the caller's tools, as the caller got it."""

    id: Annotated[str, Field(min_length=1, max_length=256)]
    type: Literal["function"] = "function"
    function: FunctionCall


class Message(Asked):
    """One message of the conversation so far."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Content = None
    name: str | None = None
    tool_calls: Annotated[list[ToolCall], Field(max_length=MAX_TOOLS)] | None = None
    tool_call_id: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Message":
        if self.role == "tool" and not self.tool_call_id:
            raise PydanticCustomError("missing", "a tool message needs the tool_call_id of the call that it answers")
        if self.content is None and self.role != "assistant":
            raise PydanticCustomError("missing", "a {role} message needs content", {"role": self.role})
        return self

    @property
    def words(self) -> str:
        """The text of the message."""
        return "\n".join(part.words for part in self.content or ())


class Function(Asked):
    """A function that the caller offers to run."""

    name: Annotated[str, Field(pattern=_FUNCTION_NAME)]
    description: Text | None = None
    parameters: Obj | None = None


class Tool(Asked):
    """A tool that the caller offers to run; functions are the only kind."""

    type: Literal["function"]
    function: Function


class StreamOptions(Asked):
    """What a stream should hold besides the answer."""

    include_usage: bool | None = None


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Stops = Annotated[
    list[str], BeforeValidator(_as_list, json_schema_input_type=str | list[str]), Field(max_length=MAX_STOPS)
]
Penalty = Annotated[float, Field(ge=-2, le=2)]
Tokens = Annotated[int, Field(ge=1, le=SAFE)]


class ChatRequest(Asked):
    """The body of a chat completion request."""

    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]
    model: Annotated[
        str | None,
        Field(description="An agent, a team, or `room:<id>` for a live room; not needed on an agent's own route."),
    ] = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: Annotated[list[Tool], Field(max_length=MAX_TOOLS)] | None = None
    tool_choice: Json = None
    parallel_tool_calls: bool | None = None
    response_format: Obj | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Tokens | None = None
    max_completion_tokens: Tokens | None = None
    stop: Stops | None = None
    seed: Annotated[int, Field(ge=-SAFE, le=SAFE)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    reasoning_effort: Label | None = None
    user: str | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    functions: Json = None
    function_call: Json = None

    @field_validator("functions", "function_call")
    @classmethod
    def _of_today(cls, withdrawn: Json) -> Json:
        if withdrawn is not None:
            raise PydanticCustomError("unsupported_parameter", "is not supported any more; use tools and tool_choice")
        return withdrawn

    @field_validator("n")
    @classmethod
    def _one_choice(cls, n: int | None) -> int | None:
        if n not in (None, 1):
            raise PydanticCustomError("unsupported_value", "only n=1 is supported; send a request for each choice")
        return n

    @field_validator("logprobs", "top_logprobs")
    @classmethod
    def _no_logprobs(cls, wanted: bool | int | None) -> bool | int | None:
        if wanted:
            raise PydanticCustomError("unsupported_parameter", "log probabilities are not supported; leave this out")
        return wanted

    @field_validator("tools")
    @classmethod
    def _names_differ(cls, tools: list[Tool] | None) -> list[Tool] | None:
        names = [tool.function.name for tool in tools or ()]
        for name in names:
            if names.count(name) > 1:
                raise PydanticCustomError(
                    "duplicate_tool", "two tools are named '{name}'; names must differ", {"name": name}
                )
        return tools

    @field_validator("response_format")
    @classmethod
    def _known_format(cls, wanted: Obj | None) -> Obj | None:
        kind = wanted.get("type") if wanted else "text"
        if kind not in ("text", "json_object", "json_schema"):
            raise PydanticCustomError("invalid_value", "type must be 'text', 'json_object' or 'json_schema'")
        if kind == "json_schema" and wanted:
            described = wanted.get("json_schema")
            if not isinstance(described, dict) or not isinstance(described.get("schema"), dict):
                raise PydanticCustomError("invalid_value", "json_schema must be an object with the key 'schema'")
        return wanted if kind != "text" else None

    @field_validator("tool_choice")
    @classmethod
    def _choosable(cls, choice: Json, info: ValidationInfo) -> Json:
        tools: list[Tool] = info.data.get("tools") or []
        if isinstance(choice, dict):
            function = choice.get("function")
            named = function.get("name") if isinstance(function, dict) else None
            if choice.get("type") != "function" or named not in [tool.function.name for tool in tools]:
                raise PydanticCustomError("invalid_value", "must name one of the tools of this request")
        elif choice not in (None, "none", "auto", "required"):
            raise PydanticCustomError("invalid_value", "must be 'none', 'auto', 'required' or name a tool")
        elif choice == "required" and not tools:
            raise PydanticCustomError("invalid_value", "is 'required', but the request has no tools")
        return choice


class CalledFunction(BaseModel):
    """A call as the caller sees it."""

    name: str
    arguments: str


class ReturnedCall(BaseModel):
    """A call that the caller is asked to run."""

    id: str
    type: Literal["function"] = "function"
    function: CalledFunction


class Answer(BaseModel):
    """What the agents said. The nulls are part of OpenAI's schema."""

    role: Literal["assistant"] = "assistant"
    content: str | None
    refusal: None = None
    tool_calls: Opt[list[ReturnedCall]] = None


FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


class Choice(BaseModel):
    """The only choice."""

    index: Literal[0] = 0
    message: Answer
    logprobs: None = None
    finish_reason: FinishReason


class Usage(BaseModel):
    """Tokens of every model call of the run, of all agents that took part."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class Model(BaseModel):
    """Something that can be named as `model`."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: Literal["salon"] = "salon"


class ModelList(BaseModel):
    """Everything that can be named as `model`."""

    object: Literal["list"] = "list"
    data: list[Model]


class ErrorInfo(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorBody(BaseModel):
    """Every error of the HTTP surface."""

    error: ErrorInfo
