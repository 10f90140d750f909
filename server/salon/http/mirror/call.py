"""One program's request while its run is on: listens to the room, notices when the client leaves, and tidies up.

Knows the room; of OpenAI only the word for how a run ended.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from starlette.types import Receive

from salon.contracts.feed import Published
from salon.contracts.openai import FinishReason
from salon.contracts.runs import Principal, RunOutcome
from salon.errors import ERRORS, SalonError
from salon.http.mirror.projection import Piece, Projection, merged
from salon.ids import new_id
from salon.rooms.room import Room

BACKLOG = 256
"""How many pieces may wait for a slow reader before they are joined."""

Subscribe = Callable[[str, Callable[[Published], None]], Callable[[], None]]
"""The broker's: hands on what a room publishes, until the returned function is called."""

Release = Callable[[Room], Awaitable[None]]


class Call:
    """Listens from before the run starts until `close`.

    Args:
        room: where the run takes place.
        release: ends the room with the call, for a conversation of this program alone; None for a live room, whose
            run goes on without its caller.
    """

    def __init__(self, room: Room, subscribe: Subscribe, who: Principal, *, release: Release | None) -> None:
        self.cause = new_id("http")
        self.projection = Projection(self.cause)
        self.room = room
        self._who = who
        self._release = release
        self._pieces: list[Piece] = []
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
        """How the run ended. Only after `pieces` is exhausted; raises SalonError when the client left before."""
        if self._outcome is None:
            raise SalonError("cancelled", "the client closed the connection before the answer was complete")
        return self._outcome

    @property
    def finish_reason(self) -> FinishReason:
        """OpenAI's word for how the run ended. Raises SalonError when it failed."""
        outcome = self.outcome
        if outcome.outcome == "error":
            code = outcome.error if outcome.error in ERRORS else "agent_error"
            raise SalonError(code, outcome.reason or "the agents could not answer; try again")
        if outcome.outcome == "cancelled":
            raise SalonError("cancelled", outcome.reason or "the run was stopped by someone in the room")
        if self.projection.calls:
            return "tool_calls"
        match outcome.finish_reason:
            case "length" | "content_filter" as reason:
                return reason
            case _:
                return "stop"

    def follow(self, run: str, receive: Receive) -> None:
        """Follow a run that was ordered with `cause`, until its end or until the client leaves."""
        self._tasks = [
            asyncio.create_task(self._await_end(run), name=f"end of {run}"),
            asyncio.create_task(self._await_leaving(receive), name=f"caller of {run}"),
        ]

    async def pieces(self, beat: float) -> AsyncGenerator[list[Piece]]:
        """What is new, as it comes, until the run has ended or the client has left.

        An empty list comes before there were `beat` seconds without news.
        """
        self._beat(beat / 2)
        while True:
            ended = self._outcome is not None
            if self.projection.questions:
                await self._decline_questions()
            pieces, self._pieces = self._pieces, []
            if pieces or self._due:
                self._due = False
                yield merged(pieces) if len(pieces) > BACKLOG else pieces
            if ended or self._gone:
                return
            await self._news.wait()
            self._news.clear()

    async def close(self) -> None:
        """Stop listening; a conversation of this program alone ends here, and with it the model call."""
        self._unsubscribe()
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        if self._release is not None:
            await self._release(self.room)

    def _take(self, item: Published) -> None:
        piece = self.projection.take(item.entry)
        if piece is not None:
            self._quiet = False
            self._pieces.append(piece)
            self._news.set()
        elif self.projection.questions:
            self._news.set()

    def _beat(self, every: float) -> None:
        """Twice in the time that a client may be left without a word: one timer for a stream, not one for a token."""
        if self._quiet:
            self._due = True
            self._news.set()
        self._quiet = True
        self._timer = asyncio.get_running_loop().call_later(every, self._beat, every)

    async def _await_end(self, run: str) -> None:
        self._outcome = await self.room.outcome(run)
        self._news.set()

    async def _await_leaving(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._news.set()

    async def _decline_questions(self) -> None:
        """Answer no, at once: nobody else is in a private room, and the caller cannot be asked while it waits."""
        questions, self.projection.questions = self.projection.questions, []
        if self._release is None:
            return
        for question in questions:
            await self.room.decline(self._who, question)
