"""Rates are kept as told, and settings arrive where they should."""

from hypothesis import given
from hypothesis import strategies as st

from salon.hub.limits import Bucket
from tests.unit.hub.fakes import terms


@given(st.lists(st.floats(0, 3), max_size=200))
def test_a_bucket_never_gives_more_than_its_burst_and_rate(pauses: list[float]) -> None:
    bucket = Bucket(2.0, 5.0, 0.0)
    now, taken = 0.0, 0
    for pause in pauses:
        now += pause
        wait = bucket.take(now)
        taken += wait == 0.0
        assert 0.0 <= wait <= 0.5
        assert taken <= 5 + 2 * now + 1e-6


def test_waiting_as_long_as_told_is_enough() -> None:
    bucket = Bucket(20.0, 1.0, 0.0)
    assert bucket.take(0.0) == 0.0
    assert bucket.take(bucket.take(0.0) + 1e-9) == 0.0


def test_settings_become_the_terms() -> None:
    made = terms(actions_per_second=0.5, max_connections=3, outbox_frames=99, connect_timeout=7)
    assert (made.rate, made.connections, made.connect_within) == (0.5, 3, 7)
    assert (made.limits.actions_per_second, made.limits.queue_frames) == (1, 99)
