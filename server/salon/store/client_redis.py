"""How a Redis configuration becomes a client: whatever has a `url`, or a `client` that is connected already."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from salon.errors import SalonError


@dataclass(frozen=True, slots=True)
class QueueRedisConfig:
    """Where Redis is: `redis://user:password@host:6379/0`, or `rediss://` for TLS."""

    url: str


class HasUrl(Protocol):
    """Any object that says where Redis is."""

    @property
    def url(self) -> str:
        """As in `QueueRedisConfig`."""


class HasClient(Protocol):
    """Any object that has a client of redis-py already; whoever made it closes it."""

    @property
    def client(self) -> Redis:
        """An asynchronous client, `redis.asyncio.Redis`."""


RedisConfig = HasUrl | HasClient


class RedisClient:
    """A client, and who has to close it.

    Raises TypeError for a configuration with neither `client` nor `url`, ValueError for an address that is none.
    """

    def __init__(self, config: RedisConfig) -> None:
        given = getattr(config, "client", None)
        self._owned = given is None
        self.redis: Redis = _connected(config) if given is None else _asynchronous(given)

    async def close(self) -> None:
        """Close the client, if it was made here."""
        if self._owned:
            await self.redis.aclose()


def _connected(config: RedisConfig) -> Redis:
    url = getattr(config, "url", None)
    if not isinstance(url, str):
        raise TypeError("a Redis configuration has a `url` such as redis://localhost:6379/0, or a `client`")
    try:
        return Redis.from_url(url)
    except ValueError:  # its text may hold the password
        raise ValueError("the Redis URL is of the form redis://host:6379/0, rediss://… or unix://…") from None


def _asynchronous(client: object) -> Redis:
    if not isinstance(client, Redis):
        raise TypeError("the `client` of a Redis configuration must be a redis.asyncio.Redis")
    return client


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """Raises SalonError `unavailable` in place of what redis-py raises when Redis does not answer as it should."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise SalonError("unavailable", "the queue does not answer now; try again", retry_after=1) from error
