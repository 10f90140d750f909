"""A chat completion, from what a client asks to the run that answers it."""

from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import Response

from salon.access import asking
from salon.agents.context.current import CONTEXT
from salon.contracts.actions import ToolResult
from salon.contracts.openai import ChatRequest
from salon.contracts.runs import Principal, Responder, Sampling
from salon.contracts.types import ClientTool, TextPart
from salon.errors import SalonError
from salon.http.errors import refused
from salon.http.identity import trusted
from salon.http.mirror.call import Call
from salon.http.mirror.messages import Spoken, asker, conversation, spoken_now
from salon.http.mirror.reply import Reply
from salon.ids import new_id
from salon.rooms.actions import mentioned
from salon.rooms.room import Room
from salon.rooms.running.runs import Ordered
from salon.runtime import Runtime

ROOM = "room:"


async def complete(
    request: Request, runtime: Runtime, body: ChatRequest, model: str, responder: Responder | None = None
) -> Response:
    """Answer a request for `model`: an agent, a team, or `room:<id>`; `responder` is who answers, if that is known.

    Raises SalonError while no byte is sent yet.
    """
    caller = trusted(request)
    who = asker(body, caller)
    waiting = asking.read(request.headers.getlist(asking.HEADER))
    if model.startswith(ROOM) and responder is None:
        room = await _live(runtime, model.removeprefix(ROOM), caller)
        spoken, host = spoken_now(body), None
        _refuse_taken_names(body, room.responder)
        call = Call(room, runtime.broker.subscribe, who, release=None)
    else:
        responder = responder or await _responder(runtime, model, who)
        roster = responder.roster()
        host = next(card.id for card in roster if card.host)
        if waiting:
            asking.refuse_circles(waiting, host)
        _refuse_taken_names(body, responder)
        talk = conversation(body, who, [card.id for card in roster], host)
        room, spoken = runtime.lobby.ephemeral(responder, talk.primer), talk.spoken
        call = Call(room, runtime.broker.subscribe, who, release=runtime.lobby.release)
    try:
        ordered = await _order(room, who, body, spoken, call.cause, whole=host is not None, asked_by=waiting)
        call.follow(ordered.run, request.receive)
        reply = Reply(call, ordered.run, model=model, created=int(runtime.clock.time()), host=host)
        if body.stream:
            return await reply.streamed(with_usage=bool(body.stream_options and body.stream_options.include_usage))
        answer = await reply.whole()
    except BaseException:
        await call.close()
        raise
    await call.close()
    return answer


def _refuse_taken_names(body: ChatRequest, responder: Responder) -> None:
    """A caller's tool with the name of an agent's own would never be called."""
    if not body.tools:
        return
    owners = responder.tools()
    for i, tool in enumerate(body.tools):
        if (owner := owners.get(tool.function.name)) is not None:
            text = f"tools[{i}].function.name: '{tool.function.name}' is a tool of agent '{owner}'; choose another name"
            raise refused("tools", "invalid_value", text)


async def _live(runtime: Runtime, room: str, caller: Principal) -> Room:
    try:
        return await runtime.lobby.open(room, caller)
    except SalonError as error:
        raise refused("model", "invalid_value", f"model: {error.message}", error=error.code) from None


async def _responder(runtime: Runtime, model: str, who: Principal) -> Responder:
    found = await runtime.catalog.find(model, who)
    if found is None:
        names = ", ".join(await runtime.catalog.listed(who))
        text = f"the model '{model[:128]}' does not exist; there are: {names}, and room:<id>"
        raise refused("model", "model_not_found", text, error="not_found")
    return found


async def _order(
    room: Room,
    who: Principal,
    body: ChatRequest,
    spoken: Spoken,
    cause: str,
    *,
    whole: bool,
    asked_by: Sequence[str],
) -> Ordered:
    seat = await _give_results(room, who, spoken) if spoken.results else spoken.seat
    words = "\n".join(part.text for part in spoken.parts or () if isinstance(part, TextPart))
    offered = body.tools if body.tools and body.tool_choice != "none" else ()
    context = CONTEXT.get()
    return await room.order(
        who,
        parts=spoken.parts,
        cause=cause,
        speakers=(seat,) if seat else mentioned(words, room.roster()),
        rule="sticky" if seat else "mention",
        tools=[
            ClientTool(name=t.function.name, description=t.function.description, parameters=t.function.parameters)
            for t in offered
        ],
        calls_end_run=True,
        sampling=_sampling(body, [tool.function.name for tool in offered]),
        instructions=spoken.instructions,
        whole=whole,
        asked_by=asked_by,
        values=context.values if context is not None else None,
        account=context.count if context is not None else None,
    )


async def _give_results(room: Room, who: Principal, spoken: Spoken) -> str | None:
    """Hand results to the calls that wait in a live room; returns the agent that made them."""
    seat: str | None = None
    for call, _ in spoken.results:
        ready = room.state.calls.get(call)
        if ready is None:
            raise refused(
                "messages", "unknown_call", f"messages: no call '{call[:128]}' waits for a result in this room"
            )
        seat = ready.agent
    for call, output in spoken.results:
        action = ToolResult(kind="tool_result", id=new_id("http"), room=room.id, call=call, ok=True, output=output)
        await room.act(who, action)
    return seat


def _sampling(body: ChatRequest, tools: Sequence[str]) -> Sampling:
    """How the models are to answer; `tools` are those of the caller that are offered."""
    choice: object = body.tool_choice if tools else None
    if choice == "required" and len(tools) == 1:  # that one is meant: an agent's own tool would satisfy a plain demand
        choice = {"type": "function", "function": {"name": tools[0]}}
    return Sampling(
        temperature=body.temperature,
        top_p=body.top_p,
        max_tokens=body.max_completion_tokens or body.max_tokens,
        stop=tuple(body.stop) if body.stop else None,
        seed=body.seed,
        presence_penalty=body.presence_penalty,
        frequency_penalty=body.frequency_penalty,
        response_format=body.response_format,
        tool_choice=choice if isinstance(choice, str | dict) else None,
        parallel_tool_calls=body.parallel_tool_calls if tools else None,
        reasoning_effort=body.reasoning_effort,
    )
