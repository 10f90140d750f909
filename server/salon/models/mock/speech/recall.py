"""What the mock remembers: facts that people told about themselves, and what was said before. Pure."""

import re
from collections.abc import Sequence

from salon.memory.telling import Topic, told
from salon.models.mock.conversation import Conversation
from salon.models.words import content_words, likeness

_WORDINGS: dict[Topic, str] = {
    "name": "your name is {}",
    "maybe_name": "your name is {}",
    "live": "you live in {}",
    "from": "you come from {}",
    "work": "you work {}",
    "like": "you {} {}",
    "favourite": "your {} is {}",
    "own": "your {} is {}",
    "remember": "you asked me to remember {}",
}
_KEYS: dict[str, Topic] = {
    **dict.fromkeys(("name", "first name", "full name", "nickname"), "name"),
    **dict.fromkeys(("location", "city", "home", "residence"), "live"),
    "origin": "from",
    "work": "work",
}
_LIKINGS = frozenset(("love", "like", "enjoy", "prefer", "hate"))

Fact = tuple[Topic, str]

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
    facts = _latest([*map(_known, conversation.known), *facts_of([conversation.background, *conversation.asked])])
    if not facts:
        return "You have not told me that yet." if re.search(r"\bmy name\b", request, re.IGNORECASE) else None
    if _EVERYTHING.search(request):
        return _sentence([text for _, text in facts])
    lowered = request.lower()
    wanted = {topic for topic, marks in _TOPICS.items() if any(mark in lowered for mark in marks)}
    if "favourite" in wanted:
        wanted.add("like")
    words = content_words(request)
    chosen = [
        text
        for topic, text in facts
        if topic in wanted
        or (topic in ("own", "favourite") and any(likeness(a, b) >= 0.8 for a in words for b in content_words(text)))
    ]
    return _sentence(chosen) if chosen else None


def facts_of(texts: Sequence[str]) -> list[Fact]:
    """Topic and wording of everything people told about themselves; a later word on a name replaces an earlier one."""
    return _latest(
        [
            ("name" if each.topic == "maybe_name" else each.topic, _WORDINGS[each.topic].format(*each.words))
            for text in texts
            for each in told(text)
        ]
    )


def _latest(facts: Sequence[Fact]) -> list[Fact]:
    kept: list[Fact] = []
    for fact in facts:
        if fact[0] == "name":
            kept = [known for known in kept if known[0] != "name"]
        if fact not in kept:
            kept.append(fact)
    return kept


def _known(fact: tuple[str, str]) -> Fact:
    """A fact from the prompt in the words of one that was told here."""
    key, value = fact
    words = key.lower().replace("_", " ").strip()
    verb = words.partition(" ")[0].removesuffix("s")
    if verb in _LIKINGS and words != verb:
        return "like", _WORDINGS["like"].format(verb, value)
    topic = _KEYS.get(words) or ("favourite" if words.startswith(("favourite", "favorite")) else "own")
    if topic == "work" and not re.match(r"(?:as|at|for|in)\b", value):
        topic = "own"
    if words.startswith("note"):
        topic = "remember"
    return topic, _WORDINGS[topic].format(*((words, value) if topic in ("own", "favourite") else (value,)))


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
