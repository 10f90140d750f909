"""Tool calls as models write them: what is repaired, what is marked, and what history may hold."""

import json

import pytest
from ag2.events import BaseEvent, ModelResponse, ToolCallEvent, ToolCallsEvent
from hypothesis import given
from hypothesis import strategies as st

from salon.models.tool_json import malformed, read_arguments, sound_calls, sound_history

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ARGUMENTS = st.dictionaries(st.text(), JSON, max_size=4)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('{"city": "Paris"}', {"city": "Paris"}),
        ("", {}),
        ("null", {}),
        ('```json\n{"city": "Paris"}\n```', {"city": "Paris"}),
        ('{"city": "Paris",}', {"city": "Paris"}),
        ('{"cities": ["Paris", "Rome",]', {"cities": ["Paris", "Rome"]}),
        ('{"city": "Par', {"city": "Par"}),
        ('"{\\"city\\": \\"Paris\\"}"', {"city": "Paris"}),
        ('{"text": "two\nlines"}', {"text": "two\nlines"}),
        ('{"path": "C:\\\\', {"path": "C:\\"}),
    ],
)
def test_near_json_is_read_as_it_was_meant(written: str, meant: dict[str, object]) -> None:
    assert read_arguments(written) == meant


@pytest.mark.parametrize("written", ["city equals Paris", "[1, 2]", "42", '{"a": }', "[" * 100_000])
def test_what_is_no_object_cannot_be_read(written: str) -> None:
    assert read_arguments(written) is None


@given(ARGUMENTS)
def test_valid_arguments_are_never_changed(arguments: dict[str, object]) -> None:
    assert read_arguments(json.dumps(arguments)) == arguments


@given(ARGUMENTS, st.data())
def test_cut_off_arguments_are_an_object_or_nothing(arguments: dict[str, object], data: st.DataObject) -> None:
    text = json.dumps(arguments)
    part = text[: data.draw(st.integers(0, len(text)))]
    assert isinstance(read_arguments(part), dict | None)


def test_a_call_cut_off_by_the_length_limit_is_not_completed_but_marked() -> None:
    call = ToolCallEvent(id="a", name="send_email", arguments='{"body": "Dear all, we will not')
    (sound,) = sound_calls([call], complete=False, taken=set())
    assert sound.arguments == "{}"
    assert malformed(sound) == "the answer was cut off in the arguments"


def test_ids_are_unique_within_the_conversation() -> None:
    taken = {"a"}
    calls = [ToolCallEvent(id=call_id, name="tool") for call_id in ("a", "b", "b", "")]
    ids = [call.id for call in sound_calls(calls, complete=True, taken=taken)]
    assert len({*ids, "a"}) == 5
    assert "b" in ids
    assert taken == {*ids, "a"}


def test_an_empty_slot_is_dropped_and_a_nameless_call_gets_a_name() -> None:
    calls = [ToolCallEvent(id="a", name="", arguments=""), ToolCallEvent(id="b", name="", arguments='{"x": 1}')]
    assert [call.name for call in sound_calls(calls, complete=True, taken=set())] == ["unnamed_tool"]


def test_history_with_broken_arguments_is_repaired_on_a_copy() -> None:
    broken = ModelResponse(tool_calls=ToolCallsEvent([ToolCallEvent(id="a", name="tool", arguments="{oops")]))
    history: list[BaseEvent] = [broken]
    (sound,), ids = sound_history(history)
    assert isinstance(sound, ModelResponse)
    assert sound.tool_calls.calls[0].serialized_arguments == {}
    assert broken.tool_calls.calls[0].arguments == "{oops"
    assert ids == {"a"}
