"""What each action does to a room: checked first, then one effect in the log."""

import re
from collections.abc import Sequence

from salon.contracts.actions import (
    Archive,
    Branch,
    Cancel,
    Clear,
    Delete,
    Fork,
    NextSpeaker,
    PatchState,
    Regenerate,
    Rename,
    Resolve,
    RoomAction,
    Send,
    ToolResult,
    UiAction,
)
from salon.contracts.events import (
    FloorGiven,
    MsgRemoved,
    Resolved,
    RoomChanged,
    RoomCleared,
    Rule,
    StatePatched,
    ToolDone,
    UiPut,
)
from salon.contracts.forms import mistakes, submits
from salon.contracts.runs import Principal, Receipt, Responder, RunOrder
from salon.contracts.types import ClientTool, DataPart, Obj, Part, TextPart, UiPart
from salon.errors import Detail, RequestError, SalonError
from salon.ids import new_id
from salon.rooms.room import Room

MOST_MISTAKES = 20
"""How many wrong fields of a form are told at once."""

MENTION = re.compile(r"(?<![\w@.])@([A-Za-z0-9][A-Za-z0-9_-]*)")


async def perform(room: Room, who: Principal, action: RoomAction, tools: Sequence[ClientTool]) -> Receipt:
    """Do an action in a room. Raises SalonError when it is refused; then nothing has changed."""
    match action:
        case Send():
            return await _send(room, who, action, tools)
        case UiAction():
            return await _ui_action(room, who, action, tools)
        case ToolResult():
            return _tool_result(room, who, action)
        case Resolve():
            return _resolve(room, who, action)
        case Cancel():
            return Receipt(seq=room.cancel(action.run, agent=action.agent, reason=action.reason))
        case NextSpeaker():
            return _next_speaker(room, who, action)
        case PatchState():
            if action.if_version is not None and action.if_version != room.state.version:
                raise SalonError(
                    "stale_state", f"the shared state is at version {room.state.version}; read it, then patch"
                )
            version = room.state.version + 1
            return Receipt(
                seq=room.append(StatePatched(event="state.patched", ops=action.ops, version=version), action.id)
            )
        case Regenerate():
            return await _regenerate(room, who, action)
        case Fork() | Branch() | Rename() | Archive() | Clear() | Delete():
            return await _thread(room, who, action)


def mentioned(text: str, roster: Sequence[str]) -> list[str]:
    """The agents that a text addresses as `@name`, in order, each once."""
    return list(dict.fromkeys(name for name in MENTION.findall(text) if name in roster))


async def _send(room: Room, who: Principal, action: Send, tools: Sequence[ClientTool]) -> Receipt:
    roster = room.roster()
    text = "\n".join(part.text for part in action.parts if isinstance(part, TextPart))
    speakers = tuple(action.to or mentioned(text, roster))
    guest = None
    if action.to is None and not speakers and (strangers := MENTION.findall(text)):
        guest = await room.guest(strangers[0], who)
    elif len(speakers) == 1 and speakers[0] not in roster:
        guest = await room.guest(speakers[0], who)
    if guest is not None:
        speakers = (_host(guest),)
    for i, name in enumerate(action.to or ()):
        if name not in roster and guest is None:
            raise _wrong(
                f"/to/{i}", f"there is no agent {name!r} here; choose one of: {', '.join(roster)}", "unknown_agent"
            )
    for i, part in enumerate(action.parts):
        if isinstance(part, UiPart) and part.surface not in room.state.surfaces:
            raise _wrong(f"/parts/{i}/surface", f"there is no surface {part.surface!r} in this room", "unknown_surface")
    if not text.strip() and all(isinstance(part, TextPart) for part in action.parts):
        raise _wrong("/parts/0/text", "the message is empty; write something", "empty")
    answered = action.to != []  # an empty list is talk among people
    when_busy = action.when_busy or "queue"
    if answered:
        room.runs.check(when_busy)
    asked = new_id("msg")
    seq = room.say(who, action.parts, cause=action.id, reply_to=action.reply_to, message=asked)
    if not answered:
        return Receipt(seq=seq)
    stage = room.runs.stage
    if when_busy == "steer" and stage is not None and stage.principal == who and text.strip():
        stage.steer(text)
        return Receipt(seq=seq)
    order = RunOrder(
        run=new_id("run"),
        principal=who,
        cause=action.id,
        asked=asked,
        speakers=speakers,
        tools=tuple(tools),
        responder=guest,
    )
    room.runs.order(order, when_busy)
    return Receipt(seq=seq, result={"run": order.run})


async def _ui_action(room: Room, who: Principal, action: UiAction, tools: Sequence[ClientTool]) -> Receipt:
    surface = room.state.surfaces.get(action.surface) or room.state.a2ui.get(action.surface)
    if surface is None:
        raise SalonError("not_found", f"there is no surface {action.surface!r} in this room")
    if isinstance(surface, UiPut):
        _check_use(surface, action)
    guest = await _elsewhere(room, surface.owner, who)
    room.runs.check("queue")
    content: Obj = {"surface": action.surface, "name": action.name, "context": action.context}
    if action.component is not None:
        content["component"] = action.component
    if action.model is not None:
        content["model"] = action.model
    parts: list[Part] = [DataPart(kind="data", name="ui_action", data=content)]
    asked = new_id("msg")
    seq = room.say(who, parts, cause=action.id, message=asked)
    if surface.owner not in room.roster() and guest is None:
        return Receipt(seq=seq)
    run = _run(room, who, action.id, surface.owner, rule="surface", asked=asked, tools=tools, guest=guest)
    return Receipt(seq=seq, result={"run": run})


def _check_use(surface: UiPut, action: UiAction) -> None:
    """A surface is used as it is now, and a form is filled in as it asks."""
    if action.version is not None and action.version != surface.version:
        raise SalonError("stale_state", f"surface {action.surface!r} is at version {surface.version}; look at it again")
    if surface.component == "form" and submits(surface.props, action.name):
        wrong = mistakes(surface.props, action.context)[:MOST_MISTAKES]
        if wrong:
            found = [Detail(f"/payload/context{each.path}", each.code, each.message) for each in wrong]
            raise RequestError("; ".join(each.message for each in wrong), found)


def _tool_result(room: Room, who: Principal, action: ToolResult) -> Receipt:
    ready = room.state.calls.get(action.call)
    if ready is None or ready.where != "client":
        raise SalonError("already_resolved", f"no call {action.call!r} waits for a result")
    if ready.assignee is not None and ready.assignee != who.user:
        raise SalonError("forbidden", f"call {action.call!r} is {ready.assignee}'s to answer")
    event = ToolDone(event="tool.done", call=action.call, ok=action.ok, output=action.output)
    return Receipt(seq=room.append(event, action.id))


def _resolve(room: Room, who: Principal, action: Resolve) -> Receipt:
    question = room.state.interrupts.get(action.interrupt)
    if question is None:
        raise SalonError("already_resolved", f"interrupt {action.interrupt!r} is not open any more")
    if question.allowed is not None and who.user not in question.allowed:
        raise SalonError(
            "forbidden", f"interrupt {action.interrupt!r} is to be answered by: {', '.join(question.allowed)}"
        )
    event = Resolved(
        event="interrupt.resolved", interrupt=action.interrupt, status=action.status, by=who.user, value=action.value
    )
    return Receipt(seq=room.append(event, action.id))


def _next_speaker(room: Room, who: Principal, action: NextSpeaker) -> Receipt:
    roster = room.roster()
    if action.agent not in roster:
        raise _wrong(
            "/agent", f"there is no agent {action.agent!r} here; choose one of: {', '.join(roster)}", "unknown_agent"
        )
    choice = FloorGiven(event="floor.given", agent=action.agent, by=who.user)
    seq = room.append(choice, action.id)
    if room.runs.stage is not None:
        room.runs.stage.choose(choice)
        return Receipt(seq=seq)
    return Receipt(seq=seq, result={"run": _run(room, who, action.id, action.agent, rule="person")})


async def _regenerate(room: Room, who: Principal, action: Regenerate) -> Receipt:
    author = next((m.author for m in room.state.messages if m.message == action.message), None)
    guest = await _elsewhere(room, author.id, who) if author is not None and author.role == "agent" else None
    _at_rest(room)
    messages = room.state.messages
    index = next((i for i, m in enumerate(messages) if m.message == action.message), None)
    if index is None:
        raise SalonError("not_found", f"there is no message {action.message!r}")
    target = messages[index]
    if target.author.role != "agent":
        raise _wrong("/message", "only an agent's message can be written again", "wrong_author")
    later = messages[index:]
    if any(m.author.role != "agent" for m in later):
        raise SalonError("conflict", "people have answered that message; fork the room before it instead")
    seq = 0
    for message in later:
        seq = room.append(MsgRemoved(event="message.removed", message=message.message), action.id)
    return Receipt(seq=seq, result={"run": _run(room, who, action.id, target.author.id, rule="person", guest=guest)})


def _at_rest(room: Room) -> None:
    if room.runs.busy:
        raise SalonError("busy", "a run is on in this room; cancel it or wait for run.finished")


async def _thread(room: Room, who: Principal, action: Fork | Branch | Rename | Archive | Clear | Delete) -> Receipt:
    """What becomes of the room's record. Everyone here may name it or put it away; only its owner may destroy."""
    if isinstance(action, Clear | Delete) and room.owner != who.user:
        raise SalonError("forbidden", f"room {room.id!r} is not yours; only its owner may {action.kind} it")
    match action:
        case Fork() | Branch():
            at = action.at if isinstance(action, Fork) else await room.message_seq(action.from_message)
            seq = await room.fork(action.new_room, at, who, cause=action.id)
            return Receipt(seq=seq, result={"room": action.new_room})
        case Rename(title=title) if not title.strip():
            raise _wrong("/title", "the title is empty; write something", "empty")
        case Rename():
            return Receipt(seq=room.append(RoomChanged(event="room.changed", title=action.title), action.id))
        case Archive():
            return Receipt(seq=room.append(RoomChanged(event="room.changed", archived=action.archived), action.id))
        case Clear():
            _at_rest(room)
            return Receipt(seq=room.append(RoomCleared(event="room.cleared"), action.id))
        case Delete():
            await room.delete()
            return Receipt()


def _host(guest: Responder) -> str:
    return next(card.id for card in guest.roster() if card.host)


async def _elsewhere(room: Room, agent: str, who: Principal) -> Responder | None:
    """Who answers for an agent that is not of the room's team."""
    return await room.guest(agent, who) if agent not in room.roster() else None


def _run(
    room: Room,
    who: Principal,
    cause: str,
    speaker: str,
    *,
    rule: Rule,
    asked: str | None = None,
    tools: Sequence[ClientTool] = (),
    guest: Responder | None = None,
) -> str:
    order = RunOrder(
        run=new_id("run"),
        principal=who,
        cause=cause,
        asked=asked,
        speakers=(speaker,),
        rule=rule,
        tools=tuple(tools),
        responder=guest,
    )
    room.runs.order(order)
    return order.run


def _wrong(path: str, message: str, code: str) -> RequestError:
    return RequestError(message, [Detail(f"/payload{path}", code, message)])
