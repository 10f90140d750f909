"""An ASGI application behind a real server on a free port of this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from salon.ws.fanout import FanoutProtocol, socket_options


class _Server(uvicorn.Server):
    """Leaves signals alone and tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def serving(
    app: ASGIApp, *, ws: type[asyncio.Protocol] | str = FanoutProtocol, send_buffer: int | None = None, port: int = 0
) -> AsyncIterator[str]:
    """Serves `app` in this event loop, as `salon serve` does; gives `http://127.0.0.1:<port>`.

    `port` 0 is a free one. `send_buffer` is how many bytes the kernel takes for a client that does not read; else that
    is megabytes.
    """
    listener = socket.create_server(("127.0.0.1", port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio sets it on its own sockets only
    if send_buffer:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    options = {**socket_options(65_536), "ws": ws}
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, **options)  # type: ignore[arg-type]
    server = _Server(config)
    task = asyncio.create_task(server._serve([listener]))
    started = asyncio.create_task(server.listening.wait())
    try:
        async with asyncio.timeout(30):
            await asyncio.wait({task, started}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
            raise RuntimeError("the server did not start")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        started.cancel()
        server.should_exit = True
        async with asyncio.timeout(30):
            await task
        listener.close()
