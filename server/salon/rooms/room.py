"""A room: the single writer of one log.

Every change goes through `append`, which is synchronous: number, fold, give to the log. The event loop is the mailbox,
so two changes can never interleave and no lock exists (docs/decisions/0002). The log keeps the entry and then lets it
out: what readers see (`position`, `snapshot`, `recover`) may be a moment behind what the writer knows (`state`).
"""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Protocol

from pydantic_core import PydanticSerializationError

from salon.clock import Clock
from salon.contracts.actions import Resolve, RoomAction, WhenBusy
from salon.contracts.events import Entry, Interrupted, MsgDone, RoomEvent, RoomForked, Rule, lane_of
from salon.contracts.feed import Published
from salon.contracts.runs import Account, Principal, Receipt, Responder, RunOrder, RunOutcome, Sampling
from salon.contracts.types import Author, ClientTool, Part, Position
from salon.contracts.wire import Snapshot
from salon.errors import Detail, RequestError, SalonError
from salon.ids import new_id
from salon.rooms.log.port import Log
from salon.rooms.log.receipts import Receipts
from salon.rooms.running.questions import Questions
from salon.rooms.running.runs import Ordered, Runs
from salon.rooms.state import RoomState, fold


class House(Protocol):
    """What a room asks for beyond itself."""

    async def fork(
        self, source: "Room", new_room: str, at: int, who: Principal | None, *, title: str | None = None
    ) -> "Room":
        """Another room made of `source`. Raises SalonError."""

    async def delete(self, room: "Room") -> None:
        """End a room for everyone. Raises SalonError."""

    async def guest(self, name: str, who: Principal) -> Responder | None:
        """Who answers under a name that is not in a room's team; None for nobody. Raises SalonError."""


Perform = Callable[["Room", Principal, RoomAction, Sequence[ClientTool]], Awaitable[Receipt]]
"""Does an action in a room. Raises SalonError when it is refused; then nothing has changed."""


class Room:
    """One live conversation.

    Args:
        perform: what actions do.
        house: where the room asks for what concerns other rooms, or its own end.
    """

    def __init__(
        self, id: str, *, responder: Responder, log: Log, clock: Clock, perform: Perform, house: "House"
    ) -> None:
        self.id = id
        self.state: RoomState = log.state.copy()
        self.log = log
        self.responder = responder
        self.questions = Questions(clock)
        self.runs = Runs(id, self.state, self.append, responder, self.questions)
        self.screens = self.runs.screens
        self.touched = clock.monotonic()
        self._clock = clock
        self._perform = perform
        self._house = house
        self._receipts = Receipts(clock, log.receipts)
        self._snapshot: tuple[int, Snapshot] | None = None
        self._closed = False

    @property
    def position(self) -> Position:
        """Where the log ends for its readers."""
        return Position(epoch=self.log.epoch, seq=self.log.state.seq)

    @property
    def title(self) -> str | None:
        """What the room is called, if it has a name."""
        return self.state.title

    @property
    def archived(self) -> bool:
        """Whether it was put away."""
        return self.state.archived

    @property
    def owner(self) -> str | None:
        """The user whose thread it is."""
        return self.log.head.owner

    @property
    def shared(self) -> bool:
        """Whether everyone who knows its id may enter."""
        return self.log.head.shared

    @property
    def idle(self) -> bool:
        """Whether nothing goes on here, and all that happened was let out."""
        return not self.runs.busy and self.log.state.seq == self.state.seq

    def admits(self, user: str) -> bool:
        """Whether a user may enter."""
        return self.shared or self.owner == user

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

    def append(self, event: RoomEvent, cause: str | None = None, *, at: float | None = None) -> int:
        """Make an event part of the log and return its seq; `at` is when it happened, unless now, in seconds.

        Raises SalonError when it does not follow from the state (then nothing happened), or `unavailable` when the room
        was let go meanwhile.
        """
        if self._closed:
            raise SalonError("unavailable", "the room was let go; open it again", retry_after=1)
        entry = Entry(seq=self.state.seq + 1, at=self._clock.time() if at is None else at, cause=cause, body=event)
        try:
            data = entry.__pydantic_serializer__.to_json(entry, by_alias=True)
        except PydanticSerializationError:  # half a surrogate pair: in the log, nobody could read the room any more
            raise SalonError(
                "bad_request", f"a text in {event.event} has no UTF-8 form; leave out lone surrogates"
            ) from None
        fold(self.state, entry)
        self.touched = self._clock.monotonic()
        self.log.append(Published(self.id, entry, lane_of(event), data))
        self.questions.settle(event)
        return entry.seq

    def snapshot(self) -> Snapshot:
        """The state at `position`; made once per position, whatever the number of askers."""
        shown = self.log.state
        if self._snapshot is None or self._snapshot[0] != shown.seq:
            self._snapshot = (shown.seq, shown.snapshot())
        return self._snapshot[1]

    def recover(self, since: Position) -> list[Entry] | None:
        """Exactly the entries after `since`, or None when a snapshot is needed."""
        return self.log.since(since.seq) if since.epoch == self.log.epoch else None

    async def history(self, *, before: int | None, after: int | None, limit: int) -> tuple[list[Entry], bool]:
        """A page of durable entries, ascending, and whether there are more in that direction."""
        return await self.log.page(before=before, after=after, limit=limit)

    async def act(self, principal: Principal, action: RoomAction, *, tools: Sequence[ClientTool] = ()) -> Receipt:
        """Do an action once: the same id with the same content gives the same receipt, marked as a duplicate.

        Returns when the effect is stored. Raises SalonError when it is refused; a refused action may be sent again with
        the same id, and after `unavailable` should be: it then counts once, whatever became of the first.
        """
        try:
            async with self._receipts.turn(principal.user, action):
                receipt = self._receipts.find(principal.user, action)
                if receipt is None:
                    self.log.check()
                    receipt = await self._perform(self, principal, action, tools)
                    self.log.keep_receipt(self._receipts.keep(principal.user, action, receipt))
            await self.log.stored()
        except SalonError as error:
            error.reply_to = error.reply_to or action.id
            error.room = self.id
            raise
        return receipt

    async def order(
        self,
        principal: Principal,
        *,
        parts: Sequence[Part] | None,
        message: str | None = None,
        cause: str | None = None,
        speakers: Sequence[str] = (),
        rule: Rule = "mention",
        tools: Sequence[ClientTool] = (),
        calls_end_run: bool = False,
        sampling: Sampling | None = None,
        instructions: Sequence[str] = (),
        when_busy: WhenBusy = "queue",
        responder: Responder | None = None,
        whole: bool = False,
        asked_by: Sequence[str] = (),
        values: MutableMapping[str, object] | None = None,
        account: Account | None = None,
    ) -> Ordered:
        """What a program asks: say `parts` (if any) and start, or queue, a run that answers.

        `message` is the id of what is said, if it has one already; `responder` answers in place of the room's own; the
        rest as in RunOrder. Raises SalonError (`busy`, `limit_exceeded`) when the room's policy refuses it,
        `unavailable` when nothing can be stored now.
        """
        self.log.check()
        self.runs.check(when_busy)
        asked = (message or new_id("msg")) if parts else None
        seq = self.say(principal, parts, cause=cause, message=asked) if parts else None
        run = new_id("run")
        self.runs.order(
            RunOrder(
                run=run,
                principal=principal,
                cause=cause,
                asked=asked,
                speakers=tuple(speakers),
                rule=rule,
                tools=tuple(tools),
                calls_end_run=calls_end_run,
                sampling=sampling or Sampling(),
                instructions=tuple(instructions),
                responder=responder,
                whole=whole,
                asked_by=tuple(asked_by),
                values=values,
                account=account,
            ),
            when_busy,
        )
        return Ordered(run, seq)

    async def outcome(self, run: str) -> RunOutcome:
        """Wait until a run has ended and is stored. Raises SalonError (`unavailable`) when it cannot be stored now."""
        outcome = await self.runs.outcome(run)
        await self.log.stored()
        return outcome

    def cancel(self, run: str | None = None, *, agent: str | None = None, reason: str | None = None) -> int | None:
        """Stop a run; returns the seq of its end, or None when there was nothing to stop."""
        return self.runs.cancel(run, agent=agent, reason=reason)

    async def decline(self, who: Principal, question: Interrupted) -> None:
        """Answer no in the name of `who`, at once, where nobody is who could be asked; a run that asks others ends."""
        if question.interrupt not in self.state.interrupts:
            return
        answer = Resolve(
            kind="resolve", id=new_id("decline"), room=self.id, interrupt=question.interrupt, status="cancelled"
        )
        try:
            await self.act(who, answer)
        except SalonError:  # asked of somebody who cannot be here
            self.cancel(question.run, reason="the agent asked a question that nobody here may answer")

    def say(
        self,
        who: Principal,
        parts: Sequence[Part],
        *,
        cause: str | None = None,
        reply_to: str | None = None,
        message: str | None = None,
    ) -> int:
        """Append a person's message; `message` is its id, if it has one already."""
        said = MsgDone(
            event="message.done",
            message=message or new_id("msg"),
            author=Author(id=who.user, role="user", name=who.name),
            parts=[*parts],
            reply_to=reply_to,
        )
        return self.append(said, cause)

    async def guest(self, name: str, who: Principal) -> Responder | None:
        """Who answers under a name that is not in the room's team; None for nobody. Raises SalonError."""
        return await self._house.guest(name, who)

    async def fork(
        self, new_room: str, at: int, who: Principal | None, *, title: str | None = None, cause: str | None = None
    ) -> int:
        """Make another room of this one as it was at `at`, and tell so here; returns the seq of that.

        The rest as in `Lobby.fork`. Raises SalonError, RequestError for an `at` that this log does not have.
        """
        if not 1 <= at <= self.state.seq:
            message = f"the log has the entries 1 to {self.state.seq}; fork at one of them"
            raise RequestError(message, [Detail("/payload/at", "out_of_range", message)])
        await self._house.fork(self, new_room, at, who, title=title)
        return self.append(RoomForked(event="room.forked", room=new_room, at=at), cause)

    async def message_seq(self, message: str) -> int:
        """Where a message stands in the log. Raises SalonError (`not_found`)."""
        await self.log.stored()
        seq = await self.log.seq_of(message)
        if seq is None:
            raise SalonError("not_found", f"there is no message {message!r} in this room")
        return seq

    async def delete(self) -> None:
        """End the room for everyone, and its thread with it."""
        await self._house.delete(self)

    def abandon(self) -> None:
        """Stop what runs here without a word: the log is not this room's any more."""
        self._closed = True
        self.runs.abandon()

    async def close(self) -> None:
        """Stop what runs here and seal the log; nothing can be appended after."""
        await self.runs.close()
        self._closed = True
        await self.log.close()
