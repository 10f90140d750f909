"""A room: the single writer of one log.

Every change goes through `append`, which is synchronous: number, fold, keep, publish. The event loop is the mailbox, so
two changes can never interleave and no lock exists (docs/decisions/0002).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pydantic_core import PydanticSerializationError

from salon.clock import Clock
from salon.contracts.actions import RoomAction, WhenBusy
from salon.contracts.events import Entry, MsgDone, RoomEvent, RoomOpened, Rule, lane_of
from salon.contracts.feed import Published, Publisher
from salon.contracts.runs import Principal, Receipt, Responder, RunOrder, RunOutcome, Sampling
from salon.contracts.types import Author, ClientTool, Part, Position
from salon.contracts.wire import Snapshot
from salon.errors import SalonError
from salon.ids import new_id
from salon.rooms.log import Log
from salon.rooms.questions import Questions
from salon.rooms.receipts import Receipts
from salon.rooms.runs import Runs
from salon.rooms.state import RoomState, fold


@dataclass(frozen=True, slots=True)
class Ordered:
    """A run that was asked for, and where the message that asked stands in the log."""

    run: str
    seq: int | None


Perform = Callable[["Room", Principal, RoomAction, Sequence[ClientTool]], Awaitable[Receipt]]
"""Does an action in a room. Raises SalonError when it is refused; then nothing has changed."""


class Room:
    """One live conversation.

    Args:
        perform: what actions do.
        fork: makes another room of this one, under an id and as it was at a seq.
    """

    def __init__(
        self,
        id: str,
        *,
        responder: Responder,
        log: Log,
        publisher: Publisher,
        clock: Clock,
        perform: Perform,
        fork: "Callable[[Room, str, int], Awaitable[None]]",
        state: RoomState | None = None,
    ) -> None:
        self.id = id
        self.state = state or RoomState()
        self.log = log
        self.responder = responder
        self.questions = Questions(clock)
        self.runs = Runs(id, self.state, self.append, responder, self.questions)
        self._publisher = publisher
        self._clock = clock
        self._perform = perform
        self._fork = fork
        self._receipts = Receipts(clock)
        self._snapshot: tuple[int, Snapshot] | None = None

    @property
    def position(self) -> Position:
        """Where the log ends now."""
        return Position(epoch=self.log.epoch, seq=self.state.seq)

    @property
    def first_seq(self) -> int:
        """The oldest seq that `history` can still give."""
        return self.log.first

    @property
    def team(self) -> str:
        """The team that answers here."""
        return self.responder.team

    def roster(self) -> list[str]:
        """The names of the agents that may be addressed here."""
        return [card.id for card in self.state.roster]

    def open(self, *, forked_from: "Room | None" = None, at: int | None = None) -> None:
        """Write the first entry."""
        source = Position(epoch=forked_from.log.epoch, seq=at) if forked_from and at is not None else None
        self.append(
            RoomOpened(
                event="room.opened",
                team=self.team,
                roster=self.responder.roster(),
                forked_from=forked_from.id if forked_from else None,
                forked_at=source,
            )
        )

    def append(self, event: RoomEvent, cause: str | None = None) -> int:
        """Make an event part of the log and return its seq.

        Raises SalonError when it does not follow from the state; then nothing happened.
        """
        entry = Entry(seq=self.state.seq + 1, at=self._clock.time(), cause=cause, body=event)
        try:
            data = entry.__pydantic_serializer__.to_json(entry, by_alias=True)
        except PydanticSerializationError:  # half a surrogate pair: in the log, nobody could read the room any more
            raise SalonError(
                "bad_request", f"a text in {event.event} has no UTF-8 form; leave out lone surrogates"
            ) from None
        fold(self.state, entry)
        self.log.append(entry)
        self._publisher.publish(Published(self.id, entry, lane_of(event), data))
        self.questions.settle(event)
        return entry.seq

    def snapshot(self) -> Snapshot:
        """The state at `position`; made once per position, whatever the number of askers."""
        if self._snapshot is None or self._snapshot[0] != self.state.seq:
            self._snapshot = (self.state.seq, self.state.snapshot())
        return self._snapshot[1]

    def recover(self, since: Position) -> list[Entry] | None:
        """Exactly the entries after `since`, or None when a snapshot is needed."""
        return self.log.since(since.seq) if since.epoch == self.log.epoch else None

    def history(self, *, before: int | None, after: int | None, limit: int) -> tuple[list[Entry], bool]:
        """A page of durable entries, ascending, and whether there are more in that direction."""
        return self.log.page(before=before, after=after, limit=limit)

    async def act(self, principal: Principal, action: RoomAction, *, tools: Sequence[ClientTool] = ()) -> Receipt:
        """Do an action once: the same id with the same content gives the same receipt, marked as a duplicate.

        Raises SalonError when it is refused; a refused action may be sent again with the same id.
        """
        try:
            known = self._receipts.find(principal.user, action)
            if known is not None:
                return known
            receipt = await self._perform(self, principal, action, tools)
        except SalonError as error:
            error.reply_to = error.reply_to or action.id
            error.room = self.id
            raise
        self._receipts.keep(principal.user, action, receipt)
        return receipt

    async def order(
        self,
        principal: Principal,
        *,
        parts: Sequence[Part] | None,
        cause: str | None = None,
        speakers: Sequence[str] = (),
        rule: Rule = "mention",
        tools: Sequence[ClientTool] = (),
        calls_end_run: bool = False,
        sampling: Sampling | None = None,
        instructions: Sequence[str] = (),
        when_busy: WhenBusy = "queue",
    ) -> Ordered:
        """What a program asks: say `parts` (if any) and start, or queue, a run that answers.

        Raises SalonError (`busy`, `limit_exceeded`) when the room's policy refuses it.
        """
        self.runs.check(when_busy)
        seq = self.say(principal, parts, cause=cause) if parts else None
        run = new_id("run")
        self.runs.order(
            RunOrder(
                run=run,
                principal=principal,
                cause=cause,
                speakers=tuple(speakers),
                rule=rule,
                tools=tuple(tools),
                calls_end_run=calls_end_run,
                sampling=sampling or Sampling(),
                instructions=tuple(instructions),
            ),
            when_busy,
        )
        return Ordered(run, seq)

    async def outcome(self, run: str) -> RunOutcome:
        """Wait for a run's end."""
        return await self.runs.outcome(run)

    def cancel(self, run: str | None = None, *, agent: str | None = None, reason: str | None = None) -> int | None:
        """Stop a run; returns the seq of its end, or None when there was nothing to stop."""
        return self.runs.cancel(run, agent=agent, reason=reason)

    def say(
        self, who: Principal, parts: Sequence[Part], *, cause: str | None = None, reply_to: str | None = None
    ) -> int:
        """Append a person's message."""
        message = MsgDone(
            event="message.done",
            message=new_id("msg"),
            author=Author(id=who.user, role="user", name=who.name),
            parts=[*parts],
            reply_to=reply_to,
        )
        return self.append(message, cause)

    async def make_fork(self, new_room: str, at: int) -> None:
        """Make another room of this one as it was at `at`."""
        await self._fork(self, new_room, at)

    async def close(self) -> None:
        """Stop what runs here."""
        await self.runs.close()
