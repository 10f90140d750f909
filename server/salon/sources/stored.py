"""Definitions in the database: agents that users and programs made while the server ran."""

from typing import Any

import structlog

from salon.sources.definition import AgentData, Definition
from salon.sources.making import data_of
from salon.sources.source import KNOWN_NAME, BadDefinition, Place
from salon.store.agents import AgentStore, Record
from salon.store.database import Conn

log = structlog.get_logger(__name__)

MOST = 1000
"""Agents in a list."""

_OF_THE_ROW = {"id", "name", "user_id", "created_at", "updated_at", "tenant"}


class StoredAgents:
    """The agents of an AgentStore. The newest of a name is the one that is asked; `name@version` asks for another.

    Args:
        conn: a URL, or an application's own engine, session or connection.
    """

    def __init__(self, conn: Conn) -> None:
        self.store = AgentStore(conn)

    async def find(self, name: str, place: Place) -> Definition | None:
        """See Source."""
        if not KNOWN_NAME.fullmatch(name):
            return None
        plain, _, version = name.partition("@")
        rows = [row for row in await self.store.named(plain) if _visible(row, place)]
        if version:
            rows = [row for row in rows if str(row.get("version", "")) == version]
        rows.sort(key=lambda row: row.get("tenant") is None)  # a tenant's own go before everyone's
        return _definition(name, rows[0]) if rows else None

    async def names(self, place: Place) -> list[str]:
        """See Source."""
        rows = await self.store.list(limit=MOST)
        return list(dict.fromkeys(row["name"] for row in rows if _visible(row, place) and _usable(row)))

    async def definitions(self, place: Place) -> list[Definition]:
        """See Source."""
        found: dict[str, Definition] = {}
        for row in await self.store.list(limit=MOST):
            if _visible(row, place) and _usable(row):
                try:
                    found[row["name"]] = _definition(row["name"], row)
                except BadDefinition as problem:
                    log.warning("agent.bad_definition", agent=row["name"], problem=str(problem))
        return list(found.values())


def stored_data(fields: dict[str, Any]) -> AgentData:
    """What a record says of its agent. Raises BadDefinition."""
    return data_of({key: value for key, value in fields.items() if key not in _OF_THE_ROW}, "agent")


def _definition(name: str, row: Record) -> Definition:
    return Definition(name, stored_data(row), (row["id"], row["updated_at"]), row.get("tenant"))


def _visible(row: Record, place: Place) -> bool:
    return row.get("tenant") in (None, place.tenant)


def _usable(row: Record) -> bool:
    """Whether its name can be asked for: programs store agents for purposes of their own too."""
    return KNOWN_NAME.fullmatch(row["name"]) is not None
