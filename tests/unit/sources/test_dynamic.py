"""Dynamic agents: made when they are asked for, once, kept while they are used, let go after, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

import pytest

from salon.agents.agent import Agent
from salon.agents.skill import Skill
from salon.contracts.runs import Principal
from salon.errors import SalonError
from salon.sources.code import CodeAgents, EnvironmentAgents
from salon.sources.dynamic import DynamicAgents
from tests.clock import ManualClock

ANNA = Principal("anna")


class Factory:
    """Makes agents, and counts them."""

    def __init__(self, *names: str) -> None:
        self.made: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.configs: dict[str, Callable[[], Any]] = {name: self._maker(name) for name in names}

    def _maker(self, name: str) -> Callable[[], Any]:
        async def make() -> Agent:
            self.made.append(name)
            await self.gate.wait()
            return Agent(name, f"You are {name}.")

        return make


@pytest.mark.requirement("S1-57", "S1-61")
async def test_of_500_agents_the_3_that_are_asked_for_are_made_each_once() -> None:
    factory = Factory(*(f"agent-{number}" for number in range(500)))
    agents = DynamicAgents(CodeAgents(factory.configs))
    assert len(await agents.names(ANNA)) == 500
    assert factory.made == []
    for name in ("agent-7", "agent-70", "agent-499", "agent-7"):
        found = await agents.create_agent(name)
        assert found is not None
        assert found is await agents.create_agent(name)
    assert factory.made == ["agent-7", "agent-70", "agent-499"]
    assert agents.count == 3
    assert await agents.create_agent("agent-500") is None
    await agents.close()


@pytest.mark.requirement("S1-61")
async def test_those_who_ask_at_the_same_time_get_the_same_agent_also_when_the_first_leaves() -> None:
    factory = Factory("slow")
    factory.gate.clear()
    agents = DynamicAgents(CodeAgents(factory.configs))
    asking = [asyncio.create_task(agents.create_agent("slow")) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    factory.gate.set()
    async with asyncio.timeout(5):
        found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert len({id(agent) for agent in found[1:]}) == 1
    assert factory.made == ["slow"]
    await agents.close()


async def test_what_an_agent_keeps_is_not_the_first_request_and_one_that_is_being_made_is_not_waited_for() -> None:
    whose: ContextVar[str] = ContextVar("whose", default="nobody's")
    seen: list[str] = []
    begun = asyncio.Event()
    whose.set("anna's")

    async def hanging() -> Agent:
        seen.append(whose.get())
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    agents = DynamicAgents(CodeAgents({"slow": hanging}))
    asking = asyncio.create_task(agents.create_agent("slow"))
    async with asyncio.timeout(5):
        await begun.wait()
        await agents.close()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert seen == ["nobody's"]
    assert agents.count == 0


@pytest.mark.parametrize(("argument", "value"), [("ttl", 0), ("ttl", -1), ("ttl", float("nan")), ("limit", 0)])
def test_bounds_that_keep_nothing_are_refused(argument: str, value: float) -> None:
    with pytest.raises(ValueError, match=argument):
        DynamicAgents(**{argument: value})  # type: ignore[arg-type]


class Tidy(Skill):
    """Tells when it is let go."""

    gone: list[str]

    async def cleanup(self) -> None:
        self.gone.append(self.agent.name)


@pytest.mark.requirement("S1-60", "S1-64")
async def test_an_idle_agent_is_let_go_after_its_time_and_one_in_use_is_not(clock: ManualClock) -> None:
    cleaned: list[str] = []
    evicted: list[str] = []

    def config() -> Mapping[str, Any]:
        skill = Tidy()
        skill.gone = cleaned
        return {"instructions": "You work.", "skills": {"tidy": skill}}

    left = asyncio.Event()

    def on_evict(agent: Agent) -> None:
        evicted.append(agent.name)
        left.set()

    agents = DynamicAgents(CodeAgents({"idle": config, "busy": config}), ttl=60, on_evict=on_evict, clock=clock)
    idle, busy = await agents.find("idle", ANNA), await agents.find("busy", ANNA)
    assert idle is not None
    assert busy is not None
    await idle.agent.initialize()
    with agents.in_use(busy):
        clock.advance(59)
        agents.sweep()
        assert agents.count == 2
        clock.advance(2)
        agents.sweep()
        assert agents.count == 1
        async with asyncio.timeout(5):
            await left.wait()
    assert cleaned == ["idle"]
    clock.advance(61)
    agents.sweep()
    await agents.close()
    assert evicted == ["idle", "busy"]


async def test_the_one_used_longest_ago_makes_room_unless_all_are_in_use(clock: ManualClock) -> None:
    factory = Factory("a", "b", "c", "d")
    evicted: list[str] = []

    async def on_evict(agent: Agent) -> None:
        evicted.append(agent.name)

    agents = DynamicAgents(CodeAgents(factory.configs), limit=2, on_evict=on_evict, clock=clock)
    a = await agents.find("a", ANNA)
    assert a is not None
    with agents.in_use(a):
        clock.advance(1)
        b = await agents.find("b", ANNA)
        clock.advance(1)
        c = await agents.find("c", ANNA)
        assert b is not None
        assert c is not None
        with agents.in_use(c), pytest.raises(SalonError, match="2 agents are in use") as refused:
            await agents.find("d", ANNA)
        assert refused.value.code == "unavailable"
    await agents.close()
    assert evicted[0] == "b"


@pytest.mark.requirement("S1-62")
async def test_another_config_is_another_agent_from_the_next_time_on_and_the_old_one_ends_in_peace() -> None:
    evicted: list[str] = []
    configs = {"helper": {"instructions": "You are the first."}}
    agents = DynamicAgents(CodeAgents(configs), on_evict=lambda agent: evicted.append(agent.instructions))
    first = await agents.find("helper", ANNA)
    assert first is not None
    with agents.in_use(first):
        configs["helper"] = {"instructions": "You are the second."}
        second = await agents.create_agent("helper")
        assert second is not None
        assert second.instructions == "You are the second."
        assert first.agent.instructions == "You are the first."
        await asyncio.sleep(0)
        assert evicted == []
    await agents.close()
    assert evicted == ["You are the first.", "You are the second."]


@pytest.mark.requirement("S1-67", "S1-70")
async def test_an_environment_has_agents_of_its_own_and_one_without_any_has_none() -> None:
    configs = {
        "production": {"helper": {"instructions": "You are careful."}},
        "development": {"helper": {"instructions": "You are bold."}},
    }
    for environment, said in (("production", "careful"), ("development", "bold"), (None, "bold")):
        agents = DynamicAgents(EnvironmentAgents(configs), environment=environment)
        found = await agents.create_agent("helper")
        assert found is not None
        assert said in found.instructions
        await agents.close()
    assert await DynamicAgents(EnvironmentAgents(configs), environment="staging").create_agent("helper") is None


async def test_an_agent_that_cannot_be_made_is_an_error_that_tells_the_operator_not_the_caller() -> None:
    agents = DynamicAgents(CodeAgents({"bad": {"instructions": "You fail.", "modle": "secret"}}))
    with pytest.raises(SalonError, match="cannot be used") as failed:
        await agents.create_agent("bad")
    assert failed.value.code == "agent_error"
    assert "secret" not in failed.value.message
    assert await DynamicAgents(CodeAgents({"none": lambda: None})).create_agent("none") is None
