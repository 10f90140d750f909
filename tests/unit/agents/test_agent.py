"""Agents as developers write them."""

import inspect
import socket
from typing import Any

import pytest
from ag2 import tool as ag2_tool

from salon.agents.agent import Agent
from salon.agents.arguments import RESERVED_NAMES
from salon.agents.definition import AgentDefinition
from salon.agents.handoff import handoff
from salon.agents.tools.tool import tool
from salon.memory.strategies import FirstLast, LastN, MemoryStrategy, TokenWindow, get_memory_strategy


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@pytest.mark.requirement("S0-02")
def test_the_constructor_has_the_documented_defaults() -> None:
    parameters = inspect.signature(Agent).parameters
    assert parameters["credits_per_token"].default == 10
    assert parameters["model"].default == "gpt-4o-mini"
    assert list(parameters["tools"].default) == list(parameters["intents"].default) == []


def test_nothing_is_shared_between_agents() -> None:
    tools, intents = [add], ["adding"]
    agent = Agent("adder", "You add.", tools=tools, intents=intents)
    tools.clear()
    intents.append("subtracting")
    assert [t.name for t in agent.tools] == ["add"]
    assert agent.intents == ("adding",)
    assert Agent("other", "You help.").tools == ()


def test_constructing_an_agent_needs_no_event_loop_and_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an agent opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    Agent("helper", "You help.", model="openai/gpt-4o", api_key="sk-real-looking", tools=[add])


@pytest.mark.requirement("S0-03")
@pytest.mark.parametrize("name", ["", "a b/c", "a  b", " a", "-a", "ä", "a" * 65, "a.b", "a/b", "../etc", None])
def test_a_name_that_is_not_safe_in_a_url_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"name: .* is not URL-safe. Use 1 to 64 letters"):
        Agent(name, "You help.")


@pytest.mark.requirement("S0-03")
@pytest.mark.parametrize("name", [*sorted(name for name in RESERVED_NAMES if "." not in name), "Docs"])
def test_a_name_that_belongs_to_the_server_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"name: '{name}' is a path of the server itself"):
        Agent(name, "You help.")


@pytest.mark.requirement("S3-02")
def test_a_name_in_words_is_addressed_in_one() -> None:
    agent = Agent(name="DND Assistant", instructions="You help.", model="gpt-4o-mini", handoffs=["World Builder"])
    assert (agent.name, agent.title) == ("DND-Assistant", "DND Assistant")
    assert agent.handoffs[0].target == "World-Builder"


@pytest.mark.parametrize("name", ["a", "A-1_b", "9lives", "a" * 64])
def test_ordinary_names_are_taken(name: str) -> None:
    assert Agent(name, "You help.").name == name


@pytest.mark.requirement("S0-04")
def test_an_agent_without_instructions_is_refused() -> None:
    with pytest.raises(TypeError, match="exactly one of instructions, role and definition; got none"):
        Agent("helper")
    with pytest.raises(TypeError, match="got role and definition"):
        Agent("helper", role="You help.", definition=AgentDefinition("You help."))
    with pytest.raises(ValueError, match="instructions: say who the agent is"):
        Agent("helper", "  ")


@pytest.mark.requirement("S2-07")
def test_an_agent_takes_a_definition_a_provider_and_a_model() -> None:
    definition = AgentDefinition("You help hosts.", goal="Keep them calm.")
    agent = Agent("helper", definition=definition, provider="openai", api_key="sk-...", model="gpt-4o")
    assert agent.system_prompt == definition.prompt
    assert (agent.provider, agent.model) == ("openai", "gpt-4o")


def test_instructions_are_the_prompt_word_for_word_and_their_first_sentence_the_description() -> None:
    agent = Agent("helper", "You help people with v1.2 of things. Be kind.\n\n- always")
    assert agent.system_prompt == "You help people with v1.2 of things. Be kind.\n\n- always"
    assert agent.description == "You help people with v1.2 of things."
    assert Agent("helper", role="You help", description="Helps.").description == "Helps."
    assert len(Agent("helper", "word " * 200).description) <= 200


def test_a_provider_without_a_model_answers_with_its_own_default() -> None:
    assert Agent("a", role="You help.", provider="anthropic").model == "claude-sonnet-5"
    assert Agent("a", role="You help.", provider="openai").model == "gpt-4o-mini"
    with pytest.raises(ValueError, match="model: 'groq' has no default model here"):
        Agent("a", role="You help.", provider="groq")


def test_tools_may_be_functions_methods_and_ag2_tools() -> None:
    def plain(x: int) -> int:
        return x

    @ag2_tool
    def foreign(x: int) -> int:
        return x

    agent = Agent("helper", "You help.", tools=[add, plain, foreign])
    assert [t.name for t in agent.tools] == ["add", "plain", "foreign"]


def test_hand_offs_may_be_agents_names_and_conditions() -> None:
    other = Agent("other", "You help otherwise.")
    agent = Agent("helper", "You help.", handoffs=[other, "third", handoff("fourth", when="it rains")])
    assert [to.target for to in agent.handoffs] == ["other", "third", "fourth"]


def test_arguments_that_cannot_be_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="tools: two tools are named 'add'"):
        Agent("helper", "You help.", tools=[add, add])
    with pytest.raises(TypeError, match="tools: expected a list"):
        Agent("helper", "You help.", tools=add)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="intents: expected a list"):
        Agent("helper", "You help.", intents="help")
    with pytest.raises(ValueError, match="credits_per_token: expected a whole number"):
        Agent("helper", "You help.", credits_per_token=-1)
    with pytest.raises(ValueError, match="model: empty"):
        Agent("helper", "You help.", model=" ")


def test_an_agents_key_is_not_in_its_representation() -> None:
    assert "secret" not in repr(Agent("helper", "You help.", api_key="sk-secret"))


@pytest.mark.parametrize(
    ("argument", "value", "remedy"),
    [
        ("handoffs", "billing", r"handoffs=\[…\]"),
        ("handoffs", Agent("billing", "You settle invoices."), r"handoffs=\[…\]"),
        ("scenario", [{"say": "Hello"}], r"Scenario\.of"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_named_with_a_remedy(argument: str, value: object, remedy: str) -> None:
    with pytest.raises(TypeError, match=f"^{argument}: .*{remedy}"):
        Agent("clerk", "You help.", **{argument: value})  # type: ignore[arg-type]  # what users get wrong


def test_a_definition_that_is_none_is_refused_with_a_remedy() -> None:
    with pytest.raises(TypeError, match=r"^definition: .*AgentDefinition\(role=…\)"):
        Agent("clerk", definition={"role": "You help."})  # type: ignore[arg-type]  # what users get wrong


@pytest.mark.requirement("S2-23", "S2-24", "S2-25")
def test_how_much_an_agent_remembers_is_named_with_its_numbers_or_brought_along() -> None:
    def strategy(**fields: Any) -> MemoryStrategy | None:
        return Agent("helper", "You help.", **fields).memory_strategy

    assert strategy(memory_strategy="last_n", memory_params={"n": 5}) == LastN(5) == strategy(memory_params={"n": 5})
    assert strategy(memory_strategy="first_last", memory_params={"first": 2, "last": 10}) == FirstLast(2, 10)
    assert strategy(memory_strategy="token_window", memory_params={"max_tokens": 100_000}) == TokenWindow(100_000)
    assert strategy(memory_strategy=get_memory_strategy("last_n", n=20)) == LastN(20)
    assert strategy() is None, "the place where it answers decides: last_n with 20 in rooms"


@pytest.mark.parametrize(
    ("fields", "error", "told"),
    [
        ({"memory_strategy": "lastn"}, ValueError, "memory_strategy: there is no 'lastn'"),
        ({"memory_params": {"k": 3}}, ValueError, "memory_params: last_n knows no 'k'"),
        (
            {"memory_strategy": LastN(3), "memory_params": {"n": 3}},
            ValueError,
            "memory_params: the strategy has its own",
        ),
        ({"memory_strategy": 20}, TypeError, "memory_strategy: expected one of last_n, first_last, token_window"),
    ],
)
def test_a_memory_that_cannot_be_used_is_refused_when_the_agent_is_made(
    fields: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        Agent("helper", "You help.", **fields)
