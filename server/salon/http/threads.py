"""Threads over HTTP: the records of rooms, listed, named, put away, copied, read, taken along and deleted.

It may not know how they are kept: all of it goes through `Threads`, as on the socket.
"""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from salon.contracts.events import MsgDone
from salon.contracts.openai import ErrorBody
from salon.contracts.threads import ThreadRow
from salon.contracts.types import ID_PATTERN, SAFE, Id, Json, Label, Opt, Pos, Wire
from salon.http.deps import Parts, refuse_foreign_form
from salon.http.errors import Responses
from salon.http.identity import Caller
from salon.runtime.listing import row_of
from salon.runtime.recorded.taking import taken
from salon.store.messages.rows import Found
from salon.store.threads import ThreadInfo

ERRORS: Responses = {status: {"model": ErrorBody} for status in (400, 403, 404, 409, 503)}

threads = APIRouter(prefix="/threads", tags=["Threads"], responses=ERRORS)

Room = Annotated[str, Path(description="A room's id, which is its thread's too.", max_length=128, pattern=ID_PATTERN)]
Limit = Annotated[int, Query(ge=1, le=200, description="How many to return at most.")]


class ThreadList(BaseModel):
    """Threads; with `cursor`, the next page is to be had."""

    threads: list[ThreadRow]
    cursor: Opt[str] = None


class NewThread(Wire):
    """What a new thread begins with. Unless `shared`, only its owner may enter."""

    room: Opt[Id] = None
    title: Opt[Label] = None
    shared: bool = False


class Change(Wire):
    """What is to be different; what is left out stays."""

    title: Opt[Label] = None
    archived: Opt[bool] = None


class Copy(Wire):
    """A copy of a thread as it was at the entry `at`, or as it is. It gets an id of its own unless `room` is given."""

    at: Opt[Pos] = None
    room: Opt[Id] = None
    title: Opt[Label] = None


class Branch(Wire):
    """A copy of a thread that ends with one of its messages."""

    from_message: Id
    room: Opt[Id] = None
    title: Opt[Label] = None


class Said(BaseModel):
    """A message where it stands in the room's log."""

    seq: int
    at: float
    body: MsgDone


class Messages(BaseModel):
    """What was said, oldest first."""

    messages: list[Said]


@threads.get("")
async def list_threads(
    runtime: Parts,
    caller: Caller,
    *,
    query: Annotated[str | None, Query(max_length=200, description="Words to be found in titles or messages.")] = None,
    archived: Annotated[bool | None, Query(description="Only those in the archive, or only those not in it.")] = None,
    cursor: Annotated[str | None, Query(max_length=200, description="Where the page before ended.")] = None,
    limit: Limit = 50,
) -> ThreadList:
    """Your threads, last used first; with `query` those in which it is found, best first, and where."""
    rows, more = await runtime.listing.find(caller.user, archived=archived, query=query, cursor=cursor, limit=limit)
    return ThreadList(threads=rows, cursor=more)


@threads.post("", status_code=201)
async def create_thread(runtime: Parts, caller: Caller, body: NewThread) -> ThreadRow:
    """A new, empty thread of yours, and the room to talk in."""
    made = await runtime.house.threads.create(caller.user, id=body.room, title=body.title, shared=body.shared)
    return _shown(made)


@threads.post("/import", status_code=201, dependencies=[Depends(refuse_foreign_form)])
async def import_thread(request: Request, runtime: Parts, caller: Caller) -> ThreadRow:
    """A new thread with what an export holds, sent as JSON Lines."""
    return _shown(await runtime.house.threads.load((await request.body()).splitlines(), caller.user))


@threads.get("/{room:path}/messages")
async def read_messages(
    runtime: Parts,
    caller: Caller,
    room: Room,
    after: Annotated[int, Query(ge=0, le=SAFE, description="The `seq` of the last message that you have.")] = 0,
    limit: Limit = 50,
) -> Messages:
    """What was said in a thread, page by page; the next page comes `after` the last message of this one."""
    rows = await runtime.house.threads.messages(room, caller.user, after=after, limit=limit)
    said = [Said(seq=row.seq, at=row.created_at, body=MsgDone.model_validate_json(row.data)) for row in rows]
    return Messages(messages=said)


@threads.get("/{room:path}/stats")
async def measure_thread(runtime: Parts, caller: Caller, room: Room) -> dict[str, Json]:
    """How large a thread is: `message_count`, `total_bytes`, and `forked_from` if it is a copy."""
    return await runtime.listing.stats(room, caller.user)


@threads.get("/{room:path}/export", response_class=StreamingResponse)
async def export_thread(runtime: Parts, caller: Caller, room: Room) -> Response:
    """A thread as JSON Lines: what it is, then each message, tool call and result."""
    await runtime.house.threads.get(room, caller.user)
    name = re.sub(r"[^A-Za-z0-9._-]", "-", room)
    headers = {"content-disposition": f'attachment; filename="{name}.jsonl"'}
    lines = runtime.house.threads.export(room, caller.user)
    return StreamingResponse(lines, headers=headers, media_type="application/x-ndjson")


@threads.get("/{room:path}/recording", response_class=StreamingResponse)
async def record_room(
    runtime: Parts,
    caller: Caller,
    room: Room,
    *,
    follow: Annotated[bool, Query(description="Go on with what happens, until you have enough.")] = False,
) -> Response:
    """A room's log as JSON Lines, entry by entry as on the socket: what `salon replay` plays."""
    found = await runtime.lobby.existing(room, caller)
    return StreamingResponse(taken(found, runtime.broker, follow=follow), media_type="application/x-ndjson")


@threads.post("/{room:path}/fork", status_code=201)
async def fork_thread(runtime: Parts, caller: Caller, room: Room, body: Copy) -> ThreadRow:
    """A copy of a thread, yours, while the one it was made of goes on."""
    kept = runtime.house.threads
    return _shown(await kept.fork(room, caller.user, at=body.at, title=body.title, new_id=body.room))


@threads.post("/{room:path}/branch", status_code=201)
async def branch_thread(runtime: Parts, caller: Caller, room: Room, body: Branch) -> ThreadRow:
    """A copy of a thread that ends with one of its messages."""
    kept = runtime.house.threads
    return _shown(await kept.branch(room, body.from_message, caller.user, title=body.title, new_id=body.room))


@threads.get("/{room:path}")
async def find_thread(runtime: Parts, caller: Caller, room: Room) -> ThreadRow:
    """One thread: yours, or a shared one whose id you know."""
    return _shown(await runtime.house.threads.get(room, caller.user))


@threads.patch("/{room:path}")
async def change_thread(runtime: Parts, caller: Caller, room: Room, body: Change) -> ThreadRow:
    """Give a thread another title, put it into the archive or take it out; whoever watches the room sees it."""
    kept = runtime.house.threads
    if body.title is not None:
        await kept.rename(room, body.title, caller.user)
    if body.archived is not None:
        await (kept.archive if body.archived else kept.unarchive)(room, caller.user)
    return _shown(await kept.get(room, caller.user))


@threads.delete("/{room:path}", status_code=204)
async def delete_thread(runtime: Parts, caller: Caller, room: Room) -> None:
    """Delete a thread of yours: its room closes for everyone who is in it."""
    await runtime.house.threads.delete(room, caller.user)


def _shown(thread: ThreadInfo) -> ThreadRow:
    return row_of(Found(thread))
