"""The corpus of the guardrails: own texts, one a line, and how many of them are blocked.

The name of a file begins with whose text it holds: `input`, `tool` or `output`; `\\n` in a line is a line break. The
rules were tuned by looking at every other line of `attacks` and `benign`; the rest, and all of `unseen`, was not looked
at. `unseen/attacks` were written to avoid the usual words, `unseen/another_hand` by somebody who
knew the rules and not the other texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from salon.guardrails.scan import scan
from salon.guardrails.verdict import Level, Where

FOLDER = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Sample:
    """A line of the corpus; `tuned` says that the rules were made with it in view."""

    file: str
    number: int
    where: Where
    text: str
    tuned: bool


def samples(folder: str) -> list[Sample]:
    """All lines of a folder's files."""
    return list(_read(FOLDER / folder))


def _read(folder: Path) -> Iterator[Sample]:
    for file in sorted(folder.glob("*.txt")):
        where = file.stem.partition("_")[0]
        assert where in get_args(Where), f"{file.name} names nobody whose text it is"
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            tuned = number % 2 == 0 and "unseen" not in folder.parts
            yield Sample(file.stem, number, cast(Where, where), line.replace("\\n", "\n"), tuned)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many are blocked."""

    blocked: int
    of: int

    @property
    def percent(self) -> float:
        return 100 * self.blocked / self.of

    def __str__(self) -> str:
        return f"{self.blocked} of {self.of} ({self.percent:.0f} %)"


def share(texts: list[Sample], level: Level) -> Share:
    """How many of the texts a level blocks."""
    return Share(sum(bool(scan(sample.text, level, sample.where)) for sample in texts), len(texts))
