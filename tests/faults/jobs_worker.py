"""A process that does jobs until it is killed.

A job's effect is one member of a set, or one row: to have it twice is to have it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from salon.contracts.types import Obj
from salon.jobs.backend import QueueBackend
from salon.jobs.backend_redis import QueueRedisConfig, RedisQueueBackend
from salon.jobs.queue import JobQueue
from salon.store.jobs import SqlQueueBackend

SLOTS = 4
LEASE = 1.0
TAKES = 0.01
"""Seconds of work before a job has its effect."""

_INSERT = text("INSERT INTO effects VALUES (:n) ON CONFLICT DO NOTHING")

Effect = Callable[[int], Awaitable[None]]


def kept_in(url: str, name: str) -> tuple[QueueBackend, Effect]:
    """The queue of that name, and how its jobs have their effect."""
    if url.startswith("redis"):
        redis = Redis.from_url(url)

        async def add(number: int) -> None:
            await redis.sadd(f"{name}-effects", number)

        return RedisQueueBackend(QueueRedisConfig(url), name), add

    engine = create_async_engine(url)
    effects = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def insert(number: int) -> None:
        async with effects.connect() as conn:
            await conn.execute(_INSERT, {"n": number})

    return SqlQueueBackend(engine, name), insert


def work(url: str, name: str) -> None:
    """Do jobs for ever."""
    asyncio.run(_work(url, name))


async def _work(url: str, name: str) -> None:
    backend, effect = kept_in(url, name)
    queue = JobQueue(backend, slots=SLOTS, lease=LEASE, poll=0.05)

    @queue.handler("effect")
    async def have_effect(payload: Obj) -> Obj:
        number = cast(int, payload["number"])
        await asyncio.sleep(TAKES)
        await effect(number)
        return {"number": number}

    await queue.start_worker()
    await asyncio.Event().wait()
