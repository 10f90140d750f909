"""What docs/workflows.md shows works as it stands there, with a room that watches the job."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from salon import Agent, Client, Settings, WorkflowContext, create_app, workflow
from salon.clients.room import Room
from salon.contracts.events import Entry, JobUpdated
from salon.jobs.chores.workflow import RUN_WORKFLOW, order
from tests.serving import serving

PAGE = (Path(__file__).parents[2] / "docs/workflows.md").read_text(encoding="utf-8")
SETUP, BY_NAME, AS_JOB, BY_HAND = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
A_ROOM, BY_HTTP = re.findall(r"--json '(.*?)'", PAGE, flags=re.DOTALL)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page's first program defines."""
    monkeypatch.setenv("MOCK_PACE", "0")
    found: dict[str, Any] = {"__name__": "research"}
    exec(SETUP, found)
    return found


async def run(block: str, names: dict[str, Any], result: str) -> Any:
    """Run one of the page's blocks where it may await."""
    lines = "".join(f"    {line}" for line in block.splitlines(keepends=True))
    exec(f"async def block():\n{lines}    return {result}", names)
    return await names["block"]()


@pytest.mark.requirement("S1-80")
async def test_an_agent_runs_its_workflow_by_name(names: dict[str, Any]) -> None:
    expected = {"status": "completed", "topic": "tea", "parts": 2}
    assert await run(BY_NAME, names, "result") == expected
    assert await run(BY_HAND, names, "result") == expected
    (key,) = names["agent"].skills["team.notes"].kept
    assert re.fullmatch(r"tea-\d+", key)


async def test_as_a_job_it_tells_a_room_how_far_it_is(names: dict[str, Any]) -> None:
    app = names["app"]
    async with serving(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http, AsyncExitStack() as stack:
        assert (await http.post("/threads", json=json.loads(A_ROOM))).is_success
        room = await stack.enter_async_context(Client(url).room("kitchen"))
        job_id = await run(AS_JOB, names, "job_id")
        updates = await _updates(room, job_id)
        job = await app.state.runtime.jobs.get_status(job_id)
        asked = await http.post("/jobs", json=json.loads(BY_HTTP))
        assert asked.status_code == 202, asked.text
        await _updates(room, asked.json()["id"])
        done = (await http.get(f"/jobs/{asked.json()['id']}")).json()
        lost = [await http.post("/jobs", json=_changed(**change)) for change in REFUSED]
    assert (done["room"], done["status"], done["result"]["result"]["parts"]) == ("kitchen", "completed", 2)
    assert [refused.status_code for refused in lost] == [404, 404, 400]
    assert [refused.json()["error"]["message"] for refused in lost] == [
        "there is no agent 'nobody'",
        "agent researcher has no workflow 'write'; there are: research",
        "workflow research was not run: topic: Field required",
    ]
    assert updates[-1].status == "completed"
    assert updates[0].name == "run_workflow"
    assert job.result["result"] == {"status": "completed", "topic": "tea", "parts": 2}


REFUSED: list[dict[str, Any]] = [{"agent": "nobody"}, {"name": "write"}, {"arguments": {}}]


def _changed(**change: Any) -> Any:
    """The page's order with something else in it."""
    body = json.loads(BY_HTTP)
    return {**body, "workflow": {**body["workflow"], **change}}


async def _updates(room: Room, job_id: str) -> list[JobUpdated]:
    seen: list[JobUpdated] = []
    async with asyncio.timeout(20):
        async for news in room:
            if isinstance(news, Entry) and isinstance(news.body, JobUpdated) and news.body.job == job_id:
                seen.append(news.body)
                if news.body.status in ("completed", "failed"):
                    break
    return seen


@pytest.mark.requirement("S1-79")
async def test_while_it_runs_people_see_what_it_says_of_itself(settings: Settings) -> None:
    seen = asyncio.Event()

    @workflow
    async def slow(context: WorkflowContext) -> dict[str, bool]:
        context.progress(0.25)
        context.log("reading the archive")
        await seen.wait()
        return {"ok": True}

    app = create_app(settings, agents=[Agent("clerk", "You file.", workflows=[slow])])
    async with asyncio.timeout(20), serving(app) as url, Client(url).room("kitchen") as room:
        job_id = await app.state.runtime.jobs.enqueue(RUN_WORKFLOW, order("clerk", "slow", {}, thread="kitchen"))
        async for news in room:
            match news:
                case Entry(body=JobUpdated(status="completed")):
                    break
                case Entry(body=JobUpdated(job=job, message="reading the archive", progress=progress)):
                    assert (job, progress) == (job_id, 0.25)
                    seen.set()
        for agent, name, problem in (("nobody", "slow", "no agent"), ("clerk", "quick", "there are: slow")):
            lost = await app.state.runtime.jobs.enqueue(RUN_WORKFLOW, order(agent, name, {}, thread="kitchen"))
            async for news in room:
                match news:
                    case Entry(body=JobUpdated(job=job, status="failed", message=str(told))) if job == lost:
                        assert problem in told
                        break
