from hypothesis import given
from hypothesis import strategies as st

from salon.cli.reading.clean import brief, clean, one_line


@given(st.text())
def test_nothing_that_controls_a_terminal_is_left(text: str) -> None:
    assert not any((ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 for c in clean(text))


@given(st.text(), st.integers(min_value=2, max_value=50))
def test_one_line_is_one_line_of_limited_length(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert "\n" not in line
    assert len(line) <= limit


def test_values_are_told_as_a_person_would() -> None:
    assert brief({"ok": True, "rows": [1, 2.0, None]}) == "ok: yes, rows: 1, 2, nothing"
    assert brief("x" * 100, 10) == "xxxxxxxxx…"
