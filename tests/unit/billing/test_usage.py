"""What a run has used."""

import pytest

from salon.billing.usage import Usage
from salon.contracts.runs import Charge


def test_credits_and_tokens_add_up_and_each_reason_has_a_line() -> None:
    usage = Usage()
    usage.add_tokens(30, credits_per_token=5, reason="tokens of clerk")
    usage.add(1000, "get_time")
    usage.add(20, "Research query")
    usage.add(20, "Research query")
    usage.add_tokens(3)
    assert usage.report() == {
        "total_credits": 1190,
        "total_tokens": 33,
        "items": [
            {"credits": 150, "reason": "tokens of clerk"},
            {"credits": 1000, "reason": "get_time"},
            {"credits": 40, "reason": "Research query"},
        ],
    }


def test_what_another_run_used_is_put_on_the_bill() -> None:
    usage, other = Usage(), Usage()
    other.add_tokens(10, credits_per_token=2)
    other.add(7, "lookup")
    usage.add(1, "lookup")
    usage.include(other.total_tokens, other.charges)
    assert (usage.total_tokens, usage.total_credits) == (10, 28)
    assert [(charge.credits, charge.reason) for charge in usage.charges] == [(8, "lookup"), (20, "tokens")]
    assert Charge(20, "tokens", tokens=True) in usage.charges


@pytest.mark.parametrize("credits", [-1, 1.5, True, "3"])
def test_credits_are_whole_and_never_given_back(credits: int) -> None:
    with pytest.raises(ValueError, match="whole number from 0"):
        Usage().add(credits)
