"""The request that is being served, wherever it is asked for."""

import asyncio
from typing import Any

import pytest

from salon import CONTEXT, Agent, Context, Skill, current_agent_context, get_server_context, pricing, tool
from salon.contracts.runs import Principal
from salon.models.mock.scenario import Scenario
from tests.fakes.port import FakePort


class Counter(Skill):
    """Counts what it is asked."""

    count = 0

    async def more(self) -> int:
        self.count += 1
        return self.count


def scripted(*turns: dict[str, Any], **fields: Any) -> Agent:
    return Agent("clerk", "You help.", model="mock", scenario=Scenario.of(turns), **fields)


@pytest.mark.requirement("S0-21", "S1-29", "S1-56", "S1-27")
async def test_inside_a_tool_the_request_is_known_without_being_handed_in_and_outside_there_is_none() -> None:
    seen: list[Context] = []

    def deeper() -> Context:
        return current_agent_context()

    @tool
    async def look() -> str:
        """Look."""
        skill = deeper().get_skill("counter")
        assert isinstance(skill, Counter)
        await skill.more()
        server = get_server_context()
        assert server is not None
        assert server is CONTEXT.get()
        seen.append(server)
        return str(skill.count)

    agent = scripted({"call": "look"}, {"say": "{result}"}, tools=[look], skills={"counter": Counter()})
    assert str(await agent.run("Look", user_id="ann", scopes=["owner", "own"])) == "1"
    (context,) = seen
    assert (context.user, context.auth_scope, context.agent_object) == ("ann", "owner", agent)
    assert context.skills is agent.skills
    assert get_server_context() is CONTEXT.get() is None
    with pytest.raises(RuntimeError, match="no request here"):
        current_agent_context()


async def test_a_tool_in_a_thread_knows_its_request_too_and_the_agent_shows_it() -> None:
    agent: Agent

    @tool
    def look() -> str:
        """Look."""
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        agent.context.track_usage(5, "Looking")
        return current_agent_context().user

    agent = scripted({"call": "look"}, {"say": "{result}"}, tools=[look])
    assert str(await agent.run("Look", user_id="ann")) == "ann"


@pytest.mark.requirement("S0-11")
async def test_a_priced_tool_puts_its_price_on_the_bill_for_each_call_that_succeeds() -> None:
    reports: list[Any] = []

    @pricing(credits_per_call=1000)
    @tool
    def get_time(fail: bool = False) -> str:
        """Get the current time."""
        if fail:
            raise ValueError
        return "noon"

    @tool
    def report(context: Context) -> str:
        """Report."""
        reports.append(context.get_usage())
        return ""

    turns: list[dict[str, Any]] = [
        {"call": "get_time"},
        {"call": "get_time", "args": {"fail": True}},
        {"call": "report"},
        {"say": "Done."},
    ]
    await scripted(*turns, tools=[get_time, report], credits_per_token=0).run("Hello")
    assert reports[0]["total_credits"] == 1000
    assert reports[0]["items"] == [{"credits": 1000, "reason": "get_time"}]


def test_the_scope_that_a_context_names_is_the_strongest_and_a_note_of_that_name_comes_first() -> None:
    def context(*scopes: str) -> Context:
        return Context(FakePort(principal=Principal("ann", scopes=frozenset(scopes))))

    assert context().auth_scope == ""
    assert context().get("auth_scope", "basic") == "basic"
    assert context("premium", "owner").get("auth_scope", "basic") == "owner"
    assert context("zebra", "ape").auth_scope == "ape"
    noted = context("owner")
    noted.set("auth_scope", "guest")
    assert noted.get("auth_scope") == "guest"


def test_credits_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="whole number"):
        Context(FakePort()).track_usage(-5)
