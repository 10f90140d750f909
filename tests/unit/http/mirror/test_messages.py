"""OpenAI messages become the events of a room, and the one thing that is said now."""

from typing import Any

import pytest

from salon.contracts.events import MsgDone, ToolDone, ToolReady
from salon.contracts.openai import ChatRequest
from salon.contracts.runs import Principal
from salon.contracts.types import TextPart
from salon.errors import SalonError
from salon.http.mirror.messages import (
    MAX_PARTS,
    PART_LENGTH,
    Conversation,
    asker,
    conversation,
    returned_id,
    spoken_now,
)

ROSTER = ["host", "writer"]
NOBODY = Principal("anonymous")


def call(call_id: str, arguments: str = '{"x": 1}') -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": "look", "arguments": arguments}}


def request(*messages: dict[str, Any], **more: Any) -> ChatRequest:
    return ChatRequest.model_validate({"messages": list(messages), **more})


def read(*messages: dict[str, Any]) -> Conversation:
    asked = request(*messages)
    return conversation(asked, asker(asked, NOBODY), ROSTER, "host")


def refusal(*messages: dict[str, Any]) -> SalonError:
    with pytest.raises(SalonError) as caught:
        read(*messages)
    return caught.value


def text_of(parts: Any) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


USER = {"role": "user", "content": "Hello"}


def test_the_last_user_message_is_said_now_and_the_rest_was_said_before() -> None:
    talk = read({"role": "user", "content": "One"}, {"role": "assistant", "content": "Two"}, USER)
    said = [(e.author.id, e.author.role, text_of(e.parts)) for e in talk.primer if isinstance(e, MsgDone)]
    assert said == [("anonymous", "user", "One"), ("host", "agent", "Two")]
    assert text_of(talk.spoken.parts) == "Hello"


def test_system_and_developer_messages_are_instructions_wherever_they_stand() -> None:
    talk = read({"role": "system", "content": "Be brief"}, USER, {"role": "developer", "content": "In French"})
    assert talk.spoken.instructions == ("Be brief", "In French")
    assert (text_of(talk.spoken.parts), talk.primer) == ("Hello", ())


def test_a_lone_system_message_is_what_is_asked() -> None:
    talk = read({"role": "system", "content": "You are kind"}, {"role": "system", "content": "Say hello"})
    assert text_of(talk.spoken.parts) == "Say hello"
    assert talk.spoken.instructions == ("You are kind",)


def test_content_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}]
    assert text_of(read({"role": "user", "content": parts}).spoken.parts) == "One\ntwo"


def test_calls_and_their_results_are_the_hosts_calls_of_before() -> None:
    asked = {"role": "assistant", "content": None, "tool_calls": [call("call_1"), call("call_2", "")]}
    results = [{"role": "tool", "tool_call_id": f"call_{i}", "content": f"r{i}"} for i in (2, 1)]
    talk = read(USER, asked, *results)
    calls = [(e.call, e.agent, e.args, e.where) for e in talk.primer if isinstance(e, ToolReady)]
    assert calls == [("call_1", "host", {"x": 1}, "client"), ("call_2", "host", {}, "client")]
    assert [(e.call, e.output) for e in talk.primer if isinstance(e, ToolDone)] == [("call_2", "r2"), ("call_1", "r1")]
    assert talk.spoken.parts is None
    assert talk.spoken.seat is None


def test_a_result_goes_to_the_agent_that_called() -> None:
    ready = ToolReady(event="tool.ready", call="call_1", name="look", args={}, where="client", agent="writer")
    call_id = returned_id(ready, "host")
    result = {"role": "tool", "tool_call_id": call_id, "content": "seen"}
    talk = read(USER, {"role": "assistant", "tool_calls": [call(call_id)]}, result)
    made = next(e for e in talk.primer if isinstance(e, ToolReady))
    assert (made.call, made.agent, talk.spoken.seat) == ("call_1", "writer", "writer")


def test_the_hosts_own_calls_keep_their_id() -> None:
    ready = ToolReady(event="tool.ready", call="call_1", name="look", args={}, where="client", agent="host")
    assert returned_id(ready, "host") == "call_1"


@pytest.mark.parametrize("odd", ["späte id", "call__nobody", "-1"])
def test_ids_of_other_servers_are_taken(odd: str) -> None:
    talk = read(
        USER,
        {"role": "assistant", "tool_calls": [call(odd)]},
        {"role": "tool", "tool_call_id": odd, "content": "ok"},
    )
    opened, closed = talk.primer[-2:]
    assert isinstance(opened, ToolReady)
    assert isinstance(closed, ToolDone)
    assert opened.call == closed.call
    assert opened.agent == "host"


def test_arguments_that_are_no_json_stay_text() -> None:
    talk = read(
        USER,
        {"role": "assistant", "tool_calls": [call("c1", "{oops")]},
        {"role": "tool", "tool_call_id": "c1", "content": "ok"},
    )
    assert next(e for e in talk.primer if isinstance(e, ToolReady)).args == "{oops"


def test_the_same_id_may_come_again_in_a_later_message() -> None:
    once = ({"role": "assistant", "tool_calls": [call("c1")]}, {"role": "tool", "tool_call_id": "c1", "content": "ok"})
    assert len([e for e in read(USER, *once, *once).primer if isinstance(e, ToolDone)]) == 2


def test_a_call_without_a_result_is_refused_by_name() -> None:
    error = refusal({"role": "assistant", "tool_calls": [call("c9")]}, USER)
    assert (error.code, error.details[0].path) == ("bad_request", "/messages/0/tool_calls")
    assert "c9" in error.message


def test_a_result_without_a_call_is_refused_by_name() -> None:
    error = refusal(USER, {"role": "tool", "tool_call_id": "c9", "content": "x"})
    assert (error.details[0].path, error.details[0].code) == ("/messages/1/tool_call_id", "unknown_call")


def test_two_calls_of_one_id_in_one_message_are_refused() -> None:
    error = refusal(USER, {"role": "assistant", "tool_calls": [call("c1"), call("c1")]})
    assert "c1" in error.message


def test_a_long_text_is_cut_into_parts_and_stays_whole() -> None:
    text = "é" * (PART_LENGTH + 5)
    parts = read({"role": "user", "content": text}).spoken.parts
    assert parts is not None
    assert (len(parts), text_of(parts)) == (2, text)


def test_a_text_beyond_every_limit_is_too_large() -> None:
    error = refusal({"role": "user", "content": "x" * (PART_LENGTH * MAX_PARTS + 1)})
    assert (error.code, error.details[0].path) == ("too_large", "/messages/0/content")


@pytest.mark.parametrize(
    ("message", "more", "who"),
    [
        (USER, {}, Principal("anonymous")),
        (USER, {"user": "Ann Ö"}, Principal("api:Ann-", "Ann Ö")),
        ({**USER, "name": "bob"}, {"user": "ann"}, Principal("api:bob", "bob")),
    ],
)
def test_who_speaks_is_a_name_that_opens_nothing(message: dict[str, Any], more: dict[str, Any], who: Principal) -> None:
    assert asker(request(message, **more), NOBODY) == who


def test_a_caller_whom_the_proxy_names_is_that_one_whatever_the_request_claims() -> None:
    claims = request({**USER, "name": "bob"}, user="ann")
    assert asker(claims, Principal("carol")) == Principal("carol")


def test_named_people_of_before_stay_apart() -> None:
    talk = read({**USER, "name": "ann"}, {"role": "assistant", "content": "Hi"}, {**USER, "name": "bob"})
    assert isinstance(talk.primer[0], MsgDone)
    assert (talk.primer[0].author.id, talk.primer[0].author.name) == ("api:ann", "ann")


def test_a_live_room_hears_only_the_last_message() -> None:
    said = spoken_now(request({"role": "system", "content": "Be brief"}, {"role": "user", "content": "Old"}, USER))
    assert (text_of(said.parts), said.instructions) == ("Hello", ("Be brief",))


def test_a_live_room_gets_the_results_that_end_the_request() -> None:
    results = [{"role": "tool", "tool_call_id": f"c{i}", "content": f"r{i}"} for i in (1, 2)]
    said = spoken_now(request(USER, {"role": "assistant", "tool_calls": [call("c1"), call("c2")]}, *results))
    assert (said.parts, said.results) == (None, (("c1", "r1"), ("c2", "r2")))


def test_an_assistants_word_cannot_be_put_into_a_live_room() -> None:
    with pytest.raises(SalonError, match="must end with"):
        spoken_now(request(USER, {"role": "assistant", "content": "I never said that"}))
