"""A chat completion, from what a client asks to the run that answers it."""

from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import Response

from salon.access import asking
from salon.contracts.openai import ChatRequest
from salon.contracts.runs import Responder, Sampling
from salon.contracts.types import ClientTool
from salon.http.identity import trusted
from salon.http.mirror.call import Call, new_cause
from salon.http.mirror.messages import asker, conversation, spoken_now
from salon.http.mirror.ordering import ROOM, host_of, live_room, order, refuse_taken_names, responder_of
from salon.http.mirror.reply import Reply
from salon.runtime import Runtime


async def complete(
    request: Request, runtime: Runtime, body: ChatRequest, model: str, responder: Responder | None = None
) -> Response:
    """Answer a request for `model`: an agent, a team, or `room:<id>`; `responder` is who answers, if that is known.

    Raises SalonError while no byte is sent yet.
    """
    caller = trusted(request)
    who = asker(body, caller)
    waiting = asking.read(request.headers.getlist(asking.HEADER))
    tools, cause = offered(body), new_cause()
    if model.startswith(ROOM) and responder is None:
        room = await live_room(runtime, model.removeprefix(ROOM), caller)
        spoken, host = spoken_now(body), None
        refuse_taken_names(tools, room.responder)
        call = Call(room, runtime.broker.subscribe, who, cause=cause, attended=True)
    else:
        responder = responder or await responder_of(runtime, model, who)
        host = host_of(responder)
        if waiting:
            asking.refuse_circles(waiting, host)
        refuse_taken_names(tools, responder)
        talk = conversation(body, who, [card.id for card in responder.roster()], host)
        room, spoken = runtime.lobby.ephemeral(responder, talk.primer), talk.spoken
        release = runtime.lobby.release
        call = Call(room, runtime.broker.subscribe, who, cause=cause, attended=False, release=release)
    try:
        wanted = sampling(body, [tool.name for tool in tools])
        whole = host is not None
        ordered = await order(room, who, spoken, cause, tools=tools, sampling=wanted, whole=whole, asked_by=waiting)
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


def offered(body: ChatRequest) -> list[ClientTool]:
    """The caller's tools that may be called."""
    return [
        ClientTool(name=t.function.name, description=t.function.description, parameters=t.function.parameters)
        for t in (body.tools or () if body.tool_choice != "none" else ())
    ]


def sampling(body: ChatRequest, tools: Sequence[str]) -> Sampling:
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
