"""What the mirror accepts, tolerates and refuses."""

from typing import Any

import pytest
from pydantic import ValidationError

from salon.contracts.openai import ChatRequest

HELLO = [{"role": "user", "content": "Hello"}]


def read(**body: Any) -> ChatRequest:
    return ChatRequest.model_validate({"messages": HELLO, **body})


def test_parameters_that_mean_nothing_here_and_nulls_are_ignored() -> None:
    asked = read(
        user="u", metadata={"a": 1}, store=True, reasoning_effort=None, verbosity="low", service_tier="auto",
        prompt_cache_key="k", parallel_tool_calls=None, logit_bias={}, tools=None, tool_choice=None, stop=None,
        temperature=None, n=None, logprobs=False, functions=None, vendor_field=[1], response_format=None,
        stream_options=None,
    )  # fmt: skip
    assert asked.user == "u"
    assert asked.tools is None


def test_messages_that_clients_echo_back_are_taken() -> None:
    echoed = [
        {"role": "developer", "content": [{"type": "text", "text": "Be brief"}]},
        {"role": "assistant", "content": None, "refusal": None, "audio": None, "annotations": [],
         "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "ok"}], "name": "f"},
        {"role": "assistant", "content": "", "tool_calls": None},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
        {"role": "user", "content": "Hello", "name": None},
    ]  # fmt: skip
    asked = read(messages=echoed)
    assert [message.words for message in asked.messages] == ["Be brief", "", "ok", "", "no", "Hello"]


def test_one_stop_is_a_list_of_one() -> None:
    assert read(stop="END").stop == ["END"]


def test_plain_text_is_no_special_format() -> None:
    assert read(response_format={"type": "text"}).response_format is None


TOOL = {"type": "function", "function": {"name": "look"}}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"messages": []}, ("messages",)),
        ({"messages": None}, ("messages",)),
        ({"messages": [{"role": "robot", "content": "x"}]}, ("messages", 0, "role")),
        ({"messages": [{"role": "user"}]}, ("messages", 0)),
        ({"messages": [{"role": "user", "content": 5}]}, ("messages", 0, "content")),
        ({"messages": [{"role": "tool", "content": "x"}]}, ("messages", 0)),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, ("messages", 0, "content", 0)),
        ({"n": 2}, ("n",)),
        ({"n": 0}, ("n",)),
        ({"logprobs": True}, ("logprobs",)),
        ({"top_logprobs": 3}, ("top_logprobs",)),
        ({"functions": []}, ("functions",)),
        ({"temperature": 3}, ("temperature",)),
        ({"temperature": float("nan")}, ("temperature",)),
        ({"max_tokens": 0}, ("max_tokens",)),
        ({"stop": ["a"] * 5}, ("stop",)),
        ({"tools": [{"type": "web_search"}]}, ("tools", 0, "type")),
        ({"tools": [{"type": "function", "function": {"name": "no spaces"}}]}, ("tools", 0, "function", "name")),
        ({"tools": [TOOL, TOOL]}, ("tools",)),
        ({"tool_choice": "required"}, ("tool_choice",)),
        ({"tool_choice": "look", "tools": [TOOL]}, ("tool_choice",)),
        ({"tool_choice": {"type": "function", "function": {"name": "other"}}, "tools": [TOOL]}, ("tool_choice",)),
        ({"response_format": {"type": "xml"}}, ("response_format",)),
        ({"response_format": {"type": "json_schema"}}, ("response_format",)),
    ],
)
def test_what_cannot_be_done_is_refused_at_its_field(body: dict[str, Any], field: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        read(**body)
    assert field in [issue["loc"] for issue in caught.value.errors()]


def test_a_tool_may_be_forced_by_name() -> None:
    choice = {"type": "function", "function": {"name": "look"}}
    assert read(tools=[TOOL], tool_choice=choice).tool_choice == choice
