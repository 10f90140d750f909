"""The actions: what a person, program or UI asks of a room, a connection or a session."""

from typing import Annotated, Literal, Union

from pydantic import Field

from salon.contracts.types import ClientTool, Id, Json, Label, Obj, Opt, Parts, Patch, Pos, Position, Seq, Text, Wire

WhenBusy = Literal["queue", "interrupt", "reject", "steer"]


class Connect(Wire):
    """The first frame of a client that knows the protocol."""

    kind: Literal["connect"]
    id: Id
    versions: Annotated[list[Label], Field(min_length=1, max_length=16)]
    token: Opt[Text] = None
    client: Opt[Label] = None
    session: Opt[Id] = None
    features: Opt[list[Label]] = None
    components: Opt[list[Label]] = None
    catalogs: Opt[list[Label]] = None
    tools: Opt[list[ClientTool]] = None


class Refresh(Wire):
    """A newer token for the same session."""

    kind: Literal["refresh"]
    id: Id
    token: Text


class Subscribe(Wire):
    """Watch a room, from `recover` on when that position can still be served without a gap."""

    kind: Literal["subscribe"]
    id: Id
    room: Id
    recover: Opt[Position] = None
    snapshot: Opt[bool] = None
    presence: Opt[bool] = None
    ephemeral: Opt[bool] = None


class Unsubscribe(Wire):
    """Watch a room no longer."""

    kind: Literal["unsubscribe"]
    id: Id
    room: Id


class Send(Wire):
    """Say something. `to` names the agents that must answer, in order."""

    kind: Literal["send"]
    id: Id
    room: Id
    parts: Parts
    to: Opt[list[Id]] = None
    reply_to: Opt[Id] = None
    when_busy: Opt[WhenBusy] = None


class UiAction(Wire):
    """A person used a surface; its owner gets a turn. Refused when `version` is no longer the surface's."""

    kind: Literal["ui_action"]
    id: Id
    room: Id
    surface: Id
    name: Label
    context: Obj
    component: Opt[Id] = None
    version: Opt[Pos] = None
    model: Opt[Json] = None


class ToolResult(Wire):
    """A client's answer to a call of one of its tools."""

    kind: Literal["tool_result"]
    id: Id
    room: Id
    call: Id
    ok: bool
    output: Json


class Resolve(Wire):
    """An answer to an interrupt."""

    kind: Literal["resolve"]
    id: Id
    room: Id
    interrupt: Id
    status: Literal["resolved", "cancelled"]
    value: Opt[Json] = None


class Cancel(Wire):
    """Stop a run, an agent's turn, or, naming neither, whatever runs in the room."""

    kind: Literal["cancel"]
    id: Id
    room: Id
    run: Opt[Id] = None
    agent: Opt[Id] = None
    reason: Opt[Label] = None


class NextSpeaker(Wire):
    """Give the floor to an agent: at once in an idle room, after the current turn in a busy one."""

    kind: Literal["next_speaker"]
    id: Id
    room: Id
    agent: Id


class PatchState(Wire):
    """Change the room's shared state."""

    kind: Literal["patch_state"]
    id: Id
    room: Id
    ops: Patch
    if_version: Opt[Seq] = None


class Regenerate(Wire):
    """Take an agent's message back and let it answer again."""

    kind: Literal["regenerate"]
    id: Id
    room: Id
    message: Id


class Fork(Wire):
    """Make another room of this one, as it was at `at`."""

    kind: Literal["fork"]
    id: Id
    room: Id
    at: Seq
    new_room: Id


class History(Wire):
    """A page of the stored log."""

    kind: Literal["history"]
    id: Id
    room: Id
    before: Opt[Seq] = None
    after: Opt[Seq] = None
    limit: Pos


class Signal(Wire):
    """Typing, status: ephemeral, without id or ack."""

    kind: Literal["signal"]
    room: Id
    typing: Opt[bool] = None
    status: Opt[Label] = None
    data: Opt[Obj] = None


class Seen(Wire):
    """The client has shown everything up to `seq`."""

    kind: Literal["seen"]
    room: Id
    seq: Seq


RoomAction = Send | UiAction | ToolResult | Resolve | Cancel | NextSpeaker | PatchState | Regenerate | Fork
"""The actions that change a room and are acknowledged with the `seq` of their effect."""

ActionPayload = Annotated[
    Union[  # noqa: UP007
        Connect,
        Refresh,
        Subscribe,
        Unsubscribe,
        Send,
        UiAction,
        ToolResult,
        Resolve,
        Cancel,
        NextSpeaker,
        PatchState,
        Regenerate,
        Fork,
        History,
        Signal,
        Seen,
    ],
    Field(discriminator="kind"),
]
