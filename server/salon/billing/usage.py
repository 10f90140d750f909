"""What one run has used so far: tokens, and credits with the reason for each."""

from typing import TypedDict, cast

from salon.contracts.runs import Charge


class Item(TypedDict):
    """One line of the bill."""

    credits: int
    reason: str


class Report(TypedDict):
    """The bill as programs read it."""

    total_credits: int
    total_tokens: int
    items: list[Item]


class Usage:
    """A run's bill. It only grows."""

    def __init__(self) -> None:
        self.total_tokens = 0
        self.output_tokens = 0
        self.total_credits = 0
        self._charges: dict[str, int] = {}
        self._of_tokens: set[str] = set()

    @property
    def charges(self) -> tuple[Charge, ...]:
        """The credits by reason, in the order in which each reason came up first."""
        return tuple(Charge(credits, why, why in self._of_tokens) for why, credits in self._charges.items())

    def add(self, credits: int, reason: str = "") -> None:
        """Add credits. Raises ValueError for anything but a whole number from 0 on."""
        if isinstance(credits, bool) or not isinstance(cast(object, credits), int) or credits < 0:
            raise ValueError(f"credits: expected a whole number from 0 on, got {credits!r}.")
        self.total_credits += credits
        self._charges[reason] = self._charges.get(reason, 0) + credits

    def add_tokens(self, tokens: int, *, credits_per_token: int = 0, reason: str = "tokens", output: int = 0) -> None:
        """Add tokens of a model, `output` of them written by it, at the price of the agent that used them."""
        self.total_tokens += tokens
        self.output_tokens += output
        if tokens and credits_per_token:
            self.add(tokens * credits_per_token, reason)
            self._of_tokens.add(reason)

    def include(self, tokens: int, charges: tuple[Charge, ...], *, output: int = 0) -> None:
        """Add what another run used on behalf of this one."""
        self.total_tokens += tokens
        self.output_tokens += output
        for charge in charges:
            self.add(charge.credits, charge.reason)
            if charge.tokens:
                self._of_tokens.add(charge.reason)

    def report(self) -> Report:
        """The bill so far."""
        return Report(
            total_credits=self.total_credits,
            total_tokens=self.total_tokens,
            items=[Item(credits=credits, reason=reason) for reason, credits in self._charges.items()],
        )
