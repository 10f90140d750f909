"""Dynamic agents as those who answer: each run with an agent that is not let go before it ends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from salon.agents.agent import Agent
from salon.chat.dynamic import Dynamic
from salon.contracts.runs import Principal, RunOrder, RunOutcome, Stage
from salon.sources.code import CodeAgents
from salon.sources.dynamic import DynamicAgents
from tests.fakes.answering import SUCCESS, Scripted

ANNA = Principal("anna")
ORDER = RunOrder(run="run_1", principal=ANNA)
STAGE = cast(Stage, SimpleNamespace(transcript=list))


@pytest.mark.requirement("S1-64")
async def test_a_run_that_waited_while_its_agent_was_let_go_is_answered_by_a_new_one() -> None:
    configs = {name: {"instructions": f"You are {name}."} for name in "ab"}
    evicted: list[Agent] = []
    spoken: list[Agent] = []

    def answers(agent: Agent) -> Scripted:
        async def play(_stage: Stage, _order: RunOrder) -> RunOutcome:
            spoken.append(agent)
            return SUCCESS

        return Scripted(agent.name, play)

    agents = DynamicAgents(CodeAgents(configs), limit=1, on_evict=evicted.append)
    dynamic = Dynamic(agents, answers)
    waiting = await dynamic.find("a", ANNA)
    first = await dynamic.agent("a", ANNA)
    assert await dynamic.find("b", ANNA) is not None  # the only place is now b's
    assert waiting is not None
    assert await waiting.respond(STAGE, ORDER) == SUCCESS
    assert spoken == [await dynamic.agent("a", ANNA)]
    assert spoken != [first]
    del configs["a"]
    await dynamic.find("b", ANNA)
    gone = await waiting.respond(STAGE, ORDER)
    assert (gone.outcome, gone.error) == ("error", "not_found")
    await agents.close()
    assert [agent.name for agent in evicted] == ["a", "b", "a", "b"]
    assert len(set(map(id, evicted))) == 4
