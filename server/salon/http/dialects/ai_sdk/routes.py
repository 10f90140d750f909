"""POST /api/chat, and the stream of a chat's run, for the AI SDK's chat transport."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from salon.access import asking
from salon.contracts.actions import Regenerate, Resolve
from salon.contracts.events import Interrupted, MsgDone
from salon.contracts.openai import ErrorBody
from salon.contracts.runs import Principal, Responder
from salon.contracts.types import Author
from salon.errors import SalonError
from salon.http.deps import Parts, read_body
from salon.http.dialects.ai_sdk.projection import Projection
from salon.http.dialects.ai_sdk.request import Answer, ChatRequest
from salon.http.dialects.joining import catch_up, free_id, running, thread_room
from salon.http.dialects.telling import told
from salon.http.errors import Responses, refused
from salon.http.identity import Caller
from salon.http.mirror.call import Call, new_cause
from salon.http.mirror.messages import Spoken
from salon.http.mirror.ordering import host_of, order, refuse_taken_names, responder_of
from salon.http.mirror.routes import inlined
from salon.ids import new_id
from salon.rooms.lobby import ROOM_ID
from salon.rooms.room import Room
from salon.rooms.running.closing import text_parts
from salon.runtime import Runtime

HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
ERRORS: Responses = {status: {"model": ErrorBody} for status in (400, 404, 409, 413, 429)}
ANSWERS: Responses = {
    200: {"description": "The AI SDK's message stream.", "content": {"text/event-stream": {}}},
    **ERRORS,
}
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": inlined(ChatRequest.model_json_schema())}},
    }
}

ai_sdk = APIRouter(prefix="/api/chat", tags=["AI SDK"])

ChatId = Annotated[str, Path(max_length=128, description="The chat's id, which is its room's too.")]


async def chat_request(request: Request) -> ChatRequest:
    """The body. Raises RequestError."""
    return await read_body(request, ChatRequest, '{"id": …, "messages": […]}')


@ai_sdk.post("", responses=ANSWERS, openapi_extra=BODY)
async def chat(
    request: Request, runtime: Parts, caller: Caller, body: Annotated[ChatRequest, Depends(chat_request)]
) -> Response:
    """Say the last message, hand over results of tools and answers to questions, or let an answer be made again."""
    responder = await responder_of(runtime, body.model, caller) if body.model is not None else None
    agent = host_of(responder) if responder is not None else None
    room, new = await thread_room(runtime.lobby, body.id, caller, agent, "id")
    talk = _Talk(request, runtime, caller, body, room=room, responder=responder)
    if new:
        for event in _before(body, caller, agent or host_of(room.responder)):
            room.append(event)
    if body.trigger == "regenerate-message":
        return await talk.regenerate()
    last = body.messages[-1]
    if last.role != "user":
        waiting = room.state.interrupts
        answers = [
            Answer(question=each.id, value={"approved": each.approved, "comment": each.reason or ""})
            for each in last.approvals()
            if each.id in waiting
        ]
        answers += [answer for answer in body.answers or () if answer.question in waiting]
        if answers:
            return await talk.answer(answers)
        results = [(call, output) for call, output in last.results() if call in room.state.calls]
        if not results:
            raise refused("messages", "invalid_value", "messages: there is nothing new; end with a user's message")
        return await talk.say(Spoken(results=tuple(results)), message=last.id)
    if any(part.type == "file" for part in last.parts):
        text = "messages: files cannot be read by the agents of this server; send text"
        raise refused("messages", "unsupported_content", text)
    if not last.words.strip():
        raise refused("messages", "empty", "messages: the last message has no text; write something")
    return await talk.say(Spoken([*text_parts(last.words)], message=await free_id(room, last.id)))


@ai_sdk.get("/{chat_id:path}/stream", responses={204: {"description": "Nothing is going on."}, **ANSWERS})
async def resume(request: Request, runtime: Parts, caller: Caller, chat_id: ChatId) -> Response:
    """The stream of the run that is on, from its beginning; 204 when none is."""
    room = await _existing(runtime, chat_id, caller)
    run = await running(room) if room is not None else None
    if room is None or run is None:
        return Response(status_code=204)
    call = Call(room, runtime.broker.subscribe, caller, attended=True)
    try:
        happened = await catch_up(call, run)
        if happened:
            call.follow(run, request.receive)
            return await told(call, Projection(run, surfaces=room.state.surfaces), before=happened, headers=HEADERS)
    except BaseException:
        await call.close()
        raise
    await call.close()
    return Response(status_code=204)


@ai_sdk.delete("/{chat_id:path}/stream", status_code=204, responses=ERRORS)
async def stop(runtime: Parts, caller: Caller, chat_id: ChatId) -> None:
    """Stop the run that is on: a stream that is no longer read goes on otherwise."""
    room = await _existing(runtime, chat_id, caller)
    if room is not None:
        room.cancel(reason="stopped by a person")


class _Talk:
    """One request: a room, and who answers in it."""

    def __init__(
        self,
        request: Request,
        runtime: Runtime,
        caller: Principal,
        body: ChatRequest,
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

    async def say(self, spoken: Spoken, message: str | None = None) -> Response:
        """Say something, and tell of the run that answers; as a part of the assistant's `message`, if one is given."""
        body, room = self._body, self._room
        refuse_taken_names(body.tools or (), self._responder or room.responder, "tools[{}].name")
        cause = new_cause()
        call = Call(room, self._subscribe, self._caller, cause=cause, attended=True)
        try:
            ordered = await order(
                room,
                self._caller,
                replace(spoken, instructions=(body.instructions,) if body.instructions else ()),
                cause,
                tools=body.tools or (),
                responder=self._responder,
                asked_by=asking.read(self._request.headers.getlist(asking.HEADER)),
            )
        except BaseException:
            await call.close()
            raise
        return await self._told(call, ordered.run, message or ordered.run)

    async def answer(self, answers: list[Answer]) -> Response:
        """Answer questions of the run that is on, and tell how it goes on."""
        room = self._room
        run = room.state.interrupts[answers[0].question].run
        call = Call(room, self._subscribe, self._caller, attended=True)
        try:
            await catch_up(call, run)
            for each in answers:
                action = Resolve(
                    kind="resolve",
                    id=new_id("http"),
                    room=room.id,
                    interrupt=each.question,
                    status=each.status,
                    value=each.value,
                )
                await room.act(self._caller, action)
        except BaseException:
            await call.close()
            raise
        waiting = [question for question in room.state.interrupts.values() if question.run == run]
        return await self._told(call, run, self._body.messages[-1].id, waiting)

    async def regenerate(self) -> Response:
        """Take the agents' last answer back, and tell of the run that makes it again."""
        room = self._room
        said = [message for message in room.state.messages if message.author.role == "agent"]
        if not said:
            raise SalonError("not_found", "there is no answer in this chat that could be made again")
        runs = {message.run for message in said if message.run is not None}
        run = self._body.message_id if self._body.message_id in runs else said[-1].run
        wanted = [message for message in said if message.run == run] if run is not None else said[-1:]
        action = Regenerate(kind="regenerate", id=new_cause(), room=room.id, message=wanted[0].message)
        call = Call(room, self._subscribe, self._caller, cause=action.id, attended=True)
        try:
            receipt = await room.act(self._caller, action)
        except BaseException:
            await call.close()
            raise
        run = str((receipt.result or {})["run"])
        return await self._told(call, run, run)

    async def _told(self, call: Call, run: str, message: str, waiting: Sequence[Interrupted] = ()) -> Response:
        calls = {call for message in self._body.messages[-1:] for call in message.calls()}
        teller = Projection(message, surfaces=self._room.state.surfaces, calls=calls, waiting=waiting)
        call.follow(run, self._request.receive)
        return await told(call, teller, headers=HEADERS)


def _before(body: ChatRequest, caller: Principal, agent: str) -> list[MsgDone]:
    """What was said before a chat came here."""
    people, agents = Author(id=caller.user, role="user", name=caller.name), Author(id=agent, role="agent")
    ids = Counter(message.id for message in body.messages)
    return [
        MsgDone(
            event="message.done",
            message=message.id if ROOM_ID.fullmatch(message.id) and ids[message.id] == 1 else new_id("msg"),
            author=people if message.role == "user" else agents,
            parts=[*text_parts(message.words)],
        )
        for message in body.messages[:-1]
        if message.role != "system" and message.words.strip()
    ]


async def _existing(runtime: Runtime, chat_id: str, caller: Principal) -> Room | None:
    try:
        return await runtime.lobby.existing(chat_id, caller)
    except SalonError as error:
        if error.code != "not_found":
            raise
        return None
