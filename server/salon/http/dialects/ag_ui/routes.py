"""POST /ag-ui/{name}: an agent, a team, or a live room, for AG-UI's frontends."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from salon.contracts.openai import ErrorBody
from salon.http.deps import Parts
from salon.http.errors import Responses
from salon.http.identity import Caller

ERRORS: Responses = {status: {"model": ErrorBody} for status in (400, 404, 409, 413, 429)}
ANSWERS: Responses = {
    200: {"description": "AG-UI's events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    **ERRORS,
}
BODY = {
    "requestBody": {
        "required": True,
        "description": "AG-UI's RunAgentInput.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}

ag_ui = APIRouter(prefix="/ag-ui", tags=["AG-UI"])


@ag_ui.post("/{name:path}", responses=ANSWERS, openapi_extra=BODY)
async def run_agent(
    request: Request,
    runtime: Parts,
    caller: Caller,
    name: Annotated[str, Path(max_length=256, description="An agent, a team, or `room:<id>` for a live room.")],
) -> Response:
    """Speak into a thread, answer its agents' questions, or join it; the answer is a stream of AG-UI's events."""
    from salon.http.dialects.ag_ui.running import run  # noqa: PLC0415 - AG-UI's models are large, and few need them

    return await run(request, runtime, caller, name)
