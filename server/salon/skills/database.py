"""Rows in tables of an application's own, as a skill: put in and read, and nothing else."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from salon.agents.around.surroundings import around
from salon.agents.skill import Skill
from salon.agents.tools.tool import tool
from salon.contracts.types import Json, Obj
from salon.errors import Detail, RequestError, SalonError
from salon.skills.memory.places import is_placeholder
from salon.store.foreign.names import of_table
from salon.store.foreign.tables import ForeignTables

if TYPE_CHECKING:
    from salon.agents.agent import Agent

log = structlog.get_logger(__name__)

SIMULATED = "embedded: this agent runs on its mock, and its database is not there; rows are kept in memory"

_SETTINGS = ("connection_string", "tables", "read_only")


class DatabaseSkill(Skill):
    """Puts rows into tables and reads them.

        database = DatabaseSkill("postgresql://reader@localhost/research")
        await database.db_insert("findings", {"topic": "tea", "text": "…"})
        rows = await database.db_query("findings", where={"topic": "tea"})

    Names of tables and columns must be plain and there; values are bound, never part of a statement. Tables whose names
    begin with `salon_`, `pg_` or `sqlite_` are closed. Models get `db_insert` and `db_query` as tools for the tables
    that `tables` lists, and for no others; without it the skill is for the application's own tools.

    For an agent that a mock answers for, a database that is not there is replaced by an embedded one, which makes the
    tables that rows want; results say so.

    Settings: one address, or
        connection_string: `postgresql://USER:PASSWORD@HOST/NAME` or `sqlite:///FILE`.
        tables: the tables that may be used; all by default, but none by models.
        read_only: rows are read only.

    Raises ValueError for a setting that cannot be used.
    """

    name = "database"

    def __init__(self, config: str | Mapping[str, object] | None = None) -> None:
        super().__init__({"connection_string": config} if isinstance(config, str) else config)
        if unknown := sorted(set(self.config) - set(_SETTINGS)):
            raise ValueError(f"{unknown[0]}: no setting of DatabaseSkill. There are: {', '.join(_SETTINGS)}.")
        address = self.config.get("connection_string") or ""
        if not isinstance(address, str):
            raise ValueError("connection_string: expected an address such as 'postgresql://HOST/NAME'.")
        self._address = address.strip()
        self._allowed = _tables(self.config.get("tables"))
        self._tables: ForeignTables | None = None
        self._embedded = False
        self._finding = asyncio.Lock()

    def members(self) -> Iterator[object]:
        """Its tools, as far as models may have them."""
        if self._allowed:
            yield self.db_query
            if not self.config.get("read_only"):
                yield self.db_insert

    async def initialize(self, agent: "Agent") -> None:
        """Nothing is connected yet; a copy of a skill has connections of its own."""
        await super().initialize(agent)
        self._tables, self._finding = None, asyncio.Lock()

    async def cleanup(self) -> None:
        """Let the connections go."""
        if self._tables is not None:
            tables, self._tables = self._tables, None
            await tables.close()

    @tool
    async def db_insert(self, table: str, data: Obj) -> Obj:
        """Puts one row into a table.

        Args:
            table: its name.
            data: the row's values by the names of columns.
        """
        if self.config.get("read_only"):
            raise SalonError("forbidden", "this database is for reading only")
        tables = await self._open(table)
        await tables.insert(table, data)
        return self._told({"table": table, "inserted": 1})

    @tool
    async def db_query(
        self, table: str, where: Obj | None = None, limit: int = 100, order_by: str | None = None
    ) -> Obj:
        """Reads rows of a table.

        Args:
            table: its name.
            where: values that columns must have; null for none, a list for any of its values.
            limit: how many rows to give, at most 1000.
            order_by: a column to sort by, with a minus before it from the largest.
        """
        tables = await self._open(table)
        try:
            rows: list[Json] = list(await tables.select(table, where, limit=limit, order_by=order_by))
        except RequestError as problem:
            if not self._embedded or "there is no" not in problem.message:
                raise
            rows = []  # nothing was put there yet
        return self._told({"table": table, "rows": rows})

    def _told(self, result: Obj) -> Obj:
        return {**result, "database": SIMULATED} if self._embedded else result

    async def _open(self, table: str) -> ForeignTables:
        """The database, once it is clear that the table may be used. Raises SalonError."""
        if self._allowed is not None and of_table(table) not in self._allowed:
            there = ", ".join(sorted(self._allowed))
            raise _refused("table", f"{table[:64]!r} may not be used; there are: {there}")
        async with self._finding:
            if self._tables is None:
                self._tables = await self._found()
            return self._tables

    async def _found(self) -> ForeignTables:
        mocked = around(self._owner).mocked(self._owner)
        problem = _incomplete(self._address)
        if problem is None:
            try:
                found = ForeignTables(self._address)
            except ValueError as error:
                problem = str(error).replace("DATABASE_URL", "connection_string")
            else:
                if not mocked or await found.reach():
                    return found
                await found.close()
        if not mocked:
            raise SalonError("unavailable", problem or "the database does not answer")
        log.warning("database.embedded", agent=self.agent.name)
        self._embedded = True
        return ForeignTables("sqlite:///:memory:", making=True)


def _incomplete(address: str) -> str | None:
    """What is missing in an address that nobody has filled in."""
    if not address or is_placeholder(address):
        return "connection_string: name the database, as in postgresql://HOST/NAME"
    parts = urlsplit(address)
    if parts.scheme.startswith("postgres") and not parts.path.strip("/"):
        return "connection_string: it names no database; write postgresql://HOST/NAME"
    return None


def _tables(given: object) -> frozenset[str] | None:
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, list | tuple | set | frozenset):
        raise ValueError('tables: expected a list of names, such as ["findings"].')
    try:
        return frozenset(map(of_table, given))
    except RequestError as problem:
        raise ValueError(f"tables: {problem.message}") from None


def _refused(field: str, problem: str) -> RequestError:
    return RequestError(f"{field}: {problem}", [Detail(f"/{field}", "invalid_value", problem)])
