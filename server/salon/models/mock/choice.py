"""What the mock does about a request: which tools it calls and to whom it hands over. Pure.

An offer has to be relevant enough to be considered, in words alone; among those that are, words which all offers share
decide little. A request for several things is taken apart, and each part goes to what fits it best.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from salon.models.mock.conversation import Conversation
from salon.models.mock.filling.request import Request, is_order
from salon.models.mock.offers import Offer
from salon.models.words import content_words, likeness, stem

_CLAUSES = re.compile(
    r"\s*(?:;|[.!?](?=\s+[A-Z])|,?\s+(?:and\s+then|and\s+also|then|after\s+that|afterwards|and\s+finally|finally)\b,?"
    r"|,\s*and\b|\band\b)\s*",
    re.IGNORECASE,
)
_PASSING_VERBS = frozenset(
    map(stem, ("write", "draft", "compose", "send", "find", "search", "prepare", "add", "draw", "list", "open", "read"))
)

_MENTION = 4.0
_ENOUGH_FOR_TOOL = 0.85
_ENOUGH_WHEN_HANDED_OVER = 0.4  # who was given the floor is there to do something
_ENOUGH_FOR_HANDOFF = 0.55
_CLEARLY_BETTER = 0.5


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


class Chooser:
    """Weighs one request against the offers and the agent's own role.

    Args:
        offered: what may be called.
        role: who the agent is, in a sentence.
        conversation: what is asked and what has happened.
    """

    def __init__(self, offered: Sequence[Offer], role: str, conversation: Conversation) -> None:
        self._offers = offered
        self._role = content_words(role)
        self._conversation = conversation
        self._tried = {outcome.name for outcome in conversation.outcomes}

    def plan(self, *, forced: bool = False) -> list[Step]:
        """The steps for the request in the order of its words, done ones included; empty means: just answer.

        Args:
            forced: something has to be called, however badly it fits.
        """
        request = self._conversation.request
        clauses = _clauses(request)
        found = [self._best(clause) for clause in clauses]
        steps = _once(step for step in found if step is not None)
        if not steps and (whole := self._best(request)) is not None:
            steps = [whole]
        if not steps and forced and self._offers:
            scores = {offer.name: self._score(offer, signals(request), request) for offer in self._offers}
            steps = [Step(max(self._offers, key=lambda offer: scores[offer.name]), request, 0.0)]
        # The floor is passed on after one's own work, and to one agent only. Who had it for this request is done.
        own = [step for step in steps if step.offer.target is None]
        others = [step for step in steps if step.offer.target is not None and not self._had_its_turn(step.offer)]
        if not others and (back := self._way_back(found, clauses)) is not None:
            others = [back]
        return [*own, *others[:1]]

    def _best(self, clause: str) -> Step | None:
        words = signals(clause)
        enough = _ENOUGH_WHEN_HANDED_OVER if self._conversation.handed_over else _ENOUGH_FOR_TOOL
        own: Step | None = None
        other: Step | None = None
        for offer in self._offers:
            relevance = sum(offer.relevance(words).values())
            score = self._score(offer, words, clause)
            if max(relevance, score) < (_ENOUGH_FOR_HANDOFF if offer.target else enough):
                continue
            if offer.target is None:
                own = Step(offer, clause, score) if own is None or score > own.score else own
            else:
                other = Step(offer, clause, score) if other is None or score > other.score else other
        if other is None or (own is not None and own.score >= other.score):
            return own
        # Who was just given the floor passes it on only if the request is clearly for someone else.
        if self._conversation.handed_over and self._fit(words) + _CLEARLY_BETTER >= other.score:
            return own
        return other

    def _score(self, offer: Offer, words: dict[str, float], clause: str) -> float:
        score = sum(value * self._rarity(word) for word, value in offer.relevance(words).items())
        name = re.escape((offer.target or offer.name).lower())
        mentioned = re.search(rf"@{name}\b|\b{name}\b", clause.lower())
        return score + _MENTION if mentioned and (offer.target or "_" in name) else score

    def _rarity(self, word: str) -> float:
        """From 1 for a word that only one offer has down towards 0 for one that all have."""
        holders = sum(1 for offer in self._offers if offer.speaks_of(word))
        return math.log((len(self._offers) + 1) / max(1, holders)) / math.log(len(self._offers) + 1)

    def _fit(self, words: dict[str, float]) -> float:
        """How well the request suits this agent's own role."""
        return sum(max((likeness(word, known) for known in self._role), default=0.0) for word in words)

    def _had_its_turn(self, offer: Offer) -> bool:
        return offer.name in self._tried or (offer.target or "").lower() in self._conversation.involved

    def _way_back(self, found: Sequence[Step | None], clauses: Sequence[str]) -> Step | None:
        """The way to the host, for what comes after this agent's part, or for what has nothing to do with it."""
        host = next((offer for offer in self._offers if offer.is_host and offer.name not in self._tried), None)
        if host is None:
            return None
        last = max((number for number, step in enumerate(found) if step and step.offer.target is None), default=None)
        if last is not None:
            left = [clause for clause, step in zip(clauses, found, strict=True) if step is None][-1:]
            later = any(found[number] is None and is_order(clauses[number]) for number in range(last + 1, len(clauses)))
            return Step(host, left[0], 0.0) if left and later else None
        return Step(host, self._conversation.request, 0.0) if self._is_elsewhere(host) else None

    def _is_elsewhere(self, host: Offer) -> bool:
        """Whether a follow-up speaks of nothing that this agent or its conversation speaks of."""
        conversation, words = self._conversation, signals(self._conversation.request)
        if conversation.handed_over or len(words) < 2 or not conversation.answered or self._had_its_turn(host):
            return False
        known = {word for text in (*conversation.asked, *conversation.answered) for word in content_words(text)}
        known |= {word for offer in self._offers if offer.target is None for word in (*offer.title, *offer.weights)}
        return self._fit(words) == 0 and not any(likeness(word, other) >= 0.8 for word in words for other in known)


def signals(text: str) -> dict[str, float]:
    """The request's words with their strength, and what its form says: a sum wants a calculator."""
    if text.startswith("ui_action"):
        text = text.partition(": ")[0]  # what was done says who has to know, not what people typed
    request = Request(text)
    # What is to be done is often a passing word; what it is about decides.
    words = {word: 0.7 if word in _PASSING_VERBS else 1.0 for word in content_words(request.without_addresses)}
    hints: dict[str, float] = {}
    if request.arithmetic:
        hints |= {"calculate": 1.0, "math": 1.0, "expression": 1.0}
    if len(request.numbers) > 2:
        hints |= {"number": 0.5, "chart": 0.5}
    if request.urls:
        hints |= {"url": 0.7, "fetch": 0.7, "page": 0.7}
    if request.emails:
        hints |= {"email": 1.3}
    if request.place:
        hints |= {"city": 0.6}
    for hint, strength in hints.items():
        words[stem(hint)] = max(strength, words.get(stem(hint), 0.0))
    return words


def _clauses(request: str) -> list[str]:
    if request.startswith("ui_action"):
        return [request]  # what people typed into a form is no list of orders
    return [clause.strip() for clause in _CLAUSES.split(request) if clause and clause.strip()]


def _once(steps: Iterable[Step]) -> list[Step]:
    """The steps without those that call the same again."""
    return list({step.offer.name: step for step in reversed(list(steps))}.values())[::-1]
