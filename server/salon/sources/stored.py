"""Definitions in the database: agents that users and programs made while the server ran."""

from collections.abc import Mapping

import structlog

from salon.access.scopes import scopes_of
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
        rows = await self.store.named(plain, (place.tenant, None))
        if version:
            rows = [row for row in rows if version_of(row) == version]
        if not rows:
            return None
        row = max(rows, key=_before)
        return _definition(name, row, _data(row))

    async def names(self, place: Place) -> Mapping[str, frozenset[str]]:
        """See Source."""
        return {name: _scope(row) for name, row in (await self._rows(place)).items() if KNOWN_NAME.fullmatch(name)}

    async def definitions(self, place: Place) -> list[Definition]:
        """See Source."""
        rows = (await self._rows(place)).items()
        return [_definition(name, row, data) for name, row in rows if (data := readable(row)) is not None]

    async def _rows(self, place: Place) -> dict[str, Record]:
        """By name, of each the one that is asked."""
        found: dict[str, Record] = {}
        for row in await self.store.list(tenants=(place.tenant, None), limit=MOST):
            known = found.get(row["name"])
            if known is None or _before(row) > _before(known):
                found[row["name"]] = row
        return found


def version_of(row: Record) -> str:
    """Its version, "" without one."""
    return str(row.get("version", ""))


def readable(row: Record) -> AgentData | None:
    """What a record says of its agent; None for one that is none: programs store others, for purposes of their own."""
    if not KNOWN_NAME.fullmatch(row["name"]):
        return None
    try:
        return _data(row)
    except BadDefinition as problem:
        log.warning("agent.bad_definition", agent=row["name"], problem=str(problem))
        return None


def _scope(row: Record) -> frozenset[str]:
    """Who may see it; what is no list of scopes, so that nobody can have one, hides it."""
    scope = row.get("scope", [])
    return scopes_of(str(one) or "?" for one in (scope if isinstance(scope, list) else [scope]))


def _data(row: Record) -> AgentData:
    return data_of({key: value for key, value in row.items() if key not in _OF_THE_ROW}, "agent")


def _definition(name: str, row: Record, data: AgentData) -> Definition:
    return Definition(name, data, (row["id"], row["updated_at"]), row.get("tenant"))


def _before(row: Record) -> tuple[bool, float]:
    """What makes a row the one that is asked: a tenant's own go before everyone's, then the one changed last."""
    return row.get("tenant") is not None, row["updated_at"]
