"""What a text says for a field by its name: an address for `email`, a place for `city`. Pure."""

import hashlib
from collections.abc import Callable

from salon.models.mock.filling.plausible import heading
from salon.models.mock.filling.request import Request
from salon.models.words import split_words, stem

_WHOLE = frozenset(
    [
        "query",
        "question",
        "text",
        "prompt",
        "message",
        "reason",
        "request",
        "task",
        "input",
        "instruction",
        "instructions",
        "search",
        "q",
        "brief",
    ]
)
_SEARCHED = frozenset(("query", "search", "term", "keywords", "q"))
_DOCUMENT = frozenset(
    [
        "body",
        "content",
        "markdown",
        "document",
        "draft",
        "letter",
        "essay",
        "story",
        "article",
        "poem",
        "notes",
        "report",
        "html",
    ]
)
_TOPIC = frozenset(["topic", "subject", "about", "theme", "title", "headline", "goal", "objective", "purpose"])

_LOOKUPS: tuple[tuple[frozenset[str], Callable[[Request], str | None]], ...] = (
    (frozenset(("expression", "formula", "equation", "calculation")), lambda request: request.arithmetic),
    (frozenset(("email", "mail")), lambda request: next(iter(request.emails), None)),
    (frozenset(("url", "link", "href", "uri", "website")), lambda request: next(iter(request.urls), None)),
    (frozenset(("to", "recipient", "recipients", "addressee")), lambda request: request.recipient),
    (
        frozenset(("city", "location", "place", "destination", "country", "town", "where", "address")),
        lambda request: request.place,
    ),
    (
        frozenset(("date", "day", "when", "deadline", "due")),
        lambda request: request.dates[0] if request.dates else request.day,
    ),
    (frozenset(("id", "code", "number", "order", "ticket", "invoice", "sku")), lambda request: request.code),
)
_TITLES = frozenset(("title", "headline", "subject", "goal"))
_NAMES = frozenset(("name", "person", "customer", "user", "who", "author"))

_MADE_UP = {
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "date": "2026-01-15",
    "time": "09:00:00",
    "date-time": "2026-01-15T09:00:00Z",
    "duration": "P1D",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "hostname": "example.com",
}


def wants_request(words: list[str]) -> bool:
    """Whether a field whose name has these words wants the request itself."""
    return any(word in _WHOLE for word in words) and not wants_document(words)


def wants_document(words: list[str]) -> bool:
    """Whether a field whose name has these words wants a text of some length."""
    return any(word in _DOCUMENT for word in words)


def text_for(name: str, request: Request, next_quote: Callable[[], str | None]) -> str | None:
    """What the request says for a field, or None.

    Args:
        name: the field's name.
        request: the text.
        next_quote: takes the next quoted passage that no field has taken yet.
    """
    words = split_words(name)
    kinds = frozenset(words)
    if labelled := request.labelled(name):
        return labelled
    if not wants_document(words):
        for names, lookup in _LOOKUPS:
            if kinds & names and not kinds & _TOPIC:
                return lookup(request)
    if wants_request(words):
        return next_quote() or (request.phrase if kinds & _SEARCHED else request.text)
    if kinds & _TOPIC:
        return next_quote() or (heading(request.subject) if kinds & _TITLES else request.subject)
    if kinds & _NAMES and request.names:
        return request.names[0]
    return None if wants_document(words) else next_quote()


def formatted(form: str, request: Request, seed: int, *, required: bool) -> str | None:
    """A value in one of JSON Schema's formats, from the text or made up; None when neither knows the format."""
    found = {
        "email": next(iter(request.emails), None),
        "uri": next(iter(request.urls), None),
        "date": next(iter(request.dates), None),
        "time": request.time,
        "date-time": f"{request.dates[0]}T{request.time or '09:00:00'}Z" if request.dates else None,
        "uuid": request.uuid,
    }.get(form)
    if found is not None or not required:
        return found
    return _uuid(request.text, seed) if form == "uuid" else _MADE_UP.get(form)


def known_format(form: str) -> bool:
    """Whether `formatted` can make up a value."""
    return form in _MADE_UP or form == "uuid"


def mentions(text: str, option: object) -> int:
    """How many words of an option the text has; 0 unless it has all of them."""
    wanted = [stem(word) for word in split_words(str(option))]
    said = {stem(word) for word in split_words(text)}
    return len(wanted) if wanted and all(word in said for word in wanted) else 0


def _uuid(text: str, seed: int) -> str:
    digest = hashlib.sha256(f"{seed}{text}".encode("utf-8", "replace")).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
