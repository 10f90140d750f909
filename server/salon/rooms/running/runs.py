"""A room's runs: one at a time, in the order asked for, each with a stage of its own that closes with it.

Owns when a run starts and that it ends; knows nothing of who speaks in it.
"""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass

import structlog

from salon.contracts.actions import WhenBusy
from salon.contracts.components import Screen
from salon.contracts.events import RunStarted
from salon.contracts.runs import Responder, RunOrder, RunOutcome
from salon.errors import SalonError
from salon.ids import new_id
from salon.rooms.running.closing import close_run
from salon.rooms.running.questions import Questions
from salon.rooms.running.stage import Append, RunStage
from salon.rooms.state import RoomState

log = structlog.get_logger(__name__)

QUEUED_RUNS = 100
OUTCOMES_KEPT = 100


@dataclass(frozen=True, slots=True)
class Ordered:
    """A run that was asked for, and where the message that asked stands in the log."""

    run: str
    seq: int | None


class Runs:
    """The run that is on, and those that wait. `screens`: what those who watch can draw, by client."""

    def __init__(self, room: str, state: RoomState, append: Append, responder: Responder, questions: Questions) -> None:
        self.screens: dict[str, Screen] = {}
        self._room = room
        self._state = state
        self._append = append
        self._responder = responder
        self._questions = questions
        self._waiting: deque[RunOrder] = deque()
        self._order: RunOrder | None = None
        self._stage: RunStage | None = None
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._outcomes: OrderedDict[str, asyncio.Future[RunOutcome]] = OrderedDict()

    @property
    def busy(self) -> bool:
        """Whether a run is on."""
        return self._order is not None

    @property
    def stage(self) -> RunStage | None:
        """The stage of the run that is on."""
        return self._stage

    def check(self, when_busy: WhenBusy) -> None:
        """Raise SalonError when another order would be refused (`busy`, `limit_exceeded`)."""
        if not self.busy:
            return
        if when_busy == "reject":
            raise SalonError("busy", "a run is on in this room; wait for run.finished, or send with when_busy: queue")
        if len(self._waiting) >= QUEUED_RUNS:
            raise SalonError("limit_exceeded", f"{QUEUED_RUNS} runs wait in this room already; wait for some to finish")

    def order(self, order: RunOrder, when_busy: WhenBusy = "queue") -> None:
        """Start a run, or let it wait its turn; `interrupt` cancels the one that is on."""
        self._outcomes[order.run] = asyncio.get_running_loop().create_future()
        while len(self._outcomes) > OUTCOMES_KEPT and next(iter(self._outcomes.values())).done():
            self._outcomes.popitem(last=False)
        if self.busy and when_busy == "interrupt":
            self._waiting.appendleft(order)
            self.cancel(reason="interrupted by a newer message")
        elif self.busy:
            self._waiting.append(order)
        else:
            self._begin(order)

    def cancel(self, run: str | None = None, *, agent: str | None = None, reason: str | None = None) -> int | None:
        """End the run that is on, or one that waits; returns the seq of its end, or None when there is none such.

        The log says so at once; the task, and with it the model call, is cancelled and ends by itself.
        """
        for waiting in list(self._waiting):
            if waiting.run == run:
                self._waiting.remove(waiting)
                self._settle(waiting.run, RunOutcome(outcome="cancelled", reason=reason))
                return None
        order = self._order
        if order is None or (run is not None and run != order.run):
            return None
        if agent is not None and agent not in {turn.agent for turn in self._state.turns.values()}:
            return None
        task = self._task
        seq = self._finish(order, RunOutcome(outcome="cancelled", reason=reason))
        if task is not None:
            self._end(task)
        return seq

    async def outcome(self, run: str) -> RunOutcome:
        """Wait for the end of a run."""
        future = self._outcomes.get(run)
        if future is None:
            raise SalonError("not_found", f"run {run!r} is not known here")
        return await asyncio.shield(future)

    def abandon(self) -> None:
        """End everything without an entry in the log."""
        orders = [*filter(None, [self._order]), *self._waiting]
        task, self._task = self._task, None
        if self._stage is not None:
            self._stage.close()
        self._order = self._stage = None
        self._waiting.clear()
        for order in orders:
            self._settle(order.run, RunOutcome(outcome="error", reason="the room was lost", error="unavailable"))
        if task is not None:
            self._end(task)

    async def close(self) -> None:
        """Cancel everything and wait until it is gone: also what is ordered meanwhile."""
        while self.busy or self._ending:
            for order in list(self._waiting):
                self.cancel(order.run, reason="the room closes")
            self.cancel(reason="the room closes")
            if self._ending:
                await asyncio.wait(set(self._ending))

    def _end(self, task: asyncio.Task[None]) -> None:
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        task.cancel()

    def _begin(self, order: RunOrder) -> None:
        self._order = order
        self._stage = RunStage(
            self._room,
            order,
            self._state,
            self._append,
            self._questions,
            waiting=self._waiting,
            screens=self.screens.values(),
        )
        team = (order.responder or self._responder).team
        self._append(RunStarted(event="run.started", run=order.run, team=team), order.cause)
        self._task = asyncio.create_task(self._respond(self._stage, order), name=f"run {order.run}")

    async def _respond(self, stage: RunStage, order: RunOrder) -> None:
        try:
            outcome = await (order.responder or self._responder).respond(stage, order)
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and (task is None or task.cancelling()):
                raise
            # A responder answers for its agents; what arrives here is a defect of ours, told by an id only. So is a
            # cancellation that nobody asked for, such as that of something a tool waited for.
            incident = new_id("err")
            log.exception("run.defect", room=self._room, run=order.run, incident=incident, error=type(error).__name__)
            outcome = RunOutcome(outcome="error", reason=f"internal error {incident}", error="internal")
        if self._stage is stage:
            self._finish(order, outcome)

    def _finish(self, order: RunOrder, outcome: RunOutcome) -> int:
        stage = self._stage
        if stage is not None:
            stage.close()
        seq = 0
        for event in close_run(self._state, order.run, outcome):
            seq = self._append(event, order.cause)
        self._settle(order.run, outcome)
        self._order = self._stage = self._task = None
        unheard = list(stage.steering()) if stage is not None else []
        if self._waiting:
            self._begin(self._waiting.popleft())
        elif unheard and outcome.outcome == "success":
            # Somebody steered after the last model call had begun: the message is in the log, so it gets its answer.
            self.order(RunOrder(run=new_id("run"), principal=order.principal, cause=order.cause))
        return seq

    def _settle(self, run: str, outcome: RunOutcome) -> None:
        future = self._outcomes.get(run)
        if future is not None and not future.done():
            future.set_result(outcome)
