"""What the figures of `make bench` rest on: frames are cut where they end, answers are whole, shares are shares."""

import json

import pytest

from bench.callers import whole
from bench.figures import Scale, share
from bench.readers import frames, masked
from salon.hub.frames import framed


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 300_000])
def test_a_frame_is_taken_out_exactly_when_its_last_byte_is_there(size: int) -> None:
    wire = framed(b"x" * size)
    buffer = bytearray(wire[:-1])
    assert list(frames(buffer)) == []
    buffer += wire[-1:] + framed(b"next")
    assert list(frames(buffer)) == [(1, b"x" * size, len(wire)), (1, b"next", 6)]
    assert buffer == b""


def test_what_a_reader_sends_is_masked_with_a_mask_that_changes_nothing() -> None:
    text = json.dumps({"long": "x" * 200})
    assert masked(text).endswith(text.encode())
    assert masked(text)[1] == 0x80 | 126


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nx-content-length: 9\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ],
)
def test_an_answer_is_whole_with_its_last_byte_and_not_before(answer: bytes) -> None:
    assert whole(bytearray(answer))
    assert not any(whole(bytearray(answer[:end])) for end in range(len(answer)))


def test_a_share_of_the_samples_does_not_exceed_the_figure_named() -> None:
    samples = [float(number) for number in range(100, 0, -1)]
    assert share(samples, 0.99) == 100
    assert share(samples, 0.5) == 51
    assert share([7.0], 0.99) == 7


def test_a_quick_look_does_a_tenth_and_never_nothing() -> None:
    assert (Scale(quick=True).of(80), Scale(quick=True).of(5), Scale().of(5)) == (8, 1, 5)
