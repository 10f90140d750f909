"""What the server does in the background: titles, summaries, facts, workflows, and the removal of what is old."""

import asyncio
from collections.abc import Mapping
from typing import Literal, cast

import structlog

from salon.access.scopes import allowed
from salon.agents.agent import Agent
from salon.chat.catalog import Catalog
from salon.contracts.events import JobUpdated, RoomSummarised
from salon.contracts.feed import Published
from salon.contracts.jobs import Job, JobStatus
from salon.contracts.runs import Principal
from salon.contracts.types import Obj
from salon.errors import SalonError
from salon.flows.recorder import Recorder
from salon.flows.workflow import Workflow
from salon.jobs.backend import QueueBackend
from salon.jobs.chores.facts import EXTRACT_USER_FACTS, ExtractUserFacts
from salon.jobs.chores.port import FactFinder, TextModel, Workflows
from salon.jobs.chores.purge import EVERY, PURGE_DELETED_THREADS, PurgeDeletedThreads
from salon.jobs.chores.summary import SUMMARIZE_THREAD, SummarizeThread
from salon.jobs.chores.title import GENERATE_TITLE, GenerateTitle
from salon.jobs.chores.workflow import EVERY as FORGET_EVERY
from salon.jobs.chores.workflow import FORGET_RUNS, LONGEST, RUN_WORKFLOW, ForgetRuns, RunWorkflow, order
from salon.jobs.dispatch import Dispatch, Due
from salon.jobs.queue import JobQueue, ended
from salon.models.plain.asking import Asking
from salon.models.resolve import Resolved
from salon.rooms.lobby import Lobby
from salon.runtime.house import House

log = structlog.get_logger(__name__)

Status = Literal["pending", "processing", "completed", "failed"]


class Chores:
    """The server's own jobs, put when something in a room makes them due.

    Args:
        model: writes titles and summaries.
        finder: reads what users tell of themselves.
        workflows: what agents can run.
        recorder: keeps how far they are.
        drain: seconds that running jobs get to finish at the end.
        on: False puts none of them by itself; they can still be asked for.
    """

    def __init__(
        self,
        house: House,
        backend: QueueBackend,
        *,
        model: TextModel,
        finder: FactFinder,
        workflows: Workflows,
        recorder: Recorder,
        drain: float,
        on: bool = True,
    ) -> None:
        self.queue = queue = JobQueue(backend, drain=drain)
        self._lobby = house.lobby
        self._dispatch = Dispatch()
        self._putting: set[asyncio.Task[None]] = set()
        queue.handler(GENERATE_TITLE)(GenerateTitle(house.threads, model))
        queue.handler(SUMMARIZE_THREAD)(SummarizeThread(house.threads, Summaries(house.lobby), model))
        queue.handler(EXTRACT_USER_FACTS)(ExtractUserFacts(house.threads, finder))
        queue.handler(PURGE_DELETED_THREADS, every=EVERY)(PurgeDeletedThreads(house.threads.purge, house.clock))
        queue.handler(RUN_WORKFLOW, timeout=LONGEST)(RunWorkflow(workflows, recorder))
        queue.handler(FORGET_RUNS, every=FORGET_EVERY)(ForgetRuns(recorder.purge, house.clock))
        queue.observe(self._tell)
        if on:
            house.published.observe(self._look)
            house.lobby.watch_gone(lambda room, _why: self._dispatch.forget(room))

    async def close(self) -> None:
        """Finish or put back what is being done."""
        await ended(self._putting)
        await self.queue.close()

    def _look(self, item: Published) -> None:
        room = self._lobby.find(item.room)
        if room is None:  # a program's private conversation
            return
        for due in self._dispatch.after(item, titled=room.title is not None):
            task = asyncio.create_task(self._put(due), name=f"put {due.name}")
            self._putting.add(task)
            task.add_done_callback(self._putting.discard)

    async def _put(self, due: Due) -> None:
        try:
            await self.queue.enqueue(due.name, due.payload, key=due.key)
        except SalonError as error:
            log.warning("chore_not_put", name=due.name, code=error.code)

    async def _tell(self, job: Job) -> None:
        """The room that a job is about is told, if it is live and the job does something."""
        room = self._lobby.find(job.thread_id) if job.thread_id else None
        if room is None or job.status is JobStatus.PENDING:
            return
        news = JobUpdated(
            event="job.updated",
            job=job.id,
            name=job.name,
            status=cast(Status, job.status.value),
            progress=job.progress,
            message=job.error or job.message,
        )
        try:
            room.append(news)
        except SalonError as error:
            log.info("job_not_told", job=job.id, room=room.id, code=error.code)


class HouseModel:
    """The server's default model, for the house's own questions."""

    def __init__(self, model: Resolved) -> None:
        self.source = model.source
        self._ask = Asking(model.config)

    async def __call__(self, prompt: str, /) -> str:
        """The answer."""
        return await self._ask(prompt)


class Summaries:
    """What models are told of what they no longer see, kept in the room's own log."""

    def __init__(self, lobby: Lobby) -> None:
        self._lobby = lobby

    async def read(self, thread: str) -> RoomSummarised | None:
        """The summary that holds now."""
        return (await self._lobby.existing(thread)).state.summary

    async def write(self, thread: str, summary: RoomSummarised) -> None:
        """Put a newer one in its place."""
        room = await self._lobby.existing(thread)
        room.append(summary)
        await room.log.stored()


class AgentWorkflows:
    """The workflows of this server's agents; an agent's skills are what they depend on."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def find(self, agent: str, workflow: str) -> tuple[Workflow, Mapping[str, object]]:
        """An agent's workflow, and its skills, ready to be used. Raises SalonError `not_found`."""
        found, flow = self._known(agent, workflow)
        await found.initialize()
        return flow, found.skills

    def order(self, agent: str, workflow: str, arguments: Obj, who: Principal, *, thread: str) -> Obj:
        """The payload of a job that runs it, for somebody who may.

        Raises SalonError: `not_found`, `forbidden`, or RequestError for what would be refused before the first step.
        """
        found, flow = self._known(agent, workflow)
        if not allowed(who.scopes, flow.scopes):
            raise SalonError(
                "forbidden", f"the workflow {workflow} needs one of the scopes: {', '.join(sorted(flow.scopes))}"
            )
        flow.ready(arguments, found.skills)
        return order(agent, workflow, arguments, thread=thread)

    def _known(self, agent: str, workflow: str) -> tuple[Agent, Workflow]:
        found = self._catalog.agents.get(agent)
        if found is None:
            raise SalonError("not_found", f"there is no agent {agent!r}")
        if workflow not in found.workflows:
            there = ", ".join(found.workflows) or "none"
            raise SalonError("not_found", f"agent {agent} has no workflow {workflow!r}; there are: {there}")
        return found, found.workflows[workflow]
