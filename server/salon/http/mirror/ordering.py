"""From what a program says to the run that answers it: who is asked, with which tools, and where results go.

Knows rooms and runs; of a program's dialect only where in its request a mistake is (`where`, as `param` in errors).
"""

from collections.abc import Sequence

from salon.agents.context.current import CONTEXT
from salon.contracts.actions import ToolResult
from salon.contracts.runs import Principal, Responder, Sampling
from salon.contracts.types import ClientTool, TextPart
from salon.errors import SalonError
from salon.http.errors import refused
from salon.http.mirror.messages import Spoken
from salon.ids import new_id
from salon.rooms.actions import mentioned
from salon.rooms.room import Room
from salon.rooms.running.runs import Ordered
from salon.runtime import Runtime

ROOM = "room:"
"""How a model's name begins that is a live room."""


def refuse_taken_names(
    tools: Sequence[ClientTool], responder: Responder, where: str = "tools[{}].function.name"
) -> None:
    """A caller's tool with the name of an agent's own, or of another of the caller's, would never be called."""
    owners = responder.tools() if tools else {}
    seen: set[str] = set()
    for i, tool in enumerate(tools):
        if tool.name in seen:
            raise refused("tools", "duplicate_tool", f"{where.format(i)}: two tools are named '{tool.name}'")
        seen.add(tool.name)
        if (owner := owners.get(tool.name)) is not None:
            text = f"{where.format(i)}: '{tool.name}' is a tool of agent '{owner}'; choose another name"
            raise refused("tools", "invalid_value", text)


async def live_room(runtime: Runtime, room: str, caller: Principal, where: str = "model") -> Room:
    """A live room that the caller may enter; made if need be. Raises SalonError."""
    try:
        return await runtime.lobby.open(room, caller)
    except SalonError as error:
        raise refused(where, "invalid_value", f"{where}: {error.message}", error=error.code) from None


async def responder_of(runtime: Runtime, model: str, who: Principal, where: str = "model") -> Responder:
    """Who answers for an agent or a team. Raises SalonError, which says what there is."""
    found = await runtime.catalog.find(model, who)
    if found is None:
        names = ", ".join(await runtime.catalog.listed(who))
        text = f"the model '{model[:128]}' does not exist; there are: {names}, and room:<id>"
        raise refused(where, "model_not_found", text, error="not_found")
    return found


def host_of(responder: Responder) -> str:
    """The agent that speaks first."""
    return next(card.id for card in responder.roster() if card.host)


async def order(
    room: Room,
    who: Principal,
    spoken: Spoken,
    cause: str,
    *,
    tools: Sequence[ClientTool] = (),
    sampling: Sampling | None = None,
    responder: Responder | None = None,
    whole: bool = False,
    asked_by: Sequence[str] = (),
    where: str = "messages",
) -> Ordered:
    """Hand over results, say what is said, and start or queue the run that answers.

    Args:
        tools: the caller's, whose calls end the run.
        responder: who answers; the room's own without.

    The rest as in RunOrder. Raises SalonError when the room refuses it or a result's call is not known.
    """
    seat = await _give_results(room, who, spoken, where) if spoken.results else spoken.seat
    words = "\n".join(part.text for part in spoken.parts or () if isinstance(part, TextPart))
    names = [card.id for card in responder.roster()] if responder is not None else room.roster()
    context = CONTEXT.get()
    return await room.order(
        who,
        parts=spoken.parts,
        message=spoken.message,
        cause=cause,
        speakers=(seat,) if seat else mentioned(words, names),
        rule="sticky" if seat else "mention",
        tools=tools,
        calls_end_run=True,
        sampling=sampling,
        instructions=spoken.instructions,
        responder=responder,
        whole=whole,
        asked_by=asked_by,
        values=context.values if context is not None else None,
        account=context.count if context is not None else None,
    )


async def _give_results(room: Room, who: Principal, spoken: Spoken, where: str) -> str | None:
    """Hand results to the calls that wait in a room that lasts; returns the agent that made them."""
    seat: str | None = None
    for call, _ in spoken.results:
        ready = room.state.calls.get(call)
        if ready is None:
            raise refused(where, "unknown_call", f"{where}: no call '{call[:128]}' waits for a result in this room")
        seat = ready.agent
    for call, output in spoken.results:
        action = ToolResult(kind="tool_result", id=new_id("http"), room=room.id, call=call, ok=True, output=output)
        await room.act(who, action)
    return seat
