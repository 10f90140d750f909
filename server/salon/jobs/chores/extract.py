"""Summarises by choosing the most telling sentences of what was said. Pure; the same input gives the same words."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from salon.models.words import content_words

SUMMARY_LENGTH = 1200
"""Characters of a summary."""

SENTENCE_LENGTH = 200
_SHORTEST = 12
_READ = 2000  # characters of a message
_CANDIDATES = 300
_SENTENCE = re.compile(r"(?<=[.!?\u3002\uff01\uff1f])\s+|\n+")
_CODE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_ABOUT_ME = re.compile(r"\b(?:i|i'm|i\u2019m|my|me|we|our)\b", re.IGNORECASE)
_SETTLED = re.compile(
    r"\b(?:decide|decided|agree|agreed|deadline|must|will|need|needs|remember|important|because|result|total|name)\b"
    r"|\d",
    re.IGNORECASE,
)


class Line(NamedTuple):
    """Something said, in one message; `person`: by somebody, not by an agent."""

    speaker: str
    text: str
    person: bool


class _Sentence(NamedTuple):
    place: int
    shown: str
    stems: tuple[str, ...]
    weight: float


def extract(before: str, lines: Sequence[Line], limit: int = SUMMARY_LENGTH) -> str:
    """The most telling sentences of what was said and of the summary so far, in order, one a line.

    What people say of themselves, decisions and figures count more; a sentence that adds no new words counts less.
    """
    sentences = _numbered(before, lines)
    frequency = Counter(word for sentence in sentences for word in sentence.stems)
    said: Counter[str] = Counter()
    left = sorted(sentences, key=lambda sentence: -_score(sentence, frequency, said))[:_CANDIDATES]
    chosen: list[_Sentence] = []
    room = limit
    while left:
        best = max(left, key=lambda sentence: (_score(sentence, frequency, said), -sentence.place))
        left.remove(best)
        if len(best.shown) + 1 > room:
            continue
        chosen.append(best)
        said.update(best.stems)
        room -= len(best.shown) + 1
        if room < _SHORTEST:
            break
    return "\n".join(sentence.shown for sentence in sorted(chosen))


def _numbered(before: str, lines: Sequence[Line]) -> list[_Sentence]:
    """All sentences, oldest first; of what is said twice only the first."""
    found: dict[str, _Sentence] = {}
    for shown, weight in [*_kept(before), *_told(lines)]:
        stems = tuple(content_words(shown.partition(": ")[2]))
        if stems and shown not in found:
            found[shown] = _Sentence(len(found), shown, stems, weight)
    return list(found.values())


def _kept(summary: str) -> Iterable[tuple[str, float]]:
    """What the summary so far says. It was chosen once, so it counts a little more."""
    return [(line, 1.5) for line in summary.splitlines() if line]


def _told(lines: Sequence[Line]) -> Iterable[tuple[str, float]]:
    for line in lines:
        for sentence in _SENTENCE.split(_CODE.sub(" ", line.text[:_READ])):
            words = " ".join(sentence.split())
            if len(words) < _SHORTEST:
                continue
            weight = 1.0 + 0.5 * line.person + 0.5 * bool(_SETTLED.search(words))
            weight += 0.5 * bool(line.person and _ABOUT_ME.search(words))
            if len(words) > SENTENCE_LENGTH:
                words = f"{words[:SENTENCE_LENGTH].rsplit(' ', 1)[0]} …"
            yield f"{line.speaker}: {words}", weight


def _score(sentence: _Sentence, frequency: Counter[str], said: Counter[str]) -> float:
    """How much it tells: words that come up often, each worth less the more often it is in the summary already."""
    worth = sum(frequency[word] / (1 + 2 * said[word]) for word in sentence.stems)
    return sentence.weight * worth / math.sqrt(4 + len(sentence.stems))
