"""Finds a title in what somebody asked for, and makes one presentable that a model gave. Pure."""

import re

from salon.models.words import STOP_WORDS

TITLE_LENGTH = 60

_READ = 4000
"""Characters of a request that are looked at."""

_NOISE = re.compile(r"```.*?(?:```|$)|https?://\S+|[*_#>`]+|(?:^|(?<=\s))@[\w.-]+[,:]?", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n+")  # noqa: RUF001
_COURTESY = re.compile(
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear|greetings|thanks|thank you)"
    r"(?: (?:there|all|everyone|everybody|team|folks))?(?:[\s,.!:;-]+|$)"
    r"|(?:ok(?:ay)?|so|well|now)[,.!:]\s*"
    r"|please[\s,]+"
    r"|(?:can|could|would|will) (?:you|someone|we) (?:please |kindly |maybe )?"
    r"|(?:i|we)(?:'d|\u2019d| would) (?:like|love) (?:you )?(?:to )?"
    r"|(?:i|we) (?:want|need|have) (?:you )?to "
    r"|(?:i|we) (?:want|need) (?:some )?(?:help|advice) (?:with|on|about) "
    r"|(?:i(?:'m|\u2019m| am| was) )?(?:just )?wondering (?:if|whether) (?:you (?:could|can) )?"
    r"|(?:please )?help (?:me|us) (?:to )?(?:with )?"
    r"|let(?:'s|\u2019s| us) "
    r"|(?:do|would) you (?:know|mind) (?:telling me )?"
    r"|(?:please )?tell (?:me|us) (?:something )?about ",
    re.IGNORECASE,
)
_HOW_TO = re.compile(r"how (?:do|can|should|would|could) (?:i|we|you|one) ", re.IGNORECASE)
_WHAT_IS = re.compile(r"what(?:'s|\u2019s| is| are) (?=(?:the|a|an|my|our|your) )(?:the |an? )?", re.IGNORECASE)
_FAREWELL = re.compile(r"[\s,]+(?:please|thanks|thank you)[\s.!?]*$", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[,;:(]\s| [-\u2013\u2014] | (?:because|since|so that|which|where|when|while|but) ", re.IGNORECASE
)
_EDGES = (
    " \t\"'`*_#~.,;:!?-\u2013\u2014\u2026\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb()[]{}<>\u3002\uff0c\uff01\uff1f"
)
_LABEL = re.compile(r"^\W*(?:title|titel|titre|t[ií]tulo)\W*:\s*", re.IGNORECASE)


def gist(text: str) -> str | None:
    """What a request is about, as a title of at most 60 characters; None when there are no words in it."""
    sentences = [s for part in _SENTENCE.split(_NOISE.sub(" ", text[:_READ])) if (s := " ".join(part.split()))]
    asked = [core for sentence in sentences[:20] if (core := _core(sentence))]
    if not asked:  # nothing but courtesies: they are what was said
        asked = sentences
    telling = next((core for core in asked if len(_content(core)) >= 2), asked[0] if asked else "")
    return presentable(telling)


def presentable(text: str) -> str | None:
    """A title in one line, without quotes or marks around it; None when nothing is left."""
    lines = [_LABEL.sub("", line) for each in text[:_READ].splitlines() if (line := _printable(each)).strip(_EDGES)]
    if not lines:
        return None
    answer = next((line for line in lines if not line.endswith(":")), lines[0])  # not "Here is a title:"
    title = _shortened(answer.strip(_EDGES))
    return f"{title[:1].upper()}{title[1:]}" or None


def _printable(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _core(sentence: str) -> str:
    """The sentence without what people say to be polite."""
    core = _FAREWELL.sub("", sentence)
    while (shorter := _COURTESY.sub("", core, count=1) if _COURTESY.match(core) else core) != core:
        core = shorter
    core = _WHAT_IS.sub("", _HOW_TO.sub("how to ", core, count=1) if _HOW_TO.match(core) else core, count=1)
    return core.strip(_EDGES)


def _shortened(title: str) -> str:
    """The first clause that says enough, or as many words as fit, not ending in a word that leads on."""
    if len(title) <= TITLE_LENGTH:
        return title
    for clause in _CLAUSE.finditer(title, 20, TITLE_LENGTH):
        if len(_content(title[: clause.start()])) >= 2:
            return title[: clause.start()].strip(_EDGES)
    head = title[: TITLE_LENGTH + 1]
    words = head.rsplit(" ", 1)[0].split() if " " in head else [head[:TITLE_LENGTH]]
    while len(words) > 1 and words[-1].strip(_EDGES).lower() in STOP_WORDS:
        words.pop()
    return " ".join(words).strip(_EDGES)


def _content(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.lower()) if word not in STOP_WORDS]
