"""The server side of a socket under `salon serve`: uvicorn's WebSocket protocol, with a direct way for framed bytes.

Control frames, reading and the ASGI side stay uvicorn's. It may not know what the frames say.
"""

from asyncio import Protocol as StreamProtocol
from typing import Protocol, TypedDict

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from salon.errors import Close
from salon.hub.frames import Frames

EXTENSION = "salon.fanout"
"""Where an ASGI app finds the connection's `FanoutProtocol`, in `scope["extensions"]`."""

GOODBYE = 5.0
"""Seconds a client has to take the close frame and answer it, before the connection is cut."""


class Listener(Protocol):
    """Whoever uses a link, and wants to know what becomes of it."""

    def drained(self) -> None:
        """The link takes data again."""

    def dismiss(self) -> None:
        """The server stops: part from the client in good order, now."""

    def gone(self) -> None:
        """The connection is lost; nothing can be written any more."""


class FanoutProtocol(WebSocketsSansIOProtocol):
    """One socket. Also a `Link`: what is written here goes out behind what uvicorn has written, unmixed."""

    paused = False
    listener: Listener | None = None

    async def run_asgi(self) -> None:
        """Offer this object to the app."""
        extensions: dict[str, object] = self.scope["extensions"]  # type: ignore[assignment]
        extensions[EXTENSION] = self
        await super().run_asgi()

    def write(self, frames: Frames) -> None:
        """Send frames, as they are."""
        if not self.close_sent:
            self.transport.write(frames.wire)

    def close(self, code: Close, reason: str) -> None:
        """Send a close frame at once, even behind a full buffer, and cut the connection if it is not answered."""
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(GOODBYE, self.transport.abort)

    def pause_writing(self) -> None:
        """The transport holds more than its high-water mark."""
        super().pause_writing()
        self.paused = True

    def resume_writing(self) -> None:
        """The transport holds less than its low-water mark."""
        super().resume_writing()
        self.paused = False
        if self.listener:
            self.listener.drained()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.paused = True
        if self.listener:
            self.listener.gone()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops."""
        if self.listener and not self.close_sent:
            self.listener.dismiss()
        else:
            super().shutdown()


class SocketOptions(TypedDict):
    """uvicorn's settings for sockets."""

    ws: type[StreamProtocol]
    ws_max_size: int
    ws_ping_interval: None
    ws_per_message_deflate: bool


def socket_options(frame_bytes: int) -> SocketOptions:
    """What `salon serve` passes to `uvicorn.Config`; `frame_bytes` is the largest frame that clients may send.

    The heartbeat is the contract's own. A frame up to four times too large gets an error; larger is not even read.
    """
    return SocketOptions(
        ws=FanoutProtocol, ws_max_size=4 * frame_bytes, ws_ping_interval=None, ws_per_message_deflate=False
    )
