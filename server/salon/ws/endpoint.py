"""`/ws/agent`: takes a socket in, gives what it says to the hub, and tells the hub when it is gone.

It may not know the protocol: frames are texts here.
"""

import asyncio
import re
from urllib.parse import parse_qs

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send

from salon.access.headers import TrustedHeaders
from salon.access.origin import allowed
from salon.access.principal import principal_of
from salon.contracts.types import DEFAULT_ROOM, ID_PATTERN
from salon.contracts.wire import SUBPROTOCOL
from salon.errors import Close, RequestError, SalonError
from salon.hub.connection import Connection
from salon.hub.hub import Hub
from salon.ids import new_id
from salon.settings import Settings
from salon.ws.fanout import EXTENSION, FanoutProtocol
from salon.ws.sends import AsgiLink

PATH = "/ws/agent"

NOBODY = principal_of(None)

log = structlog.get_logger(__name__)


def add_socket(app: FastAPI) -> None:
    """Give the app its socket; it must have its runtime already."""
    runtime = app.state.runtime
    app.router.routes.append(WebSocketRoute(PATH, AgentSocket(runtime.hub, runtime.settings), name="agent"))


class AgentSocket:
    """The endpoint, as a plain ASGI app: idle sockets are many, and a framework's objects per socket are not free.

    The settings say whose pages may connect, beside the server's own, and which header tells the user.
    """

    def __init__(self, hub: Hub, settings: Settings) -> None:
        self._hub = hub
        self._origins = settings.cors_origins
        self._told = TrustedHeaders(settings.user_header, settings.scopes_header, settings.tenant_header)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        await receive()  # websocket.connect
        headers = dict(scope["headers"])
        if not allowed(_text(headers.get(b"origin")), _text(headers.get(b"host")), self._origins):
            await send({"type": "websocket.close", "code": int(Close.FORBIDDEN), "reason": "foreign origin"})
            return
        accepted = SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": accepted})
        direct = scope["extensions"].get(EXTENSION) if "extensions" in scope else None
        if isinstance(direct, FanoutProtocol):
            await self._serve(scope, receive, direct)
            return
        try:
            async with asyncio.timeout(None) as patience:
                link = AsgiLink(send, patience)
                try:
                    await self._serve(scope, receive, link)
                finally:
                    await link.end()
        except TimeoutError:
            log.info("goodbye_not_taken")

    async def _serve(self, scope: Scope, receive: Receive, link: FanoutProtocol | AsgiLink) -> None:
        connection = self._admit(scope, link)
        link.listener = connection
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                if connection:
                    _hear(connection, message.get("text"))
        finally:
            link.listener = None
            if connection:
                connection.gone()

    def _admit(self, scope: Scope, link: FanoutProtocol | AsgiLink) -> Connection | None:
        room = parse_qs(scope["query_string"].decode("latin-1")).get("room", [DEFAULT_ROOM])[0]
        if len(room) > 128 or not re.fullmatch(ID_PATTERN, room):
            link.close(Close.PROTOCOL_ERROR, "?room= is not a room id: letters, digits and . _ : @ / -")
            return None
        try:
            user = self._told.principal(Headers(scope=scope).getlist)
        except RequestError as error:
            link.close(Close.PROTOCOL_ERROR, error.message)
            return None
        address = scope["client"][0] if scope["client"] else None
        try:
            return self._hub.admit(link, room=room, address=address, user=user if user != NOBODY else None)
        except SalonError as error:
            link.close(Close.CONNECTION_LIMIT if error.code == "limit_exceeded" else Close.DRAINING, error.message)
            return None


def _hear(connection: Connection, text: str | None) -> None:
    try:
        if text is None:
            connection.receive_binary()
        else:
            connection.receive(text)
    except Exception:
        log.exception("frame_failed", error=new_id("err"), connection=connection.id)
        connection.close(Close.SERVER_ERROR, "an error on the server")


def _text(header: bytes | None) -> str | None:
    return header.decode("latin-1") if header is not None else None
