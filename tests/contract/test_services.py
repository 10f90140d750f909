"""The real servers that contract suites run on start and answer."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from redis.asyncio import Redis


async def test_a_real_valkey_stores_and_streams(redis_url: str) -> None:
    async with asyncio.timeout(5), Redis.from_url(redis_url, decode_responses=True) as redis:
        assert await redis.xadd("smoke", {"word": "hello"})
        assert await redis.xlen("smoke") == 1
        await redis.delete("smoke")


async def test_a_real_postgresql_accepts_a_session(postgres_url: str) -> None:
    # The startup message by hand: a driver comes with the store.
    target = urlsplit(postgres_url)
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        words = b"user\0postgres\0database\0postgres\0\0"
        writer.write((8 + len(words)).to_bytes(4) + (196608).to_bytes(4) + words)
        assert await reader.readexactly(1) == b"R"  # authentication
        length = int.from_bytes(await reader.readexactly(4))
        assert await reader.readexactly(length - 4) == b"\0\0\0\0"  # ... is ok
        writer.close()
        await writer.wait_closed()
