"""A run as server-sent events: `raw_response`, `run_item`, `agent_updated`, at the end `stream_complete` or `error`."""

from collections.abc import AsyncGenerator

from fastapi.sse import ServerSentEvent

from salon.contracts.types import Json, Obj
from salon.errors import SalonError
from salon.http.errors import error_info
from salon.runtime.sessions.exchange import Exchange, Happened, Said, Speaks, Step


async def events(exchange: Exchange, session_id: str | None) -> AsyncGenerator[ServerSentEvent]:
    """Everything that happens, and last how it ended."""
    async for step in exchange.steps():
        yield _event(step)
    try:
        exchange.result()
    except SalonError as error:
        problem: Json = error_info(error).model_dump()
        yield _named("error", {"success": False, "error": problem, "session_id": session_id})
    else:
        end: Obj = {"final_output": exchange.text, "success": True, "session_id": session_id}
        yield _named("stream_complete", end)


def _event(step: Step) -> ServerSentEvent:
    match step:
        case Said():
            return _named("raw_response", {"delta": step.text, "message_id": step.message, "agent": step.agent})
        case Happened():
            return _named("run_item", {"name": step.name, "item": step.item, "agent": step.agent})
        case Speaks():
            return _named("agent_updated", {"new_agent": {"name": step.agent}})


def _named(name: str, data: Obj) -> ServerSentEvent:
    """The name is in the data too: many readers look at nothing else."""
    return ServerSentEvent(event=name, data={"type": name, **data})
