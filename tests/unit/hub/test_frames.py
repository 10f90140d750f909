"""Frames on the wire are what RFC 6455 and the contract say."""

import orjson
import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, OPEN, Protocol

from salon.hub.frames import Batch, Frames, framed
from tests.unit.hub.fakes import published


def read(data: bytes) -> list[bytes]:
    reader = Protocol(CLIENT, state=OPEN, max_size=None)
    reader.receive_data(data)
    received = [event for event in reader.events_received() if isinstance(event, Frame)]
    assert all(frame.opcode is Opcode.TEXT and frame.fin for frame in received)
    return [bytes(frame.data) for frame in received]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 70_000])
def test_a_frame_of_any_size_is_read_back_by_another_implementation(size: int) -> None:
    assert read(framed(b"x" * size)) == [b"x" * size]


def test_frames_that_travel_together_stay_apart() -> None:
    assert read(Frames([b"one", b"two"]).wire) == [b"one", b"two"]


def test_a_batch_keeps_the_order_over_both_lanes() -> None:
    lanes = ["state_update", "state_update", "action", "state_update"]
    batch = Batch("r", [published(n + 1, lane=lane) for n, lane in enumerate(lanes)], 5.0)  # type: ignore[arg-type]
    frames = [orjson.loads(text) for text in read(batch.wire)]
    assert [(f["type"], [e["seq"] for e in f["payload"]["entries"]]) for f in frames] == [
        ("state_update", [1, 2]),
        ("action", [3]),
        ("state_update", [4]),
    ]
    assert {(f["payload"]["room"], f["timestamp"]) for f in frames} == {("r", 5.0)}


def test_a_frame_holds_at_most_five_hundred_entries() -> None:
    batch = Batch("r", [published(n) for n in range(1, 1202)], 5.0)
    sizes = [len(orjson.loads(text)["payload"]["entries"]) for text in batch.texts]
    assert sizes == [500, 500, 201]
