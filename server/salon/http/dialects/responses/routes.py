"""POST /v1/responses, and a response that was stored."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from salon.contracts.events import RunFinished, RunStarted
from salon.contracts.openai import ErrorBody
from salon.contracts.runs import RunOutcome
from salon.errors import SalonError
from salon.http.deps import Parts, read_body
from salon.http.dialects.responses import thread
from salon.http.dialects.responses.asked import asked
from salon.http.dialects.responses.reply import Reply
from salon.http.dialects.responses.request import ResponseRequest
from salon.http.dialects.telling import told
from salon.http.errors import Responses, refused
from salon.http.identity import Caller
from salon.http.mirror.ordering import host_of
from salon.http.mirror.reply import BEAT
from salon.http.mirror.routes import inlined

BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": inlined(ResponseRequest.model_json_schema())}},
    }
}
ERRORS: Responses = {status: {"model": ErrorBody} for status in (400, 401, 404, 409, 413, 429, 500)}
ANSWERS: Responses = {
    200: {
        "description": "The response; with `stream: true` as `response.*` events.",
        "content": {"application/json": {"schema": {"type": "object"}}, "text/event-stream": {}},
    },
    **ERRORS,
}

responses = APIRouter(prefix="/v1/responses", tags=["OpenAI"])


async def response_request(request: Request) -> ResponseRequest:
    """The body. Raises RequestError."""
    return await read_body(request, ResponseRequest, '{"model": …, "input": …}')


@responses.post("", responses=ANSWERS, openapi_extra=BODY)
async def create_response(
    request: Request, runtime: Parts, caller: Caller, body: Annotated[ResponseRequest, Depends(response_request)]
) -> Response:
    """Ask an agent, a team (`model`), or a live room (`model: "room:<id>"`), whose watchers all see the answer.

    The conversation is kept as a thread unless `store` is false; `previous_response_id` goes on with it.
    """
    if not body.model:
        raise refused("model", "missing", "model: name an agent, a team or room:<id>; GET /v1/models lists them")
    call, reply = await asked(request, runtime, caller, body, body.model)
    try:
        if body.stream:
            return await told(call, reply, status_first=True)
        async for entries in call.entries(BEAT):
            reply.read(entries)
        answer = reply.closed(call.outcome)
    except BaseException:
        await call.close()
        raise
    await call.close()
    return Response(orjson.dumps(answer), media_type="application/json")


@responses.get("/{response}", responses=ERRORS)
async def find_response(
    runtime: Parts, caller: Caller, response: Annotated[str, Path(max_length=200, description="The response's id.")]
) -> Response:
    """A response that was stored: its output as the log has it. What was asked with it is not kept."""
    stored = await thread.find(runtime.lobby, response, caller)
    if stored is None:
        raise SalonError("not_found", f"Response with id '{response}' not found.")
    started = next(entry for entry in stored.entries if isinstance(entry.body, RunStarted))
    model = stored.room.log.head.agent_id or stored.room.team
    responder = await runtime.catalog.find(model, caller)
    host = host_of(responder) if responder is not None else None
    reply = Reply(ResponseRequest.stored(), id=response, created=started.at, model=model, host=host)
    reply.read(stored.entries)
    end = stored.entries[-1].body
    if not isinstance(end, RunFinished):
        found = reply.broken("in_progress")
    elif end.outcome == "error":
        found = reply.broken("failed", SalonError("agent_error", end.reason or "the agents could not answer"))
    elif end.outcome == "cancelled":
        found = reply.broken("cancelled")
    else:
        found = reply.closed(RunOutcome(outcome=end.outcome))
    return Response(orjson.dumps(found), media_type="application/json")
