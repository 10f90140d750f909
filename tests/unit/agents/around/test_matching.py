"""Who fits a request is found offline, by intents first."""

from salon.agents.around.matching import Candidate, search

CLOCK = Candidate("clock", ((1.0, "what time is it"), (0.7, "Tells dates")))
WRITER = Candidate("writer", ((1.0, "write a poem"), (0.7, "Writes texts of all kinds, also about time")))
TRAVEL = Candidate("travel", ((1.0, "plan a trip; find flights"), (0.7, "Plans journeys")))
ALL = [WRITER, TRAVEL, CLOCK]


def names(query: str, top_k: int = 5) -> list[str]:
    return [found.name for found in search(query, ALL, top_k)]


def test_an_intent_counts_more_than_a_mention() -> None:
    assert names("help with time")[:2] == ["clock", "writer"]


def test_other_forms_of_a_word_are_found() -> None:
    assert names("planning trips")[0] == "travel"


def test_who_does_not_fit_is_left_out() -> None:
    assert names("quantum chromodynamics") == []
    assert names("") == []


def test_no_more_than_asked_for() -> None:
    assert names("help with time", top_k=1) == ["clock"]


def test_scores_are_shares() -> None:
    assert all(0 < found.score <= 1 for found in search("write a poem about a trip", ALL, 5))
