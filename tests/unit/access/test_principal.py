"""Any name may name a user, and two names never become one user."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salon.access.principal import display_name, principal_of
from salon.contracts.runs import ANONYMOUS
from salon.contracts.types import ID_PATTERN


@pytest.mark.parametrize("name", ["alice", "user_123", "a@b.c", "tenant/7:bob", "x" * 128])
def test_a_name_that_fits_stays_what_it_is(name: str) -> None:
    assert principal_of(name).user == name


@pytest.mark.parametrize("name", [None, "", "  \t"])
def test_nobody_is_anonymous(name: str | None) -> None:
    assert principal_of(name).user == ANONYMOUS


@pytest.mark.parametrize("name", ["auth0|5f7c", "Zoë", "-dash", "two words", "x" * 129, "new\nline"])
def test_any_other_name_gets_an_id_of_its_own_and_stays_the_name_that_is_shown(name: str) -> None:
    who = principal_of(name)
    assert re.fullmatch(r"user:[0-9a-f]{40}", who.user)
    assert who.name == name[:200]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("  Zoë  ", "Zoë"),
        ("two\r\nlines\u2028more", "two lines more"),
        ("\u202eturned\u2066", "turned"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("x" * 200, "x" * 64),
        ("\x1b\u200d ", None),
        (None, None),
    ],
)
def test_a_name_that_is_shown_is_one_short_line_that_hides_nothing(told: str | None, shown: str | None) -> None:
    assert display_name(told) == shown


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_names_are_two_users(one: str, other: str) -> None:
    assume(one.strip() and other.strip() and one.strip() != other.strip())
    assert principal_of(one).user != principal_of(other).user
    assert re.fullmatch(ID_PATTERN, principal_of(one).user)
