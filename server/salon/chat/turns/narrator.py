"""Tells the room what an agent's turn does, as it happens: AG2 events in, room events out. Synchronous."""

import re
from typing import Literal

from ag2.events import (
    BaseEvent,
    ModelMessageChunk,
    ModelReasoning,
    ModelResponse,
    ToolCallEvent,
    ToolCallsEvent,
    ToolResultEvent,
    ToolResultsEvent,
    UsageEvent,
)

from salon.agents.tools.execution import outcome_of
from salon.billing.usage import Usage
from salon.contracts.events import (
    AgentStatus,
    MsgDelta,
    MsgDone,
    MsgStarted,
    Reasoning,
    Source,
    ToolDone,
    ToolReady,
    ToolStarted,
    UsageNoted,
    Where,
)
from salon.contracts.runs import Stage
from salon.contracts.types import Author, Part, TextPart
from salon.ids import new_id

WIRE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}")
TEXT_LIMIT = 32768
PARTS_LIMIT = 64


class ToolLoop(Exception):
    """The model went on calling tools beyond the limit."""


class Narrator:
    """The voice of one turn in the log.

    Args:
        quiet: names of tools whose calls have entries of their own kind (hand-offs, the caller's tools).
        tool_rounds: how often the model may call tools in this turn.
        bill: what the run has used so far.
        credits_per_token: the agent's price.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        run: str,
        turn: str,
        agent: str,
        source: Source,
        model: str,
        quiet: frozenset[str],
        tool_rounds: int,
        bill: Usage,
        credits_per_token: int,
    ) -> None:
        self._stage = stage
        self._run = run
        self._turn = turn
        self._agent = agent
        self._source = source
        self._model = model
        self._quiet = quiet
        self._tool_rounds = tool_rounds
        self._bill = bill
        self._price = credits_per_token
        self._author = Author(id=agent, role="agent")
        self._calls: dict[str, str] = {}
        self._used: set[str] = set()
        self._message: str | None = None
        self._length = 0
        self._thought = 0
        self._rounds = 0
        self.finish_reason: str | None = None
        self.usage = {"input_tokens": 0, "output_tokens": 0}

    def tell(self, event: BaseEvent) -> None:
        """Append what `event` means to the room. Raises ToolLoop."""
        match event:
            case ModelMessageChunk():
                self._say(event.content)
            case ModelReasoning():
                self._think(event.content)
            case ModelResponse():
                self._end_message(event)
            case UsageEvent():
                self._count(event)
            case ToolCallsEvent():
                self._rounds += 1
                if self._rounds > self._tool_rounds:
                    raise ToolLoop
            case ToolResultEvent():
                self._tool_done(event)
            case ToolResultsEvent():  # of those that failed on their way there was no event of their own
                for result in event.results:
                    self._tool_done(result)
            case ToolCallEvent():
                self._tool_call(event)
            case _:
                pass

    def status(self, status: Literal["thinking", "speaking", "idle"]) -> None:
        """What the agent is doing now."""
        self._stage.append(AgentStatus(event="agent.status", agent=self._agent, status=status, run=self._run))

    def calls_of_caller(self, response: ModelResponse, assignee: str) -> list[ToolReady]:
        """Append the calls that the caller of the run must answer, and return them."""
        if not response.response_force:
            return []
        return [self._open_call(call, "client", assignee) for call in response.tool_calls.calls]

    def _say(self, text: str) -> None:
        if not text:
            return
        text = _sound(text)
        if self._message is None:
            self._message, self._length = new_id("msg"), 0
            self.status("speaking")
            self._stage.append(
                MsgStarted(
                    event="message.started", message=self._message, author=self._author, run=self._run, turn=self._turn
                )
            )
        for i in range(0, len(text), TEXT_LIMIT):
            piece = text[i : i + TEXT_LIMIT]
            self._length += len(piece)
            self._stage.append(MsgDelta(event="message.delta", message=self._message, text=piece, at=self._length))

    def _think(self, text: str) -> None:
        text = _sound(text)
        for i in range(0, len(text), TEXT_LIMIT):
            piece = text[i : i + TEXT_LIMIT]
            self._thought += len(piece)
            self._stage.append(
                Reasoning(event="reasoning.delta", run=self._run, text=piece, at=self._thought, turn=self._turn)
            )

    def _end_message(self, response: ModelResponse) -> None:
        if response.response_force:  # a tool ended the turn: its result is not something the agent said
            return
        self.finish_reason = response.finish_reason or self.finish_reason
        text = _sound(response.content or "")
        if not text:
            return
        parts: list[Part] = [
            TextPart(kind="text", text=text[i : i + TEXT_LIMIT]) for i in range(0, len(text), TEXT_LIMIT)
        ]
        self._stage.append(
            MsgDone(
                event="message.done",
                message=self._message or new_id("msg"),
                author=self._author,
                parts=parts[:PARTS_LIMIT],
                run=self._run,
                turn=self._turn,
                source="mock" if response.provider == "mock" else self._source,  # the last resort of a fallback chain
            )
        )
        self._message = None

    def _count(self, event: UsageEvent) -> None:
        spent_in, spent_out = int(event.usage.prompt_tokens or 0), int(event.usage.completion_tokens or 0)
        self.usage["input_tokens"] += spent_in
        self.usage["output_tokens"] += spent_out
        self._bill.add_tokens(
            spent_in + spent_out,
            credits_per_token=self._price,
            reason=f"tokens of {self._agent}",
            output=spent_out,
        )
        self._stage.append(
            UsageNoted(
                event="usage",
                turn=self._turn,
                model=(event.model or self._model)[:200],
                input_tokens=spent_in,
                output_tokens=spent_out,
            )
        )

    def _tool_call(self, event: ToolCallEvent) -> None:
        if event.name not in self._quiet:
            self._calls[event.id] = self._open_call(event, "server", None).call

    def _tool_done(self, event: ToolResultEvent) -> None:
        call = self._calls.pop(event.parent_id, None)
        if call is not None:
            ok, output = outcome_of(event)
            self._stage.append(ToolDone(event="tool.done", call=call, ok=ok, output=output))

    def _open_call(self, event: ToolCallEvent, where: Where, assignee: str | None) -> ToolReady:
        usable = WIRE_ID.fullmatch(event.id) and event.id not in self._used  # some vendors repeat an id in one answer
        self._used.add(event.id)
        ready = ToolReady(
            event="tool.ready",
            call=event.id if usable else new_id("call"),
            name=event.name[:200],
            args=event.serialized_arguments,
            where=where,
            agent=self._agent,
            run=self._run,
            assignee=assignee,
        )
        self._stage.append(
            ToolStarted(
                event="tool.started",
                call=ready.call,
                name=ready.name,
                run=self._run,
                where=where,
                agent=self._agent,
                turn=self._turn,
            )
        )
        self._stage.append(ready)
        return ready


def _sound(text: str) -> str:
    """Text that has a UTF-8 form: some vendors let half a surrogate pair through."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
