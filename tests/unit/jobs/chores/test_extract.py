from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from salon.jobs.chores.extract import Line, extract

TALK = [
    Line(
        "ada", "Hi! My name is Ada and I work at the observatory. We need a plan for the open night on 14 March.", True
    ),
    Line("planner", "Sure. I will make a plan with three steps. The budget is 1,200 euros in total.", False),
    Line("bo", "I think the room is too small. We agreed on 80 guests last week.", True),
    Line("planner", "Noted. The large dome takes 120 people. Do you want it?", False),
    Line("ada", "Yes, take the large dome. Remember that I am allergic to nuts.", True),
    Line("planner", "Done. The large dome is booked. ```print('large dome')```", False),
]


def test_the_most_telling_sentences_are_kept_in_order_with_their_speakers() -> None:
    assert extract("", TALK, 300).splitlines() == [
        "ada: My name is Ada and I work at the observatory.",
        "ada: We need a plan for the open night on 14 March.",
        "planner: The budget is 1,200 euros in total.",
        "bo: We agreed on 80 guests last week.",
        "planner: The large dome takes 120 people.",
        "ada: Remember that I am allergic to nuts.",
    ]


def test_a_summary_grows_by_what_is_new_and_stays_within_its_bound() -> None:
    before = extract("", TALK, 300)
    after = extract(before, [Line("bo", "The deadline for the invitations is Friday.", True)], 300)
    assert after.splitlines()[-1] == "bo: The deadline for the invitations is Friday."
    assert "ada: My name is Ada and I work at the observatory." in after
    assert len(after) <= 300


def test_what_is_said_twice_is_there_once() -> None:
    twice = [Line("ada", "The deadline for the invitations is Friday.", True)] * 2
    assert extract("", twice) == "ada: The deadline for the invitations is Friday."


def test_without_words_there_is_no_summary() -> None:
    assert extract("", [Line("ada", "ok. yes! … 👍", True), Line("bo", "", True)]) == ""


@given(st.text(), st.lists(st.tuples(st.sampled_from(["ada", "planner"]), st.text())), st.integers(20, 400))
def test_a_summary_never_grows_past_its_bound(before: str, said: list[tuple[str, str]], limit: int) -> None:
    assert len(extract(before, [Line(who, text, who == "ada") for who, text in said], limit)) <= limit
