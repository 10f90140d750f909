"""A session of the database that DATABASE_URL names, for applications that inject one into their routes."""

from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession

from salon.settings import Settings
from salon.store.database import Database


async def get_session() -> AsyncIterator[AsyncSession]:
    """A FastAPI dependency: one session a request, closed after it; what was not committed is rolled back.

    Raises SalonError `unavailable` when the database does not answer, SettingsError for settings that cannot be used.
    """
    settings = Settings.load()
    database = Database.of(settings.database_url, echo=settings.database_echo)
    await database.open()
    async with AsyncSession(database.engine, expire_on_commit=False) as session:
        yield session
