"""Made-up values that look right for a field's name, for where a schema insists and the text says nothing. Pure."""

import random
import re
from collections.abc import Sequence

from salon.models.mock.filling.request import Request
from salon.models.words import split_words, stem

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PERIODS = {
    "quarter": ("Q1", "Q2", "Q3", "Q4"),
    "month": _MONTHS,
    "monthly": _MONTHS,
    "week": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "year": ("2022", "2023", "2024", "2025", "2026"),
}
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
    """The text as a short title, without an article in front."""
    text = re.sub(r"^(?:a|an|the|my|our)\s+", "", text, flags=re.IGNORECASE)
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


def plausible_items(name: str, text: bool, count: int, request: Request, seed: int) -> list[str] | list[float]:
    """A list for a field's name: the names of periods, steps towards the subject, or a rising series of numbers.

    Args:
        name: the field's name.
        text: whether the items are texts; else numbers.
        count: how many.
        request: what it is about.
        seed: makes the numbers differ between conversations.
    """
    if not text:
        return _series(count, random.Random(f"{request.text}{seed}"))  # noqa: S311  # made-up data, not a secret
    words = set(split_words(name))
    said = {stem(word) for word in split_words(request.text)}
    if words & {"columns", "headers", "header", "column"}:
        return ["Item", "Amount", "Note"][: min(count, 2)]
    if words & {"labels", "label", "categories", "periods", "x", "axis", "names"}:
        for unit, names in _PERIODS.items():
            if stem(unit) in said:
                return [names[position % len(names)] for position in range(count)]
        return [chr(ord("A") + position % 26) for position in range(count)]
    if words & {"steps", "tasks", "items", "todos", "milestones", "agenda", "stages", "points", "phases", "checklist"}:
        return [_STEPS[position % len(_STEPS)].replace("{}", request.subject) for position in range(count)]
    about = heading(request.subject)
    return [about] if count == 1 else [f"{about} {position + 1}" for position in range(count)]


def plausible_rows(request: Request, width: int) -> list[list[str]]:
    """Rows of a table with so many columns, one for each thing that the text lists."""
    chance = random.Random(request.text)  # noqa: S311  # made-up data, not a secret
    things = request.items or [f"{heading(request.subject)} {number}" for number in (1, 2, 3)]
    return [[thing, *(str(chance.randint(2, 40)) for _ in range(width - 1))] for thing in things]


def _series(count: int, chance: random.Random) -> list[float]:
    value, series = float(chance.randint(80, 140)), []
    for _ in range(count):
        series.append(value)
        value = float(round(value * chance.uniform(0.94, 1.22)))
    return series
