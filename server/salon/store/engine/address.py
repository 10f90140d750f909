"""Reads DATABASE_URL: which forms it may have, and in words what is wrong with one that cannot work."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

FORMS = "postgresql://USER:PASSWORD@HOST:PORT/NAME, sqlite:///PATH/TO/FILE.db or sqlite:///:memory:"

_DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}
_PARAMETERS = {"sslmode": "ssl", "ssl": "ssl", "prepared_statement_cache_size": "prepared_statement_cache_size"}
"""What may stand behind the `?` of a PostgreSQL address, and what its driver calls it."""


def parse(given: str) -> URL:
    """The address in the form that SQLAlchemy's asynchronous drivers take.

    Raises ValueError: it names DATABASE_URL and a remedy, and never repeats the address, which holds a password.
    """
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise ValueError(f"DATABASE_URL is not the address of a database. It is one of: {FORMS}.") from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise ValueError(f"DATABASE_URL starts with {url.drivername}://, which is not known. It is one of: {FORMS}.")
    url = url.set(drivername=driver)
    return _postgresql(url) if driver == "postgresql+asyncpg" else _sqlite(url)


def ephemeral(url: URL) -> bool:
    """Whether the database is SQLite's and lives as long as its connection."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def shown(url: URL) -> str:
    """The address as people may see it, without who may enter."""
    if ephemeral(url):
        return "memory, until the server stops"
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return f"PostgreSQL, {url.host}/{url.database}"


def _postgresql(url: URL) -> URL:
    if unknown := sorted(set(url.query) - set(_PARAMETERS)):
        known = ", ".join(_PARAMETERS)
        raise ValueError(f"DATABASE_URL has the parameter {unknown[0]}, which is not known: leave it out ({known}).")
    return url.set(query={_PARAMETERS[name]: value for name, value in url.query.items()})


def _sqlite(url: URL) -> URL:
    if ephemeral(url):
        return url.set(database=":memory:")
    path = Path(url.database or "").absolute()
    folder = path.parent
    if not folder.is_dir():
        raise ValueError(f"DATABASE_URL names a file in {folder}, which is not a folder. Make it, or name another.")
    if path.is_dir():
        raise ValueError(f"DATABASE_URL names {path}, which is a folder: name a file in it, as in {path}/salon.db.")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise ValueError(f"DATABASE_URL names {path}, which this user may not write: allow it, or name another file.")
    return url.set(database=str(path))
