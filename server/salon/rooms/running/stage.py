"""The room as one run sees it: what its agents hear, and all that they may do.

Closes with its run; knows nothing of who speaks in it.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Literal

from salon.contracts.components import Screen
from salon.contracts.events import (
    FloorGiven,
    Interrupted,
    MsgDone,
    Resolved,
    RoomEvent,
    ToolDone,
    ToolReady,
    UiPut,
)
from salon.contracts.runs import Principal, RunOrder
from salon.contracts.types import Json
from salon.rooms.running.questions import Questions
from salon.rooms.state import RoomState

Append = Callable[[RoomEvent, str | None], int]


class RunStage:
    """The room as one run sees it. Once the run is over nothing of it reaches the log any more."""

    def __init__(
        self,
        room: str,
        order: RunOrder,
        state: RoomState,
        append: Append,
        questions: Questions,
        *,
        waiting: Collection[RunOrder],
        screens: Collection[Screen],
    ) -> None:
        self.room = room
        self.screens = screens
        self._order = order
        self._waiting = waiting
        self._state = state
        self._append = append
        self._questions = questions
        self._choice: FloorGiven | None = None
        self._steering: list[str] = []
        self._closed = False

    @property
    def principal(self) -> Principal:
        """Who is being answered."""
        return self._order.principal

    @property
    def floor(self) -> str | None:
        """The agent that holds the floor since the last run, if any."""
        return self._state.floor

    def transcript(self) -> Sequence[RoomEvent]:
        """The durable events a model's memory is made of, without what asks for runs that wait: it is not said yet."""
        events, later = self._state.transcript.events, {order.asked for order in self._waiting}
        if not later:
            return events
        return [event for event in events if not isinstance(event, MsgDone) or event.message not in later]

    def opening(self) -> Sequence[RoomEvent]:
        """How the conversation began."""
        return self._state.transcript.opening

    def summary(self) -> str | None:
        """What is known of what left the transcript."""
        return self._state.summary.text if self._state.summary is not None else None

    def surface(self, surface: str) -> UiPut | None:
        """A surface as it is now."""
        return self._state.surfaces.get(surface)

    def state(self) -> Json:
        """The room's shared state."""
        return self._state.shared

    @property
    def version(self) -> int:
        """The version of the shared state."""
        return self._state.version

    def append(self, event: RoomEvent) -> int:
        """Append to the log. In a run that is over, ends the task that still speaks."""
        if self._closed:
            raise asyncio.CancelledError
        return self._append(event, self._order.cause)

    async def ask(self, question: Interrupted) -> Resolved:
        """Put a question to people and wait for the answer."""
        self.append(question)
        try:
            return await self._questions.answer(question, self._expire)
        except asyncio.CancelledError:
            self._settle(question.interrupt, "cancelled")  # whoever asked waits no longer
            raise

    async def call_client(self, ready: ToolReady) -> ToolDone:
        """Let a client run one of its tools and wait for the result."""
        self.append(ready)
        return await self._questions.result(ready.call)

    def choice(self) -> FloorGiven | None:
        """A person's choice of the next speaker; taking it clears it."""
        choice, self._choice = self._choice, None
        return choice

    def steering(self) -> Sequence[str]:
        """What people said into this run; taking it clears it."""
        said, self._steering = self._steering, []
        return said

    def choose(self, choice: FloorGiven) -> None:
        """A person chooses the next speaker."""
        self._choice = choice

    def steer(self, text: str) -> None:
        """A person says something into the run."""
        self._steering.append(text)

    def close(self) -> None:
        """The run is over."""
        self._closed = True

    def _expire(self, interrupt: str) -> None:
        self._settle(interrupt, "expired")

    def _settle(self, interrupt: str, status: Literal["cancelled", "expired"]) -> None:
        if not self._closed and interrupt in self._state.interrupts:
            self.append(Resolved(event="interrupt.resolved", interrupt=interrupt, status=status))
