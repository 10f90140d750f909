"""What an agent remembers: its own words as its own, others' with their names, calls never without results."""

import json

from ag2.events import BaseEvent, Input, ModelRequest, ModelResponse, TextInput, ToolResultsEvent
from hypothesis import given
from hypothesis import strategies as st

from salon.chat.history import GO_ON, NO_RESULT, remember
from salon.contracts.events import Handoff, MsgDone, RoomEvent, ToolDone, ToolReady
from salon.contracts.types import Author, DataPart, Role, TextPart


def said(author: str, text: str) -> MsgDone:
    role: Role = "agent" if author in {"host", "analyst"} else "user"
    return MsgDone(
        event="message.done",
        message=f"m-{author}",
        author=Author(id=author, role=role),
        parts=[TextPart(kind="text", text=text)],
    )


def called(agent: str, call: str, name: str = "sum") -> ToolReady:
    return ToolReady(event="tool.ready", call=call, name=name, args={"a": 1}, where="server", agent=agent)


def result(call: str, output: str = "2") -> ToolDone:
    return ToolDone(event="tool.done", call=call, ok=True, output=output)


def shown(events: list[BaseEvent], trigger: list[Input]) -> list[str]:
    lines: list[str] = []
    for event in events:
        match event:
            case ModelRequest():
                lines.append("? " + " | ".join(p.content for p in event.parts if isinstance(p, TextInput)))
            case ModelResponse():
                calls = ",".join(f"{c.name}({c.arguments})" for c in event.tool_calls.calls)
                lines.append(f"! {event.content or ''}{calls}")
            case ToolResultsEvent():
                texts = [p.content for r in event.results for p in r.result.parts if isinstance(p, TextInput)]
                lines.append("= " + ",".join(texts))
    lines.append("> " + " | ".join(p.content for p in trigger if isinstance(p, TextInput)))
    return lines


def test_one_person_and_one_agent_talk_without_names() -> None:
    log: list[RoomEvent] = [said("alice", "hi"), said("host", "hello"), said("alice", "how are you?")]
    assert shown(*remember(log, "host")) == ["? hi", "! hello", "> how are you?"]


def test_other_agents_and_several_people_come_with_their_names() -> None:
    log: list[RoomEvent] = [said("alice", "hi"), said("bob", "me too"), said("host", "hello both")]
    assert shown(*remember(log, "analyst")) == ["> [alice]: hi | [bob]: me too | [host]: hello both"]


def test_own_calls_come_with_their_results_and_others_calls_not_at_all() -> None:
    log: list[RoomEvent] = [
        said("alice", "add"),
        called("host", "c1"),
        result("c1"),
        called("analyst", "c2"),
        result("c2"),
        said("host", "2"),
    ]
    args = json.dumps({"a": 1})
    assert shown(*remember([*log, said("alice", "thanks")], "host")) == [
        "? add",
        f"! sum({args})",
        "= 2",
        "! 2",
        "> thanks",
    ]


def test_what_people_say_into_a_call_is_heard_after_its_result() -> None:
    log: list[RoomEvent] = [said("alice", "add"), called("host", "c1"), said("alice", "quick"), result("c1")]
    assert shown(*remember(log, "host"))[2:] == ["= 2", "> quick"]


def test_a_hand_off_is_a_closed_call_for_one_and_news_for_the_other() -> None:
    log: list[RoomEvent] = [
        said("alice", "chart"),
        Handoff(event="agent.handoff", source="host", target="analyst", reason="numbers"),
    ]
    host = shown(*remember([*log, said("analyst", "here"), said("alice", "ok")], "host"))
    assert host == [
        "? chart",
        '! transfer_to_analyst({"reason": "numbers"})',
        "= Transferred.",
        "> [analyst]: here | ok",
    ]
    assert shown(*remember(log, "analyst")) == ["> chart | [host handed the conversation to analyst: numbers]"]


def test_after_a_result_that_a_program_brought_there_is_nothing_new_to_answer() -> None:
    log: list[RoomEvent] = [said("alice", "add"), called("host", "c1"), result("c1")]
    assert shown(*remember(log, "host"))[-2:] == ["= 2", "> "]


def test_an_agent_that_spoke_last_is_asked_to_go_on() -> None:
    assert shown(*remember([said("alice", "hi"), said("host", "hello")], "host"))[-1] == f"> {GO_ON}"


def test_structured_parts_are_readable() -> None:
    event = said("alice", "x").model_copy(update={"parts": [DataPart(kind="data", name="ui_action", data={"tick": 1})]})
    assert shown(*remember([event], "host")) == ['> [ui_action: {"tick": 1}]']


STEPS = st.lists(
    st.one_of(
        st.sampled_from([said("alice", "a"), said("bob", "b"), said("host", "h"), said("analyst", "n")]),
        st.builds(called, st.sampled_from(["host", "analyst"]), st.sampled_from(["c1", "c2", "c3"])),
        st.builds(result, st.sampled_from(["c1", "c2", "c3"])),
        st.just(Handoff(event="agent.handoff", source="host", target="analyst")),
    ),
    max_size=30,
)


@given(STEPS, st.integers(1, 30))
def test_any_window_of_any_log_is_a_valid_conversation(log: list[RoomEvent], limit: int) -> None:
    events, trigger = remember(log, "host", limit)
    previous: BaseEvent | None = None
    for event in events:
        if isinstance(previous, ModelResponse) and previous.tool_calls:
            assert isinstance(event, ToolResultsEvent)
            assert [r.parent_id for r in event.results] == [c.id for c in previous.tool_calls.calls]
        else:
            assert not isinstance(event, ToolResultsEvent)
        previous = event
    assert trigger or not events or isinstance(events[-1], ToolResultsEvent)


def test_a_call_that_was_cut_short_says_so() -> None:
    log: list[RoomEvent] = [said("alice", "add"), called("host", "c1"), said("alice", "stop")]
    assert f"= {NO_RESULT}" in shown(*remember(log, "host"))


def test_calls_that_ran_side_by_side_keep_their_results_whichever_came_first() -> None:
    log: list[RoomEvent] = [
        said("alice", "add"),
        *(called("host", "c1"), called("host", "c2"), result("c2", "two")),
        *(called("host", "c3"), result("c3", "three"), result("c1", "one")),
        said("alice", "thanks"),
    ]
    assert "= one,two,three" in shown(*remember(log, "host"))
