"""Made-up values that look right for a field's name, for where a schema insists and the text says nothing. Pure."""

import random
from collections.abc import Sequence

from salon.models.mock.extract import Request
from salon.models.mock.words import split_words, stem

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TEXTS = {
    ("city", "location", "place", "destination", "town", "where"): "Paris",
    ("country",): "France",
    ("email", "mail"): "someone@example.com",
    ("to", "recipient", "recipients"): "the team",
    ("url", "link", "href", "uri", "website"): "https://example.com/",
    ("date", "day", "when", "deadline", "due"): "tomorrow",
    ("id", "code", "ticket", "order", "sku"): "A-100",
    ("expression", "formula", "equation"): "1 + 1",
    ("language", "lang"): "English",
    ("currency",): "EUR",
    ("unit", "units"): "metric",
    ("color", "colour"): "blue",
    ("status", "state"): "open",
    ("priority", "severity", "level"): "normal",
    ("name", "person", "customer", "user", "who", "author"): "Alex",
}
_STEPS = (
    "Agree on what matters most for {}",
    "Collect what is known about {}",
    "Choose between the options",
    "Set the dates and the budget",
    "Divide the work",
    "Do a first version of {}",
    "Check it with everyone involved",
    "Finish and look back",
)


def plausible_text(words: Sequence[str], request: Request) -> str:
    """A short text for a field whose name consists of `words`."""
    for names, text in _TEXTS.items():
        if any(word in names for word in words):
            return text
    if any(word in ("title", "headline", "heading", "label", "caption") for word in words):
        return heading(request.subject)
    return request.subject


def heading(text: str) -> str:
    """The text as a short title."""
    short = text if len(text) <= 60 else text[:60].rsplit(" ", 1)[0]
    return short[:1].upper() + short[1:]


def plausible_number(name: str, seed: int) -> float:
    """A number of the size that a field's name suggests."""
    words = set(split_words(name))
    if words & {"price", "amount", "cost", "budget", "total", "revenue", "salary"}:
        return 100.0
    if words & {"age"}:
        return 30.0
    if words & {"latitude", "lat"}:
        return 48.86
    if words & {"longitude", "lon", "lng"}:
        return 2.35
    if words & {"days", "people", "guests", "rating", "score", "limit", "count", "n", "steps"}:
        return 3.0
    return float(random.Random(f"{name}{seed}").randint(1, 10))  # noqa: S311  # made-up data, not a secret


def plausible_items(name: str, kind: str, count: int, request: Request, seed: int) -> list[str] | list[float]:
    """A list for a field's name: a rising series of numbers, the names of periods, or steps towards the subject."""
    if kind != "string":
        chance = random.Random(f"{request.text}{seed}")  # noqa: S311  # made-up data, not a secret
        value, series = float(chance.randint(80, 140)), []
        for _ in range(count):
            series.append(value)
            value = float(round(value * chance.uniform(0.94, 1.22)))
        return series
    words = {stem(word) for word in split_words(name)}
    said = {stem(word) for word in split_words(request.text)}
    if words & {"label", "category", "categori", "period", "x", "axi", "header", "column", "name"}:
        if "quarter" in said:
            return [f"Q{position % 4 + 1}" for position in range(count)]
        if said & {"month", "monthly", "year"}:
            return [_MONTHS[position % 12] for position in range(count)]
        if said & {"week", "day", "daily"}:
            return [_DAYS[position % 7] for position in range(count)]
        return [chr(ord("A") + position % 26) for position in range(count)]
    if words & {"step", "task", "item", "todo", "milestone", "agenda", "stage", "point", "phase"}:
        subject = request.subject
        return [
            _STEPS[position % len(_STEPS)].format(subject.replace("{", "").replace("}", ""))
            for position in range(count)
        ]
    return (
        [request.subject] if count == 1 else [f"{heading(request.subject)} {position + 1}" for position in range(count)]
    )
