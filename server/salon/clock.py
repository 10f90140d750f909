"""Owns the question what time it is. Whatever measures or stamps time asks a `Clock`, so that tests can move it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Two times, both in float seconds: one that people read, one that only ever grows."""

    def time(self) -> float:
        """Wall time: seconds since the epoch. It may jump; for stamps, never for measuring."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back. For timeouts, ages and rates."""
        ...


class SystemClock:
    """The clock of the machine."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()
