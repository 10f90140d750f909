"""Hand-offs as they are written and as a model reads them."""

import pytest

from salon.agents.agent import Agent
from salon.agents.handoff import handoff

ANALYST = Agent("analyst", "You read numbers. You draw charts.", intents=["revenue charts", "comparing quarters"])


def test_a_model_reads_what_the_target_does_and_when_to_choose_it() -> None:
    spec = handoff(ANALYST, when="numbers are asked for.")
    assert spec.tool_name == "transfer_to_analyst"
    assert spec.tool_description == (
        "Hand the conversation to analyst: You read numbers. Use for: revenue charts; comparing quarters. "
        "Use when numbers are asked for."
    )


def test_a_target_named_before_it_exists_is_described_later() -> None:
    bare = handoff("analyst", when="numbers are asked for")
    assert bare.tool_description == "Hand the conversation to analyst. Use when numbers are asked for."
    assert bare.described_by(ANALYST) == handoff(ANALYST, when="numbers are asked for")


def test_own_words_for_a_hand_off_win_over_the_targets() -> None:
    spec = handoff("analyst", "the numbers people").described_by(ANALYST)
    assert spec.tool_description.startswith("Hand the conversation to analyst: the numbers people. Use for: revenue")


def test_the_tools_name_stays_within_what_vendors_accept() -> None:
    one, two = handoff("a" * 63 + "b"), handoff("a" * 63 + "c")
    assert len(one.tool_name) == len(two.tool_name) == 64
    assert one.tool_name != two.tool_name


def test_a_hand_off_to_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="target: name the agent"):
        handoff("")
