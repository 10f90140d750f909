"""Items become events that people read and models remember, and come back word for word."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.contracts.events import MsgDone, RoomEvent, ToolDone, ToolReady
from salon.contracts.runs import Principal
from salon.contracts.types import Author, TextPart
from salon.runtime.sessions.items import Backwards, Item, events_of, item_of

ALICE = Principal("alice", "Alice")
JSON = dict[str, Any]


def written(items: Sequence[JSON]) -> list[RoomEvent]:
    """The log that adding items leaves."""
    log: list[RoomEvent] = []
    calls: list[str] = []
    for item in items:
        made = events_of(item, ALICE, "guide", calls)
        calls += [event.call for event in made if isinstance(event, ToolReady)]
        calls = [call for call in calls if call not in {e.call for e in made if isinstance(e, ToolDone)}]
        log += made
    return log


def read(log: Sequence[RoomEvent]) -> list[Item]:
    """What comes back."""
    backwards = Backwards()
    found = [kept for event in reversed(log) if (kept := backwards.take(event)) is not None]
    return [kept.item for kept in reversed(found)]


REAL: list[JSON] = [
    {"role": "user", "content": "What is the weather?"},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "And here?"}]},
    {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": None},
    {
        "id": "fc_1",
        "type": "function_call",
        "call_id": "call_1",
        "name": "get_weather",
        "arguments": '{"city":"Paris"}',
        "status": "completed",
    },
    {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "Sunny.", "annotations": []}],
    },
    {"role": "developer", "content": "Be brief."},
    {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "not JSON"},
    {"type": "function_call_output", "call_id": "call_1", "output": [{"type": "input_text", "text": "rain"}]},
    {"type": "function_call_output", "call_id": "nobody_called", "output": "?"},
    {"type": "web_search_call", "id": "ws_1", "status": "completed"},
    {"role": "user", "content": [{"type": "input_image", "image_url": "data:…", "detail": "auto"}]},
    {"role": "assistant", "content": ""},
]


@pytest.mark.requirement("S3-26")
def test_items_come_back_word_for_word() -> None:
    assert read(written(REAL)) == REAL


texts = st.text(st.characters(codec="utf-8"), max_size=40)
messages = st.builds(
    lambda role, content: {"role": role, "content": content},
    st.sampled_from(["user", "assistant", "system", "developer"]),
    texts | st.lists(st.builds(lambda t: {"type": "input_text", "text": t}, texts), max_size=2),
)
calls = st.builds(
    lambda call, name, arguments: {"type": "function_call", "call_id": call, "name": name, "arguments": arguments},
    st.sampled_from(["call_1", "call_2", "not a wire id"]),
    st.sampled_from(["add", "look up"]),
    st.sampled_from(["{}", '{"a": 1}', "[1, 2", '"text"']),
)
outputs = st.builds(
    lambda call, output: {"type": "function_call_output", "call_id": call, "output": output},
    st.sampled_from(["call_1", "call_2", "not a wire id"]),
    texts,
)
others = st.builds(lambda t: {"type": "reasoning", "summary": [{"text": t}]}, texts)


@given(st.lists(messages | calls | outputs | others, max_size=12))
def test_whatever_is_added_comes_back(items: list[JSON]) -> None:
    assert read(written(items)) == items


@given(st.lists(messages | calls | outputs | others, min_size=1, max_size=8))
def test_what_is_taken_back_is_gone_and_the_rest_stays(items: list[JSON]) -> None:
    log = written(items)
    backwards = Backwards()
    newest = next(kept for event in reversed(log) if (kept := backwards.take(event)) is not None)
    assert newest.item == items[-1]
    assert read([*log, newest.removal()]) == items[:-1]


def test_people_and_models_get_messages_and_calls() -> None:
    log = written(REAL)
    said = [(e.author.id, e.author.role, e.parts[0].text) for e in log if isinstance(e, MsgDone)]  # type: ignore[union-attr]
    assert said == [
        ("alice", "user", "What is the weather?"),
        ("alice", "user", "And here?"),
        ("guide", "agent", "Sunny."),
        ("developer", "system", "Be brief."),
        ("alice", "user", "[input_image]"),
        ("guide", "agent", ""),
    ]
    ready = [event for event in log if isinstance(event, ToolReady)]
    assert [event.args for event in ready] == [{"city": "Paris"}, "not JSON"]
    assert ready[0].call != ready[1].call, "in a log a call's id stands for one call"
    assert [event.call for event in log if isinstance(event, ToolDone)] == [event.call for event in ready]


def test_what_happened_in_a_room_is_plain_items() -> None:
    author = Author(id="guide", role="agent")
    parts = [TextPart(kind="text", text="Hel"), TextPart(kind="text", text="lo")]
    assert item_of(MsgDone(event="message.done", message="m", author=author, parts=[*parts])) == {
        "role": "assistant",
        "content": "Hello",
    }
    call = ToolReady(event="tool.ready", call="call_9", name="add", args={"a": 1}, where="server", agent="guide")
    assert item_of(call) == {"type": "function_call", "call_id": "call_9", "name": "add", "arguments": '{"a": 1}'}
    output = ToolDone(event="tool.done", call="call_9", ok=True, output={"sum": 1})
    assert item_of(output) == {"type": "function_call_output", "call_id": "call_9", "output": '{"sum": 1}'}


@pytest.mark.parametrize(
    "item", [{}, {"role": "tool", "content": "x"}, {"role": "user"}, {"role": "user", "content": 7}]
)
def test_a_message_that_is_none_is_refused(item: JSON) -> None:
    with pytest.raises(ValueError, match="a message has a role"):
        events_of(item, ALICE, "guide", ())


def test_a_message_beyond_all_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 2097152 characters"):
        events_of({"role": "user", "content": "x" * 2_097_153}, ALICE, "guide", ())
