"""The agents that wait for each other's answers: what may not be, and how one server tells it to the next.

In the header there are names, and never secrets. Each has a mark of the process that it waits in: there it is known
again, and a circle that goes through another server is seen; elsewhere it only counts.
"""

import re
from collections.abc import Iterable, Sequence
from uuid import uuid4

from salon.errors import SalonError

HEADER = "X-Salon-Asking"

HERE = uuid4().hex[:12]
"""This process."""

DEEPEST = 8
"""How many agents may wait for each other's answers in a row."""

MOST = 32
"""So many are read of a header; more than wait anywhere."""

_ONE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,63})@([A-Za-z0-9]{1,32})")


def written(agents: Iterable[str]) -> str:
    """The header's value. Agents of another process have their mark already."""
    return ", ".join(agent if "@" in agent else f"{agent}@{HERE}" for agent in agents)


def read(values: Sequence[str]) -> tuple[str, ...]:
    """The agents in the values of the header, outermost first; what is none is left out."""
    found = (_ONE.fullmatch(text.strip()) for text in ",".join(values)[: MOST * 100].split(","))
    waiting = [match[1] if match[2] == HERE else match[0] for match in found if match is not None]
    return tuple(waiting[:MOST])


def refuse_circles(asking: Sequence[str], agent: str) -> None:
    """Raises SalonError (`conflict`, `limit_exceeded`) when `agent` may not be asked on behalf of those."""
    if agent in asking:
        way = " → ".join([*asking, agent])
        raise SalonError("conflict", f"agents ask each other in a circle: {way}; one of them has to answer by itself")
    if len(asking) >= DEEPEST:
        raise SalonError("limit_exceeded", f"agents ask each other more than {DEEPEST} deep: {' → '.join(asking)}")
