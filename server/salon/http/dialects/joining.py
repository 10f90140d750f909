"""Rooms as other protocols' threads: found by the id that a client chose, and joined while a run is on."""

from collections.abc import Mapping

from salon.contracts.events import Entry, Interrupted, MsgDelta, RunStarted, ToolReady
from salon.contracts.runs import Principal
from salon.errors import SalonError
from salon.http.errors import refused
from salon.http.mirror.call import Call
from salon.rooms.lobby import ROOM_ID, Lobby
from salon.rooms.log.rows import result_id
from salon.rooms.room import Room

PAGE = 200
"""Entries read at once."""


async def thread_room(lobby: Lobby, thread: str, who: Principal, agent: str | None, where: str) -> tuple[Room, bool]:
    """The room of a thread, and whether it is new: then it belongs to `who`.

    Args:
        agent: who answers in a new one, for lists of threads.
        where: the parameter that names the thread.

    Raises SalonError: `bad_request` for an id that cannot be one, `not_found` when it is not theirs or was deleted.
    """
    if not ROOM_ID.fullmatch(thread):
        text = f"{where}: an id has 1-128 letters, digits or . _ : @ / - and starts with a letter or digit"
        raise refused(where, "pattern", text)
    try:
        return await lobby.existing(thread, who), False
    except SalonError as error:
        if error.code != "not_found":
            raise
    try:
        return await lobby.create(who, room=thread, agent_id=agent), True
    except SalonError as error:
        if error.code != "conflict":
            raise
    try:
        return await lobby.existing(thread, who), False  # made meanwhile by another request of the same user
    except SalonError as error:
        if error.code != "not_found":
            raise
        text = f"{where}: there is no thread {thread!r} of yours"
        raise refused(where, "not_found", text, error="not_found") from None


async def free_id(room: Room, wanted: str) -> str | None:
    """The id that a message has with its frontend if the room can use it too, else None.

    It holds until something is awaited: nothing in a log has an id twice.
    """
    if not ROOM_ID.fullmatch(wanted) or wanted.endswith(result_id("")) or await room.log.holds(wanted):
        return None  # as the result of a call, it might be taken later
    state = room.state  # what is not stored yet is in it
    taken = {message.message for message in state.messages} | {*state.streaming, *state.calls}
    taken |= {event.call for event in state.transcript.events if isinstance(event, ToolReady)}
    return wanted if wanted not in taken else None


async def running(room: Room) -> str | None:
    """The run that is on, as readers know it once they know all: a room that was loaded has just ended its runs."""
    await room.log.stored()
    return next(iter(room.log.state.runs), None)


async def catch_up(call: Call, run: str) -> list[Entry]:
    """What happened in a run until `call` began to listen, which was just now; ties the call to it.

    Texts that are being written come in one piece each, questions only as far as they are open. Empty for a run that
    nobody knows.
    """
    room, shown = call.room, call.room.log.state
    top, waiting = shown.seq, set(shown.interrupts)
    texts = {key: message.text() for key, message in shown.streaming.items() if message.started.run == run}
    read: list[Entry] = []
    more, before = True, top + 1
    start: Entry | None = None
    while more and start is None:
        page, more = await room.history(before=before, after=None, limit=PAGE)
        read = [*page, *read]
        before = page[0].seq if page else 0
        start = next((entry for entry in page if isinstance(entry.body, RunStarted) and entry.body.run == run), None)
    if start is None:
        return []
    call.tie(start.cause)
    happened = [
        entry
        for entry in read
        if entry.seq >= start.seq
        and entry.cause == start.cause
        and not (isinstance(entry.body, Interrupted) and entry.body.interrupt not in waiting)
    ]
    return happened + _unfinished(texts, happened[-1])


def _unfinished(texts: Mapping[str, str], last: Entry) -> list[Entry]:
    """Pieces as long as what was said so far: longer than any that goes over the wire."""
    deltas = [
        MsgDelta.model_construct(event="message.delta", message=message, text=text, at=len(text))
        for message, text in texts.items()
        if text
    ]
    return [last.model_copy(update={"body": delta}) for delta in deltas]
