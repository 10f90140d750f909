from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.jobs.chores.gist import TITLE_LENGTH, gist, presentable


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("Hi! Can you please plan a weekend in Lisbon for two?", "Plan a weekend in Lisbon for two"),
        ("@planner plan a trip to Rome", "Plan a trip to Rome"),
        ("What is the capital of France?", "Capital of France"),
        ("How do I bake sourdough bread?", "How to bake sourdough bread"),
        ("Please write a haiku about the sea, thanks!", "Write a haiku about the sea"),
        ("Who was Ada Lovelace?", "Who was Ada Lovelace"),
        ("I need help with my invoice. It is wrong.", "My invoice"),
        ("Well-being tips", "Well-being tips"),
        (
            "Hey team, I'd like to compare our revenue for 2023 and 2024 because the board asked for it last week",
            "Compare our revenue for 2023 and 2024",
        ),
        (
            "Describe every single lighthouse that stands on the western coast of the old country",
            "Describe every single lighthouse that stands on the western",
        ),
        ("```python\nprint(1)\n```\nWhy does this fail?", "Why does this fail"),
        ("Ich möchte wissen, wie man einen Kuchen bäckt.", "Ich möchte wissen, wie man einen Kuchen bäckt"),
        ("请帮我写一首诗。谢谢", "请帮我写一首诗"),
        ("hello", "Hello"),
        ("", None),
        ("  \n ?! ", None),
        ("https://example.org/a/b", None),
    ],
)
def test_the_gist_of_a_request_is_its_title(asked: str, title: str | None) -> None:
    assert gist(asked) == title


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ('"A Trip to Rome."', "A Trip to Rome"),
        ("Title: **Bees & Honey**\n\nI chose it because …", "Bees & Honey"),
        ("Here is a title:\n\nBread at Home", "Bread at Home"),
        ("\x1b[31mred\x00\u202e", "31mred"),
        ("`'\"", None),
        ("", None),
    ],
)
def test_a_title_from_a_model_is_made_presentable(answer: str, title: str | None) -> None:
    assert presentable(answer) == title


@given(st.text())
def test_a_title_is_one_short_line_without_marks_at_its_end(text: str) -> None:
    for title in (gist(text), presentable(text)):
        if title is not None:
            assert 0 < len(title) <= TITLE_LENGTH + 2, "a letter may grow when it becomes a capital"
            assert title.isprintable()
            assert title == title.strip(" .,:;!?\"'")
