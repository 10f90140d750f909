"""What a request says, in pieces: quotes, numbers, names, dates, lists and its subject. Pure; knows no schema."""

import re
from dataclasses import dataclass
from functools import cached_property

from salon.models.mock.words import STOP_WORDS, split_words, stem

_QUOTED = re.compile(r"\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|(?<!\w)'([^']+)'(?!\w)|`([^`]+)`")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"https?://[^\s<>\"')]+[^\s<>\"').,;:!?]")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_TIME = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_CODE = re.compile(r"#\s?(\w*\d\w*)|\b([A-Z]{1,5}-?\d+)\b")
_SUM = re.compile(r"[\d(][\d\s.()+*/^×÷%-]*(?:\*\*|[-+*/^×÷%])[\d\s.()+*/^×÷%-]*[\d)]")
_NUMBER = re.compile(r"(?<![\w.-])[-+]?\d[\d,]*(?:\.\d+)?(?![\w]*\d)")
_DAY = re.compile(
    r"\b(?:today|tomorrow|tonight|yesterday|(?:next|this|on|last)\s+(?:week|month|year|quarter|weekend|mon|tues|wednes|thurs|fri"
    r"|satur|sun)(?:day)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b(?:named|called|titled|entitled|name is|i am|i'm)\s+([A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)*)")
_PROPER = re.compile(r"(?<![.!?]\s)(?<!^)\b([A-Z][\w'-]*(?:\s+(?:(?:de|of|the|von|la)\s+)?[A-Z][\w'-]*)*)")
_OPENING = re.compile(
    r"^(?:(?:hey|hi|hello|please|ok(?:ay)?|so|well|now|then|also|and|could|can|would|will|you|i|we|want|need|like|to|let's|let|us|me"
    r"|kindly|just|help|i'd|have|ask|tell|go|ahead|try|love)\b[,!]?\s*)+",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"^(?:what(?:'s| is| are| was| were)?|who(?:'s| is)?|where(?:'s| is)?|when(?:'s| is)?|how(?: do| does| is| are| much| many)?|why|which"
    r"|make|create|draw|build|show|give|get|find|look up|look for|search(?: for)?|research|investigate|write|draft|compose|plan"
    r"|organi[sz]e|explain|describe|summari[sz]e|translate|calculate|compute|analy[sz]e|compare|send|email|book|tell|generate"
    r"|prepare|check|list|do|add|set up|open|put|fetch|read|plot|chart|visuali[sz]e)\b\s*(?:(?:me|us|up|out|for me)\b\s*)?",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\b(?:about|regarding|concerning|on the topic of|on the subject of|related to|titled|on|of|for)\s+(.+)",
    re.IGNORECASE,
)
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
    """One text, taken apart on demand."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())

    @cached_property
    def quotes(self) -> list[str]:
        """What stands in quotation marks."""
        return [next(filter(None, match)) for match in _QUOTED.findall(self.text)]

    @cached_property
    def emails(self) -> list[str]:
        """Email addresses."""
        return _EMAIL.findall(self.text)

    @cached_property
    def urls(self) -> list[str]:
        """Web addresses."""
        return _URL.findall(self.text)

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
        match = _SUM.search(self.text)
        return match.group(0).strip().replace("×", "*").replace("÷", "/") if match else None

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
    def phrase(self) -> str:
        """The request without its politeness and its verb: "Please find the best espresso" gives "best espresso"."""
        text = _OPENING.sub("", self.text)
        text = _VERB.sub("", text).strip().rstrip("?.! ")
        text = re.sub(r"^(?:a|an|the|some|my|our|any)\s+", "", text, flags=re.IGNORECASE)
        return text or self.text.rstrip("?.! ") or "your request"

    @cached_property
    def subject(self) -> str:
        """What it is about: the words after "about" or "for", else the phrase."""
        for source in (self.phrase, self.text):
            if match := re.search(r"\babout\s+(.+)", source, re.IGNORECASE) or _SUBJECT.search(source):
                found = re.split(r"[.;!?]|,? and (?:then|email|send)\b", match.group(1))[0].strip(" ,")
                if len(found) > 2 and found.lower() not in ("me", "us", "you", "it"):
                    return found
        return re.split(r"[.;!?]", self.phrase)[0].strip() or self.phrase

    @cached_property
    def items(self) -> list[str]:
        """A list in the text: parts between commas and "and", after a colon or a preposition if there is one."""
        if len(self.quotes) > 1:
            return self.quotes
        source = self.text.rstrip("?.! ")
        if ":" in source:
            source = source.rsplit(":", 1)[1]
        elif match := re.search(
            r"\b(?:of|for|with|about|between|compare|like|including)\s+(.+)", source, re.IGNORECASE
        ):
            source = match.group(1)
        parts = [part.strip() for part in re.split(r",\s*(?:and|or)\s+|,|;|\s+(?:and|or|vs\.?|versus)\s+", source)]
        parts = [part for part in parts if part and len(part) <= 60]
        return parts if len(parts) > 1 else []

    def labelled(self, field: str) -> str | None:
        """The words after the field's own name: "priority: high" or "title is X"."""
        name = r"\s+".join(map(re.escape, split_words(field)))
        match = re.search(rf"\b{name}\s*(?:is|=|:|to|of|as|named|called)\s*([^,.;]+)", self.text, re.IGNORECASE)
        return match.group(1).strip(" \"'") or None if name and match else None
