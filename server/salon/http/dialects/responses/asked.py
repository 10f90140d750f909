"""From a request for a response to the run that makes it: where it takes place, and what is said there."""

from dataclasses import replace

from fastapi import Request

from salon.access import asking
from salon.contracts.openai import ChatRequest
from salon.contracts.runs import Principal, Responder
from salon.http.dialects.responses import thread
from salon.http.dialects.responses.reply import Reply
from salon.http.dialects.responses.request import ResponseRequest
from salon.http.errors import refused
from salon.http.mirror.call import Call
from salon.http.mirror.completions import offered, sampling
from salon.http.mirror.messages import Conversation, Spoken, asker, conversation, plain_id, spoken_now
from salon.http.mirror.ordering import ROOM, host_of, live_room, order, refuse_taken_names, responder_of
from salon.ids import new_id
from salon.rooms.room import Room
from salon.runtime import Runtime

NAME = "tools[{}].name"
"""Where a tool's name stands in a request."""


async def asked(
    request: Request, runtime: Runtime, caller: Principal, body: ResponseRequest, model: str
) -> tuple[Call, Reply]:
    """Order the run that makes the response, and follow it. Raises SalonError."""
    chat = body.as_chat()
    who = asker(chat, caller)
    waiting = asking.read(request.headers.getlist(asking.HEADER))
    tools = offered(chat)
    if model.startswith(ROOM):
        responder, host = None, None
        room = await live_room(runtime, model.removeprefix(ROOM), caller)
        refuse_taken_names(tools, room.responder, NAME)
        response, spoken = new_id("resp"), spoken_now(chat)
        call = Call(room, runtime.broker.subscribe, who, cause=response, attended=True)
    else:
        responder = await responder_of(runtime, model, who)
        host = host_of(responder)
        if waiting:
            asking.refuse_circles(waiting, host)
        refuse_taken_names(tools, responder, NAME)
        said = _said(chat, who, responder, host)
        call, spoken = await _private(runtime, body, said, caller=caller, who=who, model=model, responder=responder)
        response = str(call.cause)
    try:
        wanted = sampling(chat, [tool.name for tool in tools])
        ordered = await order(
            call.room,
            who,
            spoken,
            response,
            tools=tools,
            sampling=wanted,
            responder=responder,
            whole=responder is not None,
            asked_by=waiting,
            where="input",
        )
    except BaseException:
        await call.close()
        raise
    call.follow(ordered.run, request.receive)
    return call, Reply(body, id=response, created=int(runtime.clock.time()), model=model, host=host)


async def _private(
    runtime: Runtime,
    body: ResponseRequest,
    said: Conversation,
    *,
    caller: Principal,
    who: Principal,
    model: str,
    responder: Responder,
) -> tuple[Call, Spoken]:
    """The call in a thread of the caller's, or in a room that ends with it; and what is said there."""
    subscribe, lobby, spoken = runtime.broker.subscribe, runtime.lobby, said.spoken
    if body.store is False and body.previous_response_id is None:
        room = lobby.ephemeral(responder, said.primer)
        release = lobby.release
        return Call(room, subscribe, who, cause=new_id("resp"), attended=False, release=release), spoken
    if body.previous_response_id is None:
        room = await thread.begin(lobby, caller, model)
    else:
        room = await thread.go_on(lobby, body.previous_response_id, caller)
        spoken = _to_known_calls(room, spoken)
    for event in said.primer:
        room.append(event)
    return Call(room, subscribe, who, cause=thread.response_id(room), attended=False, alone=True), spoken


def _said(chat: ChatRequest, who: Principal, responder: Responder, host: str) -> Conversation:
    """What was said before, and what is said now: also results of calls that the room remembers."""
    made = {call.id for message in chat.messages for call in message.tool_calls or ()}
    remembered = [m for m in chat.messages if m.role == "tool" and m.tool_call_id not in made]
    results = tuple((str(message.tool_call_id), message.words) for message in remembered)
    rest = [message for message in chat.messages if message not in remembered]
    if all(message.role == "developer" for message in rest) and results:
        spoken = Spoken(None, tuple(message.words for message in rest), results)
        return Conversation((), spoken)
    roster = [card.id for card in responder.roster()]
    said = conversation(chat.model_copy(update={"messages": rest}), who, roster, host)
    return replace(said, spoken=replace(said.spoken, results=results))


def _to_known_calls(room: Room, spoken: Spoken) -> Spoken:
    """The results with the ids that their calls have in the room. Raises SalonError for a call left without one."""
    waiting = {ready.call for ready in room.state.calls.values() if ready.where == "client"}
    results = tuple((plain_id(call, waiting), output) for call, output in spoken.results)
    for call in waiting - {call for call, _ in results}:
        text = f"input: no function_call_output was found for the function call '{call}'"
        raise refused("input", "missing_result", text)
    return replace(spoken, results=results)
