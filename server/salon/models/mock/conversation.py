"""The conversation as the mock sees it: what is asked now, what was said before, and what has been done about it. Pure.

Requests come as a room words them: a person's own words bare, or labelled `[name]: …` when several people are there;
other agents' words always labelled; hand-offs as `[a handed the conversation to b: reason]`; what is known of times
before as background, which nobody said.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ag2.events import (
    BaseEvent,
    DataInput,
    Input,
    ModelRequest,
    ModelResponse,
    TextInput,
    ToolErrorEvent,
    ToolResultsEvent,
)

from salon.memory.quoting import BACKGROUND, background_of, facts_in

_LABEL = re.compile(r"\[([^\]\n]{1,64})\]:\s*")
_HANDED = re.compile(r"\[?(\S+) handed (?:the conversation |the floor )?(?:off )?to ([\w.@-]+)", re.IGNORECASE)
_UI_ACTION = re.compile(r"\[ui_action: (\{.*\})\]", re.DOTALL)
_GO_ON = "please go on."
_PEOPLE = frozenset({"user", "you", "human"})
LONGEST = 4_000
"""Characters that the mock hears of what a person says: its patterns may take the square of them in steps."""


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """What a tool call for this request came to."""

    name: str
    arguments: str
    text: str
    failed: bool


@dataclass(slots=True)
class Exchange:
    """One request to this agent's model and its answers so far."""

    texts: tuple[str, ...] = ()
    responses: list[ModelResponse] = field(default_factory=list)
    outcomes: list[ToolOutcome] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A digest of one agent's history.

    Args:
        request: what a person wants now, in their words.
        asked: everything people said before that, oldest first.
        answered: this agent's own earlier texts, oldest first.
        background: what is known of what was said earlier still.
        known: keys and values of what is known of the person who asks.
        heard: other agents' words since the request.
        involved: names, in lower case, of agents that have had the floor since the request.
        handed_over: whether this agent has the floor by a hand-off.
        outcomes: results of the tool calls made for this request.
        exchanges: the whole history by request, for scripted turns.
        seed: a number that is the same for the same conversation, and different for another.
        size: how many bytes it has.
    """

    request: str
    asked: tuple[str, ...]
    answered: tuple[str, ...]
    background: str
    known: tuple[tuple[str, str], ...]
    heard: tuple[str, ...]
    involved: frozenset[str]
    handed_over: bool
    outcomes: tuple[ToolOutcome, ...]
    exchanges: tuple[Exchange, ...]
    seed: int
    size: int


def read(messages: Sequence[BaseEvent], colleagues: Iterable[str], prompt: Sequence[str] = ()) -> Conversation:
    """Digest a history.

    Args:
        messages: AG2's history of one agent, the current request last.
        colleagues: names of the agents that can be handed off to, which are therefore not people.
        prompt: the system prompt, for the facts in it.
    """
    exchanges, told = _exchanges(messages)
    agents = {name.lower() for name in colleagues} | {
        name.lower()
        for exchange in exchanges
        for text in exchange.texts
        if (handed := _HANDED.match(text))
        for name in handed.groups()
    }
    # People are labelled only when there are several of them; so after bare words, labels are agents'.
    bare = any(not _LABEL.match(text) and not _is_note(text) for exchange in exchanges for text in exchange.texts)
    people: list[str] = []
    heard: list[str] = []
    involved: set[str] = set()
    outcomes: list[ToolOutcome] = []
    background = ""
    handed_over = False
    for exchange in exchanges:
        for text in exchange.texts:
            label = _LABEL.match(text)
            speaker = label.group(1).lower() if label else ""
            if text.startswith(BACKGROUND):
                background = background or background_of(text)
            elif handed := _HANDED.match(text):
                involved.add(handed.group(1).lower())
                handed_over = True
            elif label and speaker not in _PEOPLE and (bare or speaker in agents):
                involved.add(speaker)
                heard.append(text[label.end() :])
            elif text.strip().lower() != _GO_ON:
                said = _in_words(text[label.end() :] if label else text)
                people.append(" ".join(said[:LONGEST].split()))
                heard, involved, outcomes, handed_over = [], set(), [], False
        outcomes.extend(exchange.outcomes)
    return Conversation(
        request=people[-1] if people else "",
        asked=tuple(people[:-1]),
        answered=tuple(r.content for e in exchanges for r in e.responses if r.content),
        background=background,
        known=tuple(fact for part in prompt for fact in facts_in(part)),
        heard=tuple(heard),
        involved=frozenset(involved),
        handed_over=handed_over,
        outcomes=tuple(outcomes),
        exchanges=tuple(exchanges),
        seed=told.seed,
        size=told.size,
    )


def _in_words(text: str) -> str:
    """A person's words; what was done with a surface becomes words, "ui_action submit: rating is 5" from its JSON."""
    if (found := _UI_ACTION.fullmatch(text.strip())) is None:
        return text
    try:
        action: object = json.loads(found.group(1))
    except ValueError:
        return text
    if not isinstance(action, dict):
        return text
    context = action.get("context")
    values = context.items() if isinstance(context, dict) else ()
    said = [f"{name} is {value}" for name, value in values if isinstance(value, str | int | float) and value != ""]
    return f"ui_action {action.get('name', '')}{': ' if said else ''}{', '.join(said)}"


def _is_note(text: str) -> bool:
    return bool(_HANDED.match(text)) or text.startswith(BACKGROUND) or text.strip().lower() == _GO_ON


class _Told:
    """Everything that was said, as a number of bytes and a digest."""

    def __init__(self) -> None:
        self.size = 0
        self._digest = hashlib.blake2b(digest_size=6)

    @property
    def seed(self) -> int:
        return int.from_bytes(self._digest.digest())

    def take(self, *texts: str) -> None:
        data = "\0".join(texts).encode("utf-8", "replace")
        self.size += len(data)
        self._digest.update(data)


def _exchanges(messages: Sequence[BaseEvent]) -> tuple[list[Exchange], _Told]:
    exchanges: list[Exchange] = []
    told = _Told()
    pending: dict[str, tuple[str, str]] = {}
    for message in messages:
        if isinstance(message, ModelRequest):
            texts = tuple(text for part in message.parts if (text := _text(part)).strip())
            exchanges.append(Exchange(texts))
            told.take("request", *texts)
            continue
        if not exchanges:
            exchanges.append(Exchange())
        exchange = exchanges[-1]
        if isinstance(message, ModelResponse):
            if message.response_force and not message.tool_calls:
                continue  # a final tool's result, not the model's own words
            exchange.responses.append(message)
            told.take("answer", message.content or "")
            for call in message.tool_calls.calls:
                pending[call.id] = (call.name, call.arguments)
                told.take("call", call.name, call.arguments)
        elif isinstance(message, ToolResultsEvent):
            for result in message.results:
                name, arguments = pending.get(result.parent_id, (result.name or "", "{}"))
                text = "\n".join(_text(part) for part in result.result.parts)
                failed = isinstance(result, ToolErrorEvent)
                # A traceback says something new on every machine: it must not decide what the mock says.
                told.take("result", name, "" if failed else text)
                exchange.outcomes.append(ToolOutcome(name, arguments, text, failed))
    return exchanges, told


def _text(part: Input) -> str:
    if isinstance(part, TextInput):
        return part.content
    if isinstance(part, DataInput):
        data: object = part.data
        if isinstance(data, str):
            return data
        dump = getattr(data, "model_dump", None)
        return json.dumps(dump() if callable(dump) else data, default=str, ensure_ascii=False)
    return "(an attachment)"
