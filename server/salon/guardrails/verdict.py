"""What a guardrail says of a text: of what kind it is, and how strict one has to be to block it."""

from dataclasses import dataclass
from typing import Literal, get_args

from salon.contracts.events import Guarded, GuardedKind

Level = Literal["low", "medium", "high"]
"""How strict: `low` blocks only the gravest, `high` also what is merely suspicious."""

Kind = GuardedKind
Where = Guarded

LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A text is not to pass.

    Args:
        kind: what is wrong with it.
        level: the least strict level at which it is blocked.
        where: whose text it is.
        reason: what was found, in words for people; it repeats nothing of the text.
    """

    kind: Kind
    level: Level
    where: Where
    reason: str

    def blocked_at(self, level: Level) -> bool:
        """Whether that level blocks it."""
        return LEVELS.index(self.level) <= LEVELS.index(level)
