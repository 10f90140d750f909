"""Sessions of a database, for applications that inject one into their routes."""

from collections.abc import AsyncIterator
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from salon.store.database import Database

Session: TypeAlias = AsyncSession
"""SQLAlchemy's."""


async def session_of(database: Database) -> AsyncIterator[Session]:
    """One session, closed at the end; what was not committed is rolled back.

    Raises SalonError `unavailable` when the database does not answer.
    """
    await database.open()
    async with AsyncSession(database.engine, expire_on_commit=False) as session:
        yield session
