"""Jobs in Redis or Valkey, shared by all processes that name the same queue; they survive every one of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import orjson

from salon.contracts.jobs import CANCELLED, WORKERS_LOST, Job, JobStatus, Leased, NewJob, Outcome, thread_of
from salon.contracts.types import Json, Obj
from salon.ids import new_id
from salon.store.client_redis import QueueRedisConfig, RedisClient, RedisConfig, answering

__all__ = ["QueueRedisConfig", "RedisQueueBackend"]

_SCRIPT = Path(__file__).with_name("backend_redis.lua").read_text(encoding="utf-8")

_Shown = str | bytes


class RedisQueueBackend:
    """See `QueueBackend`. One job after the other changes, each change in one step, by the server's clock.

    Args:
        config: anything with a `url`, or a `client` of redis-py.
        queue_name: queues of different names know nothing of each other.
        keep: seconds for which a finished job may still be asked for.

    Raises TypeError or ValueError when `config` is no configuration.
    """

    def __init__(self, config: RedisConfig, queue_name: str = "ai_agents", *, keep: float = 86_400.0) -> None:
        self._client = RedisClient(config)
        # In braces: a cluster keeps all keys of one queue together, so that one step may touch them all.
        self._queue = f"{{{queue_name}}}"
        self._keep = keep
        self._script = self._client.redis.register_script(_SCRIPT)

    async def put(self, new: NewJob) -> Job:
        """Keep a job; or give the unfinished one that has its key already."""
        fixed = ("name", new.name, "payload", orjson.dumps(new.payload))
        numbers = ("priority", new.priority, "max_retries", new.max_retries)
        thread = thread_of(new.payload) or ""
        shown = await self._do("put", new.id, new.key or "", thread, _ms(new.delay), *fixed, *numbers)
        return _job(cast(_Shown, shown))

    async def get(self, job_id: str) -> Job | None:
        """The job as it is now."""
        return _perhaps(await self._do("get", job_id))

    async def recent(self, *, thread_id: str | None = None, limit: int = 50) -> Sequence[Job]:
        """The newest jobs first."""
        return _all(await self._do("recent", thread_id or "", limit))

    async def take(self, names: Sequence[str], lease: float) -> Leased | None:
        """Lend the first due job of one of these names."""
        token = new_id("lease")
        job = _perhaps(await self._do("take", token, _ms(lease), *names))
        return Leased(job, token) if job else None

    async def extend(self, leased: Leased, lease: float, progress: float | None, message: str | None) -> Job | None:
        """Lend it for `lease` seconds from now, and note how far it is."""
        how_far = ("" if progress is None else progress, message or "")
        return _perhaps(await self._do("extend", leased.job.id, leased.token, _ms(lease), *how_far))

    async def settle(self, leased: Leased, outcome: Outcome) -> Job | None:
        """End an attempt and its lease."""
        ended = (outcome.status.value, orjson.dumps(outcome.result), outcome.error or "")
        later = (_ms(outcome.delay), int(outcome.counted))
        return _perhaps(await self._do("settle", leased.job.id, leased.token, *ended, *later))

    async def cancel(self, job_id: str) -> Job | None:
        """Let a pending job fail as cancelled."""
        return _perhaps(await self._do("cancel", job_id, CANCELLED))

    async def sweep(self) -> Sequence[Job]:
        """Take back what lapsed leases held, and forget what was finished long ago; a hundred of each at once."""
        return _all(await self._do("sweep", WORKERS_LOST, _ms(self._keep)))

    async def close(self) -> None:
        """Close the client, if the configuration brought none."""
        await self._client.close()

    async def _do(self, step: str, *arguments: str | bytes | float) -> object:
        async with answering():
            return await self._script(keys=[self._queue], args=[step, *arguments])


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _all(reply: object) -> list[Job]:
    return [_job(shown) for shown in cast(list[_Shown], reply)]


def _perhaps(reply: object) -> Job | None:
    return _job(cast(_Shown, reply)) if reply else None


def _job(shown: _Shown) -> Job:
    """A job from its hash, in which everything is text and what is absent is empty."""
    held: dict[str, str] = orjson.loads(shown)
    return Job(
        id=held["id"],
        name=held["name"],
        payload=cast(Obj, orjson.loads(held["payload"])),
        status=JobStatus(held["status"]),
        priority=int(held["priority"]),
        max_retries=int(held["max_retries"]),
        attempts=int(held["attempts"]),
        key=held["key"] or None,
        progress=_number(held.get("progress")),
        message=held.get("message") or None,
        result=cast(Json, orjson.loads(held.get("result", "null"))),
        error=held.get("error") or None,
        created_at=_seconds(held["created_at"]),
        run_at=_seconds(held["run_at"]),
        started_at=_seconds(held["started_at"]) if "started_at" in held else None,
        completed_at=_seconds(held["completed_at"]) if "completed_at" in held else None,
    )


def _number(text: str | None) -> float | None:
    return float(text) if text else None


def _seconds(milliseconds: str) -> float:
    return int(milliseconds) / 1000
