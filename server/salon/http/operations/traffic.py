"""What holds for every HTTP exchange: an id, a limit on the body, and an answer even to a defect. Plain ASGI."""

import re
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salon.errors import SalonError
from salon.http.errors import error_response
from salon.ids import new_id

log = structlog.get_logger(__name__)

REQUEST_ID = "x-request-id"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

Count = Callable[[str, str, int], None]
"""Told of every answer: the method, the route's path, the status."""


class Traffic:
    """Gives every exchange an id (the client's own when it is a sane one), bounds bodies, and counts answers.

    Args:
        max_body_bytes: the largest body; the framework's own limit would answer in plain text.
        count: told of every answer.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, count: Count) -> None:
        self._app = app
        self._limit = max_body_bytes
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = headers.get(REQUEST_ID, "")
        request_id = asked if _SANE_ID.fullmatch(asked) else new_id("req")
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._limit:
                raise self._too_large()
            return message

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
                route = getattr(scope.get("route"), "path", "none")
                self._count(scope["method"], route, message["status"])
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            length = headers.get("content-length", "")
            if length.isdecimal() and int(length) > self._limit:
                await error_response(SalonError("too_large", self._too_large().detail))(scope, receive, stamped)
            else:
                await self._app(scope, counted, stamped)

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"the body is larger than {self._limit} bytes; send less at a time")


class Faults:
    """Turns a defect of ours into an answer that has only an id, by which the server's log tells the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noticed(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except ClientDisconnect:  # while its request was read: nobody is left to answer
            log.debug("http.client_left", path=scope["path"])
        except Exception as error:
            incident = new_id("err")
            log.exception("http.defect", path=scope["path"], incident=incident, error=type(error).__name__)
            if started:  # nothing more can be said: the server cuts the connection, so that half is not taken for whole
                raise
            text = f"internal error {incident}; the server's log has more under this id"
            await error_response(SalonError("internal", text))(scope, receive, send)
