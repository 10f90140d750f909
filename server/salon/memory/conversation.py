"""A conversation as memory sees it: pieces, grouped into units that only make sense together. Pure.

Rooms make pieces of their events (`chat.history`), programs of plain messages in OpenAI's shape (`messages`).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

Item = TypeVar("Item")
Kind = Literal["instruction", "request", "talk"]


class Piece(NamedTuple, Generic[Item]):
    """One thing that was said or done.

    Args:
        item: the thing itself.
        kind: an instruction that goes before everything, something a person asked, or anything else.
        opens: ids of the calls it makes.
        closes: id of the call whose result it is.
        caller: who makes the calls. Calls of one caller that overlap in time are of one answer.
    """

    item: Item
    kind: Kind = "talk"
    opens: tuple[str, ...] = ()
    closes: str | None = None
    caller: str = ""


class Unit:
    """Pieces that stay together or go together: one message, or calls with all their results.

    `at` are their places in the conversation, ascending; `waiting` the calls that have no result yet.
    """

    __slots__ = ("at", "kind", "waiting")  # there is one for each message of a room, in each turn

    def __init__(self, place: int, kind: Kind, waiting: Iterable[str] = ()) -> None:
        self.at = [place]
        self.kind = kind
        self.waiting = frozenset(waiting)

    @property
    def size(self) -> int:
        """How many pieces it has."""
        return len(self.at)


Weigh = Callable[[Unit], int]
"""How many tokens a unit has; asked only where a strategy counts tokens."""


class Choice(Protocol):
    """Decides what is kept. `longest`: the most tokens that all of it may have together, if that is bounded."""

    @property
    def longest(self) -> int | None:
        """In tokens."""

    def choose(self, units: Sequence[Unit], weigh: Weigh) -> set[Unit]:
        """Some of the units, the newest always among them. They come oldest first, in order of their last piece."""


def grouped(pieces: Sequence[Piece[Item]]) -> list[Unit]:
    """The units of a conversation. A result whose call is not there belongs to none: no vendor would take it."""
    units: list[Unit] = []
    open_calls: dict[str, Unit] = {}
    busy: dict[str, Unit] = {}
    in_order = True
    for place, piece in enumerate(pieces):
        if piece.closes is not None:
            unit = open_calls.pop(piece.closes, None)
            if unit is None:
                continue
            unit.at.append(place)
            unit.waiting -= {piece.closes}
        elif piece.opens:
            unit = busy.get(piece.caller)
            if unit is None or not unit.waiting:
                unit = busy[piece.caller] = Unit(place, "talk", piece.opens)
                units.append(unit)
            else:
                unit.at.append(place)
                unit.waiting |= frozenset(piece.opens)
            open_calls.update(dict.fromkeys(piece.opens, unit))
        else:
            units.append(Unit(place, piece.kind))
            continue
        in_order = in_order and unit is units[-1]
    return units if in_order else sorted(units, key=lambda unit: unit.at[-1])


def kept(
    choice: Choice,
    pieces: Sequence[Piece[Item]],
    *,
    weigh: Callable[[Item], int],
    shorten: Callable[[Item, int], Item],
) -> list[Item]:
    """What a strategy keeps of a conversation, in its order.

    Args:
        weigh: the tokens of an item.
        shorten: an item cut to about so many tokens; as it is when it cannot be cut.
    """

    def weight(unit: Unit) -> int:
        return sum(weigh(pieces[place].item) for place in unit.at)

    units = grouped(pieces)
    if not units:
        return []
    chosen = choice.choose(units, weight)
    places = sorted(place for unit in chosen for place in unit.at)
    items = [pieces[place].item for place in places]
    longest = choice.longest
    if longest is None or chosen != {units[-1]} or weight(units[-1]) <= longest:
        return items
    return _squeezed(items, longest, weigh, shorten)


def _squeezed(
    items: list[Item], longest: int, weigh: Callable[[Item], int], shorten: Callable[[Item, int], Item]
) -> list[Item]:
    """The newest unit alone is too long: its longest items are cut first. Nothing is left if that is not enough."""
    for place in sorted(range(len(items)), key=lambda each: -weigh(items[each])):
        over = sum(map(weigh, items)) - longest
        if over <= 0:
            break
        share = max(longest // len(items), weigh(items[place]) - over)
        items[place] = shorten(items[place], share)
    return items if sum(map(weigh, items)) <= longest else []
