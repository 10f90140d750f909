"""Takes a recording: a room's log from its beginning, and on as it goes if that is wanted."""

import asyncio
from collections.abc import AsyncGenerator

from salon.contracts.feed import Published
from salon.hub.broker import Broker
from salon.rooms.room import Room
from salon.runtime.recorded.file import entry_line, first_line

PAGE = 200
"""Entries read at once."""


async def taken(room: Room, broker: Broker, *, follow: bool = False) -> AsyncGenerator[bytes]:
    """The lines of a recording; with `follow` there are more until whoever reads them has enough.

    What a later entry superseded is there as far as the room still has it.
    """
    live: list[bytes] = []
    news = asyncio.Event()

    def hear(item: Published) -> None:
        live.append(item.data + b"\n")
        news.set()

    top = room.log.state.seq
    unsubscribe = broker.subscribe(room.id, hear) if follow else None
    try:
        yield first_line(room.id, room.log.state.title)
        seq = 0
        while seq < top:
            recent = room.log.since(seq)
            page = recent if recent is not None else (await room.history(before=None, after=seq, limit=PAGE))[0]
            kept = [entry for entry in page if entry.seq <= top]
            if kept:
                yield b"".join(map(entry_line, kept))
            if not kept or kept[-1].seq == top:
                break
            seq = kept[-1].seq
        while follow:
            await news.wait()
            news.clear()
            lines, live[:] = b"".join(live), []
            yield lines
    finally:
        if unsubscribe is not None:
            unsubscribe()
