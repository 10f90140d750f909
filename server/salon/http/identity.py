"""Who is asking: the user that a trusted proxy names, or whom an application's own dependency finds."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from salon.access.headers import TrustedHeaders
from salon.access.principal import principal_of
from salon.contracts.runs import Principal
from salon.settings import Settings

GetUser = Callable[..., object]
"""A FastAPI dependency that gives a user's id, a Principal, or None for somebody unknown."""


def settings_of(request: HTTPConnection) -> Settings:
    """The settings of the application that answers; in one that is not a Salon server they are read once."""
    state = request.app.state
    if hasattr(state, "runtime"):
        found: Settings = state.runtime.settings
        return found
    if not hasattr(state, "salon_settings"):
        state.salon_settings = Settings.load()
    read: Settings = state.salon_settings
    return read


def trusted(request: Request) -> Principal:
    """Whom the headers of USER_HEADER, SCOPES_HEADER and TENANT_HEADER tell; ANONYMOUS without.

    Raises RequestError for two of one kind: the proxy has then added one to what a client sent.
    """
    settings = settings_of(request)
    headers = TrustedHeaders(settings.user_header, settings.scopes_header, settings.tenant_header)
    return headers.principal(request.headers.getlist)


async def caller(request: Request) -> Principal:
    """The same, as a dependency."""
    return trusted(request)


Caller = Annotated[Principal, Depends(caller)]


def identified(get_user: GetUser | None) -> Callable[..., Awaitable[Principal]]:
    """The dependency that tells who is asking: `caller`, or one around an application's own `get_user`."""
    if get_user is None:
        return caller

    async def who(user: Annotated[object, Depends(get_user)]) -> Principal:
        if isinstance(user, Principal):
            return user
        return principal_of(str(user) if user is not None else None)

    return who
