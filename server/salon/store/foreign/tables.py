"""Tables of an application's own: rows put in and read, and nothing else. Every name is checked, every value bound."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar, cast

import structlog
from sqlalchemy import Column, ColumnElement, MetaData, Table, insert, inspect, select, text, type_coerce
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

from salon.contracts.types import Obj
from salon.errors import SalonError
from salon.store.engine.address import ephemeral, parse
from salon.store.engine.build import build
from salon.store.engine.outage import answering
from salon.store.foreign.names import of_table, plain, refused
from salon.store.foreign.values import LOOSE, bound, shown

MOST_COLUMNS = 100
MOST_TABLES = 100
MOST_ROWS = 1000
MOST_CHOICES = 100

T = TypeVar("T")

log = structlog.get_logger(__name__)


class ForeignTables:
    """A database's tables. Connects on first use; nothing of Salon's is made in it.

    Methods raise RequestError for names and values that cannot be used, and SalonError `unavailable` when the database
    does not answer, `timeout` when a statement takes too long.

    Args:
        url: as for Database.
        making: makes tables and columns that rows want and that there are not yet; every column holds texts and what
            JSON knows besides.
        seconds: what a statement may take.

    Raises ValueError for an address that cannot be used.
    """

    def __init__(self, url: str, *, making: bool = False, seconds: float = 10.0) -> None:
        address = parse(url)
        if (
            address.get_backend_name() == "sqlite"
            and not ephemeral(address)
            and not Path(address.database or "").exists()
        ):
            raise ValueError(f"DATABASE_URL names {address.database}, and there is no such file")
        self._engine = build(address, echo=False, foreign=True)
        self._making = making
        self._seconds = seconds

    async def insert(self, table: str, row: Mapping[str, object]) -> None:
        """Put in one row, its values by the names of columns."""
        name = of_table(table)
        columns = [plain("column", column) for column in row]
        if not 1 <= len(columns) <= MOST_COLUMNS:
            raise refused("row", f"give 1 to {MOST_COLUMNS} columns")

        def put(conn: Connection) -> None:
            if self._making:
                _make(conn, name, columns)
            found = _table(conn, name)
            conn.execute(insert(found).values({c.name: bound(c, row[c.name]) for c in _columns(found, columns)}))

        await self._within(put)

    async def select(
        self, table: str, where: Mapping[str, object] | None = None, *, limit: int = 100, order_by: str | None = None
    ) -> list[Obj]:
        """The rows whose columns have these values, `limit` of them at most.

        Args:
            where: values by column; null finds what has none, a list finds any of its values.
            order_by: a column, with a minus before it the other way round.
        """
        name = of_table(table)
        wanted = {plain("where", column): value for column, value in (where or {}).items()}
        order = plain("order_by", order_by.removeprefix("-")) if order_by else None
        if isinstance(limit, bool) or not isinstance(cast(object, limit), int) or not 1 <= limit <= MOST_ROWS:
            raise refused("limit", f"choose from 1 to {MOST_ROWS}")
        if len(wanted) > MOST_COLUMNS:
            raise refused("where", f"give {MOST_COLUMNS} columns at most")

        def read(conn: Connection) -> list[Obj]:
            found = _table(conn, name)
            query = select(*_as_stored(conn, found)).limit(limit)
            for column in _columns(found, wanted):
                value = wanted[column.name]
                if isinstance(value, list | tuple):
                    if len(value) > MOST_CHOICES:
                        raise refused("where", f"a list has {MOST_CHOICES} values at most")
                    query = query.where(column.in_([bound(column, each) for each in value]))
                else:
                    query = query.where(column.is_(None) if value is None else column == bound(column, value))
            if order is not None:
                (by,) = _columns(found, [order])
                query = query.order_by(by.desc() if str(order_by).startswith("-") else by)
            rows = conn.execute(query)
            return [{c.name: shown(value, c) for c, value in zip(found.columns, row, strict=True)} for row in rows]

        return await self._within(read)

    async def reach(self) -> bool:
        """Whether the database answers."""
        try:
            await self._within(inspect)
        except SalonError:
            return False
        return True

    async def close(self) -> None:
        """Let the connections go."""
        await self._engine.dispose()

    async def _within(self, work: Callable[[Connection], T]) -> T:
        try:
            async with answering(), asyncio.timeout(self._seconds), self._engine.begin() as conn:
                return await conn.run_sync(work)
        except SQLAlchemyError as problem:
            log.info("table.refused", problem=type(problem).__name__)
            raise refused("row", f"the database does not take it ({type(problem).__name__})") from None


def _table(conn: Connection, name: str) -> Table:
    if not inspect(conn).has_table(name) or (conn.dialect.name == "sqlite" and not _made(conn, name)):
        raise refused("table", f"there is no {name!r}")
    return Table(name, MetaData(), autoload_with=conn, resolve_fks=False)


def _made(conn: Connection, name: str) -> bool:
    """Whether somebody made a table or view; SQLite has others besides, such as `pragma_database_list`."""
    return bool(conn.scalar(text("SELECT 1 FROM sqlite_master WHERE lower(name) = :name"), {"name": name.lower()}))


def _as_stored(conn: Connection, table: Table) -> Sequence["ColumnElement[object]"]:
    """The columns; on SQLite, where any of them may hold anything, times and numbers are left as they are."""
    if conn.dialect.name != "sqlite":
        return list(table.columns)
    return [type_coerce(c, NullType()) if isinstance(c.type, LOOSE) else c for c in table.columns]


def _columns(table: Table, names: Sequence[str] | Mapping[str, object]) -> list["Column[object]"]:
    for name in names:
        if name not in table.columns:
            raise refused("column", f"{table.name} has no {name!r}; it has: {', '.join(table.columns.keys())[:300]}")
    return [table.columns[name] for name in names]


def _make(conn: Connection, name: str, columns: Sequence[str]) -> None:
    there = inspect(conn)
    quote = conn.dialect.identifier_preparer.quote
    if not there.has_table(name):
        if len(there.get_table_names()) >= MOST_TABLES:
            raise refused("table", f"there are {MOST_TABLES} tables already")
        # Without types: a column of SQLite then holds whatever is put into it.
        conn.exec_driver_sql(f"CREATE TABLE {quote(name)} ({', '.join(map(quote, columns))})")
        return
    known = {column["name"].lower() for column in there.get_columns(name)}
    new = [column for column in columns if column.lower() not in known]
    if len(known) + len(new) > MOST_COLUMNS:
        raise refused("row", f"a table has {MOST_COLUMNS} columns at most")
    for column in new:
        conn.exec_driver_sql(f"ALTER TABLE {quote(name)} ADD COLUMN {quote(column)}")
