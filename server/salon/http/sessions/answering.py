"""Errors of the session routers: the same in every application, whatever handlers that has."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from salon.errors import SalonError
from salon.http.errors import Responses, error_response, unreadable
from salon.http.sessions.bodies import Refusal
from salon.runtime.sessions.exchange import RunFailed

REFUSALS: Responses = {status: {"model": Refusal} for status in (403, 404, 409, 422, 502, 503)}

_PASSING = {"rate_limited", "timeout", "unavailable", "cancelled"}


class SessionRoute(APIRoute):
    """Answers what is refused with `success: false` and the reason."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, errors answered. What the application's own dependencies raise stays theirs to answer."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return refused(unreadable(error.errors(), skip=1))
            except SalonError as error:
                return refused(error)

        return answer


def refused(error: SalonError) -> Response:
    """An error as these routers tell it."""
    return error_response(error, status=status_of(error), shape=Refusal)


def status_of(error: SalonError) -> int:
    """422 for a request that cannot be used; 503 or 502 for an agent that could not answer, now or at all."""
    if isinstance(error, RunFailed):
        return 503 if error.code in _PASSING else 502
    return 422 if error.code == "bad_request" else error.spec.status
