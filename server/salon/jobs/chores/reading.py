"""How the built-in jobs read threads, and payloads."""

from collections.abc import Mapping

from salon.contracts.jobs import thread_of
from salon.contracts.types import Json, Obj
from salon.errors import Detail, RequestError
from salon.jobs.chores.port import Threads
from salon.store.log.rows import MessageRow

PAGE = 200


def thread_in(payload: Obj) -> str:
    """The thread that a job is about. Raises RequestError when none is named."""
    thread = thread_of(payload)
    if thread is None:
        message = "the payload must name the thread as thread_id"
        raise RequestError(message, [Detail("/payload/thread_id", "missing", message)])
    return thread


def number_in(payload: Mapping[str, Json], name: str, default: int) -> int:
    """A whole number of the payload, if it is there and not negative."""
    value = payload.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default


async def messages_of(threads: Threads, thread: str, *, after: int = 0, limit: int) -> list[MessageRow]:
    """The first `limit` messages after the seq `after`, oldest first."""
    found: list[MessageRow] = []
    while (wanted := min(PAGE, limit - len(found))) > 0:
        page = await threads.messages(thread, None, after=after, limit=wanted)
        found += page
        if len(page) < wanted:
            break
        after = page[-1].seq
    return found


def speaker(row: MessageRow) -> str:
    """Who said it."""
    return row.agent or row.user_id or row.role


def line(row: MessageRow, limit: int) -> str:
    """A message in one line of at most `limit` characters, with its speaker."""
    words = " ".join(row.text.split())
    return f"{speaker(row)}: {words if len(words) <= limit else words[:limit] + ' …'}"
