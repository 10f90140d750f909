"""Prices, noted on the functions that cost something. Who charges them is somebody else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

F = TypeVar("F", bound=Callable[..., object])

_MARK = "__salon_price__"


@dataclass(frozen=True, slots=True)
class Price:
    """What a function costs.

    Args:
        credits_per_call: credits for each call that succeeds.
        credits_per_token: credits for each token used while a custom agent's function answers; None leaves the price
            of tokens to the agents.
    """

    credits_per_call: int = 0
    credits_per_token: int | None = None


FREE = Price()


def pricing(*, credits_per_call: int = 0, credits_per_token: int | None = None) -> Callable[[F], F]:
    """Notes a price on a function and returns it unchanged: over or under `@tool`, both work.

    Raises ValueError for prices that are no whole numbers from 0 on.
    """
    for name, credits in (("credits_per_call", credits_per_call), ("credits_per_token", credits_per_token)):
        whole = isinstance(cast(object, credits), int) and not isinstance(credits, bool)
        if credits is not None and not (whole and credits >= 0):
            raise ValueError(f"{name}: expected a whole number from 0 on, got {credits!r}.")

    def note(function: F) -> F:
        setattr(function, _MARK, Price(credits_per_call, credits_per_token))
        return function

    return note


def price_of(function: object) -> Price:
    """What a function costs; FREE when nobody said."""
    price = getattr(function, _MARK, FREE)
    return price if isinstance(price, Price) else FREE
