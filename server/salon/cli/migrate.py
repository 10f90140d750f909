"""`salon migrate`: brings the tables of DATABASE_URL up to date, before the servers that use them start."""

import asyncio

from rich.console import Console

from salon import journal
from salon.cli.application import CannotStart
from salon.errors import SalonError
from salon.settings import Settings
from salon.store.database import Database
from salon.store.migrations import HEAD


def migrate(console: Console, settings: Settings) -> None:
    """Take the steps that are missing, and say which step it was and is; raises CannotStart."""
    journal.configure(settings.log_level, settings.log_format)
    try:
        before = asyncio.run(_migrate(Database(settings.database_url, echo=settings.database_echo)))
    except ValueError as problem:
        raise CannotStart(str(problem)) from None
    except SalonError as problem:
        raise CannotStart(f"DATABASE_URL: {problem.message}; the reason is in the log above") from None
    known = "the database was empty" if before is None else f"the tables were at step {before}"
    console.print(f"nothing to do: step {HEAD}" if before == HEAD else f"{known}; now at step {HEAD}", highlight=False)


async def _migrate(database: Database) -> str | None:
    try:
        return await database.upgrade()
    finally:
        await database.close()
