"""Who waits for an answer is told to the next server, and a circle or too deep a row is refused."""

import pytest

from salon.access.asking import DEEPEST, MOST, read, refuse_circles, written
from salon.errors import SalonError


def test_what_waits_is_read_as_it_was_written_and_nothing_else_is() -> None:
    assert read([written(["a", "b@elsewhere"])]) == ("a", "b@elsewhere")
    assert read(["", "no mark", "a@b@c, ok@x, \x00@y", "é@x"]) == ("ok@x",)
    assert len(read([", ".join("a@b" for _ in range(10_000))])) <= MOST


def test_a_circle_and_too_deep_a_row_are_refused_and_nothing_else_is() -> None:
    refuse_circles(["a", "b"], "c")
    with pytest.raises(SalonError, match="a → b → a"):
        refuse_circles(["a", "b"], "a")
    with pytest.raises(SalonError, match=f"more than {DEEPEST} deep"):
        refuse_circles([f"a{n}" for n in range(DEEPEST)], "b")
