from collections.abc import Iterator

import orjson
import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from salon.contracts import export
from salon.contracts.encode import FrameType, entry_bytes, events_frame, frame_bytes
from salon.contracts.events import Entry, Lane, RoomEvent, UiPatch, UiPut, UiRemoved, lane_of
from salon.contracts.examples.events import ENTRIES
from salon.contracts.examples.frames import client_frames, server_frames
from salon.contracts.patch import apply_patch
from salon.contracts.types import AddOp, Json, Obj
from salon.contracts.wire import ClientFrame, ServerFrame

LANES: tuple[Lane, ...] = ("action", "state_update")
WIRE = orjson.loads(export.documents()[export.WIRE])


def validator(root: str) -> Draft202012Validator:
    return Draft202012Validator({**WIRE, "anyOf": [{"$ref": f"#/$defs/{root}"}]})


CLIENT, SERVER = validator("ClientFrame"), validator("ServerFrame")


def label(frame: Obj) -> str:
    payload = frame["payload"]
    assert isinstance(payload, dict)
    entries = payload.get("entries")
    if isinstance(entries, list) and len(entries) == 1 and isinstance(entries[0], dict):
        return str(entries[0]["body"]["event"])  # type: ignore[index,call-overload]
    return str(payload.get("kind", frame["type"]))


def nulls(value: Json, path: str = "") -> Iterator[str]:
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from nulls(child, f"{path}/{key}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from nulls(child, f"{path}/{index}")


def test_the_examples_show_every_action_event_and_answer() -> None:
    def tags(definition: str, *path: str) -> set[str]:
        here = WIRE["$defs"][definition]
        for step in path:
            here = here[step]
        return set(here["discriminator"]["mapping"])

    client, server = {label(f) for f in client_frames()}, {label(f) for f in server_frames()}
    assert tags("Action", "properties", "payload") <= client
    assert tags("StateUpdate", "properties", "payload") - {"events"} <= server
    assert tags("Entry", "properties", "body") <= server


@pytest.mark.requirement("S4-14", "S4-15", "S4-18", "M-05")
@pytest.mark.parametrize("frame", server_frames(), ids=label)
def test_every_frame_of_the_server_survives_the_way_to_a_client_and_back(frame: Obj) -> None:
    read = ServerFrame.model_validate(frame).root
    type_: FrameType = read.type
    sent = frame_bytes(type_, read.payload, read.timestamp)
    assert orjson.loads(sent) == frame
    assert ServerFrame.model_validate_json(sent).root == read
    assert list(SERVER.iter_errors(orjson.loads(sent))) == []
    assert set(orjson.loads(sent)) == {"type", "payload", "timestamp"}


@pytest.mark.requirement("M-05")
@pytest.mark.parametrize("frame", client_frames(), ids=label)
def test_every_frame_of_a_client_is_valid_by_the_exported_schema(frame: Obj) -> None:
    assert list(CLIENT.iter_errors(frame)) == []
    assert ClientFrame.model_validate(frame).model_dump(mode="json") == frame


@pytest.mark.parametrize("frame", [*client_frames(), *server_frames()], ids=label)
def test_null_is_taken_for_absent_and_never_sent(frame: Obj) -> None:
    model = ClientFrame if frame in client_frames() else ServerFrame
    read = model.model_validate(frame).root

    def with_nulls(value: Json, definition: type | None) -> Json:
        fields = getattr(definition, "model_fields", {})
        absent: Obj = {name: None for name, field in fields.items() if not field.is_required()}
        return {**absent, **value} if isinstance(value, dict) else value

    padded = {**frame, "payload": with_nulls(frame["payload"], type(read.payload))}
    again = model.model_validate(padded).root
    assert again == read
    assert list(nulls(orjson.loads(again.model_dump_json()))) == []
    assert list((CLIENT if model is ClientFrame else SERVER).iter_errors(padded)) == []


def test_a_null_that_is_a_value_is_sent() -> None:
    entry = Entry.model_validate({"seq": 1, "at": 1, "body": {"event": "custom", "name": "n", "value": None}})
    assert orjson.loads(entry_bytes(entry))["body"] == {"event": "custom", "name": "n", "value": None}


@pytest.mark.requirement("M-05")
def test_entries_that_are_encoded_already_make_a_frame_without_being_read_again() -> None:
    models = [Entry.model_validate(entry) for entry in ENTRIES]
    actions = [entry_bytes(entry) for entry in models if lane_of(entry.body) == "action"]
    frame = events_frame('lob"by é', "action", actions, 1.25)
    for encoded in actions:
        assert encoded in frame
    assert orjson.loads(frame) == {
        "type": "action",
        "payload": {"kind": "events", "room": 'lob"by é', "entries": [orjson.loads(entry) for entry in actions]},
        "timestamp": 1.25,
    }
    for lane in LANES:
        told = orjson.loads(events_frame("lobby", lane, actions, 1.25))
        assert list(SERVER.iter_errors(told)) == []
        ServerFrame.model_validate(told)


def test_what_a_client_must_show_or_do_comes_as_an_action() -> None:
    lanes: dict[str, set[str]] = {"action": set(), "state_update": set()}
    for entry in map(Entry.model_validate, ENTRIES):
        lanes[lane_of(entry.body)].add(entry.body.event)
    assert lanes["action"] == {
        "agent.handoff",
        "interrupt.opened",
        "tool.ready",
        "ui.a2ui",
        "ui.patch",
        "ui.put",
        "ui.removed",
    }
    assert "tool.ready" in lanes["state_update"], "a tool that the server runs is nothing to do for a client"


@pytest.mark.requirement("S4-21")
def test_a_surface_is_created_updated_shown_and_deleted_over_the_wire() -> None:
    shown: dict[str, UiPut] = {}
    props: Obj = {"title": "Sales", "text": "Q1: 12"}
    story: list[RoomEvent] = [
        UiPut(event="ui.put", surface="s", owner="analyst", component="card", props=props, version=1, message="m-1"),
        UiPatch(
            event="ui.patch",
            surface="s",
            ops=[AddOp(op="replace", path="/text", value="Q2: 15"), AddOp(op="add", path="/tone", value="success")],
            version=2,
        ),
        UiPut(event="ui.put", surface="s", owner="analyst", component="list", props={"items": []}, version=3),
        UiRemoved(event="ui.removed", surface="s"),
    ]
    seen = []
    for seq, body in enumerate(story, 1):
        frame = events_frame("r", lane_of(body), [entry_bytes(Entry(seq=seq, at=1.0, body=body))], 1.0)
        assert list(SERVER.iter_errors(orjson.loads(frame))) == []
        [entry] = orjson.loads(frame)["payload"]["entries"]
        match Entry.model_validate(entry).body:
            case UiPut() as put:
                shown[put.surface] = put
            case UiPatch() as patch:
                old = shown[patch.surface]
                assert patch.version == old.version + 1
                changed = {"props": apply_patch(old.props, patch.ops), "version": patch.version}
                shown[patch.surface] = UiPut.model_validate({**old.model_dump(), **changed})
            case UiRemoved(surface=surface):
                del shown[surface]
        seen.append([(put.component, put.props, put.version) for put in shown.values()])
    assert seen == [
        [("card", {"title": "Sales", "text": "Q1: 12"}, 1)],
        [("card", {"title": "Sales", "text": "Q2: 15", "tone": "success"}, 2)],
        [("list", {"items": []}, 3)],
        [],
    ]


def test_models_and_schema_agree_on_which_frames_are_wrong() -> None:
    broken: list[Json] = [
        {"type": "ping", "payload": {}, "timestamp": 1, "seq": 1},
        {"type": "ping", "payload": {"nonce": "no id"}, "timestamp": 1},
        {"type": "pong", "payload": {}},
        {"type": "action", "payload": {"kind": "welcome"}, "timestamp": 1},
        {"type": "action", "payload": {"kind": "seen", "room": "r", "seq": 2**53}, "timestamp": 1},
        {"type": "action", "payload": {"kind": "seen", "room": "r", "seq": 1.5}, "timestamp": 1},
        {"type": "hello", "payload": {}, "timestamp": 1},
        [],
        None,
    ]
    for frame in broken:
        assert list(CLIENT.iter_errors(frame)), frame
        with pytest.raises(ValidationError):
            ClientFrame.model_validate(frame)
