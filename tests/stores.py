"""Databases for tests: each of the three kinds, fresh, and migrated on first use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from salon.store.database import Database

KINDS = ["sqlite", "memory", "postgresql"]


@pytest.fixture
def sqlite_database_url(tmp_path: Path) -> str:
    """DATABASE_URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'salon.db'}"


@pytest.fixture
def postgres_database_url(postgres_url: str) -> Iterator[str]:
    """DATABASE_URL of an empty PostgreSQL database, dropped after the test."""
    name = f"test_{uuid4().hex}"
    asyncio.run(_administer(postgres_url, f"CREATE DATABASE {name}"))
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    asyncio.run(_administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """DATABASE_URL of an empty database of each kind."""
    if request.param == "memory":
        return "sqlite:///:memory:"
    url: str = request.getfixturevalue("sqlite_database_url" if request.param == "sqlite" else "postgres_database_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database of each kind, empty: SQLite in a file, SQLite in memory, PostgreSQL."""
    database = Database(database_url)
    yield database
    await database.close()


async def _administer(url: str, statement: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as conn:
        await conn.exec_driver_sql(statement)
    await engine.dispose()
