"""`get_session`: a session of the database in which chats are kept, for the routes of any application."""

from collections.abc import AsyncIterator

from starlette.requests import HTTPConnection

from salon.http.sessions.place import Place
from salon.settings import Settings
from salon.store.database import Database
from salon.store.session import Session, session_of

_NO_REQUEST = HTTPConnection({"type": "http"})


async def get_session(request: HTTPConnection = _NO_REQUEST) -> AsyncIterator[Session]:
    """A FastAPI dependency: one session a request, closed after it; what was not committed is rolled back.

    It is one of the server's own database in a Salon server, else of the one that DATABASE_URL names.

    Raises SalonError `unavailable` when the database does not answer, SettingsError for settings that cannot be used.
    """
    async for session in session_of(_database(request)):
        yield session


def _database(request: HTTPConnection) -> Database:
    if "app" in request.scope:
        return Place.of(request).database()
    settings = Settings.load()
    return Database.of(settings.database_url, echo=settings.database_echo)
