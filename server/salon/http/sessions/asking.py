"""One request to an agent: from its body to a run that answers it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from salon.agents.agent import Agent
from salon.contracts.runs import Principal
from salon.contracts.types import DataPart, Part
from salon.errors import Detail, RequestError, SalonError
from salon.http.sessions import opening
from salon.http.sessions.bodies import RunRequest
from salon.http.sessions.place import Place
from salon.runtime.sessions import conversation
from salon.runtime.sessions.exchange import Exchange
from salon.runtime.sessions.items import Item, message_of
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
    before, parts = _said(body, who, agent.name)
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
        await conversation.append(room, before, who, agent.name)
        await exchange.begin(parts, agent=agent.name, responder=responder, whole=body.session_id is None)
        yield Asked(exchange, body.session_id)
    finally:
        exchange.close()
        if body.session_id is None:
            await house.lobby.release(room)


def _said(body: RunRequest, who: Principal, agent: str) -> tuple[list[Item], list[Part]]:
    """What was said before, and what is said now. Raises RequestError."""
    items: list[Item] = [{"role": "user", "content": body.input}] if isinstance(body.input, str) else body.input
    try:
        now = message_of(items[-1], who, agent)
    except ValueError as error:
        raise _unusable(str(error)) from None
    if now.author.role != "user":
        raise _unusable("the last item must be a user's message; it is what the agent answers")
    parts = list(now.parts)
    if not any(part.kind != "text" or part.text.strip() for part in parts):
        raise _unusable("the message is empty; write something")
    if body.context is not None:
        parts.append(DataPart(kind="data", name="context", data=body.context))
    return items[:-1], parts


def _unusable(why: str) -> RequestError:
    return RequestError(f"input: {why}", [Detail("/input", "invalid_value", f"input: {why}")])
