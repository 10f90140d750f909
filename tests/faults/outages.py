"""Ways in which a store stops working under a server, and works again when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from sqlalchemy import event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import Pool

UNLIMITED = 1_073_741_823


class Outage(Protocol):
    """A store, named by `url`, that can be made to fail."""

    url: str

    def begin(self) -> None:
        """From now on it does not work."""

    async def end(self) -> None:
        """It works again."""


class FullDisk:
    """A SQLite file that cannot grow: SQLite itself refuses, as it does when the disk is full."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pages = UNLIMITED

    def begin(self) -> None:
        self._pages = 1  # SQLite takes it for the size that the file has

    async def end(self) -> None:
        self._pages = UNLIMITED

    def limit(self, connection: DBAPIConnection, *_: object) -> None:
        """Connections have the limit, not the file: each one gets it when it is used."""
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {self._pages}")
        cursor.close()


class Wire:
    """What lies between a server and its PostgreSQL: connections break and none comes through, or nothing moves."""

    def __init__(self, url: str, *, silent: bool) -> None:
        there = make_url(url)
        self._there = (there.host, there.port)
        self._port = 0
        self._silent = silent
        self._moving = asyncio.Event()
        self._ends: set[asyncio.StreamWriter] = set()
        self._listening: asyncio.Server | None = None

    async def open(self, url: str) -> None:
        await self.end()
        self.url = make_url(url).set(host="127.0.0.1", port=self._port).render_as_string(hide_password=False)

    def begin(self) -> None:
        if self._silent:
            self._moving.clear()
        else:
            self.close()

    async def end(self) -> None:
        self._moving.set()
        if self._listening is None:
            self._listening = await asyncio.start_server(self._join, "127.0.0.1", self._port)
            self._port = self._listening.sockets[0].getsockname()[1]

    def close(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        for end in self._ends:
            end.transport.abort()
        self._moving.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection(*self._there)
        ends = {writer, their_writer}
        self._ends |= ends
        with suppress(OSError):
            await asyncio.gather(self._pass_on(reader, their_writer), self._pass_on(their_reader, writer))
        for end in ends:
            end.transport.abort()
        self._ends -= ends

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._moving.wait()
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError


@asynccontextmanager
async def full_disk(url: str) -> AsyncIterator[Outage]:
    """The disk of a SQLite file."""
    disk = FullDisk(url)
    event.listen(Pool, "checkout", disk.limit)
    try:
        yield disk
    finally:
        event.remove(Pool, "checkout", disk.limit)


@asynccontextmanager
async def wire(url: str, *, silent: bool) -> AsyncIterator[Outage]:
    """The way to a PostgreSQL; `silent` is one on which an outage looks like a database that takes its time."""
    between = Wire(url, silent=silent)
    await between.open(url)
    try:
        yield between
    finally:
        between.close()
