"""The actions: what a person, program or UI asks of a room, a connection or a session."""

from typing import Annotated, Literal, Union

from pydantic import Field

from salon.contracts.types import ClientTool, Id, Json, Label, Obj, Opt, Parts, Patch, Pos, Position, Seq, Text, Wire

WhenBusy = Literal["queue", "interrupt", "reject", "steer"]


class Connect(Wire):
    """The first frame of a client that knows the protocol. `name` is how others see a guest; it proves nothing."""

    kind: Literal["connect"]
    id: Id
    versions: Annotated[list[Label], Field(min_length=1, max_length=16)]
    token: Opt[Text] = None
    name: Opt[Label] = None
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


class Branch(Wire):
    """Make another room of this one, as it was when that message had just been said."""

    kind: Literal["branch"]
    id: Id
    room: Id
    from_message: Id
    new_room: Id


class Rename(Wire):
    """Give the room another title."""

    kind: Literal["rename"]
    id: Id
    room: Id
    title: Label


class Archive(Wire):
    """Put the room into the archive, or take it out; it can be used as before."""

    kind: Literal["archive"]
    id: Id
    room: Id
    archived: bool


class Clear(Wire):
    """Forget all that was said in the room, and begin anew."""

    kind: Literal["clear"]
    id: Id
    room: Id


class Delete(Wire):
    """Delete the room: nobody can enter or read it any more."""

    kind: Literal["delete"]
    id: Id
    room: Id


class Stats(Wire):
    """How large the room's thread is; the numbers are the ack's `result`."""

    kind: Literal["stats"]
    id: Id
    room: Id


class FindThreads(Wire):
    """Your threads, last used first; with `query` those in whose title or messages it is found, best first."""

    kind: Literal["threads"]
    id: Id
    limit: Pos
    archived: Opt[bool] = None
    query: Opt[Label] = None
    cursor: Opt[Label] = None


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


RoomAction = (
    Send
    | UiAction
    | ToolResult
    | Resolve
    | Cancel
    | NextSpeaker
    | PatchState
    | Regenerate
    | Fork
    | Branch
    | Rename
    | Archive
    | Clear
    | Delete
)
"""The actions that change a room and are acknowledged with the `seq` of their effect."""

Command = Subscribe | Unsubscribe | RoomAction | Stats | FindThreads | History | Signal | Seen
"""What a client may ask for once it is settled who it is."""


def room_of(command: Command) -> str | None:
    """The room that a command is about, if it is about one."""
    return None if isinstance(command, FindThreads) else command.room


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
        Branch,
        Rename,
        Archive,
        Clear,
        Delete,
        Stats,
        FindThreads,
        History,
        Signal,
        Seen,
    ],
    Field(discriminator="kind"),
]
