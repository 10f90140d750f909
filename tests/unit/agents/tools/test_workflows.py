"""Workflows of an agent: run by programs, called by models, watched by people."""

from typing import Any

import pytest

from salon import Agent, Skill
from salon.chat.team import Team
from salon.contracts.events import Custom, ToolDone
from salon.contracts.runs import Principal
from salon.errors import RequestError, SalonError
from salon.flows.context import WorkflowContext
from salon.flows.workflow import workflow
from tests.unit.chat.stand import Stand, agent


class Search(Skill):
    async def google_search(self, query: str, max_results: int = 10) -> str:
        return f"{max_results} about {query}"


@workflow(name="research", dependencies=["google", "robutler.storage"], version="1.0")
async def research(workflow_context: WorkflowContext, topic: str, depth: str = "deep") -> dict[str, str]:
    """Research a topic."""
    google = workflow_context.get_dependency("google")
    workflow_context.log(f"Starting research on: {topic}")
    found = await google.google_search(topic, max_results=3)
    return {"status": "completed", "found": found, "depth": depth}


def skills() -> dict[str, Skill]:
    return {"google": Search(), "robutler.storage": Search()}


@pytest.mark.requirement("S1-83")
async def test_a_workflow_is_run_with_the_agents_skills_by_programs_and_by_models() -> None:
    made = Agent("researcher", "You research.", skills=skills(), workflows=[research])
    result = await made.run_workflow("research", topic="tea")
    assert result == {"status": "completed", "found": "3 about tea", "depth": "deep"}
    assert [tool.name for tool in made.get_all_tools()] == ["research"]

    turns: list[dict[str, Any]] = [{"call": "research", "args": {"topic": "milk"}}, {"say": "Done."}]
    stand = Stand(Team("researcher", [agent("researcher", *turns, skills=skills(), workflows=[research])]))
    await stand.say("Research milk")
    (done,) = stand.bodies(ToolDone)
    assert done.output["found"] == "3 about milk"
    told = [event.value for event in stand.bodies(Custom)]
    assert told[0] == {"workflow": "research", "text": "Starting research on: milk"}
    assert {"workflow": "research", "step": "google.google_search", "recalled": False} in told


async def test_what_is_missing_is_told_before_the_first_step() -> None:
    made = Agent("researcher", "You research.", skills={"google": Search()}, workflows=[research])
    with pytest.raises(RequestError, match=r"robutler\.storage"):
        await made.run_workflow("research", topic="tea")
    with pytest.raises(SalonError, match="no workflow 'write'; there are: research"):
        await made.run_workflow("write")
    with pytest.raises(RequestError, match="topic"):
        await Agent("r", "You research.", skills=skills(), workflows=[research]).run_workflow("research")


async def test_a_workflow_for_some_scopes_is_neither_offered_to_others_nor_run_for_them() -> None:
    @workflow(scope="owner")
    async def purge(context: WorkflowContext) -> str:
        """Purge it."""
        return "purged"

    outcomes = []
    for scopes in (frozenset({"user"}), frozenset({"owner"})):
        turns: list[dict[str, Any]] = [{"call": "purge", "args": {}}, {"say": "Done."}]
        stand = Stand(Team("keeper", [agent("keeper", *turns, workflows=[purge])]))
        await stand.say("Purge it", who=Principal("ada", scopes=scopes))
        (done,) = stand.bodies(ToolDone)
        outcomes.append((done.ok, done.output))
    assert outcomes[0][0] is False
    assert outcomes[1] == (True, "purged")


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two are named 'research'"):
        Agent("researcher", "You research.", workflows=[research, research])
    with pytest.raises(TypeError, match="expected a list"):
        Agent("researcher", "You research.", workflows=research)  # type: ignore[arg-type]
