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
PROMPT = "You answer."
RUNS = 50
OLD = 500
"""Turns after which a room's runs are compared with its first."""


def one_turn(scale: Scale) -> list[Result]:
    """In this process, without a socket."""
    return asyncio.run(_measure(scale))


async def _measure(scale: Scale) -> list[Result]:
    runs, age = scale.of(RUNS), scale.of(OLD)
    bare: list[float] = []
    young: list[float] = []
    grown: list[float] = []
    old: list[float] = []
    runtime = Runtime(
        Settings.load(None), agents=[], teams=[Team("instant", [Agent("host", PROMPT, model=InstantConfig())])]
    )
    agent = ag2.Agent("host", PROMPT, config=InstantConfig())
    gc.collect()
    gc.freeze()  # as the server does when it starts
    await _asked(agent, runs)  # what is only done once is done now
    await _talked(await runtime.lobby.open("warm"), runs)
    for repetition in range(scale.repetitions):
        room = await runtime.lobby.open(f"room-{repetition}")
        bare.append(await _asked(agent, runs))
        young.append(await _talked(room, runs))
        grown.append(await _talked(room, runs))
        await _talked(room, age - 3 * runs)
        bare.append(await _asked(agent, runs))
        old.append(await _talked(room, runs))
    await runtime.close()
    turn = Result(
        "a run of one turn",
        "ms CPU / run",
        [Line(SALON, middle(young), f"a new room's first {runs}"), Line(BARE, middle(bare))],
        goal="≤ 1.2 x a bare ask",
    )
    turn.met = turn.of(SALON) <= 1.2 * turn.of(BARE)
    growth = Result(
        f"the same, after {age} turns in the room",
        "ms CPU / run",
        [
            Line(SALON, middle(old), f"the last {runs}"),
            Line(f"{SALON}, {runs + 1} to {2 * runs}", middle(grown), "the agent's memory is full: 80 events"),
            Line(f"{SALON}, first {runs}", middle(young), "it fills"),
            Line(BARE, middle(bare), "no memory at all"),
        ],
        goal="flat once the agent's memory is full",
    )
    growth.met = middle(old) <= 1.2 * middle(grown)
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
