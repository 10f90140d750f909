import io
from typing import Any

from rich.console import Console

from salon.cli.reading.shown import Asked, Note, Said, Shown, Speech, SpeechEnded, Surfaced
from salon.cli.terminal.screen import Screen
from salon.contracts.events import Interrupted, UiPut


class Paper:
    """A screen that can be read."""

    def __init__(self, *, live: bool = False, width: int = 60) -> None:
        self.out = io.StringIO()
        self.screen = Screen(Console(file=self.out, width=width), live=live)

    def show(self, *things: Shown) -> str:
        """What is on the paper after these."""
        for thing in things:
            self.screen.show(thing)
        return self.out.getvalue()


def asked(mine: bool = True, **more: Any) -> Asked:
    raw = {"event": "interrupt.opened", "interrupt": "i1", "run": "r1", "agent": "writer", "reason": "approval"}
    return Asked(Interrupted.model_validate({**raw, **more}), mine)


def test_a_pipe_gets_every_piece_at_once() -> None:
    paper = Paper()
    assert paper.show(Speech("m1", "analyst", "It is ")) == "analyst: It is "
    assert paper.show(Speech("m1", "analyst", "four.")) == "analyst: It is four."
    assert paper.show(SpeechEnded("m1")) == "analyst: It is four.\n"


def test_a_pipe_gets_long_lines_unbroken() -> None:
    words = "word " * 50
    assert Paper().show(Said("ann", words.strip())) == f"ann: {words.strip()}\n"


def test_mock_words_are_labelled() -> None:
    assert Paper().show(Speech("m1", "analyst", "Hi", mock=True)) == "analyst (mock): Hi"


def test_what_comes_between_two_pieces_stands_on_a_line_of_its_own() -> None:
    shown = Paper().show(Speech("m1", "analyst", "It is "), Said("ann", "stop"), Speech("m1", "analyst", "four."))
    assert shown == "analyst: It is \nann: stop\nanalyst: four."


def test_a_terminal_holds_the_line_being_spoken_for_the_prompt() -> None:
    paper = Paper(live=True)
    assert paper.show(Speech("m1", "analyst", "It is ")) == ""
    assert paper.screen.tail == ("cyan", "analyst: ", "It is ")
    assert paper.show(Speech("m1", "analyst", "four.\nAnd")) == "analyst: It is four.\n"
    assert paper.screen.tail == ("", "", "And")
    assert paper.show(SpeechEnded("m1")) == "analyst: It is four.\nAnd\n"
    assert paper.screen.tail == ("", "", "")


def test_a_terminal_breaks_long_lines_between_words_and_loses_none() -> None:
    paper = Paper(live=True, width=30)
    words = [f"word{n}" for n in range(40)]
    shown = paper.show(*(Speech("m1", "analyst", f"{word} ") for word in words), SpeechEnded("m1"))
    assert shown.split() == ["analyst:", *words]
    assert all(len(line) < 30 for line in shown.splitlines())


def test_a_word_wider_than_the_terminal_is_cut() -> None:
    shown = Paper(live=True, width=30).show(Speech("m1", "analyst", "x" * 100), SpeechEnded("m1"))
    assert shown.count("x") == 100
    assert all(len(line) < 30 for line in shown.splitlines())


def test_wide_characters_count_as_wide() -> None:
    shown = Paper(live=True, width=30).show(Speech("m1", "a", "漢" * 40), SpeechEnded("m1"))
    assert shown.count("漢") == 40
    assert all(sum(2 if c == "漢" else 1 for c in line) < 30 for line in shown.splitlines())


def test_a_cut_off_message_says_so() -> None:
    shown = Paper().show(Speech("m1", "analyst", "It"), SpeechEnded("m1", partial=True))
    assert shown == "analyst: It [cut off]\n"


def test_notes_are_marked_by_their_tone() -> None:
    assert Paper().show(Note("host → analyst: numbers", "handoff")) == "⇢ host → analyst: numbers\n"
    assert Paper().show(Note("add(1) → 2", "tool")) == "⚙ add(1) → 2\n"


def test_a_name_keeps_its_colour_and_another_gets_another() -> None:
    screen = Paper().screen
    assert screen.colour("host") == screen.colour("host") != screen.colour("analyst")


def test_a_question_is_shown_with_its_choices() -> None:
    schema = {"type": "object", "properties": {"answer": {"type": "string", "enum": ["red", "blue"]}}}
    shown = Paper().show(asked(message="Which colour?", reason="choice", response_schema=schema))
    assert "? writer asks: Which colour?\n    1  red\n    2  blue\n" in shown


def test_a_question_to_others_says_whose_it_is() -> None:
    assert "to be answered by ann" in Paper().show(asked(mine=False, allowed=["ann"]))


def test_a_surface_ends_the_line_before_it() -> None:
    put = UiPut(event="ui.put", surface="u1", owner="a", component="text", props={"text": "inside"}, version=1)
    shown = Paper().show(Speech("m1", "analyst", "Look:"), Surfaced(put))
    assert shown.startswith("analyst: Look:\n╭")
    assert "inside" in shown
