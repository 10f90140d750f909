"""What AG-UI calls the things that a room holds: surfaces, questions, messages, shared state. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ag_ui.core import ActivitySnapshotEvent, BaseEvent, MessagesSnapshotEvent, StateSnapshotEvent
from ag_ui.core import Interrupt as Question
from pydantic import BaseModel

from salon.contracts.events import Interrupted, MsgDone, UiA2ui, UiPut
from salon.contracts.types import Json, TextPart

SURFACE = "salon."
"""How the activity of a surface begins; the rest is its component."""

A2UI = "a2ui-surface"
"""The activity that AG-UI's frontends draw A2UI messages for."""


def activity(body: UiPut | UiA2ui) -> BaseEvent:
    """A surface as an activity, whose content are its props."""
    if isinstance(body, UiPut):
        return ActivitySnapshotEvent(
            message_id=body.surface, activity_type=SURFACE + body.component, content=body.props
        )
    return ActivitySnapshotEvent(message_id=body.surface, activity_type=A2UI, content={"operations": body.messages})


def snapshots(state: Json, messages: Sequence[BaseModel] | None, surfaces: Iterable[UiPut | UiA2ui]) -> list[BaseEvent]:
    """What a frontend is told that comes into a room: its shared state, its messages, its surfaces."""
    told: list[BaseEvent] = [StateSnapshotEvent(snapshot=state)] if state else []
    if messages is not None:
        told.append(MessagesSnapshotEvent(messages=list(messages)))  # type: ignore[arg-type]  # one of its kinds each
    return told + [activity(each) for each in surfaces]


def words(message: MsgDone) -> str:
    """The text of a message."""
    return "".join(part.text for part in message.parts if isinstance(part, TextPart))


def result_id(call: str) -> str:
    """The id of the message that holds a call's result."""
    return f"{call}-result"


def asked(question: Interrupted) -> Question:
    """A question to people."""
    expires = question.expires_at
    return Question(
        id=question.interrupt,
        reason=question.reason,
        message=question.message,
        tool_call_id=question.call,
        response_schema=question.response_schema,
        expires_at=datetime.fromtimestamp(expires, UTC).isoformat() if expires is not None else None,
        metadata={"salon": {"agent": question.agent}},
    )
