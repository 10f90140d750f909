"""Looks a text over without asking a model: what of it may not pass at a level. Pure, and bounded in time."""

from collections.abc import Iterator

from salon.guardrails.injection import injection
from salon.guardrails.personal import personal
from salon.guardrails.readings import plain_words
from salon.guardrails.unsafe import unsafe
from salon.guardrails.verdict import Level, Verdict, Where

SLICE = 4_000
"""Characters that are looked at together; the work on them takes some milliseconds."""

OVERLAP = 400
LONGEST = 200_000
"""Characters that are looked at of a text."""


def scan(text: str, level: Level = "medium", where: Where = "input") -> list[Verdict]:
    """What of a text is blocked at a level, the gravest first.

    Args:
        text: the text.
        level: how strict to be.
        where: whose text it is. What an agent says is not searched for attempts to take it over.
    """
    found = {verdict: None for part in slices(text) for verdict in _found(part, where) if verdict.blocked_at(level)}
    return sorted(found, key=lambda verdict: (not verdict.blocked_at("low"), not verdict.blocked_at("medium")))


def slices(text: str) -> Iterator[str]:
    """A text in parts that overlap, so that callers with others to serve may pause between them."""
    for start in range(0, max(min(len(text), LONGEST) - OVERLAP, 1), SLICE - OVERLAP):
        yield text[start : start + SLICE]


def _found(text: str, where: Where) -> Iterator[Verdict]:
    if where != "output":
        yield from (Verdict("injection", level, where, reason) for level, reason in injection(text, where))
    yield from (Verdict("unsafe", level, where, f"it asks for {name}") for level, name in unsafe(plain_words(text)))
    yield from (Verdict("personal", level, where, f"it contains {name}") for level, name in personal(text))
