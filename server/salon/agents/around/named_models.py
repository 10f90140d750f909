"""Which skill a model named as a text is. The port only: the skills are known far above."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salon.agents.skill import ModelSkill, ModelSpec

_makers: "list[Callable[[ModelSpec], ModelSkill]]" = []


def provide(maker: "Callable[[ModelSpec], ModelSkill]") -> None:
    """Say who makes them; the front door does, once."""
    _makers[:] = [maker]


def skill_of(spec: "ModelSpec") -> "ModelSkill | None":
    """The skill; None when nobody makes any."""
    return _makers[0](spec) if _makers else None
