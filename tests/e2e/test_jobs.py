"""Background jobs of a real server, as people see them: on the socket as they happen, and over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from salon import JobQueue, Settings, create_app
from salon.contracts.types import Obj
from salon.jobs.attempt import Report
from tests.e2e.live import RoomClient, clients, serving

JSON = dict[str, Any]


class House:
    """A server, its queue, and a client of its HTTP side."""

    def __init__(self, address: str, queue: JobQueue, http: httpx.AsyncClient) -> None:
        self.address = address
        self.queue = queue
        self.http = http

    async def jobs(self, room: str) -> list[JSON]:
        """The jobs about a room, newest first."""
        listed: list[JSON] = (await self.http.get("/jobs", params={"room": room})).json()["jobs"]
        return listed


@pytest.fixture(params=["in the database", "in Redis"])
async def house(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[House]:
    redis = {"redis_url": request.getfixturevalue("redis_url")} if request.param == "in Redis" else {}
    app = create_app(Settings(**{**settings.model_dump(), **redis}))
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}") as http:
        yield House(address, app.state.runtime.jobs, http)


async def told(client: RoomClient, name: str, status: str) -> JSON:
    """Read until a job of that name is told of with that status; gives what was told."""
    async with asyncio.timeout(10):
        while True:
            for body in client.bodies("job.updated"):
                if (body["name"], body["status"]) == (name, status):
                    return body
            await client.read()


@pytest.mark.requirement("S2-58")
async def test_a_room_is_given_a_title_and_everyone_in_it_sees_the_job_that_does_so(house: House) -> None:
    async with clients(house.address, "rome", 2) as (one, other):
        await one.say("Please help me to plan a journey to Rome")
        began = await told(one, "generate_title", "processing")
        done = await told(one, "generate_title", "completed")
        assert began["job"] == done["job"]
        changed = await one.until_event("room.changed")
        assert await told(other, "generate_title", "completed") == done
        [job] = [job for job in await house.jobs("rome") if job["name"] == "generate_title"]
        assert (job["id"], job["status"]) == (done["job"], "completed")
        assert job["result"] == {"title": changed["title"], "source": "extract"}
        thread = (await house.http.get("/threads/rome")).json()
        assert thread["title"] == changed["title"] == "Plan a journey to Rome"


async def test_how_far_a_job_is_can_be_watched_on_the_socket_and_asked_over_http(house: House) -> None:
    seen = asyncio.Event()

    @house.queue.handler("count")
    async def count(_: Obj, report: Report) -> Obj:
        report(0.5, "half of it")
        await seen.wait()
        return {"counted": 2}

    async with clients(house.address, "counted", 1) as (client,):
        await client.say("Hello")
        await told(client, "generate_title", "completed")
        job = await house.queue.enqueue("count", {"thread_id": "counted"}, priority=1)
        async with asyncio.timeout(10):
            while not (half := [body for body in client.bodies("job.updated") if body.get("progress")]):
                await client.read()
        assert half[0] == {
            "event": "job.updated",
            "job": job,
            "name": "count",
            "status": "processing",
            "progress": 0.5,
            "message": "half of it",
        }
        asked = (await house.http.get(f"/jobs/{job}")).json()
        assert (asked["status"], asked["progress"], asked["message"]) == ("processing", 0.5, "half of it")
        seen.set()
        await told(client, "count", "completed")
        asked = (await house.http.get(f"/jobs/{job}")).json()
        assert (asked["status"], asked["result"]) == ("completed", {"counted": 2})


async def test_a_job_that_fails_says_so_and_not_what_the_exception_said(house: House) -> None:
    @house.queue.handler("fail")
    async def fail(_: Obj) -> Obj:
        raise RuntimeError("password=hunter2")

    async with clients(house.address, "failed", 1) as (client,):
        await client.say("Hello")
        await told(client, "generate_title", "completed")
        job = await house.queue.enqueue("fail", {"thread_id": "failed"}, max_retries=0)
        news = await told(client, "fail", "failed")
        asked = (await house.http.get(f"/jobs/{job}")).json()
    assert news["message"] == asked["error"]
    assert "err_" in asked["error"]
    assert "hunter2" not in str(client.frames) + str(asked)
