"""How much of a conversation an agent remembers: the newest, the beginning and the newest, or what fits. Pure.

All of them keep calls and their results together, keep the order, and keep the newest whatever its size: a strategy
that counts messages goes beyond its number only for one answer with more calls than that, and one that counts tokens
never goes beyond them; it cuts the newest message instead, in its middle.
"""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar, cast

from salon.memory.conversation import Unit, Weigh, kept
from salon.memory.messages import pieces_of, shorten, weigh

Message = TypeVar("Message", bound=Mapping[str, object])


class MemoryStrategy(ABC):
    """What is remembered of a conversation. Make one with `get_memory_strategy`; immutable."""

    __slots__ = ()

    @property
    def longest(self) -> int | None:
        """The most tokens that it keeps, if it counts them."""
        return None

    @abstractmethod
    def choose(self, units: Sequence[Unit], weigh: Weigh) -> set[Unit]:
        """Which of the units are kept, the newest always. They come oldest first, and there is at least one."""

    def select(self, messages: Sequence[Message]) -> list[Message]:
        """What it keeps of plain messages in OpenAI's shape, in their order.

        System messages at the beginning are kept beside the conversation. A tool message without its call is left out.
        """
        pieces = pieces_of(messages)
        return cast(list[Message], kept(self, pieces, weigh=weigh, shorten=shorten))


@dataclass(frozen=True, slots=True)
class LastN(MemoryStrategy):
    """The newest `n` messages; the newest request of a person is among them even when much was done since."""

    n: int = 20

    def __post_init__(self) -> None:
        """Raises ValueError for a number that is no number of messages."""
        _at_least("n", self.n, 1)

    def choose(self, units: Sequence[Unit], weigh: Weigh) -> set[Unit]:  # noqa: ARG002 - it counts no tokens
        """See the class."""
        return _newest(units, self.n, lambda unit: 0 if unit.kind == "instruction" else unit.size)


@dataclass(frozen=True, slots=True)
class FirstLast(MemoryStrategy):
    """The first `first` messages, which say what all is about, and the newest `last`."""

    first: int = 2
    last: int = 10

    def __post_init__(self) -> None:
        """Raises ValueError for a number that is no number of messages."""
        _at_least("first", self.first, 0)
        _at_least("last", self.last, 1)

    def choose(self, units: Sequence[Unit], weigh: Weigh) -> set[Unit]:
        """See the class."""
        talk = [unit for unit in units if unit.kind != "instruction"]
        begun: set[Unit] = set()
        room = self.first
        for unit in talk:
            room -= unit.size
            if room < 0 or unit.waiting:  # a call at the edge of what is known, its result beyond
                break
            begun.add(unit)
        rest = [unit for unit in units if unit not in begun]
        return begun | (LastN(self.last).choose(rest, weigh) if rest else set())


@dataclass(frozen=True, slots=True)
class TokenWindow(MemoryStrategy):
    """As many of the newest messages as fit into `max_tokens`, by the estimate of `memory.tokens`."""

    max_tokens: int = 100_000

    def __post_init__(self) -> None:
        """Raises ValueError for a number that is no number of tokens."""
        _at_least("max_tokens", self.max_tokens, 1)

    @property
    def longest(self) -> int:
        """Never more than these."""
        return self.max_tokens

    def choose(self, units: Sequence[Unit], weigh: Weigh) -> set[Unit]:
        """See the class."""
        return _newest(units, self.max_tokens, weigh)


def _newest(units: Sequence[Unit], most: int, cost: Callable[[Unit], int]) -> set[Unit]:
    """The newest unit; then instructions and the newest request, if they fit; then back to the first that does not."""
    chosen = {units[-1]}
    left = most - cost(units[-1])
    first = [unit for unit in units if unit.kind == "instruction"]
    first += [unit for unit in units if unit.kind == "request"][-1:]
    for unit in first:
        if unit not in chosen and (price := cost(unit)) <= max(0, left):
            chosen.add(unit)
            left -= price
    for unit in reversed(units):
        if unit in chosen:
            continue
        left -= cost(unit)
        if left < 0:
            break
        chosen.add(unit)
    return chosen


STRATEGIES: Mapping[str, type[MemoryStrategy]] = {
    "last_n": LastN,
    "first_last": FirstLast,
    "token_window": TokenWindow,
}
"""The strategies by name."""


def get_memory_strategy(name: str, **params: int) -> MemoryStrategy:
    """The strategy of that name: `last_n` (n), `first_last` (first, last) or `token_window` (max_tokens).

    Raises ValueError for an unknown name, parameter or value; it says which there are.
    """
    kind = STRATEGIES.get(name)
    if kind is None:
        raise ValueError(f"memory_strategy: there is no {name!r}. Choose one of {', '.join(STRATEGIES)}.")
    known = [each.name for each in fields(cast("type[LastN]", kind))]
    if unknown := sorted(set(params) - set(known)):
        raise ValueError(f"memory_params: {name} knows no {unknown[0]!r}. It takes {', '.join(known)}.")
    return kind(**params)


def strategy_of(strategy: str | MemoryStrategy | None, params: Mapping[str, int] | None) -> MemoryStrategy | None:
    """The strategy that somebody names or brings along, `last_n` for parameters alone; None when nobody asks for any.

    Raises TypeError for what is no strategy, ValueError for what `get_memory_strategy` refuses.
    """
    if strategy is None and params:
        strategy = "last_n"
    if isinstance(strategy, str):
        return get_memory_strategy(strategy, **(params or {}))
    if strategy is not None and not isinstance(cast(object, strategy), MemoryStrategy):
        raise TypeError(f"memory_strategy: expected one of {', '.join(STRATEGIES)}, or an object made of them.")
    if params:
        raise ValueError("memory_params: the strategy has its own already. Name it instead, or leave them out.")
    return strategy


def _at_least(name: str, number: int, least: int) -> None:
    if isinstance(number, bool) or not isinstance(cast(object, number), int) or number < least:
        raise ValueError(f"memory_params: {name} must be a whole number from {least} on, got {number!r}.")


EVERYTHING: MemoryStrategy = LastN(sys.maxsize)
"""All that there is: for conversations that somebody else keeps in bounds."""
