"""One program's request while its run is on: listens to the room, notices when the client leaves, and tidies up.

Knows the room and nothing of any dialect: it hands on the entries of a run, whose projection is another's matter.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from itertools import groupby

from starlette.types import Receive

from salon.contracts.events import Entry, Interrupted, MsgDelta, RoomEvent
from salon.contracts.feed import Published
from salon.contracts.runs import Principal, RunOutcome
from salon.errors import ERRORS, SalonError
from salon.ids import new_id
from salon.rooms.room import Room

BACKLOG = 256
"""How many entries may wait for a slow reader before the pieces of a text are joined."""

Subscribe = Callable[[str, Callable[[Published], None]], Callable[[], None]]
"""The broker's: hands on what a room publishes, until the returned function is called."""

Release = Callable[[Room], Awaitable[None]]


class Call:
    """Listens from before the run starts until `close`.

    Args:
        room: where the run takes place.
        cause: what the run is ordered with; entries of other causes are left out. With None all are taken.
        attended: whether somebody may answer what an agent asks; if not, its questions are declined.
        alone: whether the run is for this caller alone, and ends when it leaves.
        release: what becomes of the room with the end of the call.
    """

    def __init__(
        self,
        room: Room,
        subscribe: Subscribe,
        who: Principal,
        *,
        cause: str | None = None,
        attended: bool,
        alone: bool = False,
        release: Release | None = None,
    ) -> None:
        self.cause = cause
        self.room = room
        self.run: str | None = None
        self._who = who
        self._attended = attended
        self._alone = alone
        self._release = release
        self._entries: list[Entry] = []
        self._questions: list[Interrupted] = []
        self._news = asyncio.Event()
        self._gone = False
        self._quiet = False
        self._due = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._outcome: RunOutcome | None = None
        self._unsubscribe = subscribe(room.id, self._take)

    @property
    def outcome(self) -> RunOutcome:
        """How the run ended, once `entries` is exhausted. Raises SalonError when it failed or the client left."""
        outcome = self._outcome
        if outcome is None:
            raise SalonError("cancelled", "the client closed the connection before the answer was complete")
        if outcome.outcome == "error":
            code = outcome.error if outcome.error in ERRORS else "agent_error"
            raise SalonError(code, outcome.reason or "the agents could not answer; try again")
        if outcome.outcome == "cancelled":
            raise SalonError("cancelled", outcome.reason or "the run was stopped by someone in the room")
        return outcome

    def tie(self, cause: str | None) -> None:
        """Leave out the entries of other causes from now on, also those that came already."""
        self.cause = cause
        if cause is not None:
            self._entries = [entry for entry in self._entries if entry.cause == cause]

    def follow(self, run: str, receive: Receive) -> None:
        """Follow a run until its end or until the client leaves."""
        self.run = run
        self._tasks = [
            asyncio.create_task(self._await_end(run), name=f"end of {run}"),
            asyncio.create_task(self._await_leaving(receive), name=f"caller of {run}"),
        ]

    async def entries(self, beat: float) -> AsyncGenerator[list[Entry]]:
        """What is new, as it comes, until the run has ended or the client has left.

        An empty list comes before there were `beat` seconds without news.
        """
        self._beat(beat / 2)
        while True:
            ended = self._outcome is not None
            if self._questions:
                await self._decline_questions()
            entries, self._entries = self._entries, []
            if entries or self._due:
                self._due = False
                yield joined(entries) if len(entries) > BACKLOG else entries
            if ended or self._gone:
                return
            await self._news.wait()
            self._news.clear()

    async def close(self) -> None:
        """Stop listening, and release the room."""
        if self._alone and self.run is not None:
            self.room.cancel(self.run, reason="the caller left")
        self._unsubscribe()
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        if self._release is not None:
            await self._release(self.room)

    def _take(self, item: Published) -> None:
        entry = item.entry
        if self.cause is not None and entry.cause != self.cause:
            return
        if isinstance(entry.body, Interrupted) and not self._attended:
            self._questions.append(entry.body)
        self._quiet = False
        self._entries.append(entry)
        self._news.set()

    def _beat(self, every: float) -> None:
        """Twice in the time that a client may be left without a word: one timer for a stream, not one for a token."""
        if self._quiet:
            self._due = True
            self._news.set()
        self._quiet = True
        self._timer = asyncio.get_running_loop().call_later(every, self._beat, every)

    async def _await_end(self, run: str) -> None:
        try:
            self._outcome = await self.room.outcome(run)
        except SalonError as error:  # its end cannot be stored
            self._outcome = RunOutcome(outcome="error", reason=error.message, error=error.code)
        self._news.set()

    async def _await_leaving(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._news.set()

    async def _decline_questions(self) -> None:
        """Answer no, at once: nobody else is in a private room, and the caller cannot be asked while it waits."""
        questions, self._questions = self._questions, []
        for question in questions:
            await self.room.decline(self._who, question)


def new_cause() -> str:
    """The id of a program's request, as the cause of what happens because of it."""
    return new_id("http")


def joined(entries: Iterable[Entry]) -> list[Entry]:
    """The same with neighbouring pieces of a message as one: for a reader that has fallen behind."""
    kept: list[Entry] = []
    for message, group in groupby(entries, lambda entry: _message(entry.body)):
        pieces = list(group)
        if message is None:
            kept += pieces
            continue
        text = "".join(piece.body.text for piece in pieces if isinstance(piece.body, MsgDelta))
        last = pieces[-1]
        kept.append(last.model_copy(update={"body": last.body.model_copy(update={"text": text})}))
    return kept


def _message(body: RoomEvent) -> str | None:
    return body.message if isinstance(body, MsgDelta) else None
