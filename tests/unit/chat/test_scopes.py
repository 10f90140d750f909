"""Scopes: who is offered what, and who can have it run, also when the model asks for what it was not offered."""

import asyncio

import pytest

from salon import Agent, Context, Skill, hook, prompt, tool
from salon.models.mock.scenario import Scenario

ran: list[tuple[str, str]] = []


class Desk(Skill):
    """Something for everyone, and something for some."""

    @tool
    def read(self, context: Context) -> str:
        """Read."""
        ran.append((context.user, "read"))
        return "read"

    @tool(scope=["premium", "owner"])
    def research(self, context: Context) -> str:
        """Research."""
        ran.append((context.user, "research"))
        return str(context.get("auth_scope", "basic"))

    @tool(scope="owner")
    async def wipe(self, context: Context) -> str:
        """Wipe."""
        ran.append((context.user, "wipe"))
        return "wiped"

    @prompt(scope="premium")
    def praise(self, context: Context) -> str:
        return "Praise the customer."

    @hook("before_llm")
    async def note(self, context: Context) -> None:
        context.set("prompts", [m["content"] for m in context.data["messages"] if m["role"] == "system"])  # type: ignore[attr-defined]

    @tool
    def told(self, context: Context) -> object:
        """Tell what the model was told."""
        return context.get("prompts")


@pytest.mark.requirement("S1-30", "S1-32", "S1-50")
async def test_three_users_at_once_can_each_have_run_exactly_what_is_theirs() -> None:
    ran.clear()
    calls = [{"calls": [{"name": name} for name in ("read", "research", "wipe")]}, {"say": "{result}"}]
    agent = Agent("clerk", "You help.", model="mock", scenario=Scenario.of(calls), skills={"desk": Desk()})
    users = {"uli": ("user",), "petra": ("premium",), "olga": ("owner",)}
    async with asyncio.timeout(10):
        await asyncio.gather(*(agent.run("Do it all", user_id=user, scopes=held) for user, held in users.items()))
    assert sorted(ran) == [
        ("olga", "read"),
        ("olga", "research"),
        ("olga", "wipe"),
        ("petra", "read"),
        ("petra", "research"),
        ("uli", "read"),
    ]


async def test_a_call_of_what_was_not_offered_is_answered_with_a_clear_refusal() -> None:
    turns = [{"call": "wipe"}, {"say": "{result}"}]
    agent = Agent("clerk", "You help.", model="mock", scenario=Scenario.of(turns), skills={"desk": Desk()})
    assert "wipe is not available to this user" in str(await agent.run("Wipe", user_id="uli", scopes="user"))


async def test_a_model_is_offered_what_is_open_to_who_is_answered() -> None:
    ran.clear()
    agent = Agent("clerk", "You help.", model="mock", skills={"desk": Desk()})
    await agent.run("Please wipe everything", user_id="uli")
    await agent.run("Please wipe everything", user_id="olga", scopes=["owner"])
    assert ("olga", "wipe") in ran
    assert ("uli", "wipe") not in ran


async def test_a_prompt_with_a_scope_is_told_for_who_has_it() -> None:
    turns = [{"call": "told"}, {"say": "{result}"}]
    agent = Agent("clerk", "You help.", model="mock", scenario=Scenario.of(turns), skills={"desk": Desk()})
    assert "Praise" in str(await agent.run("Hello", user_id="petra", scopes="premium"))
    assert "Praise" not in str(await agent.run("Hello", user_id="uli"))


async def test_within_a_tool_other_agents_are_asked_on_behalf_of_who_is_answered() -> None:
    ran.clear()
    turns = [{"call": "wipe"}, {"say": "{result}"}]
    other = Agent("keeper", "You keep.", model="mock", scenario=Scenario.of(turns), skills={"desk": Desk()})

    async def delegate() -> str:
        """Ask the keeper."""
        return str(await other.run("Wipe"))

    agent = Agent(
        "clerk",
        "You help.",
        model="mock",
        scenario=Scenario.of([{"call": "delegate"}, {"say": "{result}"}]),
        tools=[delegate],
    )
    assert "wiped" in str(await agent.run("Hello", user_id="olga", scopes="owner"))
    assert ran == [("olga", "wipe")]


async def test_within_a_tool_another_agent_may_be_asked_with_fewer_scopes() -> None:
    ran.clear()
    turns = [{"call": "wipe"}, {"say": "{result}"}]
    other = Agent("keeper", "You keep.", model="mock", scenario=Scenario.of(turns), skills={"desk": Desk()})

    async def delegate() -> str:
        """Ask the keeper."""
        return str(await other.run("Wipe", scopes=[]))

    turns = [{"call": "delegate"}, {"say": "{result}"}]
    agent = Agent("clerk", "You help.", model="mock", scenario=Scenario.of(turns), tools=[delegate])
    assert "not available" in str(await agent.run("Hello", user_id="olga", scopes="owner"))
    assert ran == []
