"""What must be said so that nothing of a run stays open in the log: after a cancel, an error, a crash, a fork. Pure."""

from typing import Literal

from salon.contracts.events import (
    AgentStatus,
    MsgDone,
    MsgRemoved,
    Resolved,
    RoomEvent,
    RunFinished,
    ToolDone,
    TurnFinished,
)
from salon.contracts.runs import RunOutcome
from salon.contracts.types import TextPart
from salon.rooms.state import RoomState

INTERRUPTED = RunOutcome(outcome="error", reason="interrupted", error="unavailable")
"""How a run ends that was on when its process died."""

FORKED = RunOutcome(outcome="cancelled", reason="the room was forked here")
"""How it ends in the copy when its room is forked in the middle."""

TEXT_LIMIT = 32768
PARTS_LIMIT = 64


def text_parts(text: str) -> list[TextPart]:
    """A text as message parts, each within the wire's limit for one part."""
    pieces = [text[i : i + TEXT_LIMIT] for i in range(0, len(text), TEXT_LIMIT)] or [""]
    return [TextPart(kind="text", text=piece) for piece in pieces[:PARTS_LIMIT]]


def close_run(state: RoomState, run: str, outcome: RunOutcome) -> list[RoomEvent]:
    """The events that end `run`: what is still open inside it first, then the run itself."""
    return [
        *_close_turns(state, {t.turn for t in state.turns.values() if t.run == run}, run, outcome),
        RunFinished(
            event="run.finished",
            run=run,
            outcome=outcome.outcome,
            reason=_clipped(outcome.reason),
            usage=dict(outcome.usage) or None,
        ),
    ]


def close_runs(state: RoomState, outcome: RunOutcome) -> list[RoomEvent]:
    """The events that end every run."""
    return [event for run in state.runs for event in close_run(state, run, outcome)]


def _close_turns(state: RoomState, turns: set[str], run: str, outcome: RunOutcome) -> list[RoomEvent]:
    ended: Literal["cancelled", "error"] = "cancelled" if outcome.outcome == "cancelled" else "error"
    events: list[RoomEvent] = []
    for key, message in state.streaming.items():
        if message.started.run != run:
            continue
        if text := message.text():
            parts = text_parts(text)
            started = message.started
            events.append(
                MsgDone(
                    event="message.done",
                    message=key,
                    author=started.author,
                    parts=[*parts],
                    run=run,
                    turn=started.turn,
                    reply_to=started.reply_to,
                    partial=True,
                )
            )
        else:
            events.append(MsgRemoved(event="message.removed", message=key))
    kept = {ready.call for ready in outcome.calls}  # the caller answers these in its next request
    events += [
        ToolDone(event="tool.done", call=call, ok=False, output=ended)
        for call, tool in state.started.items()
        if tool.run == run and call not in kept
    ]
    events += [
        Resolved(event="interrupt.resolved", interrupt=key, status="cancelled")
        for key, question in state.interrupts.items()
        if question.run == run
    ]
    for turn in turns:
        agent = state.turns[turn].agent
        events.append(TurnFinished(event="turn.finished", turn=turn, outcome=ended, reason=_clipped(outcome.reason)))
        if agent in state.agents:
            events.append(AgentStatus(event="agent.status", agent=agent, status="idle", run=run))
    return events


def _clipped(reason: str | None) -> str | None:
    return reason[:TEXT_LIMIT] if reason is not None else None
