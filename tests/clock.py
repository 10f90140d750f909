"""A clock that stands still until a test moves it."""

from __future__ import annotations


class ManualClock:
    """Satisfies `salon.clock.Clock`. Wall and monotonic time start apart, so that mixing them up shows."""

    def __init__(self, wall: float = 1_800_000_000.0, monotonic: float = 1000.0) -> None:
        self._wall = wall
        self._monotonic = monotonic

    def time(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Lets `seconds` pass on both clocks."""
        if seconds < 0:
            raise ValueError("time does not go back; use set_wall to let the wall clock jump")
        self._wall += seconds
        self._monotonic += seconds

    def set_wall(self, seconds: float) -> None:
        """Lets the wall clock jump, as when a machine's time is corrected."""
        self._wall = seconds
