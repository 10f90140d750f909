"""A run of one turn in a room, beside a bare `ag2.Agent.ask` with the same model; and what a long talk makes of it."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping
from time import process_time

import ag2

from bench.figures import SALON, Line, Result, Scale, middle
from bench.store.databases import POSTGRESQL, SQLITE, Places, databases
from bench.subjects.instant import InstantConfig
from salon.agents.agent import Agent
from salon.chat.team import Team
from salon.contracts.actions import Send
from salon.contracts.jobs import Job
from salon.contracts.runs import Principal
from salon.contracts.types import TextPart
from salon.ids import new_id
from salon.rooms.room import Room
from salon.runtime import Runtime
from salon.settings import Settings

BARE = "ag2.Agent.ask"
NEW = SALON
BUSY = f"{SALON}, with background jobs"
"""Titles, summaries and facts, which nobody waits for; talk as fast as here brings about one for every two runs."""

PRIVATE = f"{SALON}, room not kept"
ELSEWHERE = f"{SALON} on {POSTGRESQL}"
SETTLED = f"{SALON}, after 60 turns"
AGED = f"{SALON}, after 500 turns"
PROMPT = "You answer."
CHUNK = 10
CHUNKS = 5
"""Everybody takes turns, ten runs at a time: five times in a repetition."""

FULL = 60
"""Turns after which an agent remembers as much as it ever will."""

OLD = 500
"""Turns of a room that has seen much."""

WHO = Principal(user="bench")

Talk = Callable[[int], Awaitable[float]]
"""Lets so many runs happen; gives the CPU time of one, in ms."""


def one_turn(scale: Scale) -> list[Result]:
    """In this process, without a socket; rooms are kept in a file, as they are when nobody says otherwise."""
    with databases() as places:
        return asyncio.run(_measure(places, scale))


async def _measure(places: Places, scale: Scale) -> list[Result]:
    agent = ag2.Agent("host", PROMPT, config=InstantConfig())
    servers = {NEW: Server(places.found[SQLITE].url), BUSY: Server(places.found[SQLITE].url, background_jobs=True)}
    if POSTGRESQL in places.found:
        servers[ELSEWHERE] = Server(places.found[POSTGRESQL].url)
    for server in servers.values():
        await server.open()
    aged = await servers[BUSY].talk("aged")
    await _asked(agent, FULL)
    await aged(scale.of(OLD))  # what is only done once is done by now
    gc.collect()
    gc.freeze()  # as the server does when it starts
    samples: dict[str, list[float]] = {}
    for repetition in range(scale.repetitions):
        talks = {who: await servers[who].talk(f"{n}-{repetition}") for n, who in enumerate(servers)}
        talks |= {PRIVATE: servers[NEW].private(), BARE: lambda times: _asked(agent, times)}
        settled = await servers[BUSY].talk(f"settled-{repetition}")
        await settled(FULL)
        await _take_turns({**talks, SETTLED: settled, AGED: aged}, scale.of(CHUNK), samples)
    for server in servers.values():
        await server.runtime.close()
    line = {who: Line(who, middle(each)) for who, each in samples.items()}
    shown = [line[who] for who in (NEW, BARE, BUSY, PRIVATE, ELSEWHERE) if who in line]
    turn = Result("a run of one turn", "ms CPU / run", shown, goal="≤ 1.2 x a bare ask", missing=places.missing)
    turn.met = turn.of(NEW) <= 1.2 * turn.of(BARE)
    growth = Result(
        "the same with all its jobs, as a room grows",
        "ms CPU / run",
        [line[SETTLED], line[AGED]],
        goal="flat, that is within 1.2 x",
    )
    growth.met = growth.of(AGED) <= 1.2 * growth.of(SETTLED)
    return [turn, growth]


async def _take_turns(talks: Mapping[str, Talk], times: int, samples: dict[str, list[float]]) -> None:
    for _ in range(CHUNKS):
        for who, talk in talks.items():
            samples.setdefault(who, []).append(await talk(times))


class Server:
    """A runtime that is asked from within, and the background jobs that its runs bring about: they count as well."""

    def __init__(self, url: str, *, background_jobs: bool = False) -> None:
        team = Team("instant", [Agent("host", PROMPT, model=InstantConfig())])
        settings = Settings.load(None, database_url=url, background_jobs=background_jobs)
        self.runtime = Runtime(settings, agents=[], teams=[team])
        self.runtime.jobs.observe(self._note)
        self._put: set[str] = set()
        self._done: set[str] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def open(self) -> None:
        """Get ready. Where there are no background jobs, those of others who share the database are left alone."""
        if self.runtime.settings.background_jobs:
            await self.runtime.open()

    async def talk(self, name: str) -> Talk:
        """Talks in a room of that name."""
        room = await self.runtime.lobby.open(name)
        return lambda times: self._talked(room, times)

    def private(self) -> Talk:
        """Talks in a room that is kept in memory only, as a request over HTTP that names no room does."""
        room = self.runtime.lobby.ephemeral(self.runtime.catalog.default)
        return lambda times: self._talked(room, times)

    async def _talked(self, room: Room, times: int) -> float:
        gc.collect()  # nobody pays for the garbage of the one before
        begin = process_time()
        for _ in range(times):
            action = Send(kind="send", id=new_id("act"), room=room.id, parts=[TextPart(kind="text", text="Hello.")])
            receipt = await room.act(WHO, action)
            assert isinstance(receipt.result, dict)
            outcome = await room.outcome(str(receipt.result["run"]))
            assert outcome.outcome == "success", outcome
        if self.runtime.settings.background_jobs:
            await asyncio.sleep(0.05)  # what the last run brings about is put by now; waiting costs no CPU
            await self._quiet.wait()
        return (process_time() - begin) / times * 1000

    async def _note(self, job: Job) -> None:
        if job.thread_id is None:
            return
        (self._done if job.status.finished else self._put).add(job.id)
        if self._put == self._done:
            self._quiet.set()
        else:
            self._quiet.clear()


async def _asked(agent: ag2.Agent, times: int) -> float:
    gc.collect()
    begin = process_time()
    for _ in range(times):
        await agent.ask("Hello.")
    return (process_time() - begin) / times * 1000
