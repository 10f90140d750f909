"""Scripted turns in the mock's place."""

import json
from pathlib import Path
from typing import Any

import pytest

from salon.models.errors import ErrorKind, InvalidModel, ModelError
from salon.models.mock import MockConfig
from salon.models.mock.scenario import Scenario, load_scenarios
from salon.models.retry import GuardedConfig
from tests.fakes.turn import Turn, calls


def scripted(*turns: dict[str, Any], strict: bool = False) -> Turn:
    """A conversation with a scripted mock."""
    return Turn(MockConfig(scenario=Scenario.of(turns, strict=strict)))


async def test_turns_are_played_in_order() -> None:
    turn = scripted(
        {"say": "Hello"},
        {"call": "get_weather", "args": {"city": "Paris"}},
        {"say": "You asked: {request} It is {result}."},
        {"handoff": "writer", "reason": "words are needed"},
    )
    assert (await turn.say("hi")).content == "Hello"
    response = await turn.say("weather?")
    assert calls(response) == [("get_weather", {"city": "Paris"})]
    assert (await turn.result(response.tool_calls.calls[0], "sunny")).content == "You asked: weather? It is sunny."
    assert calls(await turn.say("go on")) == [("transfer_to_writer", {"reason": "words are needed"})]


async def test_text_calls_and_thoughts_can_come_together() -> None:
    turn = scripted(
        {"reasoning": "hmm", "say": "Two at once", "calls": [{"name": "a"}, {"name": "b", "args": {"x": 1}}]}
    )
    response = await turn.say("hi")
    assert (turn.reasoning, turn.streamed) == ("hmm", "Two at once")
    assert calls(response) == [("a", {}), ("b", {"x": 1})]


async def test_a_used_up_script_gives_way_to_the_general_mock() -> None:
    turn = scripted({"say": "Hello"})
    await turn.say("hi")
    assert "sea" in str((await turn.say("Write a poem about the sea")).content)


async def test_a_used_up_strict_script_is_a_clear_error() -> None:
    turn = scripted({"say": "Hello"}, strict=True)
    await turn.say("hi")
    with pytest.raises(InvalidModel, match="used up after 1 turn"):
        await turn.say("more")


async def test_conversations_do_not_share_their_place_in_the_script() -> None:
    config = MockConfig(scenario=Scenario.of([{"say": "one"}, {"say": "two"}]))
    first, second = Turn(config), Turn(config)
    assert (await first.say("hi")).content == "one"
    assert (await second.say("hi")).content == "one"
    assert (await first.say("hi")).content == "two"


async def test_a_scripted_failure_happens_once_and_the_script_goes_on() -> None:
    turn = scripted({"fail": "rate_limited", "retry_after": 3}, {"say": "Better"})
    with pytest.raises(ModelError) as caught:
        await turn.say("hi")
    assert (caught.value.kind, caught.value.retry_after) == (ErrorKind.RATE_LIMITED, 3.0)
    assert (await turn.again()).content == "Better"


async def test_scripted_failures_are_retried_like_a_vendors() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    mock = MockConfig(scenario=Scenario.of([{"say": "a"}, {"fail": "unavailable"}, {"fail": "timeout"}, {"say": "b"}]))
    turn = Turn(GuardedConfig(mock, "mock", sleep=sleep, jitter=lambda: 1.0))
    assert [(await turn.say("x")).content, (await turn.say("y")).content] == ["a", "b"]
    assert waits == [0.5, 1.0]


async def test_a_rule_answers_whenever_its_words_come_up_and_uses_nothing_up() -> None:
    turn = scripted(
        {"say": "one"},
        {"when": "invoice", "call": "find_invoice", "then": [{"say": "Found {result}"}]},
        {"say": "two"},
    )
    for number in ("A-1", "A-2"):
        response = await turn.say("Where is my INVOICE?")
        assert calls(response) == [("find_invoice", {})]
        assert (await turn.result(response.tool_calls.calls[0], number)).content == f"Found {number}"
    assert [(await turn.say("hi")).content, (await turn.say("ho")).content] == ["one", "two"]


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_a_file_gives_the_same_scenario(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"script{suffix}"
    path.write_text(json.dumps([{"say": "Hello"}]))  # JSON is YAML too
    assert Scenario.load(path) == Scenario.of([{"say": "Hello"}])
    assert Scenario.load(str(path)) == Scenario.load(path)
    path.write_text(json.dumps({"host": [{"say": "Hello"}], "writer": [{"handoff": "host"}]}))
    assert load_scenarios(path).keys() == {"host", "writer"}


@pytest.mark.parametrize(
    ("turns", "problem"),
    [
        ("say hello", "list of turns"),
        ([42], "turn 1: expected an object"),
        ([{"say": "a"}, {"shout": "b"}], 'turn 2: unknown key "shout"'),
        ([{}], "turn 1: says, calls, hands off and fails nothing"),
        ([{"fail": "badly"}], "turn 1: fail"),
        ([{"call": "x", "args": [1]}], "turn 1: args"),
        ([{"say": "a", "then": [{"say": "b"}]}], "turn 1: then"),
        ([{"when": "(", "say": "a"}], "turn 1: when"),
        ([{"when": "a", "say": "a", "then": [{"no": 1}]}], "turn 1, then 1: unknown key"),
    ],
)
def test_a_mistake_in_a_script_is_named(turns: object, problem: str) -> None:
    with pytest.raises(InvalidModel, match=problem.replace("(", r"\(")):
        Scenario.of(turns)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    for name, text in (("a.json", "{"), ("b.yaml", "a: [")):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(InvalidModel, match=name):
            Scenario.load(path)
    (tmp_path / "c.json").write_text("[]")
    with pytest.raises(InvalidModel, match="agent names"):
        load_scenarios(tmp_path / "c.json")
