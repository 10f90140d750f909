"""What a model is offered, as the mock weighs it: the words that speak for each tool and hand-off. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ag2.tools.final.function_tool import FunctionToolSchema
from ag2.tools.schemas import ToolSchema

from salon.models.words import content_words, likeness, split_words, stem

_HANDOFF = re.compile(r"^(?:transfer|hand_?off|delegate)_to_(.+)$")
_INTENTS = re.compile(r"\b(?:use for|use when|intents?|for example|e\.g\.)[: ]+([^.]+)", re.IGNORECASE)
_QUOTED_INTENT = re.compile(r"[\"“']([^\"”']{3,60})[\"”']")
_HOSTS = frozenset(("host", "coordinator", "concierge", "triage", "router", "reception", "receptionist", "frontdesk"))

_NAME = 2.0
_INTENT = 1.3
_DESCRIPTION = 1.0
_PARAMETER = 0.35

# What a verb is after. A tool that changes things is not for a request to make some, though the object is the same.
_DEEDS = {
    stem(word): deed
    for deed, words in {
        "produce": "write draft compose make create send email build add draw generate calculate compute plan",
        "consult": "open read find search look fetch list",
        "change": "edit update change rename remove delete cancel keep rewrite move tick receive",
    }.items()
    for word in words.split()
}
_OTHER_DEED = 0.4


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool or hand-off that the model may choose.

    Args:
        name: the function's name.
        schema: JSON Schema of its arguments.
        target: the agent that a hand-off leads to, or None for a tool.
        title: the stems of its name.
        weights: stems that speak for it, with how strongly they do; those of the name not included.
    """

    name: str
    schema: Mapping[str, Any]
    target: str | None
    title: frozenset[str]
    weights: Mapping[str, float]

    @property
    def is_host(self) -> bool:
        """Whether it leads to an agent that knows whom to ask."""
        return self.target is not None and not _HOSTS.isdisjoint(split_words(self.target))

    def speaks_of(self, word: str) -> bool:
        """Whether a stem is among its words."""
        return any(likeness(word, known) >= 0.8 for known in (*self.title, *self.weights))

    def relevance(self, words: Mapping[str, float]) -> dict[str, float]:
        """How much each of a request's words speaks for this offer.

        Args:
            words: stems of the request with their strength.
        """
        named = sum(1 for known in self.title if any(likeness(word, known) for word in words))
        # A name that is met only in part, such as `update_plan` by "plan", says less.
        weight = _NAME * (0.5 + 0.5 * named / max(1, len(self.title)))
        factor = self._deed_factor(words)
        found: dict[str, float] = {}
        for word, strength in words.items():
            best = max((likeness(word, known) * weight for known in self.title), default=0.0)
            best = max(best, *(likeness(word, known) * each for known, each in self.weights.items()), 0.0)
            if best:
                found[word] = best * strength * factor
        return found

    def _deed_factor(self, words: Mapping[str, float]) -> float:
        wanted = next((_DEEDS[word] for word in words if word in _DEEDS), None)
        offered = {_DEEDS[word] for word in self.title if word in _DEEDS} if self.target is None else set()
        return 1.0 if wanted is None or not offered or wanted in offered else _OTHER_DEED


def offers(tools: Iterable[ToolSchema]) -> list[Offer]:
    """The function tools among these, ready to be weighed."""
    return [_offer(tool) for tool in tools if isinstance(tool, FunctionToolSchema)]


def is_handoff(tool: str) -> bool:
    """Whether a tool of this name passes the floor."""
    return bool(_HANDOFF.match(tool))


def _offer(tool: FunctionToolSchema) -> Offer:
    name, description, schema = tool.function.name, tool.function.description or "", tool.function.parameters
    handoff = _HANDOFF.match(name)
    target = handoff.group(1) if handoff else None
    body = re.sub(r"^Hand the conversation to [\w-]+:?", "", description) if target else description
    weights: dict[str, float] = {}
    properties = schema.get("properties")
    if not target and isinstance(properties, dict):
        for field, value in properties.items():
            options = value.get("enum", []) if isinstance(value, dict) else []
            _raise(weights, content_words(" ".join([field, *map(str, options)])), _PARAMETER)
    _raise(weights, content_words(body), _DESCRIPTION)
    intents = [*_INTENTS.findall(body), *_QUOTED_INTENT.findall(body)]
    _raise(weights, content_words(" ".join(intents)), _INTENT)
    # A name of nothing but common words, like `ask_people`, still stands for itself.
    title = content_words(target or name) or [stem(word) for word in split_words(target or name)]
    return Offer(name, schema, target, frozenset(title), weights)


def _raise(weights: dict[str, float], words: Iterable[str], weight: float) -> None:
    for word in words:
        weights[word] = max(weight, weights.get(word, 0.0))
