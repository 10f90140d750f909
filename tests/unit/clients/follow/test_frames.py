import json

from salon.clients.follow.frames import Arrived, Unknown, decode
from salon.contracts.events import Entry, RunStarted
from salon.contracts.wire import Ack, ErrorPayload, Ping, Subscribed
from tests.unit.clients.frames import entry, events, subscribed, text


def test_an_answer_is_read_as_its_payload() -> None:
    assert decode(text({"kind": "ack", "reply_to": "a1", "duplicate": False, "seq": 3})) == Ack(
        kind="ack", reply_to="a1", duplicate=False, seq=3
    )


def test_an_error_and_a_heartbeat_are_read() -> None:
    error = decode(text({"code": "busy", "message": "wait", "retryable": True, "fatal": False}, "error"))
    assert isinstance(error, ErrorPayload)
    beat = decode(text({"nonce": "7"}, "ping"))
    assert isinstance(beat, Ping)
    assert beat.payload.nonce == "7"


def test_keys_of_a_newer_server_are_dropped() -> None:
    frame = decode(text({"kind": "ack", "reply_to": "a1", "duplicate": False, "mood": "good"}))
    assert isinstance(frame, Ack)


def test_an_unknown_kind_of_entry_keeps_its_place_in_the_sequence() -> None:
    frame = decode(events(entry(4, "run.started", run="r1", team="demo"), entry(5, "confetti.thrown", colour="red")))
    assert isinstance(frame, Arrived)
    assert isinstance(frame.entries[0], Entry)
    assert frame.entries[0].seq == 4
    assert frame.entries[1] == Unknown(5)


def test_an_unknown_kind_of_entry_does_not_spoil_a_recovery() -> None:
    gap = [entry(4, "confetti.thrown"), entry(5, "run.started", run="r1", team="demo")]
    frame = decode(subscribed(5, recovered=gap))
    assert isinstance(frame, Subscribed)
    assert [type(one.body) for one in frame.events] == [RunStarted]
    assert frame.position.seq == 5


def test_what_is_no_frame_or_of_an_unknown_kind_is_passed_over() -> None:
    assert decode("not json") is None
    assert decode("[1, 2]") is None
    assert decode(text({"kind": "weather"})) is None
    assert decode(json.dumps({"type": "state_update", "payload": 3, "timestamp": 1.0})) is None
    assert decode(text({"kind": "subscribed", "events": []})) is None
