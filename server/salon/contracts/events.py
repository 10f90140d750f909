"""The room events: everything that gets a sequence number in a room's log, and the entry that carries it."""

from typing import Annotated, Literal, Union

from pydantic import Field

from salon.contracts.types import (
    AgentCard,
    Author,
    Id,
    Json,
    Label,
    Obj,
    Opt,
    Parts,
    Patch,
    Pos,
    Position,
    Seq,
    Text,
    Ts,
    Wire,
)


class RoomOpened(Wire):
    """The first entry of every room: which team answers here, and, for a fork, where the room came from."""

    event: Literal["room.opened"]
    team: Id
    roster: list[AgentCard]
    forked_from: Opt[Id] = None
    forked_at: Opt[Position] = None


class RunStarted(Wire):
    """A run: the room's reaction to one action, until the floor is the people's again."""

    event: Literal["run.started"]
    run: Id
    team: Id
    parent: Opt[Id] = None


class RunFinished(Wire):
    """The floor is the people's again."""

    event: Literal["run.finished"]
    run: Id
    outcome: Literal["success", "interrupt", "cancelled", "error"]
    reason: Opt[Text] = None
    usage: Opt[dict[str, Seq]] = None


Rule = Literal["host", "sticky", "handoff", "mention", "person", "surface", "graph"]
"""Why a speaker was chosen: it is the host; it holds the floor; another agent handed over; a person wrote `@agent`;
a person chose it; a person used its surface; the team's own rule."""


class ChosenBy(Wire):
    """Why this speaker, and who else could have spoken."""

    rule: Rule
    by: Opt[Id] = None
    reason: Opt[Text] = None
    candidates: Opt[list[Id]] = None


Source = Literal["model", "mock"]


class TurnStarted(Wire):
    """A turn: one agent's speaking inside a run, tools included."""

    event: Literal["turn.started"]
    turn: Id
    run: Id
    agent: Id
    chosen: ChosenBy
    source: Source
    model: Opt[Label] = None


class TurnFinished(Wire):
    """The agent is done; `reason` says why when it did not simply finish."""

    event: Literal["turn.finished"]
    turn: Id
    outcome: Literal["success", "handoff", "interrupt", "cancelled", "error"]
    reason: Opt[Text] = None
    usage: Opt[dict[str, Seq]] = None
    credits: Opt[Seq] = None


class MsgStarted(Wire):
    """A message whose text will stream."""

    event: Literal["message.started"]
    message: Id
    author: Author
    run: Opt[Id] = None
    turn: Opt[Id] = None
    reply_to: Opt[Id] = None


class MsgDelta(Wire):
    """A piece of a streaming message. `at` counts the code points so far, this piece included."""

    event: Literal["message.delta"]
    message: Id
    text: Text
    at: Seq


class MsgDone(Wire):
    """A whole message; it supersedes its deltas."""

    event: Literal["message.done"]
    message: Id
    author: Author
    parts: Parts
    run: Opt[Id] = None
    turn: Opt[Id] = None
    reply_to: Opt[Id] = None
    source: Opt[Source] = None
    partial: Opt[bool] = None


class MsgRemoved(Wire):
    """The message is gone for readers and for the models' memory."""

    event: Literal["message.removed"]
    message: Id


Where = Literal["server", "client"]


class ToolStarted(Wire):
    """An agent calls a tool."""

    event: Literal["tool.started"]
    call: Id
    name: Label
    run: Id
    where: Where
    agent: Opt[Id] = None
    turn: Opt[Id] = None
    message: Opt[Id] = None


class ToolArgs(Wire):
    """A piece of a streaming argument text. `at` counts the code points so far."""

    event: Literal["tool.args"]
    call: Id
    text: Text
    at: Seq


class ToolReady(Wire):
    """The call's arguments are complete. With `where: client` the assignee must answer with `tool_result`."""

    event: Literal["tool.ready"]
    call: Id
    name: Label
    args: Json
    where: Where
    agent: Opt[Id] = None
    run: Opt[Id] = None
    assignee: Opt[Id] = None


class ToolDone(Wire):
    """The call's result, as the model sees it."""

    event: Literal["tool.done"]
    call: Id
    ok: bool
    output: Json


class ToolRemoved(Wire):
    """The call and its result are gone for readers and for the models' memory."""

    event: Literal["tool.removed"]
    call: Id


class Reasoning(Wire):
    """A piece of a model's visible thinking. `at` counts the code points so far in this turn."""

    event: Literal["reasoning.delta"]
    run: Id
    text: Text
    at: Seq
    turn: Opt[Id] = None


class UiPut(Wire):
    """A surface appears or is replaced as a whole."""

    event: Literal["ui.put"]
    surface: Id
    owner: Id
    component: Label
    props: Obj
    version: Pos
    catalog: Opt[Label] = None
    message: Opt[Id] = None


class UiPatch(Wire):
    """A surface's props change; applies to version - 1."""

    event: Literal["ui.patch"]
    surface: Id
    ops: Patch
    version: Pos


class UiRemoved(Wire):
    """A surface is gone."""

    event: Literal["ui.removed"]
    surface: Id


class UiA2ui(Wire):
    """A surface described by A2UI messages, passed through."""

    event: Literal["ui.a2ui"]
    surface: Id
    owner: Id
    messages: Annotated[list[Obj], Field(min_length=1, max_length=200)]


class StatePatched(Wire):
    """The room's shared state changed; applies to version - 1."""

    event: Literal["state.patched"]
    ops: Patch
    version: Pos


class Handoff(Wire):
    """An agent passes the floor to another."""

    event: Literal["agent.handoff"]
    source: Id
    target: Id
    run: Opt[Id] = None
    reason: Opt[Text] = None


class FloorGiven(Wire):
    """A person chose who speaks next."""

    event: Literal["floor.given"]
    agent: Id
    by: Id


class AgentStatus(Wire):
    """What an agent is doing now."""

    event: Literal["agent.status"]
    agent: Id
    status: Literal["idle", "thinking", "speaking", "waiting", "stopped"]
    run: Opt[Id] = None


class Interrupted(Wire):
    """A question to people that pauses a turn. `allowed` names the users who may answer; absent: everyone there."""

    event: Literal["interrupt.opened"]
    interrupt: Id
    run: Id
    agent: Id
    reason: Label
    message: Opt[Text] = None
    call: Opt[Id] = None
    response_schema: Opt[Obj] = None
    expires_at: Opt[Ts] = None
    allowed: Opt[list[Id]] = None


class Resolved(Wire):
    """The question was answered, once."""

    event: Literal["interrupt.resolved"]
    interrupt: Id
    status: Literal["resolved", "cancelled", "expired"]
    by: Opt[Id] = None
    value: Opt[Json] = None


class RoomForked(Wire):
    """Another room was made of this one, as it was at `at`."""

    event: Literal["room.forked"]
    room: Id
    at: Seq


class RoomChanged(Wire):
    """The room has another title, or was put into the archive or taken out of it."""

    event: Literal["room.changed"]
    title: Opt[Label] = None
    archived: Opt[bool] = None


class RoomCleared(Wire):
    """All that was said so far is gone for readers and for the models' memory; surfaces and shared state stay."""

    event: Literal["room.cleared"]


class RoomSummarised(Wire):
    """What was said up to the entry `upto`, in few words: for models whose memory does not reach back so far."""

    event: Literal["room.summarised"]
    text: Text
    upto: Seq


class JobUpdated(Wire):
    """How a background job for this room is getting on. `progress` goes from 0 to 1."""

    event: Literal["job.updated"]
    job: Id
    name: Label
    status: Literal["pending", "processing", "completed", "failed"]
    progress: Opt[Annotated[float, Field(ge=0, le=1)]] = None
    message: Opt[Text] = None


Guarded = Literal["input", "tool", "output"]
"""What a guardrail looks at: what people say, what tools give, what agents say."""

GuardedKind = Literal["injection", "personal", "unsafe"]
"""What it finds: attempts to take an agent over, somebody's data or secrets, what harms people."""


class GuardrailBlocked(Wire):
    """A guardrail let something not pass; `reason` repeats nothing of it."""

    event: Literal["guardrail.blocked"]
    where: Guarded
    kind: GuardedKind
    reason: Text
    agent: Opt[Id] = None


class UsageNoted(Wire):
    """What one model call cost."""

    event: Literal["usage"]
    turn: Id
    model: Label
    input_tokens: Seq
    output_tokens: Seq
    credits: Opt[Seq] = None


class Custom(Wire):
    """An event of an application's own."""

    event: Literal["custom"]
    name: Label
    value: Json


RoomEvent = Annotated[
    Union[  # noqa: UP007
        RoomOpened,
        RunStarted,
        RunFinished,
        TurnStarted,
        TurnFinished,
        MsgStarted,
        MsgDelta,
        MsgDone,
        MsgRemoved,
        ToolStarted,
        ToolArgs,
        ToolReady,
        ToolDone,
        ToolRemoved,
        Reasoning,
        UiPut,
        UiPatch,
        UiRemoved,
        UiA2ui,
        StatePatched,
        Handoff,
        FloorGiven,
        AgentStatus,
        Interrupted,
        Resolved,
        RoomForked,
        RoomChanged,
        RoomCleared,
        RoomSummarised,
        JobUpdated,
        GuardrailBlocked,
        UsageNoted,
        Custom,
    ],
    Field(discriminator="event"),
]


class Entry(Wire):
    """An event in a room's log. `cause` is the id of the action that led here."""

    seq: Pos
    at: Ts
    cause: Opt[Id] = None
    body: RoomEvent


Lane = Literal["action", "state_update"]

TRANSIENT = (MsgDelta, Reasoning, ToolArgs, JobUpdated)
"""Kinds that a later entry supersedes: kept for recovery, never stored."""


def lane_of(event: RoomEvent) -> Lane:
    """The envelope type that carries an event: `action` for what a client must show or do."""
    match event:
        case UiPut() | UiPatch() | UiRemoved() | UiA2ui() | Interrupted() | Handoff():
            return "action"
        case ToolReady(where="client"):
            return "action"
        case _:
            return "state_update"
