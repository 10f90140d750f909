"""Guardrails as a skill: what people say, what tools give and what the agent says is looked at before it passes."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from salon.agents.context.context import Context
from salon.agents.hooks import Refused, hook
from salon.agents.skill import Skill
from salon.contracts.events import GuardedKind, MsgDone
from salon.contracts.types import DataPart, FilePart, TextPart
from salon.guardrails.judge import Ask, Judge, ModelJudge, OnFailure, RuleJudge
from salon.guardrails.verdict import LEVELS, Level, Verdict, Where

KINDS: tuple[GuardedKind, ...] = ("injection", "personal", "unsafe")
REMOVED = "(A guardrail has removed this message.)"
WITHHELD = "(A guardrail has withheld this result.)"
EARLIEST, LATEST = 5, 95
"""Priorities: what comes in is looked at before the other hooks see it, what goes out after they changed it."""

_SETTINGS = ("safety_level", "kinds", "judge", "on_judge_failure")
_WINDOW = 120
"""Characters of what was already said that are looked at again with each piece: no personal data is longer."""

_MOST_KNOWN = 500
"""Texts of earlier that are not looked at again with each call of the model."""

# What may be the beginning of something personal is held back until it is clear what it becomes.
_UNFINISHED = re.compile(
    r"(?:[+(]?\d[\d ()./-]{0,40}|\b[A-Z]{2}\d{2}[A-Z0-9 ]{0,36}|\b(?:sk|pk|rk|hf|gh[a-z]|xox[a-z]|AKIA|AIza|"
    r"eyJ)[\w.-]{0,60}|\S{0,64}@\S{0,120}|"
    r"-{2,5}[A-Z ]{0,40})$"
)
_WHO = {"input": "The message was not passed on", "tool": "The result was withheld", "output": "The answer was stopped"}


class _Provider(Protocol):
    """A model that knows whether the mock stands in for it, as `get_provider` gives."""

    def resolved(self) -> "_Resolved": ...


class _Resolved(Protocol):
    @property
    def source(self) -> str: ...


class GuardrailsSkill(Skill):
    """Looks at what people say, what tools give and what the agent says, and stops what may not pass.

        Agent("support", "…", skills={"guardrails": GuardrailsSkill({"safety_level": "high"})})

    What is stopped is an event `guardrail.blocked` in the room and an error with its reason; a tool's result is
    withheld from the model, and the turn goes on.

    Settings:
        safety_level: `low`, `medium` (the default) or `high`.
        kinds: which of `injection`, `personal` and `unsafe` to look for; all by default.
        judge: a model that is asked about what people say and tools give, such as `get_provider("openai", model="…")`;
            any async function from a prompt to a text will do. Where the mock stands in for it, words alone decide.
        on_judge_failure: `closed` (the default) blocks what the judge did not decide, `open` lets it pass.

    Raises ValueError for a setting that there is not, or a value that none has.
    """

    name = "guardrails"

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        super().__init__(config)
        if unknown := sorted(set(self.config) - set(_SETTINGS)):
            raise ValueError(f"{unknown[0]}: no setting of guardrails. There are: {', '.join(_SETTINGS)}.")
        level = _one_of("safety_level", self.config.get("safety_level", "medium"), LEVELS)
        failure = _one_of("on_judge_failure", self.config.get("on_judge_failure", "closed"), ("open", "closed"))
        kinds = self.config.get("kinds", KINDS)
        self._kinds = {
            _one_of("kinds", kind, KINDS) for kind in (kinds if isinstance(kinds, list | tuple | set) else [kinds])
        }
        judge = self.config.get("judge")
        if judge is not None and not callable(judge):
            raise ValueError('judge: expected an async function, such as get_provider("openai", model="gpt-4o-mini").')
        self._ask = cast("Ask | None", judge)
        self._on_failure = cast(OnFailure, failure)
        self._words = RuleJudge(cast(Level, level), self._kinds)
        self._known: dict[tuple[Where, str], Verdict | None] = {}

    @hook("on_message", priority=EARLIEST)
    async def look_at_message(self, context: Context) -> None:
        """What people say: what may not pass is taken back, so that the next message is not stopped for it.

        Raises Refused.
        """
        stopped: Verdict | None = None
        messages = context.unanswered()
        for message in messages:
            if (verdict := await self._verdict(_text_of(message), "input")) is not None:
                context.withdraw(message.message)
                stopped = verdict
        if stopped is None and len(messages) > 1:  # in parts harmless, together not
            stopped = await self._verdict("\n".join(map(_text_of, messages)), "input")
            for message in messages if stopped else ():
                context.withdraw(message.message)
        if stopped is not None:
            self._stop(context, stopped)

    @hook("before_llm", priority=EARLIEST)
    async def look_back(self, context: Context) -> None:
        """What was said before, and what tools gave that ran elsewhere: the model is not given what may not pass."""
        for message in cast("list[dict[str, object]]", context.data.get("messages") or []):
            content = message.get("content")
            if message.get("role") == "user" and await self._was_wrong(content, "input", context):
                message["content"] = REMOVED
            elif message.get("role") == "tool" and isinstance(content, list):
                wrong = [await self._was_wrong(result, "tool", context) for result in content]
                message["content"] = [WITHHELD if w else r for w, r in zip(wrong, content, strict=True)]

    @hook("after_tool", priority=EARLIEST)
    async def look_at_result(self, context: Context) -> None:
        """What a tool gives. Raises Refused: the model is told so instead of the result."""
        if (verdict := await self._verdict(_told(context.data.get("result")), "tool")) is not None:
            self._stop(context, verdict)

    @hook("on_request", priority=EARLIEST)
    def begin(self, context: Context) -> None:
        """A turn begins: nothing is said and nothing is held back."""
        context.set(_key(context), ("", ""))

    @hook("on_chunk", priority=LATEST)
    async def look_at_piece(self, context: Context) -> None:
        """What the agent says, piece by piece: nothing personal is shown before it is recognised. Raises Refused."""
        said, held = cast("tuple[str, str]", context.get(_key(context), ("", "")))
        held += str(context.data.get("text") or "")
        if (verdict := await self._words(said + held, "output")) is not None:
            self._stop(context, verdict)
        unfinished = _UNFINISHED.search(said + held)  # its first letters may have been shown, before it was clear
        shown = held[: max(unfinished.start() - len(said), 0)] if unfinished else held
        context.set(_key(context), ((said + shown)[-_WINDOW:], held[len(shown) :]))
        context.data["text"] = shown

    @hook("after_llm", priority=LATEST)
    async def look_at_answer(self, context: Context) -> None:
        """The whole of what the agent says, with what was held back. Raises Refused."""
        _, held = cast("tuple[str, str]", context.get(_key(context), ("", "")))
        text = str(context.data.get("text") or "") + held
        context.set(_key(context), ("", ""))
        if (verdict := await self._words(text, "output")) is not None:
            self._stop(context, verdict)
        context.data["text"] = text

    async def _verdict(self, text: str, where: Where) -> Verdict | None:
        """Why a text may not pass: by its words, or by the judge, who is asked about injection alone."""
        found = await self._words(text, where)
        if found is not None or self._ask is None or "injection" not in self._kinds or not text.strip():
            return found
        return await self._judge()(text, where)

    async def _was_wrong(self, content: object, where: Where, context: Context) -> bool:
        """Whether something may not pass, by its words; everyone is told so once in a run."""
        text = _told(content)
        key = (where, text)
        if key not in self._known:
            self._known[key] = await self._words(text, where)
            if len(self._known) > _MOST_KNOWN:
                del self._known[next(iter(self._known))]
        verdict = self._known[key]
        if verdict is not None and context.get(noted := f"guardrails.{where}.{hash(text)}") is None:
            context.set(noted, True)
            context.tell_blocked(verdict.where, verdict.kind, verdict.reason)
        return verdict is not None

    def _judge(self) -> Judge:
        ask = cast(Ask, self._ask)
        if hasattr(ask, "resolved") and cast(_Provider, ask).resolved().source == "mock":
            return RuleJudge()
        return ModelJudge(ask, on_failure=self._on_failure)

    def _stop(self, context: Context, verdict: Verdict) -> None:
        context.tell_blocked(verdict.where, verdict.kind, verdict.reason)
        raise Refused(f"{_WHO[verdict.where]}: {verdict.reason}.")


def _text_of(message: MsgDone) -> str:
    """Whatever of a message a model is given to read."""
    texts: list[str] = []
    for part in message.parts:
        match part:
            case TextPart():
                texts.append(part.text)
            case DataPart():
                texts.append(_told(part.data))
            case FilePart():
                texts.append(part.name or "")
    return "\n".join(texts)


def _told(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, default=str)


def _key(context: Context) -> str:
    return f"guardrails.{context.agent}"


def _one_of(setting: str, value: object, values: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in values:
        raise ValueError(f"{setting}: {value!r} is none. There are: {', '.join(values)}.")
    return value
