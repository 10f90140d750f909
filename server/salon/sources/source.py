"""Where definitions of agents come from: the port."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from salon.sources.definition import Definition

KNOWN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}(@[A-Za-z0-9._-]{1,64})?")
"""A name that an agent may be asked for by: its own, and behind `@` a version."""


class BadDefinition(ValueError):
    """A definition that no agent can be made of; the text says where it is, what is wrong, and the remedy."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and for whom an agent is looked for.

    Args:
        environment: the deployment, such as `production`.
        tenant: the customer; None for callers that belong to none.
    """

    environment: str = "development"
    tenant: str | None = None


class Source(Protocol):
    """Finds definitions. It gives nobody what belongs to another tenant or environment."""

    async def find(self, name: str, place: Place) -> Definition | None:
        """The definition of that name as it is now; None when there is none. `name` may have a version: `writer@2`.

        Raises BadDefinition, or SalonError (`unavailable`) when it cannot be read now.
        """

    async def names(self, place: Place) -> Mapping[str, frozenset[str]]:
        """All names, each with the scopes of which one is needed to see it; none for everyone's."""

    async def definitions(self, place: Place) -> list[Definition]:
        """All definitions that can be read; those that cannot are in the log."""
