"""What the AI SDK's chat transport sends. Read tolerantly: a frontend's messages hold much that is its own. Pure."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from salon.contracts.types import ClientTool, Json, Label, Text
from salon.http.mirror.chunks import arguments


class Sent(BaseModel):
    """A part of a request."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=True, allow_inf_nan=False)


class Approval(Sent):
    """A question about a tool's call, and a person's answer if there is one."""

    id: str
    approved: bool | None = None
    reason: str | None = None


class Part(Sent):
    """A piece of a message: text, or a tool's call in whatever state it is."""

    type: str
    text: str | None = None
    tool_call_id: str | None = None
    state: str | None = None
    output: Json = None
    error_text: str | None = None
    approval: Approval | None = None


class Message(Sent):
    """A message as the frontend has it."""

    id: str
    role: Literal["system", "user", "assistant"]
    parts: Annotated[list[Part], Field(max_length=10_000)]

    @property
    def words(self) -> str:
        """The text of the message."""
        return "\n".join(part.text or "" for part in self.parts if part.type == "text")

    def calls(self) -> set[str]:
        """The tool calls that the frontend knows of."""
        return {part.tool_call_id for part in self.parts if part.tool_call_id is not None}

    def results(self) -> Iterator[tuple[str, str]]:
        """The calls that have a result, and the results."""
        for part in self.parts:
            if part.tool_call_id is not None and part.state == "output-available":
                yield part.tool_call_id, arguments(part.output)
            elif part.tool_call_id is not None and part.state == "output-error":
                yield part.tool_call_id, part.error_text or "the tool failed"

    def approvals(self) -> Iterator[Approval]:
        """The questions about calls that have been answered."""
        for part in self.parts:
            if part.approval is not None and part.approval.approved is not None:
                yield part.approval


class Answer(Sent):
    """A person's answer to a question that is not about a call."""

    question: Label
    status: Literal["resolved", "cancelled"] = "resolved"
    value: Json = None


class ChatRequest(Sent):
    """The body: what the transport sends, and what an application may add through its `body` option.

    `model` is an agent or a team; without it the room's own team answers. `tools` are run by the frontend, `answers`
    are for questions that came as `data-question`.
    """

    id: Label
    messages: Annotated[list[Message], Field(min_length=1, max_length=2_000)]
    trigger: Literal["submit-message", "regenerate-message"] = "submit-message"
    message_id: str | None = None
    model: Label | None = None
    tools: Annotated[list[ClientTool], Field(max_length=128)] | None = None
    instructions: Text | None = None
    answers: list[Answer] | None = None
