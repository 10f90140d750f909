"""SQLite without a hop per statement: a whole transaction is one visit to a thread, at a tenth of the cost."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection, create_engine, event

from salon.store.engine.build import log_statement, prepare

T = TypeVar("T")


class Direct:
    """A second, blocking way into a database file; `url` is that of the asynchronous engine."""

    def __init__(self, url: URL, *, echo: bool = False) -> None:
        # The connection that was used last has the most in its cache.
        self._engine = create_engine(url.set(drivername="sqlite"), hide_parameters=True, pool_use_lifo=True)
        event.listen(self._engine, "connect", prepare)
        if echo:
            event.listen(self._engine, "before_cursor_execute", log_statement)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` reads, in a thread."""
        return await asyncio.to_thread(self._read, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """One transaction in a thread. It goes on to its end when the caller is cancelled."""
        return await asyncio.to_thread(self._write, work)

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return work(connection)
