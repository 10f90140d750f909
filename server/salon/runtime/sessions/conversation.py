"""A room's conversation as items: read from its log, appended to it, cleared."""

from collections.abc import Iterable, Sequence

from pydantic_core import PydanticSerializationError, to_json

from salon.contracts.events import RoomCleared, RoomEvent, ToolDone, ToolReady
from salon.contracts.runs import Principal
from salon.errors import Detail, RequestError, SalonError
from salon.rooms.room import Room
from salon.runtime.sessions.items import Backwards, Given, Kept, events_of, plain_call

ASSISTANT = "assistant"
"""Who said what an assistant said, when no agent is named."""

PAGE = 500
"""Entries of a log that are read at once."""


async def read(room: Room, limit: int | None = None) -> list[Kept]:
    """The newest `limit` items, or all of them, oldest first. Raises SalonError `unavailable`."""
    backwards = Backwards()
    found: list[Kept] = []
    before: int | None = None
    more = True
    while more:
        entries, more = await room.history(before=before, after=None, limit=PAGE)
        for entry in reversed(entries):
            if len(found) == limit:
                return found[::-1]
            if isinstance(entry.body, RoomCleared):
                more = False
                break
            kept = backwards.take(entry.body)
            if kept is not None:
                found.append(kept)
        before = entries[0].seq if entries else None
    calls = {kept.key for kept in found if isinstance(kept.event, ToolReady)}
    # A call that was cut short before its arguments were complete has a result, but is no call.
    return [k for k in reversed(found) if not isinstance(k.event, ToolDone) or k.event.call in calls]


def prepared(
    items: Sequence[Given],
    who: Principal,
    agent: str = ASSISTANT,
    *,
    open_calls: Iterable[str] = (),
    field: str = "items",
) -> list[RoomEvent]:
    """The events that items become.

    Args:
        who: whose words the users' messages are.
        agent: whose words the assistant's messages are.
        open_calls: calls of the room that wait for a result.
        field: where the items come from, for the error.

    Raises RequestError for an item that no room can hold.
    """
    events: list[RoomEvent] = []
    calls = list(open_calls)
    for index, item in enumerate(items):
        try:
            made = events_of(item, who, agent, calls)
            to_json(made)
        except (ValueError, PydanticSerializationError) as error:
            raise _refused(field, index, error) from None
        calls += [event.call for event in made if isinstance(event, ToolReady)]
        events += made
    return events


async def append(
    room: Room, items: Sequence[Given], who: Principal, agent: str = ASSISTANT, *, field: str = "items"
) -> None:
    """Append items, all or none, and wait until they are stored. Raises as `prepared`, and SalonError `unavailable`."""
    await _append(room, prepared(items, who, agent, open_calls=room.state.calls, field=field))


async def take_back(room: Room, kept: Kept) -> None:
    """Take one item back. Raises SalonError `unavailable`."""
    await _append(room, [kept.removal()])


async def replace(room: Room, events: Sequence[RoomEvent]) -> None:
    """Take everything back and put `events` in its place, at once.

    Raises SalonError: `busy` while an agent is answering, `unavailable`.
    """
    if room.runs.busy:
        raise SalonError("busy", "an agent is answering in this chat; clear it when the answer is complete")
    await _append(room, [RoomCleared(event="room.cleared"), *events])


async def _append(room: Room, events: Sequence[RoomEvent]) -> None:
    room.log.check()
    for event in events:
        room.append(event)
    await room.log.stored()


async def give_results(room: Room, results: Sequence[Given], who: Principal) -> None:
    """Append the results of calls that wait for one in the room. Raises as `append`, and for calls that do not wait."""
    waiting = set(map(plain_call, room.state.calls))
    for index, result in enumerate(results):
        if result.get("call_id") not in waiting:
            missing = ValueError(f"no call {str(result.get('call_id'))[:128]!r} waits for a result")
            raise _refused("messages", index, missing)
    await append(room, results, who)


def _refused(field: str, index: int, error: Exception) -> RequestError:
    why = error.args[0] if type(error) is ValueError else "it is not JSON as rooms can hold it"
    text = f"{field}[{index}]: {why}"
    return RequestError(text, [Detail(f"/{field}/{index}", "invalid_value", text)])
