"""The estimate of tokens, against counts of a real tokenizer (OpenAI's cl100k_base) that were taken once."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.memory.tokens import CUT, clip, count_tokens

COUNTED = [
    pytest.param(each["text"], each["tokens"], id=name)
    for name, each in json.loads(Path(__file__).with_name("counted.json").read_text(encoding="utf-8")).items()
]


@pytest.mark.parametrize(("text", "real"), COUNTED)
def test_the_estimate_is_never_under_the_real_count_and_at_most_about_twice_it(text: str, real: int) -> None:
    assert real <= count_tokens(text) <= 2.1 * real


def test_a_long_text_weighs_as_much_as_its_parts() -> None:
    text = "Rooms in which people and agents talk. "
    assert 0.9 * 50 * count_tokens(text) <= count_tokens(text * 50) <= 50 * count_tokens(text)
    assert count_tokens("") == 0


@given(st.text(max_size=300), st.integers(0, 60))
def test_a_cut_text_fits_and_one_that_fits_is_left_alone(text: str, limit: int) -> None:
    cut = clip(text, limit)
    assert count_tokens(cut) <= limit
    if count_tokens(text) <= limit:
        assert cut == text


def test_a_cut_text_keeps_its_beginning_and_its_end_and_says_that_it_was_cut() -> None:
    cut = clip("The question is: " + "much ado about nothing " * 500 + "So, what shall I do?", 100)
    assert cut.startswith("The question is: ")
    assert cut.endswith("So, what shall I do?")
    assert CUT in cut
    assert count_tokens(cut) > 80, "what fits is used"
