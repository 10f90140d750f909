"""One run of a room's log as the AI SDK's message stream: one assistant's message with a step for each turn. Pure.

Who speaks, hand-offs, surfaces and questions come as data parts; a surface that changes replaces its part.
"""

from collections.abc import Iterable, Mapping

import orjson

from salon.contracts.events import (
    Entry,
    Handoff,
    Interrupted,
    MsgDelta,
    MsgDone,
    MsgRemoved,
    MsgStarted,
    Reasoning,
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
)
from salon.contracts.patch import apply_patch
from salon.contracts.runs import RunOutcome
from salon.contracts.types import Obj, TextPart
from salon.errors import SalonError
from salon.http.mirror.chunks import DONE, arguments

_REASONS = {"length": "length", "content_filter": "content-filter"}

Chunks = list[Obj]


class Projection:
    """A Teller of one run.

    Args:
        message: the id of the assistant's message.
        surfaces: the room's surfaces as they are.
        calls: the tool calls that the message has already.
        waiting: questions that are open already.
    """

    def __init__(
        self,
        message: str,
        *,
        surfaces: Mapping[str, UiPut],
        calls: Iterable[str] = (),
        waiting: Iterable[Interrupted] = (),
    ) -> None:
        self._message = message
        self._surfaces = dict(surfaces)
        self._calls = dict.fromkeys(calls, False)
        self._waiting = list(waiting)
        self._questions = 0
        self._texts: dict[str, int] = {}
        self._turns: set[str] = set()
        self._thought: str | None = None
        self._thoughts = 0
        self._left = False

    def opening(self) -> bytes:
        """See Teller."""
        asked = [chunk for question in self._waiting for chunk in self._question(question)]
        return _frames([{"type": "start", "messageId": self._message}, *asked])

    def take(self, entry: Entry) -> bytes:
        """See Teller."""
        chunks = self._chunks(entry)
        if self._thought is not None and chunks and not isinstance(entry.body, Reasoning):
            chunks = self._end_thought() + chunks
        return _frames(chunks)

    def paused(self) -> bool:
        """See Teller."""
        return self._questions > 0

    def beat(self) -> bytes:
        """See Teller. The AI SDK's reader passes comments over."""
        return b": still here\n\n"

    def pause(self) -> bytes:
        """See Teller."""
        return _frames([*self._close(), {"type": "finish", "finishReason": "tool-calls"}]) + DONE

    def end(self, outcome: RunOutcome) -> bytes:
        """See Teller."""
        reason = "tool-calls" if self._left else _REASONS.get(outcome.finish_reason or "", "stop")
        return _frames([*self._close(), {"type": "finish", "finishReason": reason}]) + DONE

    def failure(self, error: SalonError) -> bytes:
        """See Teller."""
        last: Obj = {"type": "error", "errorText": error.message}
        if error.code == "cancelled":
            last = {"type": "abort", "reason": error.message}
        return _frames([*self._close(), last]) + DONE

    def _chunks(self, entry: Entry) -> Chunks:
        match entry.body:
            case MsgStarted() | MsgDelta() | MsgDone() | MsgRemoved() as body:
                return self._text(body)
            case ToolStarted() | ToolArgs() | ToolReady() | ToolDone() as body:
                return self._tool(body)
            case UiPut() | UiPatch() | UiRemoved() as body:
                return self._surface(body)
            case UiA2ui() as body:
                a2ui: Obj = body.model_dump(mode="json", include={"owner", "messages"})
                return [{"type": "data-a2ui", "id": body.surface, "data": a2ui}]
            case TurnStarted() as turn:
                self._turns.add(turn.turn)
                about: Obj = {"agent": turn.agent, "source": turn.source, **turn.chosen.model_dump(mode="json")}
                return [{"type": "start-step"}, {"type": "data-agent", "id": turn.turn, "data": about}]
            case TurnFinished() as turn if turn.turn in self._turns:
                self._turns.remove(turn.turn)
                return [{"type": "finish-step"}]
            case Handoff() as handoff:
                return [{"type": "data-handoff", "data": handoff.model_dump(mode="json", exclude={"event"})}]
            case Reasoning() as thought:
                return self._think(thought)
            case Interrupted() as question:
                return self._question(question)
        return []

    def _text(self, body: MsgStarted | MsgDelta | MsgDone | MsgRemoved) -> Chunks:
        key = body.message
        match body:
            case MsgStarted() if body.author.role == "agent":
                self._texts[key] = 0
                return [{"type": "text-start", "id": key}]
            case MsgDelta() if key in self._texts and body.text:
                self._texts[key] += len(body.text)
                return [{"type": "text-delta", "id": key, "delta": body.text}]
            case MsgDone() if body.author.role == "agent":
                whole = "".join(part.text for part in body.parts if isinstance(part, TextPart))
                chunks: Chunks = [] if key in self._texts else [{"type": "text-start", "id": key}]
                if rest := whole[self._texts.pop(key, 0) :]:
                    chunks.append({"type": "text-delta", "id": key, "delta": rest})
                return [*chunks, {"type": "text-end", "id": key}]
            case MsgRemoved():
                ended: Chunks = [{"type": "text-end", "id": key}] if self._texts.pop(key, None) is not None else []
                return [*ended, {"type": "data-removed", "data": {"text": key}}]
        return []

    def _tool(self, body: ToolStarted | ToolArgs | ToolReady | ToolDone) -> Chunks:
        call = body.call
        match body:
            case ToolStarted():
                self._calls[call] = body.where == "server"
                return [{"type": "tool-input-start", "toolCallId": call, "toolName": body.name, **self._dynamic(call)}]
            case ToolArgs():
                return [{"type": "tool-input-delta", "toolCallId": call, "inputTextDelta": body.text}]
            case ToolReady():
                self._calls[call] = body.where == "server"
                self._left = self._left or body.where == "client"
                ready: Obj = {"type": "tool-input-available", "toolCallId": call, "toolName": body.name}
                return [{**ready, "input": body.args, **self._dynamic(call)}]
            case ToolDone() if call in self._calls and body.ok:
                return [{"type": "tool-output-available", "toolCallId": call, "output": body.output}]
            case ToolDone() if call in self._calls:
                return [{"type": "tool-output-error", "toolCallId": call, "errorText": arguments(body.output)}]
        return []

    def _dynamic(self, call: str) -> Obj:
        """The agents' own tools are not the frontend's: it has no types for them."""
        return {"dynamic": True} if self._calls[call] else {}

    def _surface(self, body: UiPut | UiPatch | UiRemoved) -> Chunks:
        if isinstance(body, UiRemoved):
            self._surfaces.pop(body.surface, None)
            return [{"type": "data-surface", "id": body.surface, "data": {"removed": True}}]
        shown = body if isinstance(body, UiPut) else _patched(self._surfaces[body.surface], body)
        self._surfaces[body.surface] = shown
        data: Obj = shown.model_dump(mode="json", include={"component", "props", "version", "owner"})
        return [{"type": "data-surface", "id": body.surface, "data": data}]

    def _question(self, question: Interrupted) -> Chunks:
        self._questions += 1
        if question.reason == "approval" and question.call is not None and question.call in self._calls:
            asked: Obj = {"approvalId": question.interrupt, "toolCallId": question.call}
            if question.message is not None:
                asked["reason"] = question.message
            return [{"type": "tool-approval-request", **asked}]
        data: Obj = question.model_dump(mode="json", exclude={"event", "run", "interrupt"})
        return [{"type": "data-question", "id": question.interrupt, "data": data}]

    def _think(self, thought: Reasoning) -> Chunks:
        chunks: Chunks = []
        if self._thought is None:
            self._thoughts += 1
            self._thought = f"{thought.turn or thought.run}-thought-{self._thoughts}"
            chunks = [{"type": "reasoning-start", "id": self._thought}]
        return [*chunks, {"type": "reasoning-delta", "id": self._thought, "delta": thought.text}]

    def _end_thought(self) -> Chunks:
        key, self._thought = self._thought, None
        return [{"type": "reasoning-end", "id": key}]

    def _close(self) -> Chunks:
        thought = self._end_thought() if self._thought is not None else []
        texts: Chunks = [{"type": "text-end", "id": key} for key in self._texts]
        steps: Chunks = [{"type": "finish-step"} for _ in self._turns]
        return [*thought, *texts, *steps]


def _patched(surface: UiPut, patch: UiPatch) -> UiPut:
    props = apply_patch(surface.props, patch.ops)
    return surface.model_copy(update={"props": props, "version": patch.version})


def _frames(chunks: Iterable[Obj]) -> bytes:
    return b"".join(b"data: %s\n\n" % orjson.dumps(chunk) for chunk in chunks)
