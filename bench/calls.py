"""What a tool call costs: in a room, with and without a hook on it, beside a bare AG2 tool call with the same model.

Most of a bare call is AG2's own stream, which compiles a call model for each subscriber and tells sync ones in threads.
So it is measured on the stream of our turns too: what is left there is the tool alone, without room, log and memory.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from time import process_time

import ag2

from bench.figures import SALON, Line, Result, Scale, middle
from bench.subjects.instant import CallingConfig
from salon.agents.agent import Agent
from salon.agents.context.context import Context
from salon.agents.hooks import hook
from salon.agents.skill import Skill
from salon.agents.tools.tool import tool
from salon.chat.team import Team
from salon.chat.turns.stream import TurnStream
from salon.contracts.actions import Send
from salon.contracts.runs import Principal
from salon.contracts.types import TextPart
from salon.ids import new_id
from salon.rooms.room import Room
from salon.runtime import Runtime
from salon.settings import Settings

BARE = "ag2 tool call"
TOOL = "ag2 tool call, on our stream"
HOOKED = f"{SALON}, with a hook on calls"
CALLS = 8
"""Calls in a turn, one after the other."""

TURNS = 30
"""Turns in a sample."""

Ask = Callable[[], Awaitable[object]]


async def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class Watching(Skill):
    """A hook that does nothing."""

    @hook("on_toolcall")
    async def watch(self, context: Context) -> None:
        """Nothing."""


def one_call(scale: Scale) -> Result:
    """In this process, without a socket: a turn with calls, less a turn without."""
    return asyncio.run(_measure(scale))


async def _measure(scale: Scale) -> Result:
    teams = [
        Team("calling", [Agent("one", "You add.", model=CallingConfig(CALLS), tools=[tool(add)])]),
        Team("quiet", [Agent("two", "You add.", model=CallingConfig(0), tools=[add])]),
        Team("hooked", [Agent("three", "You add.", model=CallingConfig(CALLS), tools=[add], skills={"w": Watching()})]),
    ]
    runtime = Runtime(
        Settings.load(None, max_tool_rounds=CALLS + 1, database_url="sqlite:///:memory:"), agents=[], teams=teams
    )
    rooms = {team.name: runtime.lobby.ephemeral(runtime.catalog.responder(team.name)) for team in teams}
    bare = {
        calls: ag2.Agent("one", "You add.", config=CallingConfig(calls), tools=[ag2.tool(add)]) for calls in (0, CALLS)
    }
    pairs: dict[str, tuple[Ask, Ask]] = {
        SALON: (lambda: _said(rooms["calling"]), lambda: _said(rooms["quiet"])),
        HOOKED: (lambda: _said(rooms["hooked"]), lambda: _said(rooms["quiet"])),
        BARE: (lambda: bare[CALLS].ask("Hello."), lambda: bare[0].ask("Hello.")),
        TOOL: (lambda: _ask(bare[CALLS]), lambda: _ask(bare[0])),
    }
    samples: dict[str, list[float]] = {who: [] for who in pairs}
    for calling, quiet in pairs.values():  # what is only done once is done by now
        await _cost(calling, 3)
        await _cost(quiet, 3)
    for _ in range(3 * scale.repetitions):
        for who, (calling, quiet) in pairs.items():
            turns = scale.of(TURNS)
            samples[who].append((await _cost(calling, turns) - await _cost(quiet, turns)) / CALLS)
    await runtime.close()
    lines = [Line(who, middle(each)) for who, each in samples.items()]
    result = Result("a tool call in a turn", "µs CPU / call", lines, goal="≤ 1.5 x a bare AG2 tool call")
    result.met = result.of(SALON) <= 1.5 * result.of(BARE)
    return result


async def _ask(agent: ag2.Agent[str]) -> None:
    await agent.ask("Hello.", stream=TurnStream((), lambda *_: None))


async def _cost(ask: Ask, times: int) -> float:
    """CPU of one `ask`, in microseconds."""
    gc.collect()
    begin = process_time()
    for _ in range(times):
        await ask()
    return (process_time() - begin) / times * 1e6


async def _said(room: Room) -> None:
    action = Send(kind="send", id=new_id("act"), room=room.id, parts=[TextPart(kind="text", text="Hello.")])
    receipt = await room.act(Principal(user="bench"), action)
    assert isinstance(receipt.result, dict)
    outcome = await room.outcome(str(receipt.result["run"]))
    assert outcome.outcome == "success", outcome
