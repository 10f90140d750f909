"""From a frontend's request to the look at a room's run that answers it."""

from collections.abc import Sequence
from typing import TypeVar

from ag_ui.core import ResumeEntry, RunAgentInput
from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError

from salon.access import asking
from salon.contracts.actions import PatchState, Resolve
from salon.contracts.events import Interrupted
from salon.contracts.runs import Principal, Responder, RunOutcome
from salon.contracts.types import AddOp, Author, ClientTool, Wire
from salon.http.deps import read_body
from salon.http.dialects.ag_ui.messages import News, news, shown
from salon.http.dialects.ag_ui.projection import Projection
from salon.http.dialects.ag_ui.vocabulary import snapshots
from salon.http.dialects.joining import catch_up, free_id, running, thread_room
from salon.http.dialects.telling import told
from salon.http.errors import refused
from salon.http.mirror.call import Call, new_cause
from salon.http.mirror.messages import Spoken
from salon.http.mirror.ordering import ROOM, host_of, live_room, order, refuse_taken_names, responder_of
from salon.ids import new_id
from salon.rooms.room import Room
from salon.rooms.running.closing import text_parts
from salon.runtime import Runtime

W = TypeVar("W", bound=Wire)


async def run(request: Request, runtime: Runtime, caller: Principal, name: str) -> Response:
    """Answer a request to run `name`. Raises SalonError while no byte is sent yet."""
    body = await read_body(request, RunAgentInput, '{"threadId": …, "runId": …, "messages": […]}')
    responder: Responder | None = None
    new = False
    if name.startswith(ROOM):
        room = await live_room(runtime, name.removeprefix(ROOM), caller, "name")
        host = host_of(room.responder)
    else:
        responder = await responder_of(runtime, name, caller, "name")
        host = host_of(responder)
        room, new = await thread_room(runtime.lobby, body.thread_id, caller, name, "threadId")
    look = _Look(request, runtime, caller, body, room=room, responder=responder)
    if body.resume:
        return await look.resume(body.resume)
    fresh = news(
        body,
        known={message.message for message in room.state.messages},
        calls={ready.call for ready in room.state.calls.values() if ready.where == "client"},
        new=new,
        user=Author(id=caller.user, role="user", name=caller.name),
        host=host,
    )
    if fresh.said or fresh.results:
        return await look.say(fresh)
    return await look.join()


class _Look:
    """One request: a room, who answers in it, and what the frontend knows."""

    def __init__(
        self,
        request: Request,
        runtime: Runtime,
        caller: Principal,
        body: RunAgentInput,
        *,
        room: Room,
        responder: Responder | None,
    ) -> None:
        self._request = request
        self._caller = caller
        self._body = body
        self._room = room
        self._responder = responder
        self._subscribe = runtime.broker.subscribe

    async def say(self, fresh: News) -> Response:
        """Say what is new, and tell of the run that answers."""
        room, body, caller = self._room, self._body, self._caller
        tools = [
            _made(
                ClientTool,
                f"tools/{i}",
                name=tool.name,
                description=tool.description or None,
                parameters=tool.parameters if tool.parameters is not None else {},
            )
            for i, tool in enumerate(body.tools or ())
        ]
        refuse_taken_names(tools, self._responder or room.responder, "tools[{}].name")
        cause = new_cause()
        call = Call(room, self._subscribe, caller, cause=cause, attended=True)
        try:
            for event in fresh.before:
                room.append(event)
            await self._share_state()
            for message in fresh.said[:-1]:
                room.say(caller, text_parts(message.text), message=await free_id(room, message.id))
            last = fresh.said[-1] if fresh.said else None
            ordered = await order(
                room,
                caller,
                Spoken(
                    [*text_parts(last.text)] if last is not None else None,
                    tuple(fresh.instructions),
                    tuple(fresh.results),
                    message=await free_id(room, last.id) if last is not None else None,
                ),
                cause,
                tools=tools,
                responder=self._responder,
                asked_by=asking.read(self._request.headers.getlist(asking.HEADER)),
            )
            return await self._told(call, ordered.run)
        except BaseException:
            await call.close()
            raise

    async def resume(self, entries: list[ResumeEntry]) -> Response:
        """Answer the questions of a run that is on, and tell how it goes on."""
        room = self._room
        asked = [room.state.interrupts.get(entry.interrupt_id) for entry in entries]
        for i, (entry, question) in enumerate(zip(entries, asked, strict=True)):
            if question is None:
                where = f"resume[{i}].interruptId"
                text = f"{where}: interrupt {entry.interrupt_id[:128]!r} is not open any more"
                raise refused(f"resume/{i}/interruptId", "already_resolved", text, error="already_resolved")
        answers = [
            _made(
                Resolve,
                f"resume/{i}",
                kind="resolve",
                id=new_id("http"),
                room=room.id,
                interrupt=entry.interrupt_id,
                status=entry.status,
                **({} if entry.payload is None else {"value": entry.payload}),
            )
            for i, entry in enumerate(entries)
        ]
        first = asked[0]
        assert first is not None  # noqa: S101 - a request without entries is none to resume
        call = Call(room, self._subscribe, self._caller, attended=True)
        try:
            await catch_up(call, first.run)
            for answer in answers:
                await room.act(self._caller, answer)
            waiting = [question for question in room.state.interrupts.values() if question.run == first.run]
            return await self._told(call, first.run, waiting=waiting)
        except BaseException:
            await call.close()
            raise

    async def join(self) -> Response:
        """Tell what the room is, and of the run that is on, if one is."""
        room = self._room
        call = Call(room, self._subscribe, self._caller, attended=True)
        try:
            on = await running(room)
            messages = shown(room.log.state.transcript.events, without=on)
            happened = await catch_up(call, on) if on is not None else []
            opening = snapshots(
                room.log.state.shared, messages, [*room.log.state.surfaces.values(), *room.log.state.a2ui.values()]
            )
            teller = Projection(self._body.thread_id, self._body.run_id, opening=opening, components=_components(room))
            if on is not None and happened:
                call.follow(on, self._request.receive)
                return await told(call, teller, before=happened)
        except BaseException:
            await call.close()
            raise
        await call.close()
        done = teller.opening() + teller.end(RunOutcome(outcome="success"))
        return Response(done, media_type="text/event-stream")

    async def _told(self, call: Call, run: str, waiting: Sequence[Interrupted] = ()) -> Response:
        room = self._room
        call.follow(run, self._request.receive)
        known = {message.id for message in self._body.messages}
        strange = any(message.message not in known for message in room.state.messages if message.run != run)
        state = room.state.shared if room.state.shared != self._body.state else None
        opening = snapshots(state, shown(room.state.transcript.events) if strange else None, [])
        teller = Projection(
            self._body.thread_id, self._body.run_id, opening=opening, components=_components(room), waiting=waiting
        )
        return await told(call, teller)

    async def _share_state(self) -> None:
        """What the frontend made of the shared state; an empty one is how every frontend begins."""
        state, room = self._body.state, self._room
        if not state or state == room.state.shared:
            return
        ops = [_made(AddOp, "state", op="replace", path="", value=state)]
        await room.act(self._caller, PatchState(kind="patch_state", id=new_id("http"), room=room.id, ops=[*ops]))


def _made(shape: type[W], where: str, **given: object) -> W:
    """A part of the wire, of what a frontend sent `where`. Raises RequestError if it cannot be one."""
    try:
        return shape.model_validate(given)
    except ValidationError as problem:
        [first, *_] = problem.errors(include_url=False, include_input=False)
        field = str(first["loc"][0])
        if field == "value":  # any JSON: only how deep it is can be wrong
            raise refused(where, "depth", f"{where}: it is nested too deeply; send a flatter one") from None
        raise refused(f"{where}/{field}", first["type"], f"{where}/{field}: {first['msg']}") from None


def _components(room: Room) -> dict[str, str]:
    return {surface.surface: surface.component for surface in room.state.surfaces.values()}
