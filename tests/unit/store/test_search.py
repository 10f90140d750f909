"""How what people type is read, and how a find is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.store.messages.excerpt import LENGTH, excerpt
from salon.store.messages.query import LONGEST, Alternative, for_postgresql, for_sqlite, owner_word, read


@pytest.mark.parametrize(
    ("typed", "alternatives"),
    [
        ("red apples", [Alternative(["red", "apples"])]),
        ('"red apples" pie', [Alternative(["red apples", "pie"])]),
        ("red or green OR blue", [Alternative(["red"]), Alternative(["green"]), Alternative(["blue"])]),
        ("red -green", [Alternative(["red"], ["green"])]),
        ('red -"dark green"', [Alternative(["red"], ["dark green"])]),
        ('an "open end', [Alternative(["an", "open end"])]),
        ("-green", []),
        ("--- * () OR \0", []),
        ("", []),
    ],
)
def test_words_phrases_or_and_without(typed: str, alternatives: list[Alternative]) -> None:
    assert read(typed) == alternatives


def test_a_query_is_written_in_the_language_of_each_database() -> None:
    wanted = read('red "green apples" -blue OR near(x')
    assert for_sqlite(wanted, "text", "ann", "owner") == (
        'text : ((("red" AND "green apples") NOT ("blue")) OR ("near(x")) AND owner : "ann"'
    )
    assert for_postgresql(wanted) == '"red" "green apples" -"blue" or "near(x"'


def test_an_owner_is_a_word_of_the_index_if_it_has_a_letter() -> None:
    assert for_sqlite(read("red"), "text", None, "owner") == for_sqlite(read("red"), "text", "--", "owner")
    assert for_sqlite(read("red"), "text", 'a"b', "owner").endswith('AND owner : "a""b"')
    assert owner_word("o'b\\c") == "'@o''b\\\\c'"


def test_only_the_beginning_of_a_long_query_is_read() -> None:
    [alternative] = read("a " * LONGEST)
    assert len(alternative.wanted) == LONGEST // 2


def test_an_excerpt_shows_the_first_wanted_word_in_any_of_its_forms() -> None:
    text = "word " * 100 + "The projects were delayed. " + "word " * 100
    shown = excerpt(text, ["project"])
    assert "The projects were delayed." in shown
    assert shown.startswith("…word")
    assert shown.endswith("word…")


def test_a_short_text_is_its_own_excerpt() -> None:
    assert excerpt("All  is\nwell.", ["nothing"]) == "All is well."


@given(text=st.text(max_size=600), wanted=st.lists(st.text(max_size=10), max_size=3))
def test_an_excerpt_is_never_long(text: str, wanted: list[str]) -> None:
    assert len(excerpt(text, wanted)) <= LENGTH + 2
