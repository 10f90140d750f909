"""The port of a request that an application answers by itself: who asks and what is used, but no room."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field

from salon.agents.context.outside import Outside
from salon.billing.usage import Usage
from salon.contracts.runs import Principal


@dataclass
class RequestPort(Outside):
    """A TurnPort without a turn, for what happens between a request's arrival and its answer."""

    principal: Principal
    values: MutableMapping[str, object] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    agent: str = ""
    asked_by: tuple[str, ...] = ()
