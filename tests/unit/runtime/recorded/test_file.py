"""A recording in a file: read back as it was written, refused by line, and told again without gaps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.contracts.events import TRANSIENT, Custom, Entry, MsgDelta, MsgDone, MsgStarted, RoomEvent, RunStarted
from salon.contracts.types import Author, TextPart
from salon.errors import RequestError
from salon.rooms.state import RoomState, fold
from salon.runtime.recorded.file import MISSING, entry_line, filled, first_line, read

AGENT = Author(id="host", role="agent")


def started(message: str) -> MsgStarted:
    return MsgStarted(event="message.started", message=message, author=AGENT)


def done(message: str, text: str) -> MsgDone:
    return MsgDone(event="message.done", message=message, author=AGENT, parts=[TextPart(kind="text", text=text)])


def entries(*events: tuple[int, RoomEvent]) -> list[Entry]:
    return [Entry(seq=seq, at=seq, cause="c", body=body) for seq, body in events]


def test_a_recording_is_read_as_it_was_written() -> None:
    told = entries((1, started("m")), (5, done("m", "Hello")))
    recording = read([first_line("lounge", "Talk"), *map(entry_line, told)])
    assert (recording.room, recording.title, list(recording.entries)) == ("lounge", "Talk", told)


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ([], "there is nothing"),
        ([b"{"], "line 1"),
        ([first_line("r", None)], "there is nothing"),
        ([first_line("r", None), b'{"seq": 1}'], "line 2"),
        ([b'{"kind":"thread"}'], "line 1.*is this a file of `salon record`"),
        ([first_line("r", None), b'{"seq": 1'], "line 2: it is no JSON object; record again, or cut the file"),
        ([first_line("r", None), *map(entry_line, entries((2**52, started("m"))))], "entries are missing"),
        (
            [first_line("r", None), *map(entry_line, entries((2, started("m")), (2, started("n"))))],
            "line 3: its seq is 2",
        ),
    ],
)
def test_a_file_that_is_not_in_order_is_refused_by_its_line(lines: list[bytes], what: str) -> None:
    with pytest.raises(RequestError, match=what):
        read(lines)


def test_a_gap_in_which_a_message_was_written_is_its_text_in_as_many_pieces() -> None:
    whole = filled(entries((1, started("m")), (5, done("m", "Hello there")), (6, started("n")), (7, done("n", "x"))))
    assert [entry.seq for entry in whole] == [1, 2, 3, 4, 5, 6, 7]
    pieces = [entry.body for entry in whole if isinstance(entry.body, MsgDelta)]
    assert "".join(piece.text for piece in pieces) == "Hello there"
    assert pieces[-1].at == len("Hello there")


def test_of_another_gap_it_is_said_that_nothing_is_known() -> None:
    whole = filled(entries((2, RunStarted(event="run.started", run="r", team="t")), (4, done("m", "x"))))
    missing = [entry.seq for entry in whole if isinstance(entry.body, Custom) and entry.body.name == MISSING]
    assert missing == [1, 3]


def test_pieces_that_were_recorded_stay_as_they_were() -> None:
    delta = MsgDelta(event="message.delta", message="m", text="Hi", at=2)
    told = entries((1, started("m")), (2, delta), (3, done("m", "Hi")))
    assert filled(told) == told


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(0, 6)), max_size=5))
def test_what_is_filled_always_folds_to_the_same_state(messages: list[tuple[str, int]]) -> None:
    events: list[tuple[int, RoomEvent]] = []
    seq = 0
    for number, (text, pieces) in enumerate(messages):
        events.append((seq + 1, started(f"m{number}")))
        seq += 2 + pieces
        events.append((seq, done(f"m{number}", text)))
    state = RoomState()
    for entry in filled(entries(*events)):
        fold(state, entry)
    assert state.seq == seq
    assert not state.streaming
    assert [entry.seq for entry in filled(entries(*events)) if not isinstance(entry.body, TRANSIENT)] == [
        seq for seq, _ in events
    ]
