"""What a request says, in pieces: quotes, numbers, names, dates, lists and its subject. Pure; knows no schema."""

import re
from dataclasses import dataclass
from functools import cached_property

from salon.models.words import STOP_WORDS, split_words, stem

_QUOTED = re.compile(r"\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|(?<!\w)'([^']+)'(?!\w)|`([^`]+)`")
_SAYING = re.compile(
    r"\b(?:saying|that says|which says|with the (?:text|words|message))\b:?\s+(?:that\s+)?(.+?)[.!]?$", re.IGNORECASE
)
_ADDRESSED = re.compile(r"^(?:@[A-Za-z0-9][\w-]*[,:]?\s+(?:and\s+)?)+")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"https?://[^\s<>\"')]+[^\s<>\"').,;:!?]")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_TIME = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_CODE = re.compile(r"#\s?(\w*\d\w*)|\b([A-Z]{1,5}-?\d+)\b")
_SUM = re.compile(r"[\d(][\d\s.()+*/^\u00d7\u00f7%-]+")
_OPERATOR = re.compile(r"[-+*/^\u00d7\u00f7%]")
_NUMBER = re.compile(r"(?<![\w.-])[-+]?\d[\d,]*(?:\.\d+)?(?![\w]*\d)")
_DAY = re.compile(
    r"\b(?:today|tomorrow|tonight|yesterday|(?:next|this|on|last)\s+(?:week|month|year|quarter|weekend|mon|tues|wednes|thurs|fri"
    r"|satur|sun)(?:day)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b(?:named|called|titled|entitled|name is|i am|i'm)\s+([A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)*)")
_PROPER = re.compile(r"(?<![.!?]\s)(?<!^)\b([A-Z][\w'-]*(?:\s+(?:(?:de|of|the|von|la)\s+)?[A-Z][\w'-]*)*)")
_OPENING = re.compile(
    r"^(?:(?:hey|hi|hello|please|ok(?:ay)?|so|well|now|then|also|and|could|can|would|will|you|i'd|i'll|i'm|i|we'd|we"
    r"|want|need|like|to|let's|let|us|me|kindly|just|help|have|ask|go|ahead|try)\b[,!]?\s*)+",
    re.IGNORECASE,
)
_ORDERS = (
    r"find out|look (?:up|for|at|into)|search(?: for)?|set up|put up|make|create|draw|build|show|give|get|find|research"
    r"|investigate|write|draft|compose|plan|organi[sz]e|explain|describe|prepare|summari[sz]e|translate|calculate|compute"
    r"|analy[sz]e|compare|send|e-?mail|book|generate|check|list|add|open|fetch|read|plot|chart|visuali[sz]e|tell|remind|collect"
)
_VERB = re.compile(
    r"^(?:what do you (?:think|know) (?:of|about)|what(?:'s| is| are| was| were| does| do| did)?|who(?:'s| is)?"
    rf"|where(?:'s| is)?|when(?:'s| is)?|how (?:much|many)|which|talk|do|{_ORDERS})\b\s*(?:(?:for me|me|us)\b\s*)?",
    re.IGNORECASE,
)
_ORDER = re.compile(rf"^(?:{_ORDERS})\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:a|an|the|some|my|our|any)\s+", re.IGNORECASE)
_MANNER = re.compile(
    r"\s*\b(?:in (?:great |more |some )?(?:detail|depth|short|brief)|please|briefly|for me|thanks?(?!-))\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(?:about|regarding|concerning|on the (?:topic|subject) of)\s+(.+)", re.IGNORECASE)
_ARTEFACT = re.compile(
    r"^(?:[\w-]+\s+){0,3}?(?:charts?|graph|diagram|poem|haiku|story|e-?mail|letter|message|plan|table|report|essay|text|list|post"
    r"|article|summary|overview|form|news|sources|facts)\s+(?:of|on|for|with|to)\s+(?=\S)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(rf"\b(?:(?:to|for|at|with|from)\s+)?(?:{_EMAIL.pattern}|{_URL.pattern})", re.IGNORECASE)
_POINTING = re.compile(r"\b(?:it|that|this|them|these|those|the (?:result|chart|text|plan|report))\b", re.IGNORECASE)
_NEXT_STEP = re.compile(rf"[.;!?]\s|[.;!?]$|,? and (?:then|also|after that|{_ORDERS})\b", re.IGNORECASE)
_WORD_NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
        ]
    )
} | {"twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100, "dozen": 12, "couple": 2, "thousand": 1000}
_PLACE = re.compile(r"\b(?:in|to|at|for|from|near|around|of|visit)\s+((?:the\s+)?[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)*)")
_RECIPIENT = re.compile(
    r"\b(?:to|for|with)\s+((?:the\s+|my\s+|our\s+)?[\w'-]+(?:\s+team|\s+[A-Z][\w'-]*)?)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in the text, with the stems of the words right before and after it."""

    value: float
    near: frozenset[str]


class Request:
    """One text, taken apart on demand.

    Args:
        text: the text.
        around: what it is a part of; asked for the subject when the text only points to it ("email it to Ann").
    """

    def __init__(self, text: str, around: "Request | None" = None) -> None:
        self.text = _ADDRESSED.sub("", " ".join(text.split()))
        self._around = around

    @cached_property
    def quotes(self) -> list[str]:
        """What stands in quotation marks, or else what is to be said word for word."""
        return [next(filter(None, match)) for match in _QUOTED.findall(self.text)] or _SAYING.findall(self.text)

    @cached_property
    def emails(self) -> list[str]:
        """Email addresses."""
        return _EMAIL.findall(self.text)

    @cached_property
    def urls(self) -> list[str]:
        """Web addresses."""
        return _URL.findall(self.text)

    @cached_property
    def without_addresses(self) -> str:
        """The text without web addresses, whose parts are no words."""
        return _URL.sub(" ", self.text)

    @cached_property
    def dates(self) -> list[str]:
        """ISO dates."""
        return _DATE.findall(self.text)

    @cached_property
    def day(self) -> str | None:
        """A day in words, such as "next monday"."""
        return match.group(0) if (match := _DAY.search(self.text)) else None

    @cached_property
    def time(self) -> str | None:
        """A time of day as HH:MM:SS."""
        match = _TIME.search(self.text)
        return f"{int(match.group(1)):02}:{match.group(2)}:00" if match and int(match.group(1)) < 24 else None

    @cached_property
    def uuid(self) -> str | None:
        """A UUID."""
        return match.group(0) if (match := _UUID.search(self.text)) else None

    @cached_property
    def code(self) -> str | None:
        """A number or code that names something, such as "#123" or "AB-42"."""
        match = _CODE.search(self.text)
        return (match.group(1) or match.group(2)) if match else None

    @cached_property
    def arithmetic(self) -> str | None:
        """A sum to work out, such as "15 * 23 + 7"."""
        sums = (found.rstrip(" .(+*/^\u00d7\u00f7%-") for found in _SUM.findall(self.text))
        found = next(filter(_OPERATOR.search, sums), None)
        return found.replace("\u00d7", "*").replace("\u00f7", "/") if found is not None else None

    @cached_property
    def numbers(self) -> list[Number]:
        """Numbers in digits or words, without those of dates, codes and sums."""
        text = self.text.replace("%", " percent")
        for taken in (*self.dates, *self.emails, *self.urls, self.arithmetic or "", self.uuid or ""):
            text = text.replace(taken, " ") if taken else text
        tokens = re.findall(r"[-+]?\d[\d,]*(?:\.\d+)?|[^\W\d_]+", text)
        found: list[Number] = []
        for position, token in enumerate(tokens):
            value = _WORD_NUMBERS.get(token.lower())
            if value is None and _NUMBER.fullmatch(token):
                value = float(token.replace(",", ""))  # type: ignore[assignment]  # a float is a number too
            if value is not None and not (token.lower() == "one" and position == 0):
                around = tokens[max(0, position - 2) : position] + tokens[position + 1 : position + 3]
                found.append(Number(float(value), frozenset(stem(word) for word in around)))
        return found

    @cached_property
    def names(self) -> list[str]:
        """Names: what is called so first, then other capitalised words inside the sentence."""
        named = _NAMED.findall(self.text)
        proper = [name for name in _PROPER.findall(self.text) if name.lower() not in STOP_WORDS and name != "I"]
        return list(dict.fromkeys([*named, *proper]))

    @cached_property
    def place(self) -> str | None:
        """A place: capitalised, after a preposition."""
        match = _PLACE.search(self.text)
        return match.group(1) if match else None

    @cached_property
    def recipient(self) -> str | None:
        """Who something is for: an address, or the word after "to"."""
        if self.emails:
            return self.emails[0]
        for match in _RECIPIENT.finditer(self.text):
            words = split_words(match.group(1))
            if match.group(1)[0].isupper() or any(word in ("team", "boss", "customer", "client") for word in words):
                return match.group(1)
        return None

    @cached_property
    def _bare(self) -> str:
        """The request without its politeness and its verb."""
        text = _VERB.sub("", _OPENING.sub("", self.text)).strip().rstrip("?.! ")
        return " ".join(_MANNER.sub("", text).split()) or self.text.rstrip("?.! ") or "your request"

    @cached_property
    def phrase(self) -> str:
        """The request in search words: "Please find the best espresso" gives "best espresso"."""
        return _ARTICLE.sub("", self._bare)

    @cached_property
    def subject(self) -> str:
        """What it is about: "write a poem about the sea" gives "the sea", "plan a trip" gives "a trip"."""
        if self._around is not None and _POINTING.search(self.text):
            return self._around.subject
        bare = " ".join(_ADDRESS.sub(" ", self._bare).split()) or self._bare
        bare = _NEXT_STEP.split(bare)[0].strip(" ,") or bare
        about = _ABOUT.search(bare)
        found = about.group(1) if about else _ARTEFACT.sub("", bare)
        return found if len(found) > 2 else bare

    @cached_property
    def items(self) -> list[str]:
        """A list in the text: parts between commas and "and", after a colon or a preposition if there is one."""
        return self.listing or _parts(self._bare, _LIST_OPENING)

    @cached_property
    def listing(self) -> list[str]:
        """An explicit list: several quotes, or what follows a colon."""
        if len(self.quotes) > 1:
            return self.quotes
        head, colon, tail = _URL.sub("", self.text).rstrip("?.! ").partition(": ")
        return _parts(tail, None) if colon and head else []

    def labelled(self, field: str) -> str | None:
        """The words after the field's own name: "priority: high" or "title is X"."""
        name = r"\s+".join(map(re.escape, split_words(field)))
        match = re.search(rf"\b{name}\s*(?:is|=|:|to|of|as|named|called)\s*([^,.;]+)", self.text, re.IGNORECASE)
        return match.group(1).strip(" \"'") or None if name and match else None


_LIST_OPENING = re.compile(r"\b(?:of|for|with|about|between|compare|like|including)\s+(.+)", re.IGNORECASE)


def _parts(text: str, opening: re.Pattern[str] | None) -> list[str]:
    if opening is not None and (match := opening.search(text)):
        text = match.group(1)
    parts = [part.strip() for part in re.split(r",\s*(?:and|or)\s+|,|;|\s+(?:and|or|vs\.?|versus)\s+", text)]
    kept = [part for part in parts if part and len(part) <= 60]
    return kept if len(kept) > 1 and len(kept) == len([part for part in parts if part]) else []


def is_order(text: str) -> bool:
    """Whether a text begins with something to do: "write …", "please send …"."""
    return bool(_ORDER.match(_OPENING.sub("", text)))
