"""From the session that a caller names to its room."""

import re

from salon.contracts.runs import Principal
from salon.errors import Detail, RequestError, SalonError
from salon.rooms.room import Room
from salon.runtime.house import House

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


async def session(house: House, session_id: str, who: Principal, agent: str) -> Room:
    """The room of a session; a UUID that nobody has used yet becomes a new one of the caller's.

    Raises SalonError: `bad_request` for an id that is neither, `not_found` when it was deleted or is somebody else's.
    """
    room = await _find(house, session_id, who)
    if room is not None:
        return room
    if not _UUID.fullmatch(session_id):
        text = f"session_id: {session_id[:128]!r} is no chat of yours, nor a UUID; POST /chats/ makes a chat"
        raise RequestError(text, [Detail("/session_id", "uuid", text)])
    try:
        return await house.lobby.create(who, room=session_id, agent_id=agent)
    except SalonError as error:
        if error.code not in ("conflict", "not_found"):
            raise
    room = await _find(house, session_id, who)  # somebody may have been faster
    if room is None:
        raise SalonError("not_found", f"there is no chat {session_id!r}; POST /chats/ makes one")
    return room


async def _find(house: House, session_id: str, who: Principal) -> Room | None:
    try:
        return await house.lobby.existing(session_id, who)
    except SalonError as error:
        if error.code not in ("not_found", "bad_request"):
            raise
        return None
