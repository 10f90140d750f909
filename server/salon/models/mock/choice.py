"""What the mock does about a request: which tools it calls and to whom it hands over. Pure.

Every offer (a tool or a hand-off) is scored by how much of the request its name, description and intents speak of;
words that all offers share decide little. Below a threshold the mock simply answers.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ag2.tools.final.function_tool import FunctionToolSchema
from ag2.tools.schemas import ToolSchema

from salon.models.mock.conversation import Conversation
from salon.models.mock.words import content_words, likeness, split_words, stem

_HANDOFF = re.compile(r"^(?:transfer|hand_?off|handoff|delegate)_to_(.+)$")
_INTENTS = re.compile(r"\b(?:use for|use when|intents?|for example|e\.g\.)[: ]+([^.]+)", re.IGNORECASE)
_QUOTED_INTENT = re.compile(r"[\"“']([^\"”']{3,60})[\"”']")
_CLAUSES = re.compile(
    r"\s*(?:;|[.!?](?=\s+[A-Z])|,?\s+(?:and\s+then|and\s+also|then|after\s+that|afterwards|and\s+finally|finally)\b,?"
    r"|,\s*and\b|\band\b)\s*",
    re.IGNORECASE,
)
_ARITHMETIC = re.compile(
    r"\d\s*(?:[-+*/^\u00d7÷%]|\*\*|plus|minus|times|divided by|multiplied by)\s*\(?-?\d", re.IGNORECASE
)
_URL = re.compile(r"https?://\S+")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_HOSTS = (
    "host",
    "coordinator",
    "concierge",
    "triage",
    "router",
    "reception",
    "receptionist",
    "frontdesk",
    "manager",
    "lead",
)

NAME_WEIGHT = 2.0
INTENT_WEIGHT = 1.3
DESCRIPTION_WEIGHT = 1.0
PARAMETER_WEIGHT = 0.35
MENTION = 4.0
THRESHOLD = 0.85


def is_handoff(tool: str) -> bool:
    """Whether a tool of this name passes the floor."""
    return bool(_HANDOFF.match(tool))


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool or hand-off that the model may choose.

    Args:
        name: the function's name.
        description: what the model is told about it.
        schema: JSON Schema of its arguments.
        target: the agent that a hand-off leads to, or None for a tool.
        weights: stems that speak for it, with how strongly they do.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    target: str | None
    weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do for a part of the request.

    Args:
        offer: what to call.
        clause: the words of the request it answers.
        score: how well they fit.
    """

    offer: Offer
    clause: str
    score: float


def offers(tools: Iterable[ToolSchema]) -> list[Offer]:
    """The function tools among these, ready to be scored."""
    return [_offer(tool) for tool in tools if isinstance(tool, FunctionToolSchema)]


def _offer(tool: FunctionToolSchema) -> Offer:
    name, description, schema = tool.function.name, tool.function.description or "", tool.function.parameters
    handoff = _HANDOFF.match(name)
    target = handoff.group(1) if handoff else None
    title = target or name
    body = re.sub(r"^Hand the conversation to [\w-]+:?", "", description) if target else description
    weights: dict[str, float] = {}
    properties = schema.get("properties")
    if not target and isinstance(properties, dict):
        for field, value in properties.items():
            options = value.get("enum", []) if isinstance(value, dict) else []
            _raise(weights, content_words(" ".join([field, *map(str, options)])), PARAMETER_WEIGHT)
    _raise(weights, content_words(body), DESCRIPTION_WEIGHT)
    intents = [*_INTENTS.findall(body), *_QUOTED_INTENT.findall(body)]
    _raise(weights, content_words(" ".join(intents)), INTENT_WEIGHT)
    # A name of nothing but common words, like `ask_people`, still stands for itself.
    _raise(weights, content_words(title) or [stem(word) for word in split_words(title)], NAME_WEIGHT)
    return Offer(name, description, schema, target, weights)


def _raise(weights: dict[str, float], words: Iterable[str], weight: float) -> None:
    for word in words:
        weights[word] = max(weight, weights.get(word, 0.0))


class Chooser:
    """Scores requests against a set of offers and the agent's own role."""

    def __init__(self, offered: Sequence[Offer], role: str) -> None:
        self._offers = offered
        self._role = dict.fromkeys(content_words(role), DESCRIPTION_WEIGHT)
        self._spread = math.log(len(offered) + 1) or 1.0

    def plan(self, conversation: Conversation, *, forced: bool = False) -> list[Step]:
        """The steps for this request in the order of its words, done ones included; empty means: just answer.

        Args:
            conversation: what is asked and what has happened.
            forced: something has to be called, however badly it fits.
        """
        request = conversation.request
        steps: list[Step] = []
        for clause in _clauses(request):
            step = self._best(clause, conversation, THRESHOLD)
            if step is not None and all(step.offer.name != other.offer.name for other in steps):
                steps.append(step)
        whole = self._best(request, conversation, THRESHOLD)
        if whole is not None and not steps:
            steps = [whole]
        if not steps and forced and self._offers:
            step = self._best(request, conversation, -1.0)
            steps = [step] if step else [Step(self._offers[0], request, 0.0)]
        if not steps and (host := self._way_back(conversation)) is not None:
            steps = [host]
        # The floor is passed on after one's own work, and to one agent only.
        own = [step for step in steps if step.offer.target is None]
        others = [step for step in steps if step.offer.target is not None]
        return [*own, *others[:1]]

    def _best(self, clause: str, conversation: Conversation, threshold: float) -> Step | None:
        words = _signals(clause)
        own: Step | None = None
        other: Step | None = None
        for offer in self._offers:
            score = self._score(words, offer, clause)
            if score < threshold:
                continue
            if offer.target is None:
                own = Step(offer, clause, score) if own is None or score > own.score else own
            elif not self._excluded(offer, conversation):
                other = Step(offer, clause, score) if other is None or score > other.score else other
        if other is not None and (own is None or other.score > own.score):
            # Someone who was just given the floor passes it on only if the request is clearly not for them.
            if conversation.handed_over and self._fit(words) + 0.5 >= other.score:
                return own
            return other
        return own

    def _excluded(self, offer: Offer, conversation: Conversation) -> bool:
        tried = {outcome.name for outcome in conversation.outcomes}
        return offer.name in tried or (offer.target or "").lower() in conversation.involved

    def _score(self, words: dict[str, float], offer: Offer, clause: str) -> float:
        score = 0.0
        for word, strength in words.items():
            best = 0.0
            for known, weight in offer.weights.items():
                if alike := likeness(word, known):
                    best = max(best, weight * alike)
            if best:
                score += strength * best * self._rarity(word)
        name = re.escape((offer.target or offer.name).lower())
        if re.search(rf"(?:@{name}|\b{name})\b", clause.lower()) and ("_" in name or offer.target):
            score += MENTION
        return score

    def _rarity(self, word: str) -> float:
        holders = sum(1 for offer in self._offers if any(likeness(word, known) >= 0.8 for known in offer.weights))
        return math.log((len(self._offers) + 1) / max(1, holders)) / self._spread

    def _fit(self, words: dict[str, float]) -> float:
        """How well the request suits this agent's own role."""
        return sum(max((likeness(word, known) for known in self._role), default=0.0) for word in words)

    def _way_back(self, conversation: Conversation) -> Step | None:
        """The way to the host, when a follow-up has nothing to do with this agent or its conversation."""
        words = _signals(conversation.request)
        if conversation.handed_over or len(words) < 2 or not conversation.answered:
            return None
        known = {word for text in (*conversation.asked, *conversation.answered) for word in content_words(text)}
        if self._fit(words) > 0 or any(likeness(word, other) >= 0.8 for word in words for other in known):
            return None
        for offer in self._offers:
            host = offer.target is not None and any(word in _HOSTS for word in split_words(f"{offer.target}"))
            if host and not self._excluded(offer, conversation):
                return Step(offer, conversation.request, 0.0)
        return None


def _clauses(request: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSES.split(request) if clause and clause.strip()]


def _signals(text: str) -> dict[str, float]:
    """The request's words, plus what its form says: a sum wants a calculator, an address a browser."""
    words = dict.fromkeys(content_words(_URL.sub(" ", text)), 1.0)
    if _ARITHMETIC.search(text):
        words |= dict.fromkeys(map(stem, ("calculate", "math", "expression")), 1.0)
    if _URL.search(text):
        words |= dict.fromkeys(map(stem, ("url", "fetch", "page")), 0.7)
    if _EMAIL.search(text):
        words |= {"email": 0.7}
    return words
