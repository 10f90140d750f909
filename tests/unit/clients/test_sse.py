from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.clients.sse import EventReader, EventTooLarge, ServerEvent

STREAM = (
    "\N{BYTE ORDER MARK}: a comment\n\ndata: one\n\ndata:two\r\ndata: lines\r\n\r\nevent: ping\rdata: ü€😀\r\r"
    "id: 7\nretry: 10\nnonsense\n\ndata\n\ndata:  kept\n\n\n\nevent: lonely\n\ndata: after\n\n"
).encode()
EVENTS = [
    ServerEvent("one"),
    ServerEvent("two\nlines"),
    ServerEvent("ü€😀", "ping"),
    ServerEvent(""),
    ServerEvent(" kept"),
    ServerEvent("after"),
]


def read(pieces: list[bytes]) -> list[ServerEvent]:
    reader = EventReader()
    events = [event for piece in pieces for event in reader.feed(piece)]
    last = reader.close()
    return [*events, last] if last else events


@pytest.mark.requirement("S1-76")
def test_a_stream_reads_the_same_one_byte_at_a_time() -> None:
    assert read([STREAM]) == EVENTS
    assert read([STREAM[at : at + 1] for at in range(len(STREAM))]) == EVENTS


@pytest.mark.requirement("S1-76")
@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_a_stream_reads_the_same_however_it_is_split(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert read([STREAM[start:end] for start, end in pairwise(edges)]) == EVENTS


@given(st.lists(st.sampled_from([b"data", b":", b" ", b"\r", b"\n", b"\r\n", b"x", b"event", b"\xff"]), max_size=40))
def test_line_ends_of_every_kind_mean_the_same(parts: list[bytes]) -> None:
    joined = b"".join(parts)
    plain = joined.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert read([joined]) == read([plain]) == read([joined[at : at + 1] for at in range(len(joined))])


def test_an_event_without_its_blank_line_counts_at_the_end_and_says_that_it_was_cut() -> None:
    assert read([b"data: [DONE]"]) == [ServerEvent("[DONE]", cut=True)]
    assert read([b"data: a\ndata: b\n"]) == [ServerEvent("a\nb", cut=True)]
    assert read([b": only a comment"]) == []


def test_an_event_that_does_not_end_is_refused_and_comments_may_come_for_ever() -> None:
    reader = EventReader(limit=100)
    for _ in range(100):
        assert list(reader.feed(b": are you there\n\n")) == []
    list(reader.feed(b"data: more\n" * 8))
    with pytest.raises(EventTooLarge):
        list(reader.feed(b"data: more\n" * 8))
    with pytest.raises(EventTooLarge):
        list(EventReader(limit=100).feed(b"x" * 101))
