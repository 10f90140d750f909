"""Reads server-sent events from bytes, however these are split. Pure; may not know what an event means."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

EVENT_LIMIT = 16 * 1024 * 1024
"""The largest event taken from a server, in bytes."""


class EventTooLarge(ValueError):
    """An event is larger than the reader takes."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its lines of data, joined by line feeds; `name` is its type, "message" unless it says another.

    `cut`: the stream ended in it, so there may have been more of it.
    """

    data: str
    name: str = "message"
    cut: bool = False


class EventReader:
    """Gives the events of one stream as soon as they are complete.

    Follows the standard: lines end with LF, CR or CR LF, comments and unknown fields are passed over, and an event
    without data is none. Beyond it, an event whose closing blank line is missing at the end of the stream counts.

    Args:
        limit: bytes that one event may have.
    """

    def __init__(self, limit: int = EVENT_LIMIT) -> None:
        self._limit = limit
        self._line = bytearray()
        self._data: list[str] = []
        self._name = ""
        self._size = 0
        self._after_cr = False
        self._first = True

    def feed(self, piece: bytes) -> Iterator[ServerEvent]:
        """The events that this piece completes. Raises EventTooLarge."""
        start = 0
        if self._after_cr and piece:
            start, self._after_cr = int(piece[:1] == b"\n"), False
        while (end := _line_end(piece, start)) >= 0:
            self._take(piece[start:end])
            if event := self._line_done():
                yield event
            start = end + 1
            if piece[end] == 13:  # CR
                self._after_cr = start == len(piece)
                start += piece[start : start + 1] == b"\n"
        self._take(piece[start:])

    def close(self) -> ServerEvent | None:
        """The event that the end of the stream completes, if there is one."""
        event = (self._line_done() if self._line else None) or self._event()
        return replace(event, cut=True) if event else None

    def _take(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            raise EventTooLarge(f"an event of more than {self._limit} bytes")
        self._line += part

    def _line_done(self) -> ServerEvent | None:
        line = self._line.decode(errors="replace")
        self._line.clear()
        if self._first:
            line, self._first = line.removeprefix("\N{BYTE ORDER MARK}"), False
        if not line:
            return self._event()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif not field and not self._data:
            self._size = 0  # comments keep a silent stream open for hours
        return None

    def _event(self) -> ServerEvent | None:
        data, name = self._data, self._name
        self._data, self._name, self._size = [], "", 0
        return ServerEvent("\n".join(data), name or "message") if data else None


def _line_end(piece: bytes, start: int) -> int:
    """Where the next line ends; -1 when it does not."""
    feed, carriage = piece.find(b"\n", start), piece.find(b"\r", start)
    return max(feed, carriage) if min(feed, carriage) < 0 else min(feed, carriage)
