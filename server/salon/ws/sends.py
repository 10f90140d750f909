"""A link through ASGI's own `send`, for every server but `salon serve`: the same bounds, one frame at a time."""

import asyncio
from collections import deque

import structlog
from starlette.types import Send

from salon.errors import Close
from salon.hub.frames import Frames
from salon.ws.fanout import GOODBYE, Listener

HIGH_WATER = 65_536
LOW_WATER = 16_384
"""Bytes under way at which the link pauses, and resumes: asyncio's own marks."""

log = structlog.get_logger(__name__)


class AsgiLink:
    """See `Link`. `patience` bounds the endpoint's life once the connection is being closed."""

    def __init__(self, send: Send, patience: asyncio.Timeout) -> None:
        self.paused = False
        self.listener: Listener | None = None
        self._send = send
        self._patience = patience
        self._texts: deque[bytes] = deque()
        self._size = 0
        self._goodbye: tuple[Close, str] | None = None
        self._lost = False
        self._sender: asyncio.Task[None] | None = None

    def write(self, frames: Frames) -> None:
        """Send frames."""
        if self._goodbye or self._lost:
            return
        self._texts.extend(frames.texts)
        self._size += len(frames.wire)
        self.paused = self._size > HIGH_WATER
        self._start()

    def close(self, code: Close, reason: str) -> None:
        """Close, after what is under way already."""
        if self._goodbye is None:
            self._goodbye = (code, reason)
            self._patience.reschedule(asyncio.get_running_loop().time() + GOODBYE)
            self._start()

    async def end(self) -> None:
        """Stop sending: the connection is over."""
        if self._sender:
            self._sender.cancel()
            await asyncio.wait([self._sender])

    def _start(self) -> None:
        if self._sender is None:
            self._sender = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            while self._texts:
                text = self._texts.popleft()
                await self._send({"type": "websocket.send", "text": text.decode()})
                self._size = self._size - len(text) if self._texts else 0
                if self.paused and self._size <= LOW_WATER:
                    self.paused = False
                    if self.listener:
                        self.listener.drained()
            if self._goodbye:
                code, reason = self._goodbye
                await self._send({"type": "websocket.close", "code": int(code), "reason": reason})
        except OSError:
            # The client is gone (ASGI's own way to say so); the endpoint hears of it too.
            self._lost = True
        except Exception:
            log.exception("send_failed")
            self._lost = True
        else:
            self._sender = None
