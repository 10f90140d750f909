"""Knows which errors of the drivers mean that the database does not answer, and says so without telling why."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from salon.errors import SalonError
from salon.ids import new_id

_log = structlog.get_logger(__name__)

_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
_POSTGRESQL = {
    "08",  # the connection
    "25006",  # read only: a replica was asked
    "28",  # who we say we are
    "3D",  # there is no such database
    "40",  # a deadlock or a conflict: the transaction may be tried again
    "53",  # no resources: memory, disk, connections
    "55P03",  # a lock could not be had
    "57",  # an operator stops it
    "58",  # its disk fails
    "XX",  # it is broken
}


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """Raises SalonError `unavailable` in place of an error that means that the database does not answer."""
    try:
        yield
    except Exception as error:
        if not silent(error):
            raise
        _log.warning("database_silent", error=new_id("err"), reason=_reason(error))
        raise SalonError("unavailable", "the store does not answer now; try again", retry_after=1) from None


def silent(error: Exception) -> bool:
    """Whether the database did not answer; else it did, and the error is a defect of the statement."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = _cause(error)
    if isinstance(cause, PoolTimeout | OSError):  # also TimeoutError
        return True
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return (code & 0xFF) in _SQLITE
    state = getattr(cause, "sqlstate", None) or ""
    return bool(state) and (state in _POSTGRESQL or state[:2] in _POSTGRESQL)


def _reason(error: Exception) -> str:
    """What an operator needs, as in InvalidPasswordError or SQLITE_FULL, without the text, which may hold content."""
    cause = _cause(error)
    named = getattr(cause, "sqlite_errorname", None)
    return str(named) if named else type(cause.__cause__ or cause).__name__


def _cause(error: Exception) -> BaseException:
    """The driver's own error."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
