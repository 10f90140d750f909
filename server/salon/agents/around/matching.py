"""Finds the agent or team that fits a request, offline: by words, their roots and what they are about. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from salon.models.words import content_words, likeness, split_words


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that can be found. `fields` are its texts, each with how much a match there is worth (0 to 1)."""

    name: str
    fields: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate and how well it fits, above 0 up to 1."""

    name: str
    score: float


def search(query: str, candidates: Iterable[Candidate], top_k: int) -> list[Found]:
    """The `top_k` candidates that fit best, best first; those that do not fit at all are left out."""
    wanted = content_words(query) or split_words(query)
    scored = [Found(candidate.name, round(_score(wanted, candidate), 3)) for candidate in candidates]
    return sorted((found for found in scored if found.score > 0), key=lambda found: -found.score)[:top_k]


def _score(wanted: list[str], candidate: Candidate) -> float:
    """The share of what is wanted that the candidate has: each word counts where it fits best."""
    if not wanted:
        return 0.0
    fields = [(worth, content_words(text) or split_words(text)) for worth, text in candidate.fields]
    return sum(
        max((worth * likeness(word, other) for worth, words in fields for other in words), default=0.0)
        for word in wanted
    ) / len(wanted)
