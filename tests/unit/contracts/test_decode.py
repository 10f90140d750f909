import random
import string
from itertools import count

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.contracts.actions import Send, Signal
from salon.contracts.decode import ClientMessage, decode_client
from salon.contracts.examples.frames import client_frames
from salon.contracts.types import Json, Obj, TextPart
from salon.contracts.wire import Action, Beat, ErrorPayload, Limits, Ping, Pong
from salon.errors import SalonError

LIMITS = Limits(
    frame_bytes=65_536,
    json_depth=32,
    rooms=64,
    actions_per_second=20,
    inflight=64,
    queue_frames=1000,
    history_page=200,
    recover_events=500,
    recover_seconds=300,
)
NOW = 1_800_000_000.5


def decode(frame: Json | str | bytes) -> ClientMessage:
    raw = frame if isinstance(frame, str | bytes) else orjson.dumps(frame)
    ids = count(1)
    return decode_client(raw, LIMITS, room="default", new_id=lambda: f"act_{next(ids)}", now=NOW)


def refusal(frame: Json | str | bytes) -> SalonError:
    with pytest.raises(SalonError) as caught:
        decode(frame)
    error = caught.value
    told = ErrorPayload.model_validate(
        {
            "code": error.code,
            "message": error.message,
            "retryable": error.spec.retryable,
            "fatal": False,
            "reply_to": error.reply_to,
            "details": [{"path": d.path, "code": d.code, "message": d.message} for d in error.details],
        }
    )
    assert told.details, "every refusal says what to do"
    assert len(told.model_dump_json()) < 12_000, "long input is not sent back"
    return error


def action(**payload: Json) -> Obj:
    return {"type": "action", "payload": payload, "timestamp": 1.5}


def send(**changed: Json) -> Obj:
    payload: Obj = {"kind": "send", "id": "a-1", "room": "r", "parts": [{"kind": "text", "text": "hi"}]}
    return action(**{**payload, **changed})


@pytest.mark.requirement("S4-15")
@pytest.mark.parametrize("frame", client_frames(), ids=lambda f: f["payload"].get("kind") or f["type"])
def test_every_frame_of_the_protocol_is_read_exactly(frame: Obj) -> None:
    read = decode(frame)
    assert orjson.loads(read.model_dump_json()) == frame
    assert decode(orjson.dumps(frame).decode()) == read


@pytest.mark.requirement("S4-14")
def test_a_client_that_knows_only_the_outer_shape_is_understood() -> None:
    said = decode('{"type":"action","payload":{"message":"hi"}}')
    assert said == Action(
        type="action",
        payload=Send(kind="send", id="act_1", room="default", parts=[TextPart(kind="text", text="hi")]),
        timestamp=NOW,
    )
    assert decode('{"type":"ping"}') == Ping(type="ping", payload=Beat(), timestamp=NOW)
    assert decode('{"type":"pong","payload":null,"timestamp":null}') == Pong(type="pong", payload=Beat(), timestamp=NOW)


def test_the_shorthand_may_say_more() -> None:
    said = decode(action(message="hi", id="mine", room="den", to=["host"], reply_to=None))
    assert isinstance(said.payload, Send)
    assert (said.payload.id, said.payload.room, said.payload.to) == ("mine", "den", ["host"])
    assert said.timestamp == 1.5
    again = decode(action(message="hi", id=None, room=None))
    assert isinstance(again.payload, Send)
    assert (again.payload.id, again.payload.room) == ("act_1", "default")


@pytest.mark.requirement("S4-14")
@pytest.mark.parametrize("extra", ["id", "seq", "room", "v"])
def test_an_envelope_has_three_keys_and_no_more(extra: str) -> None:
    error = refusal({**send(), extra: 1})
    assert [(d.path, d.code) for d in error.details] == [(f"/{extra}", "extra_forbidden")]


@pytest.mark.parametrize("message", ["", "  \n", 5, None, ["hi"], {"text": "hi"}])
def test_a_message_without_words_is_an_error_and_not_silence(message: Json) -> None:
    error = refusal(action(message=message, id="a-1"))
    assert (error.code, error.reply_to) == ("bad_request", "a-1")
    assert [d.path for d in error.details] == ["/payload/message"]


def test_a_message_that_is_too_long_is_named_as_its_sender_wrote_it() -> None:
    error = refusal(action(message="a" * 32_769))
    assert error.message == "`message` must have at most 32768 characters."
    assert [d.path for d in error.details] == ["/payload/message"]


def test_a_payload_with_parts_and_a_message_is_neither() -> None:
    error = refusal(action(message="hi", parts=[{"kind": "text", "text": "hi"}]))
    assert [d.path for d in error.details] == ["/payload/kind"]


@pytest.mark.requirement("S4-19")
@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "hello",
        "{",
        '{"type":"ping"}}',
        '{"type":"ping"} {"type":"ping"}',
        "{'type':'ping'}",
        "NaN",
        '{"type":"ping","timestamp":NaN}',
        '{"type":"ping","timestamp":Infinity}',
        '{"type":"ping","timestamp":1e999}',
        '{"type":"ping","timestamp":' + "9" * 400 + "}",
        '{"type":"pi\\ud800ng"}',
        '{"type":"\ud800"}',
        b'{"type":"\xff"}',
        b"\xef\xbb\xbf{}",
        b"\x00\x01\x02",
        "[" * 10_000,
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_what_is_not_json_is_told_so(raw: str | bytes) -> None:
    error = refusal(raw)
    assert (error.code, error.message) == ("bad_request", "Invalid JSON format")
    assert error.details[0].code == "json"


@pytest.mark.requirement("S4-15")
@pytest.mark.parametrize("kind", ["state_update", "hello", "", "PING", 1, None, [], {}])
def test_an_unknown_type_is_an_error_that_lists_the_known_ones(kind: Json) -> None:
    error = refusal({"type": kind, "payload": {}, "timestamp": 1})
    assert error.code == "bad_request"
    assert [d.path for d in error.details] == ["/type"]
    assert "'action', 'error', 'ping', 'pong'" in error.message


@pytest.mark.parametrize("size", [65_537, 10 * 1024 * 1024])
def test_a_frame_that_is_too_large_is_refused_unread(size: int) -> None:
    assert refusal("x" * size).code == "too_large"
    assert refusal(b"x" * size).code == "too_large"


def test_the_size_of_a_frame_is_counted_in_bytes() -> None:
    frame = '{"type":"action","payload":{"message":"%s"}}'
    assert len(frame % ("é" * 33_000)) < LIMITS.frame_bytes
    assert refusal(frame % ("é" * 33_000)).code == "too_large"
    assert refusal(frame % ("\ud800" * 22_000)).code == "too_large"
    assert decode(frame % ("é" * 32_000)).type == "action"


@pytest.mark.parametrize("bracket", [("[", "]"), ('{"a":', "}")])
def test_nesting_is_read_to_the_limit_and_not_beyond(bracket: tuple[str, str]) -> None:
    def frame(levels: int) -> str:
        value = bracket[0] * levels + "1" + bracket[1] * levels
        return (
            '{"type":"action","timestamp":1,"payload":{"kind":"tool_result","id":"a-1","room":"r","call":"c","ok":true,'
            f'"output":{value}}}}}'
        )

    assert decode(frame(30)).type == "action"
    error = refusal(frame(31))
    assert (error.code, error.reply_to, error.details[0].code) == ("bad_request", "a-1", "depth")
    assert refusal(frame(900)).details[0].code == "depth"


@pytest.mark.parametrize(
    "frame",
    [
        '{"__proto__":{"admin":true},"type":"ping"}',
        '{"type":"action","payload":{"kind":"signal","room":"r","data":{"a":[{"__proto__":1}]}},"timestamp":1}',
        '{"type":"action","payload":{"kind":"signal","room":"r","data":{"\\u005f_proto__":1}},"timestamp":1}',
    ],
)
def test_a_key_that_reaches_a_prototype_is_refused_anywhere(frame: str) -> None:
    assert [d.code for d in refusal(frame).details] == ["forbidden_key"]


@pytest.mark.parametrize("frame", [None, True, 0, 1.5, "ping", [], [{"type": "ping"}]])
def test_a_frame_is_an_object(frame: Json) -> None:
    assert refusal(orjson.dumps(frame)).message == "A frame is a JSON object."


@pytest.mark.parametrize(
    ("frame", "path", "code"),
    [
        (send(parts=[]), "/payload/parts", "too_short"),
        (send(parts=None), "/payload/parts", "list_type"),
        (send(parts={"0": {}}), "/payload/parts", "list_type"),
        (send(parts=[{"kind": "ui", "surface": "s"}] * 65), "/payload/parts", "too_long"),
        (send(parts=[{"kind": "text"}]), "/payload/parts/0/text", "missing"),
        (send(parts=[{"kind": "text", "text": 5}]), "/payload/parts/0/text", "string_type"),
        (send(parts=[{"kind": "text", "text": "hi", "x": 1}]), "/payload/parts/0/x", "extra_forbidden"),
        (send(parts=[{"kind": "video"}]), "/payload/parts/0/kind", "union_tag_invalid"),
        (send(parts=["hi"]), "/payload/parts/0", "model_attributes_type"),
        (send(to="host"), "/payload/to", "list_type"),
        (send(to=["host", "no body"]), "/payload/to/1", "string_pattern_mismatch"),
        (send(when_busy="later"), "/payload/when_busy", "literal_error"),
        (send(**{"a/b~c": 1}), "/payload/a~1b~0c", "extra_forbidden"),
        (send(**{"k" * 5_000: 1}), f"/payload/{'k' * 64}…", "extra_forbidden"),
        (send(kind="shout"), "/payload/kind", "union_tag_invalid"),
        (send(kind="welcome"), "/payload/kind", "union_tag_invalid"),
        (send(kind=None), "/payload/kind", "union_tag_invalid"),
        (send(id="a" * 129), "/payload/id", "string_too_long"),
        (send(id=7), "/payload/id", "string_type"),
        (action(), "/payload/kind", "union_tag_not_found"),
        (action(kind="seen", room="r", seq=-1), "/payload/seq", "greater_than_equal"),
        (action(kind="seen", room="r", seq=2**53), "/payload/seq", "less_than_equal"),
        (action(kind="seen", room="r", seq=1e300), "/payload/seq", "int_type"),
        (action(kind="seen", room="r", seq=1.5), "/payload/seq", "int_type"),
        (action(kind="seen", room="r", seq="1"), "/payload/seq", "int_type"),
        (action(kind="seen", room="r", seq=True), "/payload/seq", "int_type"),
        (action(kind="seen", room="r"), "/payload/seq", "missing"),
        (
            action(kind="patch_state", id="a", room="r", ops=[{"op": "move", "path": "/a", "from_": "/b"}]),
            "/payload/ops/0/from",
            "missing",
        ),
        (
            action(kind="patch_state", id="a", room="r", ops=[{"op": "remove", "path": "a"}]),
            "/payload/ops/0/path",
            "string_pattern_mismatch",
        ),
        (
            action(kind="subscribe", id="a", room="r", recover={"epoch": "e"}),
            "/payload/recover/seq",
            "missing",
        ),
        ({"type": "action", "payload": [], "timestamp": 1}, "/payload", "model_attributes_type"),
        ({"type": "action", "timestamp": 1}, "/payload", "missing"),
        ({"type": "ping", "payload": 3}, "/payload", "model_type"),
        ({"type": "ping", "payload": {"nonce": ""}}, "/payload/nonce", "string_too_short"),
        ({"type": "ping", "timestamp": "now"}, "/timestamp", "float_type"),
        ({"type": "ping", "timestamp": True}, "/timestamp", "float_type"),
        ({"type": "ping", "timestamp": -1}, "/timestamp", "greater_than_equal"),
        ({"type": "error", "payload": {"message": "no"}, "timestamp": 1}, "/payload/code", "missing"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_rule(frame: Obj, path: str, code: str) -> None:
    error = refusal(frame)
    assert error.code == "bad_request"
    assert (error.details[0].path, error.details[0].code) == (path, code)
    field = path.rpartition("/")[2]
    if field.isascii() and field.isalpha():
        assert f"{field}`" in error.message


def test_an_error_answers_the_action_it_is_about_where_that_can_be_known() -> None:
    assert refusal(send(id="a-1", parts=[])).reply_to == "a-1"
    assert refusal(action(kind="nonsense", id="a-2")).reply_to == "a-2"
    bad: list[Json] = ["", "not an id", "a" * 129, "a\n", 5, None, ["a"]]
    for unusable in bad:
        assert refusal(send(id=unusable)).reply_to is None


def test_a_thousand_mistakes_are_told_as_fifty() -> None:
    error = refusal(send(**{f"x{n}": n for n in range(1_000)}))
    assert len(error.details) == 50
    assert error.message.endswith("(and 49 more)")


def test_null_stands_for_absent() -> None:
    assert decode(send(to=None, reply_to=None, when_busy=None)) == decode(send())
    assert decode(action(kind="signal", room="r", typing=None)).payload == Signal(kind="signal", room="r")


def test_an_integral_number_is_an_integer_whatever_its_notation() -> None:
    for written in ("3", "3.0", "3e0", "0.3e1"):
        frame = f'{{"type":"action","payload":{{"kind":"seen","room":"r","seq":{written}}},"timestamp":1}}'
        assert decode(frame).model_dump_json(include={"payload"}) == '{"payload":{"kind":"seen","room":"r","seq":3}}'


def test_numbers_inside_free_json_stay_what_they_were() -> None:
    frame = action(kind="tool_result", id="a", room="r", call="c", ok=True, output=[3, 3.5, True, None, 2**53 - 1, "é"])
    assert orjson.loads(decode(frame).model_dump_json())["payload"]["output"] == [3, 3.5, True, None, 2**53 - 1, "é"]
    assert b'"output":[3,3.5,true,null,' in orjson.dumps(orjson.loads(decode(frame).model_dump_json())["payload"])


def problem_of(raw: str | bytes) -> SalonError | None:
    """Why a frame is refused, if it is; any other exception is a defect."""
    try:
        decode(raw)
    except SalonError as error:
        return error
    return None


def mutate(rnd: random.Random, value: Json) -> Json:
    """A frame with something wrong in it, mostly deep inside."""
    strange: list[Json] = [None, True, 0, -1, 1.5, 2**53, 2**63, 1e308, "", "x" * 70, "\u0000", [], {}, [[]], {"": {}}]
    if isinstance(value, dict) and value and rnd.random() < 0.8:
        key = rnd.choice(list(value))
        changed = dict(value)
        match rnd.randrange(6):
            case 0:
                del changed[key]
            case 1:
                changed[rnd.choice(["kind", "id", "zzz", "__proto__", "a" * 300, "~/", key])] = rnd.choice(strange)
            case _:
                changed[key] = mutate(rnd, changed[key])
        return changed
    if isinstance(value, list) and value and rnd.random() < 0.8:
        at = rnd.randrange(len(value))
        return [*value[:at], mutate(rnd, value[at]), *value[at + rnd.randrange(2) :]]
    return rnd.choice(strange)


def test_five_thousand_broken_frames_are_read_or_refused_but_never_surprise() -> None:
    rnd = random.Random(20261121)
    frames = client_frames()
    refused = 0
    for _ in range(5_000):
        frame: Json = rnd.choice(frames)
        for _ in range(rnd.randint(1, 3)):
            frame = mutate(rnd, frame)
        error = problem_of(orjson.dumps(frame))
        refused += error is not None
        assert error is None or (error.code == "bad_request" and error.details)
    assert refused > 2_500


def test_five_thousand_broken_texts_are_read_or_refused_but_never_surprise() -> None:
    rnd = random.Random(1)
    texts = [orjson.dumps(frame) for frame in client_frames()]
    alphabet = (string.printable + "é\\u0000").encode()
    for _ in range(5_000):
        text = bytearray(rnd.choice(texts))
        for _ in range(rnd.randint(1, 4)):
            at = rnd.randrange(len(text))
            text[at : at + rnd.randrange(3)] = bytes(rnd.choices(alphabet, k=rnd.randrange(3)))
        error = problem_of(bytes(text))
        assert error is None or error.code == "bad_request"


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_anything_at_all_is_answered(raw: str | bytes) -> None:
    error = problem_of(raw)
    assert error is None or error.code == "bad_request"
