"""The least that a database can be asked for: the same bytes as rows of one table, by its driver alone."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import asyncpg  # type: ignore[import-untyped]

from bench.store.databases import Place
from salon.store.engine.build import PRAGMAS, WRITE_AHEAD

BARE = "bare INSERT"

_TABLE = "CREATE TABLE bare (seq {key}, data {bytes} NOT NULL)"


class Bare(Protocol):
    """A table of two columns."""

    async def insert(self, rows: Sequence[bytes]) -> None:
        """All of them in one transaction."""

    async def close(self) -> None:
        """Let the connection go."""


async def bare(place: Place) -> Bare:
    """The table, in the database of `place` (SQLite: in a file beside it)."""
    if place.url.startswith("sqlite"):
        return _Sqlite(Path(place.url.removeprefix("sqlite:///")).with_name("bare.db"))
    connection = await asyncpg.connect(place.url.replace("+asyncpg", ""))
    await connection.execute(_TABLE.format(key="bigserial PRIMARY KEY", bytes="bytea"))
    return _Postgresql(connection)


class _Sqlite:
    """In a thread, as a server has to use it."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        for pragma in (*PRAGMAS, WRITE_AHEAD):
            self._connection.execute(pragma)
        self._connection.execute(_TABLE.format(key="INTEGER PRIMARY KEY", bytes="BLOB"))

    async def insert(self, rows: Sequence[bytes]) -> None:
        await asyncio.to_thread(self._insert, rows)

    async def close(self) -> None:
        self._connection.close()

    def _insert(self, rows: Sequence[bytes]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO bare (data) VALUES (?)", [(row,) for row in rows])
        self._connection.execute("COMMIT")


class _Postgresql:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def insert(self, rows: Sequence[bytes]) -> None:
        await self._connection.executemany("INSERT INTO bare (data) VALUES ($1)", [(row,) for row in rows])

    async def close(self) -> None:
        await self._connection.close()
