from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from uuid import uuid4

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis

from salon.contracts.jobs import NewJob
from salon.errors import SalonError
from salon.jobs.backend_redis import QueueRedisConfig, RedisQueueBackend
from salon.store.client_redis import HasClient, HasUrl


@dataclass
class Theirs:
    """A wrapper as applications have them."""

    url: str
    queue: str = "mine"


@pytest.mark.requirement("S2-50")
async def test_anything_with_a_url_is_a_configuration(redis_url: str) -> None:
    configs: list[HasUrl] = [QueueRedisConfig(url=redis_url), Theirs(redis_url), SimpleNamespace(url=redis_url)]
    for config in configs:
        backend = RedisQueueBackend(config, queue_name=f"test-{uuid4().hex}")
        assert await backend.recent() == []
        await backend.close()


@pytest.mark.requirement("S2-50")
@pytest.mark.parametrize("decoded", [True, False])
@pytest.mark.parametrize("protocol", [2, 3])
async def test_a_client_that_is_there_is_used_and_left_open(redis_url: str, decoded: bool, protocol: int) -> None:
    async with Redis.from_url(redis_url, decode_responses=decoded, protocol=protocol) as client:
        config: HasClient = SimpleNamespace(client=client, url="redis://nowhere.invalid")
        backend = RedisQueueBackend(config, queue_name=f"test-{uuid4().hex}")
        job = await backend.put(NewJob(id="job_1", name="work", payload={"word": "über"}))
        assert await backend.recent() == [job]
        await backend.close()
        assert await client.ping()


@pytest.mark.parametrize("config", [object(), SimpleNamespace(url=None), SimpleNamespace(client=BlockingRedis())])
def test_what_is_no_configuration_is_refused(config: HasUrl) -> None:
    with pytest.raises(TypeError, match="a Redis configuration"):
        RedisQueueBackend(config)


def test_an_address_that_is_none_is_refused_without_telling_its_password() -> None:
    with pytest.raises(ValueError, match="redis://host:6379/0") as refused:
        RedisQueueBackend(QueueRedisConfig("http://me:hunter2@localhost"))
    assert "hunter2" not in str(refused.value)


async def test_a_redis_that_does_not_answer_is_unavailable() -> None:
    backend = RedisQueueBackend(QueueRedisConfig("redis://me:hunter2@127.0.0.1:1/0"))
    with pytest.raises(SalonError) as refused:
        await backend.recent()
    assert refused.value.code == "unavailable"
    assert "hunter2" not in refused.value.message
    await backend.close()
