"""A run of one turn in a room, beside a bare `ag2.Agent.ask` with the same model; and what a long talk makes of it."""

import asyncio
import gc
from time import process_time

import ag2

from bench.figures import SALON, Line, Result, Scale, middle
from bench.subjects.instant import InstantConfig
from salon.agents.agent import Agent
from salon.chat.team import Team
from salon.contracts.actions import Send
from salon.contracts.runs import Principal
from salon.contracts.types import TextPart
from salon.ids import new_id
from salon.rooms.room import Room
from salon.runtime import Runtime
from salon.settings import Settings

BARE = "ag2.Agent.ask"
NEW = SALON
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


def one_turn(scale: Scale) -> list[Result]:
    """In this process, without a socket."""
    return asyncio.run(_measure(scale))


async def _measure(scale: Scale) -> list[Result]:
    chunk = scale.of(CHUNK)
    samples: dict[str, list[float]] = {BARE: [], NEW: [], SETTLED: [], AGED: []}
    agent = ag2.Agent("host", PROMPT, config=InstantConfig())
    team = Team("instant", [Agent("host", PROMPT, model=InstantConfig())])
    runtime = Runtime(Settings.load(None), agents=[], teams=[team])
    aged = await runtime.lobby.open("aged")
    await _asked(agent, FULL)
    await _talked(aged, scale.of(OLD))  # what is only done once is done by now
    gc.collect()
    gc.freeze()  # as the server does when it starts
    for repetition in range(scale.repetitions):
        new = await runtime.lobby.open(f"new-{repetition}")
        settled = await runtime.lobby.open(f"settled-{repetition}")
        await _talked(settled, FULL)
        for _ in range(CHUNKS):
            samples[BARE].append(await _asked(agent, chunk))
            for who, room in ((NEW, new), (SETTLED, settled), (AGED, aged)):
                samples[who].append(await _talked(room, chunk))
    await runtime.close()
    line = {who: Line(who, middle(each)) for who, each in samples.items()}
    turn = Result("a run of one turn", "ms CPU / run", [line[NEW], line[BARE]], goal="≤ 1.2 x a bare ask")
    turn.met = turn.of(NEW) <= 1.2 * turn.of(BARE)
    growth = Result(
        "the same, as a room grows", "ms CPU / run", [line[SETTLED], line[AGED]], goal="flat, that is within 1.2 x"
    )
    growth.met = growth.of(AGED) <= 1.2 * growth.of(SETTLED)
    return [turn, growth]


async def _asked(agent: ag2.Agent, times: int) -> float:
    gc.collect()  # nobody pays for the garbage of the one before
    begin = process_time()
    for _ in range(times):
        await agent.ask("Hello.")
    return (process_time() - begin) / times * 1000


async def _talked(room: Room, times: int) -> float:
    who = Principal(user="bench")
    gc.collect()
    begin = process_time()
    for _ in range(times):
        action = Send(kind="send", id=new_id("act"), room=room.id, parts=[TextPart(kind="text", text="Hello.")])
        receipt = await room.act(who, action)
        assert isinstance(receipt.result, dict)
        outcome = await room.outcome(str(receipt.result["run"]))
        assert outcome.outcome == "success", outcome
    return (process_time() - begin) / times * 1000
