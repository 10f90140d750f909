"""The fold: a room's state is what its log adds up to, and nothing else. Pure.

`fold(state, entry)` checks first and changes after, so an entry that cannot hold leaves the state as it was. The models
held here are never changed in place, so copies of a state may share them.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, fields

from salon.contracts.events import (
    AgentStatus,
    Custom,
    Entry,
    FloorGiven,
    GuardrailBlocked,
    Handoff,
    Interrupted,
    JobUpdated,
    MsgDelta,
    MsgDone,
    MsgRemoved,
    MsgStarted,
    Reasoning,
    Resolved,
    RoomChanged,
    RoomCleared,
    RoomEvent,
    RoomForked,
    RoomOpened,
    RoomSummarised,
    RunFinished,
    RunStarted,
    StatePatched,
    ToolArgs,
    ToolDone,
    ToolReady,
    ToolRemoved,
    ToolStarted,
    TurnFinished,
    TurnStarted,
    UiA2ui,
    UiPatch,
    UiPut,
    UiRemoved,
    UsageNoted,
)
from salon.contracts.patch import apply_patch
from salon.contracts.types import AgentCard, Json
from salon.contracts.wire import Snapshot
from salon.errors import SalonError
from salon.rooms.transcript import Transcript

SNAPSHOT_MESSAGES = 200
"""The newest messages that a snapshot holds; older ones are to be had through `history`."""


@dataclass(slots=True)
class OpenMessage:
    """A message that is still streaming."""

    started: MsgStarted
    pieces: list[str] = field(default_factory=list)
    length: int = 0

    def text(self) -> str:
        """What has been said so far."""
        return "".join(self.pieces)


@dataclass(slots=True)
class RoomState:
    """What a room is at `seq`."""

    seq: int = 0
    title: str | None = None
    archived: bool = False
    team: str | None = None
    roster: list[AgentCard] = field(default_factory=list)
    floor: str | None = None
    shared: Json = field(default_factory=dict)
    version: int = 0
    messages: list[MsgDone] = field(default_factory=list)
    more: bool = False
    streaming: dict[str, OpenMessage] = field(default_factory=dict)
    surfaces: dict[str, UiPut] = field(default_factory=dict)
    a2ui: dict[str, UiA2ui] = field(default_factory=dict)
    runs: dict[str, RunStarted] = field(default_factory=dict)
    turns: dict[str, TurnStarted] = field(default_factory=dict)
    started: dict[str, ToolStarted] = field(default_factory=dict)
    calls: dict[str, ToolReady] = field(default_factory=dict)
    interrupts: dict[str, Interrupted] = field(default_factory=dict)
    agents: dict[str, AgentStatus] = field(default_factory=dict)
    summary: RoomSummarised | None = None
    transcript: Transcript = field(default_factory=Transcript)

    def copy(self) -> "RoomState":
        """An independent state; the models in it are shared because nobody changes them."""
        made = copy(self)
        for each in fields(self):
            if isinstance(value := getattr(self, each.name), list | dict):
                setattr(made, each.name, copy(value))
        made.transcript = self.transcript.copy()
        made.streaming = {k: OpenMessage(m.started, [*m.pieces], m.length) for k, m in self.streaming.items()}
        return made

    def snapshot(self) -> Snapshot:
        """The state as clients see it."""
        return Snapshot(
            state=self.shared,
            version=self.version,
            messages=self.messages[-SNAPSHOT_MESSAGES:],
            open_messages=[m.started for m in self.streaming.values()],
            partial={key: m.text() for key, m in self.streaming.items()},
            surfaces=list(self.surfaces.values()),
            a2ui=list(self.a2ui.values()),
            runs=list(self.runs.values()),
            turns=list(self.turns.values()),
            calls=list(self.calls.values()),
            interrupts=list(self.interrupts.values()),
            agents=list(self.agents.values()),
            roster=self.roster,
            team=self.team,
            floor=self.floor,
            title=self.title,
            archived=self.archived or None,
            summary=self.summary,
            more=self.more or len(self.messages) > SNAPSHOT_MESSAGES,
        )


def fold(state: RoomState, entry: Entry) -> RoomState:
    """Add one entry to `state`, in place, and return it.

    Raises SalonError (`conflict`, `not_found`, `stale_state`) when the entry does not follow from the state; the state
    is then unchanged.
    """
    if entry.seq != state.seq + 1:
        raise SalonError("conflict", f"expected entry {state.seq + 1}, got {entry.seq}")
    body = entry.body
    match body:
        case MsgDelta():
            _delta(state, body)
        case MsgStarted() | MsgDone() | MsgRemoved():
            _message(state, body)
        case ToolStarted() | ToolReady() | ToolDone() | ToolRemoved():
            _tool(state, body)
        case UiPut() | UiPatch() | UiRemoved() | UiA2ui():
            _surface(state, body)
        case StatePatched():
            _shared(state, body)
        case Interrupted() | Resolved():
            _interrupt(state, body)
        case RoomOpened() | RunStarted() | RunFinished() | TurnStarted() | TurnFinished() | Handoff() | AgentStatus():
            _course(state, body)
        case RoomChanged() | RoomCleared() | RoomSummarised():
            _thread(state, body)
        case Reasoning() | ToolArgs() | RoomForked() | JobUpdated() | UsageNoted() | Custom() | FloorGiven():
            pass
        case GuardrailBlocked():  # what was blocked is not in the log
            pass
    _hear(state, entry.cause, body)
    state.seq = entry.seq
    return state


def fold_all(state: RoomState, entries: Iterable[Entry]) -> RoomState:
    """Fold stored entries, whose superseded kinds are missing: only their order counts."""
    for entry in entries:
        state.seq = entry.seq - 1
        fold(state, entry)
    return state


def _delta(state: RoomState, delta: MsgDelta) -> None:
    message = state.streaming.get(delta.message)
    if message is None:
        raise SalonError("not_found", f"message {delta.message!r} is not streaming")
    length = message.length + len(delta.text)
    if delta.at != length:
        raise SalonError("conflict", f"message {delta.message!r} has {length} code points, the delta says {delta.at}")
    message.pieces.append(delta.text)
    message.length = length


def _message(state: RoomState, body: MsgStarted | MsgDone | MsgRemoved) -> None:
    match body:
        case MsgStarted():
            if body.message in state.streaming:
                raise SalonError("conflict", f"message {body.message!r} has started already")
            state.streaming[body.message] = OpenMessage(body)
        case MsgDone():
            state.streaming.pop(body.message, None)
            state.messages.append(body)
            if len(state.messages) >= 2 * SNAPSHOT_MESSAGES:  # cut in bulk: amortised O(1) per message
                del state.messages[:-SNAPSHOT_MESSAGES]
                state.more = True
            state.transcript.add(body)
        case MsgRemoved():
            state.streaming.pop(body.message, None)
            state.messages = [m for m in state.messages if m.message != body.message]
            state.transcript.take(lambda event: isinstance(event, MsgDone) and event.message == body.message)


def _tool(state: RoomState, body: ToolStarted | ToolReady | ToolDone | ToolRemoved) -> None:
    match body:
        case ToolStarted():
            if body.call in state.started:
                raise SalonError("conflict", f"call {body.call!r} has started already")
            state.started[body.call] = body
        case ToolReady():
            if body.call in state.calls:
                raise SalonError("conflict", f"call {body.call!r} is ready already")
            state.calls[body.call] = body
            state.transcript.add(body)
        case ToolDone():
            if body.call not in state.started and body.call not in state.calls:
                raise SalonError("already_resolved", f"call {body.call!r} is not open")
            state.started.pop(body.call, None)
            state.calls.pop(body.call, None)
            state.transcript.add(body)
        case ToolRemoved():
            state.started.pop(body.call, None)
            state.calls.pop(body.call, None)
            state.transcript.take(lambda event: isinstance(event, ToolReady | ToolDone) and event.call == body.call)


def _surface(state: RoomState, body: UiPut | UiPatch | UiRemoved | UiA2ui) -> None:
    match body:
        case UiPut():
            old = state.surfaces.get(body.surface)
            if body.version != (old.version + 1 if old else 1):
                raise SalonError("stale_state", f"surface {body.surface!r} is at version {old.version if old else 0}")
            state.surfaces[body.surface] = body
        case UiPatch():
            shown = state.surfaces.get(body.surface)
            if shown is None:
                raise SalonError("not_found", f"there is no surface {body.surface!r}")
            if body.version != shown.version + 1:
                raise SalonError("stale_state", f"surface {body.surface!r} is at version {shown.version}")
            props = apply_patch(shown.props, body.ops)
            if not isinstance(props, dict):
                raise SalonError("conflict", f"the props of surface {body.surface!r} must stay an object")
            state.surfaces[body.surface] = shown.model_copy(update={"props": props, "version": body.version})
        case UiRemoved():
            if state.surfaces.pop(body.surface, None) is None and state.a2ui.pop(body.surface, None) is None:
                raise SalonError("not_found", f"there is no surface {body.surface!r}")
        case UiA2ui():
            state.a2ui[body.surface] = body


def _shared(state: RoomState, body: StatePatched) -> None:
    if body.version != state.version + 1:
        raise SalonError("stale_state", f"the shared state is at version {state.version}")
    state.shared = apply_patch(state.shared, body.ops)
    state.version = body.version


def _interrupt(state: RoomState, body: Interrupted | Resolved) -> None:
    if isinstance(body, Interrupted):
        state.interrupts[body.interrupt] = body
    elif state.interrupts.pop(body.interrupt, None) is None:
        raise SalonError("already_resolved", f"interrupt {body.interrupt!r} is not open")


def _course(
    state: RoomState,
    body: RoomOpened | RunStarted | RunFinished | TurnStarted | TurnFinished | Handoff | AgentStatus,
) -> None:
    match body:
        case RoomOpened():
            state.team, state.roster = body.team, body.roster
            state.archived = state.archived and not body.forked_from
        case RunStarted():
            state.runs[body.run] = body
        case RunFinished():
            state.runs.pop(body.run, None)
        case TurnStarted():
            state.turns[body.turn] = body
            state.floor = body.agent
        case TurnFinished():
            state.turns.pop(body.turn, None)
        case Handoff():
            state.floor = body.target
            state.transcript.add(body)
        case AgentStatus():
            if body.status == "idle":
                state.agents.pop(body.agent, None)
            else:
                state.agents[body.agent] = body


def _thread(state: RoomState, body: RoomChanged | RoomCleared | RoomSummarised) -> None:
    match body:
        case RoomChanged():
            state.title = body.title or state.title
            state.archived = state.archived if body.archived is None else body.archived
        case RoomCleared():
            state.floor = state.summary = None
            state.messages, state.transcript, state.more = [], Transcript(), False
        case RoomSummarised():
            if body.upto > state.seq:
                raise SalonError("conflict", f"the log ends at {state.seq}; what comes later cannot be summed up yet")
            if state.summary and body.upto < state.summary.upto:
                raise SalonError("stale_state", f"there is a summary up to {state.summary.upto} already")
            state.summary = body


def _hear(state: RoomState, cause: str | None, body: RoomEvent) -> None:
    match body:
        case MsgDone() if cause is not None and body.author.role == "user" and state.runs:
            state.transcript.said(cause, body.message)
        case RunStarted() if cause is not None:
            state.transcript.heard(cause)
