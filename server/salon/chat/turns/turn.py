"""One agent's speaking: an AG2 `ask` with the room's memory, its limits, and what became of it."""

import asyncio
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog
from ag2 import AgentReply
from ag2.events import BaseEvent, ToolResultEvent, ToolResultsEvent

from salon.agents.compiled.build import Built
from salon.agents.compiled.firing import Firing
from salon.agents.compiled.life import TurnHooks
from salon.agents.context.context import TurnPort
from salon.agents.context.current import CONTEXT
from salon.agents.tools.execution import make_safe
from salon.billing.usage import Usage
from salon.chat.history import remember
from salon.chat.turns.narrator import Narrator, ToolLoop
from salon.chat.turns.port import RoomPort
from salon.chat.turns.remote import caller_tools
from salon.chat.turns.stream import TurnStream
from salon.clock import Clock
from salon.contracts.events import ChosenBy, ToolReady, TurnFinished, TurnStarted
from salon.contracts.runs import RunOrder, Stage
from salon.errors import SalonError
from salon.ids import new_id
from salon.memory.strategies import EVERYTHING, LastN
from salon.models.config import with_sampling
from salon.models.errors import ErrorKind, ModelError

log = structlog.get_logger(__name__)

_CODES = {ErrorKind.TIMEOUT: "timeout", ErrorKind.RATE_LIMITED: "rate_limited"}


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """`tool_rounds`: how often a model may call tools in one turn; `seconds`: how long a turn may take."""

    tool_rounds: int = 16
    seconds: float = 120.0


@dataclass(slots=True)
class TurnEnd:
    """How a turn ended: with a reply and AG2's events of the turn, or with an error code and its reason for people."""

    reply: "AgentReply[Any, Any] | None" = None
    events: Sequence[BaseEvent] = ()
    error: str | None = None
    reason: str | None = None
    finish_reason: str | None = None
    calls: list[ToolReady] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=dict)


class Turn:
    """One agent's turn in a run: `speak`, then `finish` when the floor knows what it meant.

    Args:
        values: what tools and hooks note for each other during the run.
        bill: what the run has used so far.
        first: whether it is the agent's first turn in the run.
        known: what is known of the person who asks, for the prompt.
    """

    def __init__(
        self,
        stage: Stage,
        order: RunOrder,
        built: Built,
        *,
        limits: TurnLimits,
        clock: Clock,
        refuse_handoff: Callable[[str], str | None],
        values: MutableMapping[str, object],
        bill: Usage,
        first: bool = True,
        known: str | None = None,
    ) -> None:
        self.id = new_id("turn")
        self._stage = stage
        self._order = order
        self._built = built
        self._limits = limits
        self._known = known
        self._deadline: asyncio.Timeout | None = None
        self._asking = 0
        self._left = 0.0
        self._narrator = Narrator(
            stage,
            run=order.run,
            turn=self.id,
            agent=built.name,
            source=built.source,
            model=built.model,
            quiet=built.handoff_tools | {tool.name for tool in order.tools},
            tool_rounds=limits.tool_rounds,
            bill=bill,
            credits_per_token=built.agent.credits_per_token,
        )
        self._first = first
        self._port = RoomPort(
            stage,
            run=order.run,
            turn=self.id,
            agent=built.name,
            principal=order.principal,
            values=values,
            usage=bill,
            asked_by=order.asked_by,
            clock=clock,
            patience=self._patience,
            refuse_handoff=refuse_handoff,
        )
        self._hooks = TurnHooks(built.agent, self._port)

    async def speak(self, chosen: ChosenBy) -> TurnEnd:
        """Let the agent speak. Raises nothing but cancellation: what goes wrong is the end's `error`."""
        built, order, narrator = self._built, self._order, self._narrator
        self._stage.append(
            TurnStarted(
                event="turn.started",
                turn=self.id,
                run=order.run,
                agent=built.name,
                chosen=chosen,
                source=built.source,
                model=built.model,
            )
        )
        narrator.status("thinking")
        history, trigger = remember(
            self._stage.transcript(),
            built.name,
            built.agent.memory_strategy or (EVERYTHING if order.whole else LastN()),
            opening=self._stage.opening(),
            summary=self._stage.summary(),
        )
        self._stage.steering()  # heard: what people said before this turn is in the transcript
        hooks = self._hooks
        before = CONTEXT.set(hooks.context)
        try:
            async with asyncio.timeout(self._limits.seconds) as self._deadline:
                await built.agent.initialize()
                await hooks.begin(first=self._first)
                stream = TurnStream(history, self._tap, hooks.edit)
                reply = await built.ag2.ask(
                    *trigger,
                    stream=stream,
                    dependencies={TurnPort: self._port, Firing: hooks.firing},
                    prompt=[
                        built.prompt,
                        *await hooks.prompts(),
                        *([self._known] if self._known else []),
                        *order.instructions,
                    ],
                    config=with_sampling(built.config, order.sampling),
                    tools=[*built.late_tools(), *caller_tools(order, self._stage, agent=built.name, turn=self.id)],
                    middleware=hooks.layers(),
                )
                await hooks.end(reply.response)
            calls = narrator.calls_of_caller(reply.response, order.principal.user)
            events = list(await stream.history.get_events())[len(history) :]
        except Exception as error:  # noqa: BLE001 - whatever an agent does wrong is the end of its turn only
            code, reason = self._told(error)
            await hooks.failed(code, reason)
            return TurnEnd(error=code, reason=reason, usage=narrator.usage)
        finally:
            CONTEXT.reset(before)
        return TurnEnd(reply, events, finish_reason=narrator.finish_reason, calls=calls, usage=narrator.usage)

    async def finalize(self, outcome: str) -> None:
        """Tell the agent's hooks that the run is over. Raises nothing."""
        await self._hooks.finalize(outcome)

    def finish(self, outcome: Literal["success", "handoff", "interrupt", "error"], reason: str | None = None) -> None:
        """Say in the log that the turn is over."""
        self._narrator.status("idle")
        spent = self._narrator.usage if any(self._narrator.usage.values()) else None
        self._stage.append(
            TurnFinished(event="turn.finished", turn=self.id, outcome=outcome, reason=reason, usage=spent)
        )

    def _tap(self, stream: TurnStream, event: BaseEvent) -> None:
        if isinstance(event, ToolResultEvent):
            make_safe(event)
        elif isinstance(event, ToolResultsEvent):
            make_safe(*event.results)
        self._narrator.tell(event)
        if isinstance(event, ToolResultsEvent):
            # The model is about to be asked again: what people said meanwhile counts.
            for said in self._stage.steering():
                stream.enqueue(said)

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """The turn's clock stands still until the last of the questions is answered: people take their time."""
        deadline, loop = self._deadline, asyncio.get_running_loop()
        if deadline is None or deadline.expired():
            yield
            return
        if (ends := deadline.when()) is not None:
            self._left = ends - loop.time()
            deadline.reschedule(None)
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1
            if not self._asking:
                deadline.reschedule(loop.time() + self._left)

    def _told(self, error: Exception) -> tuple[str, str]:
        """An error as a wire code and words for people; the log has the rest under an id."""
        name = self._built.name
        match error:
            case ModelError():
                return _CODES.get(error.kind, "model_error"), error.message
            case TimeoutError() if self._deadline is not None and self._deadline.expired():
                return "timeout", f"{name} took more than {self._limits.seconds:g} s; try again or ask for less"
            case ToolLoop():
                return "agent_error", f"{name} called tools {self._limits.tool_rounds} times without an answer"
            case SalonError():
                return error.code, error.message
        incident = new_id("err")
        log.error("turn.failed", agent=name, run=self._order.run, incident=incident, exc_info=error)
        return "agent_error", f"{name} failed; the server's log has it as {incident}"
