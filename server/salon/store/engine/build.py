"""Makes the engine of an address: its driver, its pool and, on SQLite, how each connection behaves."""

import weakref
from collections.abc import Callable
from functools import cache, partial
from sqlite3 import SQLITE_BUSY, OperationalError
from threading import Thread
from typing import cast

import aiosqlite
import structlog
from sqlalchemy import URL, Engine, ExceptionContext, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from salon.store.engine.address import ephemeral

_log = structlog.get_logger(__name__)

CONNECTS_WITHIN = 5
"""Seconds that PostgreSQL has to accept a connection."""

PRAGMAS = (
    "PRAGMA busy_timeout = 10000",  # first: what follows may already have to wait for another process, in ms
    "PRAGMA synchronous = NORMAL",  # with WAL a power cut may lose the last commits, and never corrupts
    "PRAGMA foreign_keys = ON",
)

WRITE_AHEAD = "PRAGMA journal_mode = WAL"

SWITCHES = 5
"""How often the change to WAL is tried while others that start at the same moment make it, too."""


def build(url: URL, *, echo: bool, foreign: bool = False) -> AsyncEngine:
    """An engine that connects on first use. Raises ValueError when the driver is not installed.

    Args:
        echo: log the statements.
        foreign: the database is somebody else's, whose file keeps the journal that it has.
    """
    engine = (
        _sqlite(url, prepare_foreign if foreign else prepare)
        if url.get_backend_name() == "sqlite"
        else _postgresql(url)
    )
    if echo:
        event.listen(engine.sync_engine, "before_cursor_execute", log_statement)
    return engine


def _postgresql(url: URL) -> AsyncEngine:
    try:
        return create_async_engine(
            url,
            hide_parameters=True,  # what people wrote stays out of exceptions, and so out of the log
            pool_pre_ping=True,  # a connection that a restart of the database broke is replaced, not handed out
            connect_args={"timeout": CONNECTS_WITHIN, "server_settings": {"application_name": "salon"}},
        )
    except ModuleNotFoundError:
        raise ValueError(
            "DATABASE_URL names PostgreSQL, whose driver is an extra: pip install 'salon[postgres]'"
        ) from None


def _sqlite(url: URL, ready: Callable[[DBAPIConnection, object], None]) -> AsyncEngine:
    if not ephemeral(url):
        engine = create_async_engine(url, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _stop_once)
    else:
        # A database in memory is its connection: there may be one, and it may never be replaced by a new one.
        engine = create_async_engine(
            url, hide_parameters=True, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0
        )
        event.listen(engine.sync_engine, "handle_error", _keep_connection)
        event.listen(engine.sync_engine, "connect", partial(_end_with, weakref.ref(engine.sync_engine)))
    event.listen(engine.sync_engine, "connect", ready)
    return engine


def _stop_once(connection: DBAPIConnection, _record: object) -> None:
    """A task that is cancelled twice closes its connection twice, and the second time aiosqlite 0.22 would wait for an
    answer of the thread that the first has ended: for ever, also when the event loop ends."""
    driver = cast(aiosqlite.Connection, connection.driver_connection)
    driver.stop = cache(driver.stop)  # type: ignore[method-assign]


def _end_with(engine: "weakref.ref[Engine]", connection: DBAPIConnection, _record: object) -> None:
    """A database in memory that nobody has any more is let go like other memory: nobody needs to close it."""
    stop = cast(aiosqlite.Connection, connection.driver_connection).stop
    # In a thread: where there is an event loop, `stop` would want to tell it.
    weakref.finalize(engine(), lambda: Thread(target=stop).start()).atexit = False


def prepare(connection: DBAPIConnection, record: object) -> None:
    """How each connection to SQLite behaves: readers never wait."""
    prepare_foreign(connection, record)
    cursor = connection.cursor()
    for left in reversed(range(SWITCHES)):
        try:
            cursor.execute(WRITE_AHEAD)  # of all statements this one does not itself wait while a file is busy
        except OperationalError as error:
            if error.sqlite_errorcode != SQLITE_BUSY or not left:
                raise
            cursor.execute("BEGIN IMMEDIATE")  # this one does
            cursor.execute("ROLLBACK")
        else:
            break
    cursor.close()


def prepare_foreign(connection: DBAPIConnection, _record: object) -> None:
    """The same, without what would stay behind in the file."""
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _keep_connection(context: ExceptionContext) -> None:
    """A task cancelled in a statement would cost its connection; here what comes next waits for that statement."""
    context.is_disconnect = False


def log_statement(_conn: object, _cursor: object, statement: str, *_: object) -> None:
    """Without its parameters: they are what people wrote."""
    _log.info("sql", statement=statement)
