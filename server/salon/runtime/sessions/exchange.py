"""One request to an agent in a room, and what comes of it: the run followed from its order to its end.

Knows the room; of the agent only who answers for it.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from salon.contracts.events import (
    Entry,
    Handoff,
    Interrupted,
    MsgDelta,
    MsgDone,
    ToolDone,
    ToolReady,
    TurnStarted,
)
from salon.contracts.feed import Published
from salon.contracts.runs import Account, Principal, Responder, RunOutcome
from salon.contracts.types import ClientTool, Part
from salon.errors import ERRORS, SalonError
from salon.ids import new_id
from salon.rooms.room import Room
from salon.runtime.sessions.items import Item, item_of

Subscribe = Callable[[str, Callable[[Published], None]], Callable[[], None]]
"""The broker's: hands on what a room publishes, until the returned function is called."""


class RunFailed(SalonError):
    """The agent could not answer; `message` says why, in words for whoever asked."""


@dataclass(slots=True)
class Said:
    """More of a message's text."""

    agent: str
    message: str
    text: str


Kind = Literal["message_output_created", "tool_called", "tool_output", "handoff_occured"]
"""What OpenAI's agents library calls these, its spelling included."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A whole item: what was said, a call, its output, a hand-off."""

    name: Kind
    agent: str
    item: Item


@dataclass(frozen=True, slots=True)
class Speaks:
    """Whose turn it is now."""

    agent: str


Step = Said | Happened | Speaks


class Exchange:
    """Listens from before the run begins until `close`.

    Args:
        attended: whether people may be there to answer what an agent asks them; if not, its questions are declined.
    """

    def __init__(self, room: Room, subscribe: Subscribe, who: Principal, *, attended: bool = False) -> None:
        self.text = ""
        self.outcome: RunOutcome | None = None
        self._room = room
        self.who = who
        self._attended = attended
        self._cause = new_id("ask")
        self._agent = ""
        self._steps: list[Step] = []
        self._questions: list[Interrupted] = []
        self._news = asyncio.Event()
        self._end: asyncio.Task[None] | None = None
        self._unsubscribe = subscribe(room.id, self._take)

    async def begin(
        self,
        parts: Sequence[Part] | None,
        *,
        agent: str,
        responder: Responder,
        instructions: Sequence[str] = (),
        whole: bool = False,
        tools: Sequence[ClientTool] = (),
        asked_by: Sequence[str] = (),
        account: Account | None = None,
    ) -> None:
        """Say `parts`, if any, and let `agent` answer; a call of one of `tools` ends the run. The rest as in RunOrder.

        Raises SalonError when the room's policy refuses it.
        """
        self._agent = agent
        ordered = await self._room.order(
            self.who,
            parts=parts,
            cause=self._cause,
            speakers=(agent,),
            rule="host",
            responder=responder,
            instructions=instructions,
            whole=whole,
            tools=tools,
            calls_end_run=True,
            asked_by=asked_by,
            account=account,
        )
        self._end = asyncio.create_task(self._await_end(ordered.run), name=f"end of {ordered.run}")

    async def steps(self) -> AsyncGenerator[Step]:
        """What happens, as it happens, until the run has ended. Texts that nobody took yet are joined."""
        while True:
            ended = self._end is None or self._end.done()
            await self._decline()
            steps, self._steps = self._steps, []
            for step in steps:
                yield step
            if ended:
                return
            await self._news.wait()
            self._news.clear()

    async def finish(self) -> RunOutcome:
        """Wait for the end. Raises RunFailed when the agent could not answer."""
        async for _ in self.steps():
            pass
        return self.result()

    def result(self) -> RunOutcome:
        """How the run ended, once `steps` is exhausted. Raises RunFailed when the agent could not answer."""
        if self._end is not None and self._end.done():
            self._end.result()
        outcome = self.outcome
        if outcome is None:
            raise RunFailed("unavailable", "the room went away before the answer was complete; ask again")
        if outcome.outcome == "cancelled":
            raise RunFailed("cancelled", outcome.reason or "the run was stopped")
        if outcome.outcome == "error":
            code = outcome.error if outcome.error in ERRORS else "agent_error"
            raise RunFailed(code, outcome.reason or "the agent could not answer; try again")
        return outcome

    def close(self) -> None:
        """Stop listening. The run itself goes on: whoever asked may come back for the answer."""
        self._unsubscribe()
        if self._end is not None and not self._end.cancel() and not self._end.cancelled():
            self._end.exception()  # nobody asks any more how it ended

    async def _await_end(self, run: str) -> None:
        try:
            self.outcome = await self._room.outcome(run)
        finally:
            self._news.set()

    def _take(self, item: Published) -> None:
        step = self._step(item.entry)
        if step is None:
            return
        last = self._steps[-1] if self._steps else None
        if isinstance(step, Said) and isinstance(last, Said) and last.message == step.message:
            last.text += step.text  # whoever reads slower than a model writes gets it in larger pieces
        else:
            self._steps.append(step)
        self._news.set()

    def _step(self, entry: Entry) -> Step | None:
        if entry.cause != self._cause:
            return None
        match entry.body:
            case MsgDelta() as delta:
                return Said(self._agent, delta.message, delta.text)
            case MsgDone() as done if done.author.role == "agent":
                return self._happened("message_output_created", done)
            case ToolReady() as ready:
                return self._happened("tool_called", ready)
            case ToolDone() as result:
                return self._happened("tool_output", result)
            case Handoff() as handoff:
                item: Item = {"type": "handoff", "source": handoff.source, "target": handoff.target}
                if handoff.reason:
                    item["reason"] = handoff.reason
                return Happened("handoff_occured", handoff.source, item)
            case TurnStarted() as turn:
                self._agent = turn.agent
                return Speaks(turn.agent)
            case Interrupted() as question:
                self._questions.append(question)
                self._news.set()
        return None

    def _happened(self, name: Kind, event: MsgDone | ToolReady | ToolDone) -> Happened:
        item = item_of(event)
        assert item is not None  # noqa: S101 - all of these are items
        if isinstance(event, MsgDone):
            self.text = str(item["content"])
        return Happened(name, self._agent, item)

    async def _decline(self) -> None:
        """Answer no, at once: nobody is there who could be asked."""
        questions, self._questions = self._questions, []
        for question in questions if not self._attended else ():
            await self._room.decline(self.who, question)
