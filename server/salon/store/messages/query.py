"""Reads what people type into a search box. Anything may stand there: nothing is an error, and nothing is SQL.

Words stand for all of them, `"some words"` for the phrase, `OR` for either side, `-word` for its absence.
"""

import re
from dataclasses import dataclass, field

LONGEST = 500
"""Characters of a query that are read."""

_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')


@dataclass(slots=True)
class Alternative:
    """One side of an OR: texts that all have to be there, and texts of which none may be."""

    wanted: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)


def read(typed: str) -> list[Alternative]:
    """The alternatives that look for something; none when nothing is looked for."""
    alternatives = [Alternative()]
    for minus, phrase, word in _TERM.findall(_plain(typed)):
        if word.upper() == "OR" and not minus:
            alternatives.append(Alternative())
        elif any(letter.isalnum() for letter in phrase or word):
            side = alternatives[-1].unwanted if minus else alternatives[-1].wanted
            side.append(phrase or word)
    return [each for each in alternatives if each.wanted]


def for_sqlite(alternatives: list[Alternative], text: str, owner: str | None, owner_column: str) -> str:
    """The expression of FTS5 for `alternatives` in the column `text`, of one owner or, for None, of all."""
    either = " OR ".join(f"({_all_of(each)})" for each in alternatives)
    looked_for = f"{text} : ({either})"
    # An owner without a letter or digit is no word of the index; the rows are compared with the owner anyway.
    if owner is None or not any(letter.isalnum() for letter in owner):
        return looked_for
    return f"{looked_for} AND {owner_column} : {_quoted(owner)}"


def for_postgresql(alternatives: list[Alternative]) -> str:
    """What `websearch_to_tsquery` reads."""
    return " or ".join(
        " ".join([*(f'"{text}"' for text in each.wanted), *(f'-"{text}"' for text in each.unwanted)])
        for each in alternatives
    )


def owner_word(owner: str) -> str:
    """The tsquery of the word by which PostgreSQL's index knows an owner."""
    return "'@" + owner.replace("\\", "\\\\").replace("'", "''") + "'"


def _all_of(alternative: Alternative) -> str:
    wanted = " AND ".join(map(_quoted, alternative.wanted))
    if not alternative.unwanted:
        return wanted
    return f"({wanted}) NOT ({' OR '.join(map(_quoted, alternative.unwanted))})"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _plain(typed: str) -> str:
    """Without what no database takes in a text: NUL, and half a surrogate pair."""
    return typed[:LONGEST].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
