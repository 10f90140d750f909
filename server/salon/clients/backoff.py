"""Owns how long to wait before trying again."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter: the wait before try n, counted from 0, lies anywhere between `floor` and a doubling bound.

    `floor` and `ceiling` are in seconds; `chance` gives numbers in [0, 1).
    """

    floor: float = 0.5
    ceiling: float = 20.0
    chance: Callable[[], float] = random.random

    def wait(self, attempt: int) -> float:
        """Seconds to wait before the try."""
        bound = min(self.ceiling, self.floor * 2.0 ** min(attempt + 1, 32))
        return self.floor + (bound - self.floor) * self.chance()
