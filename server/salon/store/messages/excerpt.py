"""Cuts out of a long text what shows why it was found."""

import re
from collections.abc import Sequence

LENGTH = 160
"""Characters of an excerpt, at most, without the dots that stand for what was left out."""

_WORD = re.compile(r"\w+")
_ENDING = 3
"""Letters in which the forms of a word may differ at its end: project, projects, projected."""


def excerpt(text: str, wanted: Sequence[str]) -> str:
    """About `LENGTH` characters of `text` around the first word that is wanted, or its beginning when none is plain."""
    forms = "|".join(_forms(word) for words in wanted for word in _WORD.findall(words))
    found = re.search(rf"\b(?:{forms})\b", text, re.IGNORECASE) if forms else None
    first = found.start() if found else 0
    start = max(0, first - LENGTH // 4)
    if start:
        start = text.find(" ", start, first) + 1 or start  # a word is not cut in two where there is a gap
    end = start + LENGTH
    if end < len(text):
        end = max(text.rfind(" ", start + LENGTH // 2, end), 0) or end
    shown = " ".join(text[start:end].split())
    return ("…" if start else "") + shown + ("…" if end < len(text) else "")


def _forms(word: str) -> str:
    stem = word[: max(len(word) - _ENDING, 4)]
    return rf"{re.escape(stem)}\w{{0,{len(word) - len(stem) + _ENDING}}}"
