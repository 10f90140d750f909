"""One run of a room's log in AG-UI's events. Pure.

A turn is a step, a surface an activity, a question an interrupt that ends the stream though not the run. What AG-UI has
no word for comes as a custom event of the name that it has on Salon's own wire.
"""

from collections.abc import Iterable, Mapping, Sequence

import orjson
from ag_ui.core import (
    ActivityDeltaEvent,
    BaseEvent,
    CustomEvent,
    ReasoningEndEvent,
    ReasoningMessageContentEvent,
    ReasoningMessageEndEvent,
    ReasoningMessageStartEvent,
    ReasoningStartEvent,
    RunErrorEvent,
    RunFinishedCancelledOutcome,
    RunFinishedEvent,
    RunFinishedInterruptOutcome,
    RunFinishedSuccessOutcome,
    RunStartedEvent,
    StateDeltaEvent,
    StepFinishedEvent,
    StepStartedEvent,
    TextMessageContentEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
    TokenUsage,
    ToolCallArgsEvent,
    ToolCallEndEvent,
    ToolCallResultEvent,
    ToolCallStartEvent,
)
from pydantic import BaseModel

from salon.contracts.events import (
    Custom,
    Entry,
    GuardrailBlocked,
    Handoff,
    Interrupted,
    MsgDelta,
    MsgDone,
    MsgRemoved,
    MsgStarted,
    Reasoning,
    StatePatched,
    ToolArgs,
    ToolDone,
    ToolReady,
    ToolStarted,
    TurnFinished,
    TurnStarted,
    UiA2ui,
    UiPatch,
    UiPut,
    UiRemoved,
    UsageNoted,
)
from salon.contracts.runs import RunOutcome
from salon.contracts.types import Obj
from salon.errors import SalonError
from salon.http.dialects.ag_ui.vocabulary import SURFACE, activity, asked, result_id, words
from salon.http.mirror.chunks import arguments

PROTOCOL = "1.0"
Events = list[BaseEvent]


class Projection:
    """A Teller of one run to one frontend.

    Args:
        thread, run: what the frontend calls the room and this look at its run.
        opening: what the frontend is to know first, such as the messages it does not have.
        components: what the room's surfaces are.
        waiting: questions that are open already.
    """

    def __init__(
        self,
        thread: str,
        run: str,
        *,
        opening: Sequence[BaseEvent] = (),
        components: Mapping[str, str] = {},
        waiting: Iterable[Interrupted] = (),
    ) -> None:
        self._thread = thread
        self._run = run
        self._opening = opening
        self._components = dict(components)
        self._questions = {question.interrupt: question for question in waiting}
        self._steps: dict[str, str] = {}
        self._texts: dict[str, int] = {}
        self._arguments: dict[str, int] = {}
        self._calls: list[str] = []
        self._thought: str | None = None
        self._thoughts = 0
        self._usage: dict[str, TokenUsage] = {}

    def opening(self) -> bytes:
        """See Teller."""
        started = RunStartedEvent(thread_id=self._thread, run_id=self._run, protocol_version=PROTOCOL)
        return _frames([started, *self._opening])

    def take(self, entry: Entry) -> bytes:
        """See Teller."""
        events = self._events(entry)
        if self._thought is not None and events and not isinstance(entry.body, Reasoning):
            events = self._end_thought() + events
        for event in events:
            event.timestamp = int(entry.at * 1000)
        return _frames(events)

    def paused(self) -> bool:
        """See Teller."""
        return bool(self._questions)

    def beat(self) -> bytes:
        """See Teller. AG-UI's readers pass comments over."""
        return b": still here\n\n"

    def pause(self) -> bytes:
        """See Teller."""
        outcome = RunFinishedInterruptOutcome(interrupts=[asked(each) for each in self._questions.values()])
        return _frames([*self._close(), RunFinishedEvent(thread_id=self._thread, run_id=self._run, outcome=outcome)])

    def end(self, outcome: RunOutcome) -> bytes:
        """See Teller."""
        done = RunFinishedSuccessOutcome(pending_tool_call_ids=self._calls or None)
        finished = RunFinishedEvent(
            thread_id=self._thread,
            run_id=self._run,
            outcome=done,
            usage=list(self._usage.values()) or None,
            metadata={"salon": {"finish_reason": outcome.finish_reason}} if outcome.finish_reason else None,
        )
        return _frames([*self._close(), finished])

    def failure(self, error: SalonError) -> bytes:
        """See Teller."""
        if error.code == "cancelled":
            outcome = RunFinishedCancelledOutcome()
            finished = RunFinishedEvent(thread_id=self._thread, run_id=self._run, outcome=outcome)
            return _frames([*self._close(), finished])
        return _frames([*self._close(), RunErrorEvent(message=error.message, code=error.code)])

    def _events(self, entry: Entry) -> Events:
        match entry.body:
            case MsgStarted() | MsgDelta() | MsgDone() | MsgRemoved() as body:
                return self._text(body)
            case ToolStarted() | ToolArgs() | ToolReady() | ToolDone() as body:
                return self._tool(body)
            case TurnStarted() | TurnFinished() as body:
                return self._step(body)
            case UiPut() | UiPatch() | UiRemoved() | UiA2ui() as body:
                return self._surface(body)
            case Reasoning() as thought:
                return self._think(thought)
            case StatePatched() as patched:
                return [StateDeltaEvent(delta=[_plain(op) for op in patched.ops])]  # type: ignore[misc]  # validated
            case Interrupted() as question:
                self._questions[question.interrupt] = question
            case UsageNoted() as used:
                self._count(used)
            case Custom() as custom:
                return [CustomEvent(name=custom.name, value=custom.value)]
            case Handoff() | GuardrailBlocked() as body:
                return [_custom(body)]
        return []

    def _text(self, body: MsgStarted | MsgDelta | MsgDone | MsgRemoved) -> Events:
        match body:
            case MsgStarted() if body.author.role == "agent":
                self._texts[body.message] = 0
                return [TextMessageStartEvent(message_id=body.message, role="assistant", name=body.author.id)]
            case MsgDelta() if body.message in self._texts and body.text:
                self._texts[body.message] += len(body.text)
                return [TextMessageContentEvent(message_id=body.message, delta=body.text)]
            case MsgDone() if body.author.role == "agent":
                text = words(body)
                events: Events = []
                if body.message not in self._texts:
                    events.append(TextMessageStartEvent(message_id=body.message, role="assistant", name=body.author.id))
                if rest := text[self._texts.pop(body.message, 0) :]:
                    events.append(TextMessageContentEvent(message_id=body.message, delta=rest))
                return [*events, TextMessageEndEvent(message_id=body.message)]
            case MsgRemoved():
                open_ = self._texts.pop(body.message, None) is not None
                return [*([TextMessageEndEvent(message_id=body.message)] if open_ else []), _custom(body)]
        return []

    def _tool(self, body: ToolStarted | ToolArgs | ToolReady | ToolDone) -> Events:
        match body:
            case ToolStarted():
                return self._begin_call(body.call, body.name)
            case ToolArgs():
                self._arguments[body.call] = body.at
                return [ToolCallArgsEvent(tool_call_id=body.call, delta=body.text)]
            case ToolReady():
                events = [] if body.call in self._arguments else self._begin_call(body.call, body.name)
                if not self._arguments.pop(body.call):
                    events.append(ToolCallArgsEvent(tool_call_id=body.call, delta=arguments(body.args)))
                if body.where == "client":
                    self._calls.append(body.call)
                return [*events, ToolCallEndEvent(tool_call_id=body.call)]
            case ToolDone():
                output = arguments(body.output)
                return [ToolCallResultEvent(message_id=result_id(body.call), tool_call_id=body.call, content=output)]

    def _begin_call(self, call: str, name: str) -> Events:
        self._arguments[call] = 0
        return [ToolCallStartEvent(tool_call_id=call, tool_call_name=name)]

    def _step(self, body: TurnStarted | TurnFinished) -> Events:
        if isinstance(body, TurnStarted):
            self._steps[body.turn] = body.agent
            about: Obj = {"turn": body.turn, "source": body.source, "chosen": _plain(body.chosen)}
            return [StepStartedEvent(step_name=body.agent, metadata={"salon": about})]
        agent = self._steps.pop(body.turn, None)
        return [StepFinishedEvent(step_name=agent)] if agent is not None else []

    def _surface(self, body: UiPut | UiPatch | UiRemoved | UiA2ui) -> Events:
        match body:
            case UiPut():
                self._components[body.surface] = body.component
                return [activity(body)]
            case UiPatch():
                kind = SURFACE + self._components[body.surface]
                patch = [_plain(op) for op in body.ops]
                return [ActivityDeltaEvent(message_id=body.surface, activity_type=kind, patch=patch)]  # type: ignore[arg-type]  # validated
            case UiA2ui():
                return [activity(body)]
            case UiRemoved():
                return [_custom(body)]

    def _think(self, thought: Reasoning) -> Events:
        events: Events = []
        if self._thought is None:
            self._thoughts += 1
            self._thought = key = f"{thought.turn or thought.run}-thought-{self._thoughts}"
            events = [ReasoningStartEvent(message_id=key), ReasoningMessageStartEvent(message_id=key)]
        return [*events, ReasoningMessageContentEvent(message_id=self._thought, delta=thought.text)]

    def _end_thought(self) -> Events:
        key, self._thought = self._thought or "", None
        return [ReasoningMessageEndEvent(message_id=key), ReasoningEndEvent(message_id=key)]

    def _count(self, used: UsageNoted) -> None:
        sum_ = self._usage.setdefault(used.model, TokenUsage(model=used.model, input_tokens=0, output_tokens=0))
        sum_.input_tokens = (sum_.input_tokens or 0) + used.input_tokens
        sum_.output_tokens = (sum_.output_tokens or 0) + used.output_tokens

    def _close(self) -> Events:
        """What is still open must be closed before a run may be finished."""
        thought = self._end_thought() if self._thought is not None else []
        texts = [TextMessageEndEvent(message_id=message) for message in self._texts]
        calls = [ToolCallEndEvent(tool_call_id=call) for call in self._arguments]
        steps = [StepFinishedEvent(step_name=agent) for agent in self._steps.values()]
        return [*thought, *texts, *calls, *steps]


def _custom(body: Handoff | GuardrailBlocked | MsgRemoved | UiRemoved) -> CustomEvent:
    value: Obj = body.model_dump(mode="json", exclude={"event"})
    return CustomEvent(name=body.event, value=value)


def _plain(model: BaseModel) -> Obj:
    plain: Obj = model.model_dump(mode="json", by_alias=True)
    return plain


def _frames(events: Iterable[BaseEvent]) -> bytes:
    return b"".join(b"data: %s\n\n" % orjson.dumps(event.model_dump(mode="json", by_alias=True)) for event in events)
