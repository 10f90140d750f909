from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from salon.clock import SystemClock
from salon.contracts.runs import Principal
from salon.contracts.types import Obj
from salon.errors import SalonError
from salon.http import jobs
from salon.http.errors import answer_errors
from salon.ids import new_id
from salon.jobs.queue import JobQueue
from salon.settings import Settings
from tests.queues import LookOut

OWNERS = {"room-1": "ada", "r/2": "bo"}


@dataclass
class Threads:
    """Rooms that only their owners may enter."""

    async def get(self, thread: str, user: str | None) -> SimpleNamespace:
        if OWNERS.get(thread) != user:
            raise SalonError("not_found", f"there is no thread {thread!r}")
        return SimpleNamespace(id=thread)


class Workflows:
    """What takes orders for workflows: only an owner may have one run."""

    def order(self, agent: str, workflow: str, arguments: Obj, who: Principal, *, thread: str) -> Obj:
        if "owner" not in who.scopes:
            raise SalonError("forbidden", f"the workflow {workflow} needs one of the scopes: owner")
        return {"run": new_id("flow"), "agent": agent, "arguments": arguments, "thread_id": thread}


@dataclass
class Runtime:
    """What the routes need of a server."""

    settings: Settings
    jobs: JobQueue = field(default_factory=JobQueue)
    house: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(threads=Threads()))
    clock: SystemClock = field(default_factory=SystemClock)
    workflows: Workflows = field(default_factory=Workflows)


@dataclass
class Server:
    """The routes, a queue whose handlers tell what they were given, and a client."""

    queue: JobQueue
    http: httpx.AsyncClient

    async def ask(
        self, method: str, path: str, *, user: str = "ada", scopes: str = "", body: object = None
    ) -> httpx.Response:
        return await self.http.request(method, path, headers={"x-user": user, "x-scopes": scopes}, json=body)


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[Server]:
    runtime = Runtime(settings.model_copy(update={"user_header": "x-user", "scopes_header": "x-scopes"}))
    app = FastAPI()
    app.state.runtime = runtime
    answer_errors(app)
    app.include_router(jobs.jobs)

    async def tell(payload: Obj) -> Obj:
        return {"given": payload}

    for name in ("generate_title", "summarize_thread", "extract_user_facts", "purge_deleted_threads", "run_workflow"):
        runtime.jobs.handler(name)(tell)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://salon.test") as http:
        yield Server(runtime.jobs, http)
    await runtime.jobs.close()


@pytest.mark.requirement("S2-58")
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("generate_title", {"thread_id": "room-1", "replace": True}),
        ("summarize_thread", {"thread_id": "room-1", "keep": 0}),
        ("extract_user_facts", {"thread_id": "room-1", "user_id": "ada"}),
    ],
)
async def test_a_built_in_job_is_asked_for_and_followed_to_its_end(server: Server, name: str, given: Obj) -> None:
    seen = LookOut(server.queue)
    asked = await server.ask("POST", "/jobs", body={"name": name, "room": "room-1"})
    row = asked.json()
    assert asked.status_code == 202
    assert row.keys() == {"id", "name", "room", "status", "retries", "max_retries", "created_at"}, "nothing is null"
    assert (row["name"], row["room"], row["status"]) == (name, "room-1", "pending")
    again = await server.ask("POST", "/jobs", body={"name": name, "room": "room-1"})
    assert again.json()["id"] == row["id"], "asked for twice, done once"
    await server.queue.start_worker()
    await seen.finished(row["id"])
    found = (await server.ask("GET", f"/jobs/{row['id']}")).json()
    assert (found["status"], found["result"]) == ("completed", {"given": given})
    assert row["created_at"] <= found["started_at"] <= found["completed_at"]
    listed = (await server.ask("GET", "/jobs?room=room-1")).json()
    assert listed == {"jobs": [found]}


async def test_a_workflow_is_asked_for_by_whoever_may_and_is_the_same_job_while_it_is_unfinished(
    server: Server,
) -> None:
    run = {"agent": "researcher", "name": "research", "arguments": {"topic": "tea"}}
    order = {"name": "run_workflow", "room": "room-1", "workflow": run}
    assert (await server.ask("POST", "/jobs", body=order)).status_code == 403
    assert (await server.ask("POST", "/jobs", user="bo", scopes="owner", body=order)).status_code == 404
    first, same = [(await server.ask("POST", "/jobs", scopes="owner", body=order)).json()["id"] for _ in range(2)]
    other = {**order, "workflow": {**run, "arguments": {"topic": "milk"}}}
    assert first == same != (await server.ask("POST", "/jobs", scopes="owner", body=other)).json()["id"]
    job = await server.queue.get_status(first)
    assert job.thread_id == "room-1"
    assert job.payload["arguments"] == {"topic": "tea"}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"name": "run_workflow"}, "workflow"),
        ({"name": "run_workflow", "workflow": {"agent": "a"}}, "workflow.name"),
        ({"name": "generate_title", "workflow": {"agent": "a", "name": "b"}}, "workflow"),
    ],
)
async def test_an_order_that_says_too_little_or_too_much_is_refused(server: Server, body: Obj, param: str) -> None:
    refused = await server.ask("POST", "/jobs", body={**body, "room": "room-1"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)


async def test_a_room_may_have_a_slash_in_its_name(server: Server) -> None:
    await server.ask("POST", "/jobs", user="bo", body={"name": "generate_title", "room": "r/2"})
    listed = await server.ask("GET", "/jobs?room=r/2&limit=1", user="bo")
    assert [job["room"] for job in listed.json()["jobs"]] == ["r/2"]


async def test_others_rooms_have_no_jobs_that_one_could_see_or_touch(server: Server) -> None:
    job = (await server.ask("POST", "/jobs", body={"name": "generate_title", "room": "room-1"})).json()["id"]
    answers = [
        await server.ask("POST", "/jobs", user="bo", body={"name": "generate_title", "room": "room-1"}),
        await server.ask("GET", "/jobs?room=room-1", user="bo"),
        await server.ask("GET", f"/jobs/{job}", user="bo"),
        await server.ask("DELETE", f"/jobs/{job}", user="bo"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert "room-1" not in answers[2].text + answers[3].text, "not even which room a job is about"
    unknown = await server.ask("GET", "/jobs/job_x")
    assert unknown.json()["error"]["message"] == "there is no job 'job_x', or it was finished long ago"


async def test_the_houses_own_jobs_are_nobodys(server: Server) -> None:
    own = await server.queue.enqueue("purge_deleted_threads", {})
    assert (await server.ask("GET", f"/jobs/{own}")).status_code == 404
    refused = await server.ask("POST", "/jobs", body={"name": "purge_deleted_threads", "room": "room-1"})
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "name"


async def test_a_job_that_waits_is_cancelled_and_one_that_is_over_is_not(server: Server) -> None:
    job = (await server.ask("POST", "/jobs", body={"name": "generate_title", "room": "room-1"})).json()["id"]
    gone = await server.ask("DELETE", f"/jobs/{job}")
    assert (gone.status_code, gone.json()["status"]) == (200, "failed")
    assert gone.json()["error"] == "it was cancelled before it began"
    assert (await server.ask("DELETE", f"/jobs/{job}")).status_code == 409


async def test_facts_are_kept_of_nobody_who_did_not_say_who_they_are(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OWNERS, "open", "anonymous")
    refused = await server.ask("POST", "/jobs", user="", body={"name": "extract_user_facts", "room": "open"})
    assert refused.status_code == 403


@pytest.mark.parametrize("query", ["", "?room=", "?room=room-1&limit=0", "?room=room-1&limit=201", "?room=%00"])
async def test_a_question_that_cannot_be_is_refused(server: Server, query: str) -> None:
    assert (await server.ask("GET", f"/jobs{query}")).status_code == 400
