"""The clocks: one of the machine, one that tests move."""

from __future__ import annotations

import time

import pytest

from salon.clock import Clock, SystemClock
from tests.clock import ManualClock


def test_the_system_clock_tells_both_times_of_the_machine() -> None:
    clock: Clock = SystemClock()
    wall, ticks = time.time(), time.monotonic()
    assert wall <= clock.time() <= wall + 5
    assert ticks <= clock.monotonic() <= clock.monotonic() <= ticks + 5


def test_a_manual_clock_moves_only_when_told() -> None:
    manual = ManualClock(wall=10, monotonic=1)
    clock: Clock = manual
    assert (clock.time(), clock.monotonic()) == (10, 1)
    manual.advance(2.5)
    assert (clock.time(), clock.monotonic()) == (12.5, 3.5)


def test_a_wall_clock_may_jump_back_while_the_monotonic_one_stays() -> None:
    clock = ManualClock(wall=10, monotonic=1)
    clock.set_wall(5)
    assert (clock.time(), clock.monotonic()) == (5, 1)
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-1)
