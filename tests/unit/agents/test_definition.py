"""An agent's character in parts."""

import pytest

from salon.agents.definition import AgentDefinition

WHOLE = AgentDefinition(
    role="You are a property management assistant for vacation rental hosts.",
    goal="Help hosts run their vacation rentals efficiently.",
    constraints=["Only answer questions about properties in the system", "Be concise but friendly"],
    personality={"tone": "friendly", "style": "practical"},
    examples=[{"user": "What's the checkout time?", "assistant": "The checkout time is 11 AM."}],
    context="The host owns three flats in Porto.",
    tool_instructions="Search the documents before you answer a factual question.",
)

GOLDEN = """\
## Role
You are a property management assistant for vacation rental hosts.

## Goal
Help hosts run their vacation rentals efficiently.

## Context
The host owns three flats in Porto.

## Personality
- tone: friendly
- style: practical

## Constraints
- Only answer questions about properties in the system
- Be concise but friendly

## Tool Usage
Search the documents before you answer a factual question.

## Examples
User: What's the checkout time?
Assistant: The checkout time is 11 AM."""


@pytest.mark.requirement("S2-06")
def test_the_prompt_holds_every_part_in_one_order_and_the_same_words() -> None:
    assert WHOLE.prompt == GOLDEN
    assert AgentDefinition.from_dict(WHOLE.to_dict()).prompt == GOLDEN


def test_parts_that_are_not_given_leave_no_heading() -> None:
    assert AgentDefinition("You help.", constraints=["Be brief"]).prompt == (
        "## Role\nYou help.\n\n## Constraints\n- Be brief"
    )
    assert AgentDefinition("  You help. ").prompt == "You help."


@pytest.mark.requirement("S2-05")
def test_a_definition_survives_the_round_trip_as_a_dict() -> None:
    assert AgentDefinition.from_dict(WHOLE.to_dict()) == WHOLE
    assert AgentDefinition("You help.").to_dict() == {"role": "You help."}


def test_two_definitions_made_from_one_list_do_not_change_together() -> None:
    rules = ["Be brief"]
    definition = AgentDefinition("You help.", constraints=rules)
    rules.append("Be loud")
    assert definition.constraints == ["Be brief"]
    assert AgentDefinition("a").constraints is not AgentDefinition("b").constraints


def test_what_cannot_be_a_definition_is_refused_by_field() -> None:
    with pytest.raises(ValueError, match="role: an agent needs a role"):
        AgentDefinition("  ")
    with pytest.raises(ValueError, match="role: an agent needs a role"):
        AgentDefinition.from_dict({"goal": "x"})
    with pytest.raises(ValueError, match=r"constraints: expected a list"):
        AgentDefinition("You help.", constraints="Be brief")
    with pytest.raises(ValueError, match=r"examples\[1\]: expected exactly the keys 'user' and 'assistant'"):
        AgentDefinition("You help.", examples=[{"user": "a", "assistant": "b"}, {"user": "c"}])
    with pytest.raises(ValueError, match="mood: no part of a definition"):
        AgentDefinition.from_dict({"role": "You help.", "mood": "good"})
