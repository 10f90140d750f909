"""What the routers read and answer, key by key as they are documented. Nulls stand where the documents show them."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from salon.contracts.openai import ErrorBody
from salon.runtime.sessions.items import Item

Title = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Items = Annotated[list[Item], Field(max_length=10_000)]


def _input(value: object) -> object:
    """Checked before the union, whose own errors name types that no caller knows."""
    if isinstance(value, str) or (value and isinstance(value, list) and all(isinstance(item, dict) for item in value)):
        return value
    raise PydanticCustomError("invalid_value", "must be a text, or a list of items that ends with a user's message")


class RunRequest(BaseModel):
    """What an agent is asked."""

    input: Annotated[str | Items, BeforeValidator(_input)] = Field(
        description="A message, or items that end with a user's message."
    )
    session_id: str | None = Field(None, description="A chat's id, or a new UUID; without one nothing is kept.")
    context: dict[str, object] | None = Field(
        None, description="What the agent should know besides; a part of the message."
    )


class RunAnswer(BaseModel):
    """What the agent said."""

    final_output: str
    success: Literal[True] = True
    session_id: str | None


class Refusal(ErrorBody):
    """Why it did not work."""

    success: Literal[False] = False


class Endpoints(BaseModel):
    """The agent's paths."""

    run: str
    stream: str
    info: str


class SessionConfig(BaseModel):
    """How conversations are kept."""

    sessions_enabled: Literal[True] = True
    session_type: Literal["PostgreSQL", "SQLite"]
    description: str


class Info(BaseModel):
    """An agent, and how to ask it."""

    name: str
    agent_name: str
    instructions: str
    model: str
    tools_count: int
    handoffs_count: int
    endpoints: Endpoints
    session_config: SessionConfig


class ChatRequest(BaseModel):
    """A new chat; `conversation` is what was said before."""

    title: Title | None = None
    conversation: Items | None = None


class ChatChange(BaseModel):
    """What is to be different; what is left out stays. A `conversation` of null clears it."""

    title: Title | None = None
    conversation: Items | None = None
    is_active: bool | None = None


class Spoken(BaseModel):
    """A message of a conversation."""

    role: Literal["user", "assistant", "system"]
    content: str


class Chat(BaseModel):
    """A chat with what was said in it."""

    chat_id: str
    user_id: str | None
    conversation: list[Spoken]
    title: str | None
    created_at: str
    updated_at: str


class ChatSummary(BaseModel):
    """A chat in a list."""

    chat_id: str
    user_id: str | None
    title: str | None
    is_active: bool
    message_count: int
    created_at: str
    updated_at: str


class ChatList(BaseModel):
    """A page of chats, last used first; `total` counts all of them."""

    chats: list[ChatSummary]
    total: int
    skip: int
    limit: int


def iso(seconds: float) -> str:
    """A time as ISO 8601 has it, in UTC: `2024-01-01T00:30:00.250Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
