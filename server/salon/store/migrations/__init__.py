"""The steps that bring a database from any released version to this one, and the running of them.

A database that is up to date costs one look: alembic is imported only when there is something to do.
"""

import logging
from pathlib import Path

import structlog
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from salon.errors import SalonError

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""All steps, oldest first; a test holds them against the files in `versions`."""

HEAD = REVISIONS[-1]
VERSIONS = "salon_version"
"""The table that remembers the step: under a name of our own, since the database may be shared with an application."""

_LOCK = 0x5A10_4D16
"""The advisory lock that lets one process at a time migrate a PostgreSQL database."""

_log = structlog.get_logger(__name__)


async def stored(conn: AsyncConnection) -> str | None:
    """The step that the database is at; None for one without our tables."""
    if not await conn.run_sync(lambda sync: inspect(sync).has_table(VERSIONS)):
        return None
    found = await conn.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}")  # noqa: S608 - a constant
    return found.scalar_one_or_none()


async def upgrade(engine: AsyncEngine, to: str = HEAD) -> str | None:
    """Take all steps up to `to` that are missing, in one transaction; others that start meanwhile wait for it.

    Returns the step that the database was at.

    Raises SalonError: `unavailable` when the database was made by a newer Salon.
    """
    async with engine.connect() as conn:
        at = await stored(conn)
        if at == to:
            return at
        if at is not None and at not in REVISIONS:
            raise SalonError("unavailable", "the database of DATABASE_URL was made by a newer Salon: upgrade this one")
    async with engine.connect() as conn:
        if engine.dialect.name == "sqlite":
            # A step that rebuilds a table must not take the rows that refer to it along.
            guarded = (await conn.exec_driver_sql("PRAGMA foreign_keys")).scalar_one()
            await conn.exec_driver_sql("PRAGMA foreign_keys = OFF")
            await conn.exec_driver_sql("BEGIN IMMEDIATE")
            await conn.run_sync(_run, to)
            await conn.commit()
            await conn.exec_driver_sql(f"PRAGMA foreign_keys = {guarded}")
        else:
            await conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            await conn.run_sync(_run, to)
            await conn.commit()
    _log.info("database_migrated", step=to, before=at)
    return at


def _run(connection: Connection, to: str) -> None:
    from alembic import command  # noqa: PLC0415 - a quarter of a second that most starts need not spend
    from alembic.config import Config  # noqa: PLC0415

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    command.upgrade(config, to)
