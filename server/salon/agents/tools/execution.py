"""Runs one tool call: arguments checked, people asked, time and size bounded, failures turned into safe text.

The `Outcome` of a call travels in `ToolResult.metadata[OUTCOME]`, so that whoever shows the call to people need not
parse what was written for the model.
"""

import asyncio
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import orjson
import structlog
from ag2.events import ToolErrorEvent, ToolNotFoundEvent, ToolResult, ToolResultEvent
from pydantic_core import PydanticSerializationError, to_json

from salon.agents.context.context import Context, ToolError
from salon.agents.handoff import HandoffResult
from salon.agents.tools.calling import called
from salon.agents.tools.schema import BadArguments
from salon.agents.tools.tool import ToolSpec
from salon.billing.pricing import price_of
from salon.contracts.types import Json
from salon.errors import SalonError
from salon.ids import new_id

log = structlog.get_logger(__name__)

OUTCOME = "salon"
RESULT_LIMIT = 100_000  # bytes: more than that drowns a model and every watcher
DEPTH_LIMIT = 24  # levels: a frame may have 32, and its envelope needs some
_SHOWN_ARGUMENT = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: `text` is for the model, `output` for people and programs."""

    ok: bool
    text: str
    output: Json


def outcome_of(event: ToolResultEvent) -> tuple[bool, Json]:
    """Whether a call went well and its output as clean JSON, also for results of tools that are not Salon's own."""
    outcome = event.result.metadata.get(OUTCOME)
    if isinstance(outcome, Outcome):
        return outcome.ok, outcome.output
    if isinstance(event, ToolErrorEvent):
        return False, _told_by_ag2(event).output
    values = [getattr(part, "content", None) or getattr(part, "data", None) for part in event.result.parts]
    try:
        told = success(values[0] if len(values) == 1 else values)
    except (TypeError, ValueError):
        return True, f"({', '.join(type(value).__name__ for value in values)})"
    return told.ok, told.output


def make_safe(*results: ToolResultEvent) -> None:
    """Have failures told in safe text where AG2 would tell the model a traceback."""
    for result in results:
        if isinstance(result, ToolErrorEvent) and OUTCOME not in result.result.metadata:
            result.result = result_of(_told_by_ag2(result))


def as_result(output: Json, *, ok: bool = True) -> ToolResult:
    """A result that was made elsewhere, such as in a person's frontend, in the same form as those made here."""
    return result_of(as_outcome(output, ok=ok))


def as_outcome(output: Json, *, ok: bool = True) -> Outcome:
    """The outcome that an output of somebody else's stands for."""
    made = success(output)
    return Outcome(ok, made.text, made.output)


def result_of(outcome: Outcome) -> ToolResult:
    """An outcome as AG2 carries it."""
    return ToolResult(outcome.text, metadata={OUTCOME: outcome})


async def execute(spec: ToolSpec, arguments: Mapping[str, object], context: Context) -> Outcome:
    """Runs a tool for a model. Raises nothing but cancellation."""
    if not spec.open_to(context.principal.scopes):
        return refusal(f"Error: {spec.name} is not available to this user.")
    try:
        values = spec.signature.read(arguments)
    except BadArguments as problem:
        return refusal(f"Error: {spec.name} was not called: {problem}")
    try:
        if spec.approval:
            approved, comment = await context.decide(_question(spec, arguments, context.agent))
            if not approved:
                return refusal(f"The user declined: {comment}" if comment else "The user declined.")
        result = await _run(spec, values, context)
        if spec.handoff is not None:
            kind = result.handoff_type if isinstance(result, HandoffResult) else spec.handoff
            context.emit("handoff", {"tool": spec.name, "kind": kind, "agent": context.agent})
        if isinstance(result, HandoffResult):
            result = result.result
        outcome = success(result)
        if price := price_of(spec.function).credits_per_call:
            context.track_usage(price, spec.name)
        return outcome
    except ToolError as problem:
        return refusal(f"Error: {problem}")
    except SalonError as problem:
        return refusal(f"Error: {problem.message}")
    except Exception as error:  # noqa: BLE001 - whatever a tool does wrong, its turn goes on
        return failure(spec.name, error)


def success(value: object) -> Outcome:
    """What a tool returned, as text and as JSON.

    Raises TypeError for what has no JSON form.
    """
    if value is None:
        return Outcome(True, "Done.", None)
    if isinstance(value, str):
        text = _cut(value)
        return Outcome(True, text, text)
    try:
        data = to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        raise TypeError(f"a tool cannot return {type(value).__name__}") from None
    if len(data) > RESULT_LIMIT:
        text = _cut(data.decode())
        return Outcome(True, text, text)
    output = cast(Json, orjson.loads(data))
    return Outcome(True, data.decode(), output if _depth(output) <= DEPTH_LIMIT else data.decode())


def failure(name: str, error: Exception) -> Outcome:
    """An exception as safe text; what it really says is only in the log, under an id."""
    log.error("tool.failed", tool=name, incident=new_id("err"), exc_info=error)
    return refusal(f"Error: {name} failed: {type(error).__name__}")


def _told_by_ag2(event: ToolErrorEvent) -> Outcome:
    name = (event.name or "the tool")[:_SHOWN_ARGUMENT]
    if isinstance(event, ToolNotFoundEvent):
        return refusal(f"Error: there is no tool named {name}.")
    if isinstance(event.error, SalonError):
        return refusal(f"Error: {event.error.message}")
    return failure(name, event.error)


async def _run(spec: ToolSpec, values: dict[str, object], context: Context) -> object:
    if spec.signature.context is not None:
        values[spec.signature.context] = context
    deadline = asyncio.timeout(spec.timeout)
    try:
        async with deadline:
            with context.within(deadline):
                return await called(spec.function, **values)
    except TimeoutError:
        if not deadline.expired():
            raise  # the tool's own, such as a connection's
        raise ToolError(f"{spec.name} did not finish within {spec.timeout:g} s.") from None


def _question(spec: ToolSpec, arguments: Mapping[str, object], agent: str) -> str:
    shown = {name: _short(value) for name, value in arguments.items()}
    question = f"May {agent} use {spec.name}?"
    if isinstance(spec.approval, str):
        asked = {field for _, field, _, _ in string.Formatter().parse(spec.approval) if field}
        question = spec.approval.format_map({name: shown.get(name, "…") for name in asked})
        shown = {name: value for name, value in shown.items() if name not in asked}
    return "\n".join([question, *(f"{name}: {value}" for name, value in shown.items())])


def _short(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else to_json(value).decode()  # a value is one line
    return text if len(text) <= _SHOWN_ARGUMENT else f"{text[:_SHOWN_ARGUMENT]}…"


def refusal(text: str) -> Outcome:
    """A call that was not made, or did not go well: `text` says why, to models and people alike."""
    text = _cut(text)
    return Outcome(False, text, text)


def _cut(text: str) -> str:
    data = text.encode(errors="replace")
    if len(data) <= RESULT_LIMIT:
        return data.decode()
    kept = data[:RESULT_LIMIT].decode(errors="ignore")
    return f"{kept}\n[cut: the whole result has {len(data)} bytes]"


def _depth(value: Json) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0
