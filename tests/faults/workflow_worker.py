"""A process that does jobs, among them a workflow whose steps each leave a row, until it is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from salon.flows.context import WorkflowContext
from salon.flows.workflow import Workflow, workflow, workflow_of
from salon.jobs.chores.workflow import RUN_WORKFLOW, RunWorkflow
from salon.jobs.queue import JobQueue
from salon.store.database import Database
from salon.store.jobs import SqlQueueBackend
from salon.store.workflows.steps import SqlRecorder

QUEUE = "journeys"
LEASE = 0.6


@workflow(name="journey", dependencies=["robutler.storage"])
async def journey(context: WorkflowContext, stops: int) -> dict[str, Any]:
    """Visit one place after the other."""
    storage = context.get_dependency("robutler.storage")
    seen = []
    for number in range(stops):
        context.log(f"on the way to {number}")
        seen.append(await storage.visit(number))
        context.progress((number + 1) / stops)
    return {"status": "completed", "seen": seen}


class Storage:
    """A step waits at its gate, has its effect, and waits at a second one before it is over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def visit(self, number: int) -> str:
        await self._pass(f"before {number}")
        async with self._database.writing() as conn:
            await conn.execute(text("INSERT INTO visits VALUES (:number)"), {"number": number})
        await self._pass(f"after {number}")
        return f"place {number}"

    async def _pass(self, gate: str) -> None:
        while True:
            async with self._database.reading() as conn:
                if await conn.scalar(text("SELECT count(*) FROM gates WHERE name = :gate"), {"gate": gate}):
                    return
            await asyncio.sleep(0.01)


class Journeys:
    """The workflows of the only agent."""

    def __init__(self, database: Database) -> None:
        self._needs = {"robutler.storage": Storage(database)}

    async def find(self, agent: str, workflow: str) -> tuple[Workflow, Mapping[str, object]]:
        assert (agent, workflow) == ("guide", "journey")
        return workflow_of(journey), self._needs


def work(url: str) -> None:
    """Do jobs for ever."""
    asyncio.run(_work(url))


async def _work(url: str) -> None:
    database = Database(url)
    queue = JobQueue(SqlQueueBackend(database, QUEUE), lease=LEASE, poll=0.02)
    queue.handler(RUN_WORKFLOW)(RunWorkflow(Journeys(database), SqlRecorder(database)))
    await queue.start_worker()
    await asyncio.Event().wait()
