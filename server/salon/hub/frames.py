"""Frames on their way out: encoded once and framed once (RFC 6455), whatever the number of their readers. Pure."""

import struct
from collections.abc import Iterable, Sequence
from itertools import groupby

from salon.contracts.encode import events_frame
from salon.contracts.feed import Published

MAX_ENTRIES = 500
"""Entries in one `events` frame, as the contract has it."""


def framed(text: bytes) -> bytes:
    """A whole, unmasked text frame: what a server writes to a socket."""
    size = len(text)
    if size < 126:
        return bytes((0x81, size)) + text
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + text
    return struct.pack("!BBQ", 0x81, 127, size) + text


class Frames:
    """One or more text frames that travel together.

    `texts` are their contents, for servers that do the framing; `wire` is all of them framed, for those that let us.
    """

    __slots__ = ("texts", "wire")

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.texts = texts
        self.wire = framed(texts[0]) if len(texts) == 1 else b"".join(map(framed, texts))


class Batch(Frames):
    """Entries of one room, contiguous, as frames; the entries stay at hand for readers who are not keeping up."""

    __slots__ = ("entries", "room")

    def __init__(self, room: str, entries: Sequence[Published], timestamp: float) -> None:
        super().__init__(
            [events_frame(room, run[0].lane, [item.data for item in run], timestamp) for run in runs(entries)]
        )
        self.room = room
        self.entries = entries


def runs(entries: Iterable[Published]) -> Iterable[Sequence[Published]]:
    """The entries in pieces that each fit one frame: of one lane, and not too many."""
    for _, same_lane in groupby(entries, key=lambda item: item.lane):
        run = list(same_lane)
        for start in range(0, len(run), MAX_ENTRIES):
            yield run[start : start + MAX_ENTRIES]
