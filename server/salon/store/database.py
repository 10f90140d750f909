"""The database: one engine, SQLite's or PostgreSQL's, migrated on first use, and the two ways into it.

It may not know what is stored. Repositories take a `Database`; each of their public methods is one boundary.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import ClassVar, Literal, TypeAlias, TypeVar
from weakref import WeakValueDictionary

from sqlalchemy import URL, Connection, StaticPool
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from salon.errors import SalonError
from salon.store import migrations
from salon.store.engine.address import FORMS, ephemeral, parse, shown
from salon.store.engine.build import build
from salon.store.engine.direct import Direct
from salon.store.engine.outage import answering

CLOSES_WITHIN = 2.0
"""Seconds that connections get to end in good order."""

ANSWERS_WITHIN = 60.0
"""Seconds that one boundary may take before the database counts as not answering."""

_OPTION = "salon_database"

_TRIVIAL = {"sqlite": "PRAGMA schema_version", "postgresql": "SELECT 1"}  # SQLite answers SELECT 1 without its file

T = TypeVar("T")


class Database:
    """One engine; safe to construct without a loop, connects on first use.

    Args:
        url: postgresql://, postgresql+asyncpg://, sqlite:///path, sqlite+aiosqlite:///path or sqlite:///:memory:.
        echo: log each SQL statement, without its parameters.

    Raises ValueError: it names DATABASE_URL and what to do, never the password.
    """

    _at: ClassVar[WeakValueDictionary[URL, "Database"]] = WeakValueDictionary()
    _named: ClassVar[set["Database"]] = set()

    def __init__(self, url: str, *, echo: bool = False) -> None:
        address = parse(url)
        self._start(build(address, echo=echo), owned=True, echo=echo)
        if not ephemeral(address):
            self._at.setdefault(address, self)

    @classmethod
    def of(cls, conn: "Conn", *, echo: bool = False) -> "Database":
        """The database behind `conn`: always the same one for the same engine, or for the same address until it is
        closed, so that all of a process write through one. `echo` counts for an address that is not in use yet.

        An engine that others made is used as it is and left open by `close`.

        Raises ValueError: a session that is bound to nothing, or an engine of another kind of database.
        """
        if isinstance(conn, Database):
            return conn
        if isinstance(conn, str):
            known = cls._at.get(parse(conn))
            if known is None:
                known = cls._at[parse(conn)] = cls(conn, echo=echo)
                cls._named.add(known)
            return known
        engine = _engine_of(conn)
        carried = engine.sync_engine.get_execution_options().get(_OPTION)
        if isinstance(carried, Database):
            return carried
        made = cls.__new__(cls)
        made._start(engine, owned=False)
        return made

    def _start(self, engine: AsyncEngine, *, owned: bool, echo: bool = False) -> None:
        if engine.dialect.name not in ("sqlite", "postgresql") or not engine.dialect.is_async:
            raise ValueError(f"Salon cannot use a database of {engine.dialect.name}. It is one of: {FORMS}.")
        self.engine = engine
        self.kind: Literal["sqlite", "postgresql"] = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"
        self._owned = owned
        self._opened = False
        self._opening = asyncio.Lock()
        self._probe: asyncio.Task[bool] | None = None
        # SQLite has one writer: waiting in line here is fair, and costs no thread and no polling as its own lock does.
        self._writer: AbstractAsyncContextManager[None] = asyncio.Lock() if self.kind == "sqlite" else nullcontext()
        # One connection for all: a reader that gives it back would roll back what a writer has begun.
        self._reader = self._writer if isinstance(engine.pool, StaticPool) else nullcontext()
        on_disk = self.kind == "sqlite" and not ephemeral(engine.url)
        self._direct = Direct(engine.url, echo=echo) if on_disk else None
        self._committing = engine.execution_options(isolation_level="AUTOCOMMIT")
        # The engine carries its database, so both live equally long.
        engine.sync_engine.update_execution_options(**{_OPTION: self})

    @property
    def place(self) -> str:
        """Where it is, in words for people; no password is in them."""
        return shown(self.engine.url)

    async def open(self) -> None:
        """Connect, and bring the tables up to date, once; `reading` and `writing` do so on first use.

        Raises SalonError: `unavailable` when the database does not answer, or belongs to a newer Salon.
        """
        async with self._opening:
            if not self._opened:
                await self.upgrade()
                self._opened = True

    async def upgrade(self) -> str | None:
        """Bring the tables up to date; returns the step that they were at, None where there were none.

        Raises SalonError as `open` does.
        """
        async with answering():
            return await migrations.upgrade(self.engine)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with. Raises SalonError `unavailable` when the database does not answer.

        Boundaries are not nested: SQLite in memory has one connection.
        """
        async with self._boundary(self._reader), self.engine.connect() as conn:
            yield conn

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end, rolled back on an error.

        Raises SalonError `unavailable` when the database does not answer; nothing is then stored.
        """
        async with self._boundary(self._writer), self.engine.begin() as conn:
            if self.kind == "sqlite":
                # A transaction that only becomes a writing one later fails at once when another wrote meanwhile.
                await conn.exec_driver_sql("BEGIN IMMEDIATE")
            yield conn

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` reads, all of it in one go; for what is read often. Raises as `reading` does."""
        async with self._boundary(self._reader):
            if self._direct is not None:
                return await self._direct.read(work)
            async with self.engine.connect() as conn:
                return await conn.run_sync(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """One transaction that `work` fills, all of it in one go; for what is written often. Raises as `writing`."""
        if self._direct is None:
            async with self.writing() as conn:
                return await conn.run_sync(work)
        async with self._boundary(self._writer):
            return await self._direct.write(work)

    async def change(self, work: Callable[[Connection], T]) -> T:
        """As `write`, for `work` that is a single statement: PostgreSQL needs no BEGIN and COMMIT around it."""
        if self.kind == "sqlite":
            return await self.write(work)
        async with self._boundary(self._writer), self._committing.connect() as conn:
            return await conn.run_sync(work)

    async def answers(self, within: float) -> bool:
        """Whether a trivial query is answered within so many seconds. However many ask, one is under way at a time."""
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._ask(), name="database probe")
        probe = self._probe
        await asyncio.wait([probe], timeout=within)
        return probe.done() and not probe.cancelled() and probe.result()

    async def close(self) -> None:
        """Let the connections go. The next use connects again, and what was in memory only is gone."""
        self._named.discard(self)
        for url in [url for url, database in self._at.items() if database is self]:
            del self._at[url]
        if self._probe is not None and self._probe.cancel():
            await asyncio.wait([self._probe], timeout=CLOSES_WITHIN)
        if self._direct is not None:
            self._direct.close()
        if self._owned:
            try:
                async with asyncio.timeout(CLOSES_WITHIN):
                    await self.engine.dispose()
            except TimeoutError:  # it does not even answer a goodbye
                await self.engine.dispose(close=False)
        self._opened = False

    async def _ask(self) -> bool:
        try:
            await self.read(lambda connection: connection.exec_driver_sql(_TRIVIAL[self.kind]).scalar())
        except SalonError:
            return False
        return True

    @asynccontextmanager
    async def _boundary(self, turn: AbstractAsyncContextManager[None]) -> AsyncIterator[None]:
        if not self._opened:
            await self.open()
        async with answering(), asyncio.timeout(ANSWERS_WITHIN), turn:
            yield


Conn: TypeAlias = Database | AsyncEngine | AsyncSession | AsyncConnection | str
"""What stands for a database: also a user's own engine, session or connection."""


def _engine_of(conn: AsyncEngine | AsyncSession | AsyncConnection) -> AsyncEngine:
    if isinstance(conn, AsyncEngine):
        return conn
    if isinstance(conn, AsyncConnection):
        return conn.engine
    if conn.bind is None:
        raise ValueError("this session is bound to no engine: make it with AsyncSession(engine)")
    return _engine_of(conn.bind)
