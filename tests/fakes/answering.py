"""Who answers in a room, by script: a Responder whose runs are plain functions of the stage."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from salon.contracts.events import MsgDelta, MsgDone, MsgStarted, ToolReady, ToolStarted, UsageNoted
from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.contracts.types import AgentCard, Author, Obj, TextPart
from salon.ids import new_id

Play = Callable[[Stage, RunOrder], Awaitable[RunOutcome]]

SUCCESS = RunOutcome(outcome="success", finish_reason="stop")


class Scripted:
    """Satisfies `salon.contracts.runs.Responder`. `orders` and `transcripts` are what it was asked with."""

    def __init__(self, team: str, play: Play, roster: Sequence[str] = ("host", "writer")) -> None:
        self.team = team
        self.orders: list[RunOrder] = []
        self.transcripts: list[list[object]] = []
        self.cancelled = asyncio.Event()
        self._play = play
        self._roster = roster

    def roster(self) -> list[AgentCard]:
        return [AgentCard(id=name, host=i == 0) for i, name in enumerate(self._roster)]

    def tools(self) -> dict[str, str]:
        return {}

    async def respond(self, stage: Stage, order: RunOrder) -> RunOutcome:
        self.orders.append(order)
        self.transcripts.append(list(stage.transcript()))
        try:
            return await self._play(stage, order)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


def say(stage: Stage, order: RunOrder, *pieces: str, agent: str = "host", tokens: tuple[int, int] = (5, 2)) -> None:
    """One message of an agent, streamed in `pieces`, and what it cost."""
    message, author, at = new_id("msg"), Author(id=agent, role="agent"), 0
    stage.append(MsgStarted(event="message.started", message=message, author=author, run=order.run))
    for piece in pieces:
        at += len(piece)
        stage.append(MsgDelta(event="message.delta", message=message, text=piece, at=at))
    whole = [TextPart(kind="text", text="".join(pieces))]
    stage.append(MsgDone(event="message.done", message=message, author=author, parts=[*whole], run=order.run))
    stage.append(
        UsageNoted(event="usage", turn="turn_1", model="scripted", input_tokens=tokens[0], output_tokens=tokens[1])
    )


def call(stage: Stage, order: RunOrder, name: str, args: Obj, *, agent: str = "host") -> ToolReady:
    """A call that the caller of the run must answer."""
    ready = ToolReady(
        event="tool.ready",
        call=new_id("call"),
        name=name,
        args=args,
        where="client",
        agent=agent,
        run=order.run,
        assignee=order.principal.user,
    )
    stage.append(
        ToolStarted(
            event="tool.started", call=ready.call, name=name, run=order.run, where="client", agent=agent, turn="turn_1"
        )
    )
    stage.append(ready)
    return ready


def calls(*ready: ToolReady) -> RunOutcome:
    """The run ends with calls for its caller."""
    return RunOutcome(outcome="interrupt", finish_reason="tool_calls", calls=ready)


def saying(*pieces: str) -> Play:
    """A run in which the host says `pieces`."""

    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        say(stage, order, *pieces)
        return SUCCESS

    return play


def ending(outcome: RunOutcome, *pieces: str) -> Play:
    """A run that says `pieces` and ends so."""

    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        if pieces:
            say(stage, order, *pieces)
        return outcome

    return play
