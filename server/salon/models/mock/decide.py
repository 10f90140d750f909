"""The mock's mind: from one model call to one decision - speak, call tools, hand over, or answer in JSON. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ag2.events import BaseEvent
from ag2.tools.schemas import ToolSchema

from salon.contracts.runs import Sampling
from salon.models.errors import ErrorKind
from salon.models.mock.choice import Chooser, Step
from salon.models.mock.conversation import Conversation, read
from salon.models.mock.filling.filler import Filler
from salon.models.mock.filling.request import Request
from salon.models.mock.filling.schema import Schema
from salon.models.mock.offers import offers
from salon.models.mock.scenario import ScriptedTurn
from salon.models.mock.speech.prose import Prose, role_of
from salon.models.mock.speech.recall import recall

Call = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the model answers."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    reasoning: str = ""
    fail: ErrorKind | None = None
    retry_after: float | None = None


class Mind:
    """Reads one model call.

    Args:
        messages: AG2's history of the agent, the current request last.
        prompt: the system prompt.
        tools: what the model is offered.
        sampling: `tool_choice` and `response_format` count here.
        schema: JSON schema that the answer has to match.
    """

    def __init__(
        self,
        messages: Sequence[BaseEvent],
        prompt: Sequence[str],
        tools: Iterable[ToolSchema],
        sampling: Sampling,
        schema: Schema | None,
    ) -> None:
        self._offers = offers(tools)
        self._role = role_of(prompt)
        self._schema = schema if schema is not None else _format_schema(sampling.response_format)
        self._tool_choice = sampling.tool_choice
        self.conversation: Conversation = read(
            messages, [offer.target for offer in self._offers if offer.target], prompt
        )
        self._prose = Prose(self.conversation, self._role, self._offers)

    def decide(self) -> Decision:
        """The next thing to do for the request."""
        if self._tool_choice != "none" and (call := self._next_call()) is not None:
            return Decision(calls=(call,))
        if self._schema is not None:
            return Decision(text=json.dumps(self._filled(self._schema), ensure_ascii=False))
        return Decision(text=self._prose.answer())

    def scripted(self, turn: ScriptedTurn) -> Decision:
        """A scripted turn, with its placeholders filled in."""
        outcomes = self.conversation.outcomes
        text = turn.say.replace("{result}", outcomes[-1].text if outcomes else "")
        text = text.replace("{request}", self.conversation.request)
        calls: list[Call] = list(turn.calls)
        if turn.handoff is not None:
            calls.append((f"transfer_to_{turn.handoff}", {"reason": turn.reason} if turn.reason else {}))
        return Decision(text, tuple(calls), turn.reasoning, turn.fail, turn.retry_after)

    def _next_call(self) -> Call | None:
        """The first planned step that has not been taken for this request."""
        forced = self._tool_choice is not None and self._tool_choice != "auto" and not self.conversation.outcomes
        available = self._offers
        if isinstance(self._tool_choice, Mapping):
            function = self._tool_choice.get("function")
            named = function.get("name") if isinstance(function, Mapping) else None
            available = [offer for offer in available if offer.name == named]
        if not available or (not forced and recall(self.conversation) is not None):
            return None
        done = {outcome.name for outcome in self.conversation.outcomes}
        steps = Chooser(available, self._role.sentence, self.conversation).plan(forced=forced)
        for step in steps:
            if step.offer.name not in done:
                return step.offer.name, self._arguments(step, step.clause if len(steps) > 1 else None)
        return None

    def _arguments(self, step: Step, clause: str | None) -> Mapping[str, object]:
        filled = self._filled(step.offer.schema, clause)
        if not isinstance(filled, Mapping):
            return {}
        if step.offer.target and "reason" in (step.offer.schema.get("properties") or {}):
            return {**filled, "reason": self._prose.reason(step.offer.target, clause)}
        return filled

    def _filled(self, schema: Schema, clause: str | None = None) -> object:
        """The schema filled from the request, or from the clause of it that a step answers."""
        whole = Request(self.conversation.request)
        request = Request(clause, whole) if clause else whole
        return Filler(request, schema, seed=self.conversation.seed, long_text=self._prose.document()).fill()


def _format_schema(response_format: Mapping[str, object] | None) -> Schema | None:
    """The JSON schema in an OpenAI `response_format`."""
    if response_format is None:
        return None
    match response_format.get("type"):
        case "json_object":
            return {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
        case "json_schema":
            described = response_format.get("json_schema")
            schema = described.get("schema") if isinstance(described, Mapping) else None
            return schema if isinstance(schema, Mapping) else {"type": "object"}
    return None
