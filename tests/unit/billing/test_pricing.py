"""Prices on functions."""

import pytest

from salon.agents.tools.tool import function_tool, tool_spec
from salon.billing.pricing import FREE, Price, price_of, pricing


@pytest.mark.requirement("S0-10")
def test_price_and_tool_may_stand_in_either_order() -> None:
    @function_tool
    @pricing(credits_per_call=1000)
    def get_time() -> str:
        """Get the current time."""
        return "noon"

    @pricing(credits_per_call=1000)
    @function_tool
    def get_date() -> str:
        """Get the current date."""
        return "today"

    for function, described in ((get_time, "Get the current time."), (get_date, "Get the current date.")):
        spec = tool_spec(function)
        assert (spec.name, spec.description) == (function.__name__, described)
        assert price_of(spec.function) == Price(credits_per_call=1000)
    assert get_time() == "noon"


def test_a_method_has_the_price_of_its_function_and_others_are_free() -> None:
    class Desk:
        @pricing(credits_per_token=12)
        def ask(self) -> str:
            return ""

    assert price_of(Desk().ask) == Price(0, 12)
    assert price_of(len) is FREE


@pytest.mark.parametrize("price", [{"credits_per_call": -1}, {"credits_per_token": 0.5}, {"credits_per_call": True}])
def test_a_price_that_is_none_is_refused_by_name(price: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(price))):
        pricing(**price)
