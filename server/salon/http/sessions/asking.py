"""One request to an agent: from its body to a run that answers it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from salon.agents.agent import Agent
from salon.contracts.runs import Principal
from salon.contracts.types import DataPart
from salon.errors import Detail, RequestError, SalonError
from salon.http.sessions import opening
from salon.http.sessions.bodies import RunRequest
from salon.http.sessions.place import Place
from salon.runtime.sessions import conversation
from salon.runtime.sessions.asking import said
from salon.runtime.sessions.exchange import Exchange
from salon.store.database import Conn


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that has begun, in a session or in a conversation that is not kept."""

    exchange: Exchange
    session_id: str | None


@asynccontextmanager
async def asking(agent: Agent, place: Place, body: RunRequest, conn: Conn, who: Principal) -> AsyncIterator[Asked]:
    """Begin the run; a conversation that is not kept ends with the request.

    Raises SalonError for what cannot be asked, or not in this session.
    """
    responder = place.responder(agent)
    before, parts = said(body.input, who, agent.name)
    if body.context is not None:
        parts = [*parts, _context(body.context)]
    if body.session_id is None:
        house = place.private_house()
        room = house.lobby.ephemeral(responder)
    else:
        house = place.house(conn)
        room = await opening.session(house, body.session_id, who, agent.name)
        if room.owner != who.user and any(item.get("role") != "user" for item in before):
            raise SalonError("forbidden", "input: this chat is not yours; send messages of your own only")
    attended = place.attended and body.session_id is not None
    exchange = Exchange(room, house.broker.subscribe, who, attended=attended)
    try:
        await conversation.append(room, before, who, agent.name, field="input")
        await exchange.begin(parts, agent=agent.name, responder=responder, whole=body.session_id is None)
        yield Asked(exchange, body.session_id)
    finally:
        exchange.close()
        if body.session_id is None:
            await house.lobby.release(room)


def _context(given: dict[str, object]) -> DataPart:
    try:
        part = DataPart.model_validate({"kind": "data", "name": "context", "data": given})
        to_json(part)
    except (ValidationError, PydanticSerializationError):  # they name types that no caller knows
        text = "context: it is not JSON as rooms can hold it; leave out NaN, infinity and lone surrogates"
        raise RequestError(text, [Detail("/context", "invalid_value", text)]) from None
    return part
