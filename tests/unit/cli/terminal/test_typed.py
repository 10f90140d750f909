import pytest

from salon.cli.terminal.typed import Command, Mistyped, Words, understand


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("hello @analyst\n", Words("hello @analyst")),
        ("   \n", None),
        ("/who", Command("who")),
        ("/next  analyst ", Command("next", "analyst")),
        ("/fork", Command("fork")),
        ("//etc is a folder", Words("/etc is a folder")),
    ],
)
def test_a_line_means_words_or_a_command(line: str, meaning: object) -> None:
    assert understand(line) == meaning


def test_a_command_that_does_not_exist_or_lacks_its_argument_says_what_to_do() -> None:
    assert understand("/dance") == Mistyped("there is no command /dance; /help lists them")
    assert isinstance(understand("/next"), Mistyped)
