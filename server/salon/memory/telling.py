"""What people tell of themselves, found by rule: plain English sentences such as "my name is …". Pure.

The offline stand-in for a model that reads: it knows no other language and reads nothing between the lines.
"""

import re
from dataclasses import dataclass
from typing import Literal

Topic = Literal["name", "maybe_name", "live", "from", "work", "like", "favourite", "own", "remember"]

_END = r"(?=\s+and\s+|[.,;!?]|$)"
_LIKING = r"(love|like|enjoy|prefer|hate)\s+([^.,;!?]+?)(?=\s+and\s+I\b|[.,;!?]|$)"
_NAME = r"((?-i:[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)*))"
_PATTERNS: tuple[tuple[Topic, str], ...] = (
    ("name", rf"\b(?:my name is|my name's|call me|i am called)\s+{_NAME}"),
    ("name", r"\b(?:hi|hello|hey)\b[\s,.!]*(?:there[\s,.!]*)?(?:I am|I'm)\s+((?-i:[A-Z][a-z'-]+))\b"),
    ("maybe_name", r"\b(?:I am|I'm)\s+((?-i:[A-Z][a-z'-]+))\b"),
    ("live", rf"\bI(?:'m| am)?\s+(?:live|living|based)\s+in\s+([^.,;!?]+?){_END}"),
    ("from", rf"\bI(?:'m| am| come)\s+from\s+([^.,;!?]+?){_END}"),
    ("work", rf"\bI\s+work\s+((?:as|at|for|in)\s+[^.,;!?]+?){_END}"),
    ("like", rf"\b(?:I(?:\s+(?:really|also))*|and)\s+{_LIKING}"),
    ("favourite", r"\bmy\s+(favou?rite\s+[\w ]+?)\s+is\s+([^.,;!?]+)"),
    ("own", r"\bmy\s+(?!name\b|favou?rite\b)([\w-]+(?:\s+[\w-]+)?)\s+(?:is|are)\s+([^.,;!?]+)"),
    ("remember", r"\bremember(?:\s+that)?\s*:?\s+([^.;!?]+)"),
)
_RULES = tuple((topic, re.compile(pattern, re.IGNORECASE)) for topic, pattern in _PATTERNS)


@dataclass(frozen=True, slots=True)
class Told:
    """Something a person told: what it is about, and its words; for what is liked or owned the verb or thing first."""

    topic: Topic
    words: tuple[str, ...]


def told(text: str) -> list[Told]:
    """What a text tells of its author, by rule and within one in its order."""
    plain = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return [
        Told(topic, tuple(group.strip() for group in match.groups()))
        for topic, pattern in _RULES
        for match in pattern.finditer(plain)
    ]
