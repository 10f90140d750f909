"""Around requests: who asks is known before an answer begins, what it uses is counted, and the application's own hooks
are called, however the answer ends."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salon.agents.context.context import Context
from salon.agents.context.current import CONTEXT
from salon.agents.context.request import RequestPort
from salon.errors import SalonError
from salon.http.errors import error_response, http_error_response
from salon.http.identity import trusted
from salon.http.pages import STATIC
from salon.ids import new_id

log = structlog.get_logger(__name__)

OWN_PAGES = frozenset({"/health", "/ready", "/metrics", "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"})
"""Paths that nobody is asked under: no hook hears of them, nor of what the documentation's pages load."""

Before = Callable[[Request, Context], object]
After = Callable[[Request, "Answered", Context], object]
B = TypeVar("B", bound=Before)
A = TypeVar("A", bound=After)


@dataclass(frozen=True, slots=True)
class Answered:
    """How a request was answered. `status_code` is 499 when the client left before there was an answer."""

    status_code: int
    headers: Headers = field(default_factory=Headers)


@dataclass(slots=True)
class RequestHooks:
    """An application's functions around requests, in the order in which they were added."""

    before: list[Before] = field(default_factory=list)
    after: list[After] = field(default_factory=list)
    finalize: list[After] = field(default_factory=list)


class Requests:
    """ASGI middleware: gives every request a Context, and calls the hooks.

    `before` hooks may answer by themselves, with a Response or by raising HTTPException or SalonError; then `after` is
    not called. `after` is called when the answer is complete, also when it is an error, and `finalize` last of all and
    always. What a later hook than `before` raises is logged.
    """

    def __init__(self, app: ASGIApp, *, hooks: RequestHooks) -> None:
        self._app = app
        self._hooks = hooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _own_page(scope["path"].removeprefix(scope.get("root_path", ""))):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            context = Context(RequestPort(trusted(request)))
        except SalonError as error:
            await error_response(error)(scope, receive, send)
            return
        outer = CONTEXT.set(context)
        try:
            await self._serve(request, context, send)
        finally:
            CONTEXT.reset(outer)

    async def _serve(self, request: Request, context: Context, send: Send) -> None:
        answered = Answered(499)

        async def noticed(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = Answered(message["status"], Headers(raw=message["headers"]))
            await send(message)

        hooks = self._hooks
        entered = False
        try:
            refusal = await self._refusal(request, context)
            entered = refusal is None
            await (refusal or self._app)(request.scope, request.receive, noticed)
        except Exception:
            answered = Answered(500)
            raise
        finally:
            for hook in (*(hooks.after if entered else ()), *hooks.finalize):
                await _safely(hook, request, answered, context)

    async def _refusal(self, request: Request, context: Context) -> Response | None:
        """What a `before` hook answers in place of the application, if one does."""
        for hook in self._hooks.before:
            try:
                result = hook(request, context)
                result = await result if inspect.isawaitable(result) else result
            except HTTPException as error:
                return http_error_response(request, error)
            except SalonError as error:
                return error_response(error)
            if isinstance(result, Response):
                return result
        return None


def _own_page(path: str) -> bool:
    return path in OWN_PAGES or path.startswith(f"{STATIC}/")


async def _safely(hook: After, request: Request, answered: Answered, context: Context) -> None:
    try:
        result = hook(request, answered, context)
        if inspect.isawaitable(result):
            await result
    except Exception as error:
        log.error("request_hook.failed", hook=getattr(hook, "__name__", "?"), incident=new_id("err"), exc_info=error)
