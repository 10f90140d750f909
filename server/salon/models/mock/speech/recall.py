"""What the mock remembers: facts that people told about themselves, and what was said before. Pure."""

import re
from collections.abc import Sequence

from salon.models.mock.conversation import Conversation
from salon.models.words import content_words, likeness

_END = r"(?=\s+and\s+|[.,;!?]|$)"
_LIKING = r"(love|like|enjoy|prefer|hate)\s+([^.,;!?]+?)(?=\s+and\s+I\b|[.,;!?]|$)"
_FACTS = tuple(
    (topic, re.compile(pattern, re.IGNORECASE), wording)
    for topic, pattern, wording in (
        (
            "name",
            r"\b(?:my name is|my name's|call me|i am called)\s+((?-i:[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)*))",
            "your name is {}",
        ),
        ("name", r"\b(?:I am|I'm)\s+((?-i:[A-Z][a-z'-]+))\b", "your name is {}"),
        ("live", rf"\bI(?:'m| am)?\s+(?:live|living|based)\s+in\s+([^.,;!?]+?){_END}", "you live in {}"),
        ("from", rf"\bI(?:'m| am| come)\s+from\s+([^.,;!?]+?){_END}", "you come from {}"),
        ("work", rf"\bI\s+work\s+((?:as|at|for|in)\s+[^.,;!?]+?){_END}", "you work {}"),
        ("like", rf"\b(?:I(?:\s+(?:really|also))*|and)\s+{_LIKING}", "you {} {}"),
        ("favourite", r"\bmy\s+(favou?rite\s+[\w ]+?)\s+is\s+([^.,;!?]+)", "your {} is {}"),
        ("own", r"\bmy\s+(?!name\b|favou?rite\b)([\w-]+(?:\s+[\w-]+)?)\s+(?:is|are)\s+([^.,;!?]+)", "your {} is {}"),
        ("remember", r"\bremember(?:\s+that)?\s*:?\s+([^.;!?]+)", "you asked me to remember {}"),
    )
)

_ABOUT_ME = re.compile(
    r"\b(?:what(?:'s| is| are| was)?|who|where|which|do you (?:know|remember)|tell me|remind me)\b.*\b(?:my|i|me)\b",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(r"\b(?:know|remember|learned?) about me\b|\bwho am i\b", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?:what (?:did|have) (?:i|we)\b.*\b(?:say|said|ask|asked|tell|told|talk|talked|discuss|discussed)"
    r"|(?:my|the) (?:last|previous|first|earlier) (?:message|question|request)"
    r"|summari[sz]e (?:our|the|this) (?:conversation|chat|discussion)|what was said|remind me what)",
    re.IGNORECASE,
)
_TOPICS = {
    "name": ("name", "called", "who am i"),
    "live": ("live", "where am i", "city", "home"),
    "from": ("from", "come from"),
    "work": ("work", "job", "profession", "do for a living"),
    "like": ("love", "like", "enjoy", "prefer", "hate", "hobby", "hobbies", "interests"),
    "favourite": ("favourite", "favorite"),
    "remember": ("remember",),
}


def recall(conversation: Conversation) -> str | None:
    """The answer to a question about what was said before, or None when that is not what is asked."""
    request = conversation.request
    if _BEFORE.search(request):
        return _transcript(conversation)
    if not _ABOUT_ME.search(request):
        return None
    facts = facts_of(conversation.asked)
    if not facts:
        return "You have not told me that yet." if re.search(r"\bmy name\b", request, re.IGNORECASE) else None
    if _EVERYTHING.search(request):
        return _sentence([text for _, text in facts])
    lowered = request.lower()
    wanted = {topic for topic, marks in _TOPICS.items() if any(mark in lowered for mark in marks)}
    words = content_words(request)
    chosen = [
        text
        for topic, text in facts
        if topic in wanted
        or (topic in ("own", "favourite") and any(likeness(a, b) >= 0.8 for a in words for b in content_words(text)))
    ]
    if "favourite" in wanted:
        chosen = [text for topic, text in facts if topic in ("favourite", "like")] or chosen
    return _sentence(chosen) if chosen else None


def facts_of(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Topic and wording of everything people told about themselves; a later word on a name replaces an earlier one."""
    facts: list[tuple[str, str]] = []
    for text in texts:
        for topic, pattern, wording in _FACTS:
            for match in pattern.finditer(text.replace("\u2019", "'")):
                fact = (topic, wording.format(*(group.strip() for group in match.groups())))
                if topic == "name":
                    facts = [known for known in facts if known[0] != "name"]
                if fact not in facts:
                    facts.append(fact)
    return facts


def _sentence(facts: Sequence[str]) -> str:
    listed = facts[0] if len(facts) == 1 else f"{', '.join(facts[:-1])}, and {facts[-1]}"
    return f"{listed[:1].upper()}{listed[1:]}."


def _transcript(conversation: Conversation) -> str:
    asked = conversation.asked
    if not asked:
        return "This is the first thing you have said to me here, so there is nothing to look back on yet."
    if re.search(r"\bfirst\b", conversation.request, re.IGNORECASE):
        return f'Your first message was: "{_short(asked[0])}"'
    if re.search(r"\b(?:last|previous|just)\b", conversation.request, re.IGNORECASE):
        return f'Just before this you said: "{_short(asked[-1])}"'
    lines = "\n".join(f'{number}. "{_short(text)}"' for number, text in enumerate(asked[-6:], max(1, len(asked) - 5)))
    plural = "message" if len(asked) == 1 else "messages"
    return f"Before this you sent {len(asked)} {plural}:\n{lines}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 140 else f"{text[:140].rsplit(' ', 1)[0]} …"
