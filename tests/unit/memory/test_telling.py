"""What people tell of themselves, by rule."""

import pytest

from salon.memory.telling import told


@pytest.mark.parametrize(
    ("text", "topic", "words"),
    [
        ("My name is Alice and I love Python", "name", ("Alice",)),
        ("My name is Alice and I love Python", "like", ("love", "Python")),
        ("hey, call me Mary Ann please", "name", ("Mary Ann",)),
        ("Hi there, I'm Bob", "name", ("Bob",)),
        ("I am German", "maybe_name", ("German",)),
        ("I live in New York and work there", "live", ("New York",)),
        ("I\u2019m from Oslo.", "from", ("Oslo",)),
        ("I work as a nurse, at night", "work", ("as a nurse",)),
        ("I really enjoy long walks!", "like", ("enjoy", "long walks")),
        ("My favourite colour is blue", "favourite", ("favourite colour", "blue")),
        ("my time zone is Europe/London", "own", ("time zone", "Europe/London")),
        ("Remember that I fly on Monday.", "remember", ("I fly on Monday",)),
    ],
)
def test_plain_sentences_are_understood(text: str, topic: str, words: tuple[str, ...]) -> None:
    assert (topic, words) in [(each.topic, each.words) for each in told(text)]


@pytest.mark.parametrize("text", ["", "What is my name?", "The name is secret.", "Was I here?", "I am happy"])
def test_other_sentences_tell_nothing(text: str) -> None:
    assert told(text) == []
