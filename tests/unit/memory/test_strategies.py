"""What agents remember of plain messages: never a call without its result, the newest always, never too much."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.memory.messages import weigh
from salon.memory.strategies import FirstLast, LastN, MemoryStrategy, TokenWindow, get_memory_strategy
from salon.memory.tokens import CUT

JSON = dict[str, Any]


def user(text: str) -> JSON:
    return {"role": "user", "content": text}


def said(text: str) -> JSON:
    return {"role": "assistant", "content": text}


def calling(*ids: str) -> JSON:
    calls = [{"id": each, "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}} for each in ids]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def result(call: str, text: str = "2") -> JSON:
    return {"role": "tool", "tool_call_id": call, "content": text}


@st.composite
def conversations(draw: st.DrawFn) -> list[JSON]:
    """What programs send: instructions, then people, answers, and calls whose results follow in any order."""
    messages: list[JSON] = [{"role": "system", "content": "Be kind."}] * draw(st.integers(0, 1))
    for number in range(draw(st.integers(1, 12))):
        match draw(st.sampled_from(["user", "assistant", "calls"])):
            case "user":
                messages.append(user(draw(st.text("ab ", max_size=400))))
            case "assistant":
                messages.append(said(draw(st.text("cd ", max_size=400))))
            case _:
                ids = [f"call_{number}_{each}" for each in range(draw(st.integers(1, 4)))]
                messages.append(calling(*ids))
                messages.extend(result(each, draw(st.text("ef ", max_size=80))) for each in draw(st.permutations(ids)))
    return [{**message, "place": place} for place, message in enumerate(messages)]


STRATEGIES = st.one_of(
    st.builds(LastN, st.integers(1, 12)),
    st.builds(FirstLast, st.integers(0, 6), st.integers(1, 8)),
    st.builds(TokenWindow, st.integers(1, 600)),
)


def talk(messages: list[JSON]) -> list[JSON]:
    return [message for message in messages if message["role"] != "system"]


def newest_unit(messages: list[JSON]) -> int:
    """How many messages belong to the newest: itself, or a call with its results."""
    size = 1
    while messages[-size]["role"] == "tool":
        size += 1
    return size


@pytest.mark.requirement("S2-23", "S2-24", "S2-25")
@given(conversations(), STRATEGIES)
def test_no_call_is_split_from_its_result_and_the_order_stays(messages: list[JSON], strategy: MemoryStrategy) -> None:
    kept = strategy.select(messages)
    made = [call["id"] for message in kept for call in message.get("tool_calls", ())]
    assert sorted(made) == sorted(message["tool_call_id"] for message in kept if message["role"] == "tool")
    places = [message["place"] for message in kept]
    assert places == sorted(set(places)), "in order, and nothing twice"


@pytest.mark.requirement("S2-23", "S2-24", "S2-25")
@given(conversations(), STRATEGIES)
def test_the_newest_is_always_kept(messages: list[JSON], strategy: MemoryStrategy) -> None:
    kept = strategy.select(messages)
    if kept:
        assert kept[-1]["place"] == messages[-1]["place"]
    else:
        assert isinstance(strategy, TokenWindow)
        assert sum(map(weigh, messages[-newest_unit(messages) :])) > strategy.max_tokens


@pytest.mark.requirement("S2-23")
@given(conversations(), st.integers(1, 12))
def test_last_n_keeps_as_many_as_it_says_and_no_more(messages: list[JSON], n: int) -> None:
    kept = talk(LastN(n).select(messages))
    assert len(kept) <= max(n, newest_unit(messages))
    if len(talk(messages)) <= n:
        assert kept == talk(messages)


@pytest.mark.requirement("S2-24")
@given(conversations(), st.integers(0, 6), st.integers(1, 8))
def test_first_last_keeps_the_beginning_and_the_end_without_doubles(
    messages: list[JSON], first: int, last: int
) -> None:
    kept = FirstLast(first, last).select(messages)
    assert len({message["place"] for message in kept}) == len(kept)
    assert len(talk(kept)) <= first + max(last, newest_unit(messages))
    if len(talk(messages)) <= last:
        assert kept == messages


@pytest.mark.requirement("S2-25")
@given(conversations(), st.integers(1, 600))
def test_a_token_window_is_never_exceeded(messages: list[JSON], most: int) -> None:
    kept = TokenWindow(most).select(messages)
    assert sum(map(weigh, kept)) <= most
    if sum(map(weigh, messages)) <= most:
        assert kept == messages


@pytest.mark.requirement("S2-25")
def test_a_message_too_long_by_itself_is_cut_in_its_middle() -> None:
    messages = [said("before"), user("Please read this. " + "blah " * 5_000 + "What do you say?")]
    (kept,) = TokenWindow(300).select(messages)
    assert kept["content"].startswith("Please read this.")
    assert CUT in kept["content"]
    assert kept["content"].endswith("What do you say?")
    assert 250 < weigh(kept) <= 300
    assert len(messages[1]["content"]) > 20_000, "the caller's own message is left alone"


def test_results_too_long_give_way_and_their_calls_stay() -> None:
    messages = [user("go"), calling("c1", "c2"), result("c1", "x y " * 4_000), result("c2", "short")]
    kept = TokenWindow(400).select(messages)
    assert [message["role"] for message in kept] == ["assistant", "tool", "tool"]
    assert kept[2] == messages[3]
    assert 300 < sum(map(weigh, kept)) <= 400


def test_a_window_without_room_for_even_the_newest_call_is_empty() -> None:
    assert TokenWindow(10).select([user("go"), calling("c1", "c2"), result("c1"), result("c2")]) == []


def test_text_parts_are_cut_and_attachments_stay() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    message: Mapping[str, Any] = {"role": "user", "content": [{"type": "text", "text": "a b " * 4_000}, picture]}
    (kept,) = TokenWindow(2_000).select([message])
    assert kept["content"][1] == picture
    assert CUT in kept["content"][0]["text"]


@pytest.mark.requirement("S2-23")
def test_what_a_person_asked_is_remembered_however_much_was_done_since() -> None:
    work = [message for number in range(20) for message in (calling(f"c{number}"), result(f"c{number}"))]
    kept = LastN(7).select([said("hello"), user("Add up all of this"), *work])
    assert kept[0] == user("Add up all of this")
    assert len(kept) == 7


def test_instructions_are_kept_beside_the_window_and_count_as_tokens() -> None:
    rules = {"role": "system", "content": "Answer in French."}
    messages = [rules, *(said(f"number {number}") for number in range(30))]
    assert LastN(3).select(messages) == [rules, *messages[-3:]]
    assert FirstLast(1, 2).select(messages) == [rules, messages[1], *messages[-2:]]
    assert rules in TokenWindow(40).select(messages)


def test_a_result_without_its_call_is_left_out() -> None:
    assert LastN(5).select([result("gone"), user("hi")]) == [user("hi")]


def test_calls_that_wait_for_their_results_are_kept() -> None:
    messages = [user("add"), calling("c1", "c2"), result("c2")]
    assert LastN(3).select(messages) == messages
    assert LastN(1).select(messages) == messages[1:], "a call with its results is not split, also when it is more"


def test_nothing_is_remembered_of_nothing() -> None:
    assert [get_memory_strategy(name).select([]) for name in ("last_n", "first_last", "token_window")] == [[], [], []]


@pytest.mark.requirement("S2-23", "S2-24", "S2-25")
def test_strategies_are_found_by_name_with_their_defaults() -> None:
    assert get_memory_strategy("last_n") == LastN(20) == get_memory_strategy("last_n", n=20)
    assert get_memory_strategy("first_last") == FirstLast(2, 10) == get_memory_strategy("first_last", first=2, last=10)
    assert get_memory_strategy("token_window") == TokenWindow(100_000)


@pytest.mark.parametrize(
    ("name", "params", "told"),
    [
        ("last", {}, "there is no 'last'. Choose one of last_n, first_last, token_window."),
        ("last_n", {"count": 3}, "last_n knows no 'count'. It takes n."),
        ("last_n", {"n": 0}, "n must be a whole number from 1 on, got 0."),
        ("last_n", {"n": True}, "n must be a whole number from 1 on, got True."),
        ("first_last", {"first": -1}, "first must be a whole number from 0 on, got -1."),
        ("first_last", {"last": "2"}, "last must be a whole number from 1 on, got '2'."),
        ("token_window", {"max_tokens": 2.5}, "max_tokens must be a whole number from 1 on, got 2.5."),
    ],
)
def test_what_cannot_be_used_is_named_with_the_remedy(name: str, params: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told.replace(".", r"\.")):
        get_memory_strategy(name, **params)
