"""What a room has to store, and what there is of it in the store: rows, whatever they mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class MessageRow(NamedTuple):
    """A message or tool call, as a row; the columns of `Message`."""

    message_id: str
    seq: int
    kind: str
    role: str
    user_id: str | None
    agent: str | None
    text: str
    data: bytes
    created_at: float


class ReceiptRow(NamedTuple):
    """An action that took effect; the columns of `StoredReceipt`."""

    user_id: str
    action_id: str
    digest: bytes
    receipt: bytes
    at: float


@dataclass(frozen=True, slots=True)
class NewThread:
    """A thread that is not stored yet. `copy` names the thread, and the seq up to which, it begins with; `messages` are
    those of then where they differ from what that thread has now.
    """

    user_id: str | None
    agent_id: str | None
    shared: bool
    created_at: float
    copy: tuple[str, int] | None = None
    messages: Sequence[MessageRow] | None = None


@dataclass(slots=True)
class RoomWrite:
    """What becomes durable of one room at once.

    Either `opened` begins the thread, or `after` is the epoch and the seal that are stored when this log is still its
    only one. `removed` and `cleared_to` take messages away; `changed` are new values of the thread's own columns;
    `settled` are messages that need no draft any more. `sealed` is the log's last seq when it ends in order.
    """

    thread: str
    epoch: str
    at: float
    opened: NewThread | None = None
    after: tuple[str, int | None] | None = None
    entries: list[tuple[int, bytes]] = field(default_factory=list)
    messages: list[MessageRow] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    cleared_to: int | None = None
    changed: dict[str, str | float | None] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    settled: list[str] = field(default_factory=list)
    receipts: list[ReceiptRow] = field(default_factory=list)
    snapshot: tuple[int, bytes] | None = None
    outdated_snapshot: int | None = None
    sealed: int | None = None


class StoredThread(NamedTuple):
    """What there is of a thread: enough to go on from. `entries` are those after the snapshot."""

    user_id: str | None
    agent_id: str | None
    shared: bool
    deleted: bool
    epoch: str
    sealed: int | None
    first: int
    snapshot: tuple[int, bytes] | None
    entries: list[tuple[int, bytes]]
    drafts: dict[str, str]
    receipts: list[ReceiptRow]
