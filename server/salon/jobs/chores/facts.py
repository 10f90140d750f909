"""`extract_user_facts`: reads what a user said in a thread for what is worth knowing of them everywhere."""

from salon.contracts.types import Obj
from salon.errors import Detail, RequestError
from salon.jobs.chores.port import FactFinder, Threads
from salon.jobs.chores.reading import messages_of, number_in, thread_in

EXTRACT_USER_FACTS = "extract_user_facts"

READ = 60
"""Messages that are read at once."""

TIMES = 10
"""How often one job reads so many; the rest of a long thread is for the next one."""


class ExtractUserFacts:
    """Takes `{"thread_id": …, "user_id": …}`; `"after"` is the seq after which to read.

    Gives how many facts it found, and the seq up to which it read. Of the others in the thread only agents are read,
    as context.
    """

    def __init__(self, threads: Threads, finder: FactFinder) -> None:
        self._threads = threads
        self._finder = finder

    async def __call__(self, payload: Obj) -> Obj:
        """Read on, and keep what is found."""
        thread, user = thread_in(payload), payload.get("user_id")
        if not isinstance(user, str) or not user:
            message = "the payload must name the user as user_id"
            raise RequestError(message, [Detail("/payload/user_id", "missing", message)])
        await self._threads.get(thread, None)
        after = number_in(payload, "after", 0)
        found = 0
        for _ in range(TIMES):
            messages = await messages_of(self._threads, thread, after=after, limit=READ)
            if not messages:
                break
            talk = [
                {"role": "user" if row.role == "user" else "assistant", "content": row.text}
                for row in messages
                if row.role == "agent" or (row.role == "user" and row.user_id == user)
            ]
            found += len(await self._finder.extract_and_save(user, talk, source_thread=thread))
            after = messages[-1].seq
            if len(messages) < READ:
                break
        return {"facts": found, "upto": after}
