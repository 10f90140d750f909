"""A long thread, written by the product itself: a room in which runs have happened, one after the other."""

from collections.abc import Iterator

from salon.contracts.events import (
    AgentStatus,
    ChosenBy,
    MsgDone,
    MsgStarted,
    RoomEvent,
    RunFinished,
    RunStarted,
    TurnFinished,
    TurnStarted,
    UsageNoted,
)
from salon.contracts.types import Author, Part, TextPart
from salon.ids import new_id
from salon.rooms.room import Room

AT_ONCE = 1000
"""Entries that are stored together while a thread is filled: else it would take minutes."""

PERSON = Author(id="bench", role="user")
AGENT = Author(id="host", role="agent")
SENTENCE = "The ferry to the northern islands leaves at seven, and the harbour office sells its tickets from six. "


async def fill(room: Room, entries: int) -> None:
    """Let runs happen until the room's log has so many entries."""
    while room.state.seq < entries:
        for event in run(room.state.seq):
            room.append(event)
            if room.state.seq % AT_ONCE == 0:
                await room.log.stored()
            if room.state.seq >= entries and isinstance(event, MsgDone | RunFinished):
                break
    await room.log.stored()


def run(number: int) -> Iterator[RoomEvent]:
    """What a run of one turn leaves in a log; the deltas of its message are never stored."""
    run, turn, answer = new_id("run"), new_id("turn"), new_id("msg")
    yield MsgDone(event="message.done", message=new_id("msg"), author=PERSON, parts=said(number, 1))
    yield RunStarted(event="run.started", run=run, team="instant")
    chosen = ChosenBy(rule="host", candidates=["host"])
    yield TurnStarted(event="turn.started", turn=turn, run=run, agent="host", chosen=chosen, source="model")
    yield AgentStatus(event="agent.status", agent="host", status="thinking", run=run)
    yield AgentStatus(event="agent.status", agent="host", status="speaking", run=run)
    yield MsgStarted(event="message.started", message=answer, author=AGENT, run=run, turn=turn)
    yield UsageNoted(event="usage", turn=turn, model="instant", input_tokens=900, output_tokens=80)
    parts = said(number, 4)
    yield MsgDone(event="message.done", message=answer, author=AGENT, parts=parts, run=run, turn=turn)
    yield AgentStatus(event="agent.status", agent="host", status="idle", run=run)
    yield TurnFinished(event="turn.finished", turn=turn, outcome="success")
    yield RunFinished(event="run.finished", run=run, outcome="success")


def said(number: int, sentences: int) -> list[Part]:
    """Some text that is not quite the one before."""
    return [TextPart(kind="text", text=f"{number}: {SENTENCE * sentences}")]
