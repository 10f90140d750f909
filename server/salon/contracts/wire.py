"""The frames of /ws/agent, version 1: envelopes, what the server says beside room entries, errors and heartbeat."""

from typing import Annotated, Literal, Union

from pydantic import Field, RootModel

from salon.contracts.actions import ActionPayload
from salon.contracts.events import (
    AgentStatus,
    Entry,
    Interrupted,
    MsgDone,
    MsgStarted,
    RoomSummarised,
    RunStarted,
    ToolReady,
    TurnStarted,
    UiA2ui,
    UiPut,
)
from salon.contracts.threads import ThreadPage
from salon.contracts.types import AgentCard, Id, Json, Label, Member, Opt, Pointer, Pos, Position, Seq, Text, Ts, Wire

VERSION = "1"
SUBPROTOCOL = "salon.v1"


class Limits(Wire):
    """What the server will take from one connection, told in advance."""

    frame_bytes: Pos
    json_depth: Pos
    rooms: Pos
    actions_per_second: Pos
    inflight: Pos
    queue_frames: Pos
    history_page: Pos
    recover_events: Pos
    recover_seconds: Pos


class Welcome(Wire):
    """The answer to `connect`."""

    kind: Literal["welcome"]
    version: Label
    connection: Id
    session: Id
    user: Id
    server: Label
    schema_hash: Label
    mode: Literal["live", "mock"]
    ping_every: Annotated[float, Field(gt=0)]
    pong_within: Annotated[float, Field(gt=0)]
    expires_at: Opt[Ts] = None
    features: list[Label]
    limits: Limits
    reply_to: Opt[Id] = None


class Snapshot(Wire):
    """The room's state at a position: what folding the whole log up to there gives.

    `messages` holds the newest ones; `more` says that older ones are to be had through `history`.
    """

    state: Json
    version: Seq
    messages: list[MsgDone]
    open_messages: list[MsgStarted]
    partial: dict[str, str]
    surfaces: list[UiPut]
    a2ui: list[UiA2ui]
    runs: list[RunStarted]
    turns: list[TurnStarted]
    calls: list[ToolReady]
    interrupts: list[Interrupted]
    agents: list[AgentStatus]
    roster: list[AgentCard]
    team: Opt[Id] = None
    floor: Opt[Id] = None
    title: Opt[Label] = None
    archived: Opt[bool] = None
    summary: Opt[RoomSummarised] = None
    more: bool


class Subscribed(Wire):
    """The replay boundary: `events` is exactly the gap (`recovered`), or `snapshot` is the state at `position`."""

    kind: Literal["subscribed"]
    room: Id
    position: Position
    first_seq: Seq
    was_recovering: bool
    recovered: bool
    events: list[Entry]
    snapshot: Opt[Snapshot] = None
    members: list[Member]
    reply_to: Opt[Id] = None


class Unsubscribed(Wire):
    """No more entries of this room will come: as `requested`, as it is `deleted`, or `lost` (subscribe anew)."""

    kind: Literal["unsubscribed"]
    room: Id
    code: Label
    reply_to: Opt[Id] = None


class Events(Wire):
    """Entries of a room's log, contiguous."""

    kind: Literal["events"]
    room: Id
    entries: Annotated[list[Entry], Field(min_length=1, max_length=500)]


class Resync(Wire):
    """The client's state is to be replaced by this one."""

    kind: Literal["resync"]
    room: Id
    position: Position
    snapshot: Snapshot
    reason: Literal["slow_consumer", "compacted", "epoch_changed"]


class Ephemeral(Wire):
    """Presence and signals: no seq, may be merged or dropped, expires after 30 s."""

    kind: Literal["ephemeral"]
    room: Id
    joins: list[Member]
    leaves: list[Id]
    typing: list[Id]
    signals: dict[str, Json]


class Ack(Wire):
    """An action took effect; `seq` is where that stands in the log."""

    kind: Literal["ack"]
    reply_to: Id
    duplicate: bool
    room: Opt[Id] = None
    seq: Opt[Seq] = None
    result: Opt[Json] = None


class HistoryPage(Wire):
    """The answer to `history`."""

    kind: Literal["history"]
    reply_to: Id
    room: Id
    position: Position
    entries: list[Entry]
    more: bool


class Notice(Wire):
    """Something the client should know; nothing is lost if it ignores it."""

    kind: Literal["notice"]
    code: Literal["token_expiring", "draining", "deprecated_version", "rate_warning"]
    message: Opt[Text] = None
    at: Opt[Ts] = None


StatePayload = Annotated[
    Union[  # noqa: UP007
        Welcome, Subscribed, Unsubscribed, Events, Resync, Ephemeral, Ack, HistoryPage, ThreadPage, Notice
    ],
    Field(discriminator="kind"),
]

ErrorCode = Literal[
    "bad_request",
    "unsupported_version",
    "unauthenticated",
    "token_expired",
    "forbidden",
    "not_found",
    "not_subscribed",
    "already_subscribed",
    "conflict",
    "stale_state",
    "already_resolved",
    "expired",
    "busy",
    "rate_limited",
    "too_large",
    "limit_exceeded",
    "unrecoverable_position",
    "agent_error",
    "model_error",
    "tool_error",
    "timeout",
    "cancelled",
    "unavailable",
    "internal",
]


class Issue(Wire):
    """One thing wrong with a frame: where, which rule, and what to do."""

    path: Pointer
    code: Label
    message: Text


class ErrorPayload(Wire):
    """Why an action was refused, or what went wrong. Never an exception's text."""

    code: ErrorCode
    message: Text
    retryable: bool
    fatal: bool
    retry_after: Opt[Ts] = None
    reply_to: Opt[Id] = None
    room: Opt[Id] = None
    run: Opt[Id] = None
    agent: Opt[Id] = None
    details: Opt[Annotated[list[Issue], Field(max_length=50)]] = None


class Beat(Wire):
    """A heartbeat's content; a pong repeats the ping's nonce."""

    nonce: Opt[Id] = None
    sent: Opt[Ts] = None
    server_time: Opt[Ts] = None


class StateUpdate(Wire):
    """Server: entries and answers."""

    type: Literal["state_update"]
    payload: StatePayload
    timestamp: Ts


class ServerAction(Wire):
    """Server: entries that a client must show or do."""

    type: Literal["action"]
    payload: Events
    timestamp: Ts


class Action(Wire):
    """Client: an action."""

    type: Literal["action"]
    payload: ActionPayload
    timestamp: Ts


class Error(Wire):
    """Either side: an error."""

    type: Literal["error"]
    payload: ErrorPayload
    timestamp: Ts


class Ping(Wire):
    """Either side: are you there?"""

    type: Literal["ping"]
    payload: Beat
    timestamp: Ts


class Pong(Wire):
    """Either side: yes."""

    type: Literal["pong"]
    payload: Beat
    timestamp: Ts


class ServerFrame(
    RootModel[Annotated[Union[StateUpdate, ServerAction, Error, Ping, Pong], Field(discriminator="type")]]  # noqa: UP007
):
    """Everything the server sends."""


class ClientFrame(
    RootModel[Annotated[Union[Action, Error, Ping, Pong], Field(discriminator="type")]]  # noqa: UP007
):
    """Everything the server accepts."""
