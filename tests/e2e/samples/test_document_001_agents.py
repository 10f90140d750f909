"""Document 001, its first three chapters: agents with models, tools, memory, skills and each other."""

from __future__ import annotations

from datetime import datetime

import pytest

from salon import Agent, Skill, tool
from salon.contracts.runs import Sampling
from tests.e2e.samples.blocks import Names, corrected, defined_first, run, sample, supplied
from tests.e2e.samples.watch import Watch


@pytest.mark.requirement("S1-01", "S1-02", "S1-03", "S1-04", "S1-05", "S1-06", "S1-07", "S1-08", "S1-51")
async def test_001_01_six_agents_of_different_make_work_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    names = await run(sample("001_01"))
    assert capsys.readouterr().out.strip() == names["response"].choices[0].message.content
    made = {
        "openai_agent": "openai/gpt-4o",
        "claude_agent": "anthropic/claude-3-sonnet",
        "litellm_agent": "litellm/openai/gpt-4o",
        "grok_agent": "xai/grok-beta",
        "custom_agent": "openai/gpt-4o-mini",
        "skills_agent": "openai/gpt-4o-mini",
    }
    kinds = {name: type(names[name].llm_skill).__name__ for name in made}
    assert {name: names[name].model for name in made} == made
    assert kinds == {
        "openai_agent": "OpenAISkill",
        "claude_agent": "AnthropicSkill",
        "litellm_agent": "LiteLLMSkill",
        "grok_agent": "XAISkill",
        "custom_agent": "OpenAISkill",
        "skills_agent": "OpenAISkill",
    }
    assert names["custom_agent"].sampling == Sampling(temperature=0.7, max_tokens=1000)
    for name in made:
        assert str(await names[name].run([{"role": "user", "content": "Hello, how are you?"}]))


@pytest.mark.requirement("S1-09", "S1-11", "S1-12", "S1-13")
async def test_001_02_a_skills_method_is_a_tool() -> None:
    """The method's body is indented, and what a model writes is calculated instead of evaluated as Python: `eval`
    without builtins still reaches every class, and `9**9**9` takes for ever."""
    body = '''\
    """Calculate a mathematical expression safely"""
    try:
        result = eval(expression, {"__builtins__": {}}, {})
        return str(result)
    except:
        return "Invalid expression"
'''
    safely = '''\
        """Calculate a mathematical expression safely"""
        return calculate(expression)
'''
    source = corrected(sample("001_02"), {body: safely})
    names = await run("from salon.skills.calculator import calculate\n" + source, supplied(BaseAgent="Agent"))
    assert "352" in str(names["response"])
    agent: Agent = names["calculator_agent"]
    (spec,) = agent.get_all_tools()
    assert (spec.name, spec.description) == ("calculate", "Calculate a mathematical expression safely")  # type: ignore[union-attr]
    assert agent.skills["calculator"].agent is agent
    attacks = ("().__class__.__base__.__subclasses__()", "9**9**9", "__import__('os')")
    assert {agent.skills["calculator"].calculate(attack) for attack in attacks} == {"Invalid expression"}  # type: ignore[attr-defined]


@pytest.mark.requirement("S1-15", "S1-16")
async def test_001_03_memory_skills_remember_from_one_run_to_the_next() -> None:
    names = await run(sample("001_03"), supplied(BaseAgent="Agent"))
    assert "Alice" in str(names["response2"])
    assert "Python" in str(names["response2"])
    agent: Agent = names["memory_agent"]
    stranger = await agent.run([{"role": "user", "content": "What's my name?"}], user_id="someone-else")
    assert "Alice" not in str(stranger)


@pytest.mark.requirement("S1-17", "S1-18", "S1-19")
async def test_001_04_an_agent_has_several_models() -> None:
    names = await run(sample("001_04"), supplied(BaseAgent="Agent"))
    context = names["multi_llm_agent"].context
    main = context.get_llm_skill()
    assert (type(main).__name__, main.model) == ("LiteLLMSkill", "openai/gpt-4o")
    assert isinstance(context.get_skill("claude"), names["AnthropicSkill"])
    specialist = context.get_skill("openai_specialist")
    assert isinstance(specialist, names["OpenAISkill"])
    assert specialist.model == "gpt-4-turbo"
    assert context.get_skill("nobody") is None
    assert await specialist.query_openai("gpt-4", [{"role": "user", "content": "Hello"}])


@pytest.mark.requirement("S1-20", "S1-24", "S1-26", "S1-27", "S1-28", "S1-29", "S1-30")
async def test_001_05_an_agent_with_everything() -> None:
    """Two parentheses that stand in the wrong place, a class that is used before it is defined."""
    source = corrected(
        sample("001_05"),
        {
            '"research": CustomResearchSkill()\n}\n': '"research": CustomResearchSkill()\n}\n)\n',
            "    # Note: Pricing is handled by PaymentSkill, not at agent level\n)\n": "",
        },
    )
    taken = {**supplied("Skill", "Context", "current_agent_context"), "datetime": datetime}
    names = await run(defined_first(source, "CustomResearchSkill"), taken)
    agent: Agent = names["advanced_agent"]
    assert set(agent.skills) == {
        "short_term_memory",
        "long_term_memory",
        "vector_memory",
        "guardrails",
        "google",
        "database",
        "research",
    }
    assert {"research_tool", "save_findings_tool"} <= {tool.name for tool in agent.get_all_tools()}
    watch = Watch(agent)
    answer = await agent.run("Please call the research tool on the topic of tea", user_id="olga")
    assert "for user olga" in str(answer)
    assert (watch.calls, watch.charged) == (["research_tool"], ["Research query"])
    with pytest.raises(ValueError, match="research_tool"):
        Agent("other", "You research.", tools=["research_tool"], skills={"research": names["CustomResearchSkill"]()})

    google, vector, database = (agent.skills[key] for key in ("google", "vector_memory", "database"))
    skills = {"google": google, "vector_memory": vector, "database": database}
    other = Agent("librarian", "You research.", tools=["research_tool", "save_findings_tool"], skills=skills)
    watch = Watch(other)
    answer = await other.run("Research the topic of green tea with the research tool", user_id="uli")
    assert "Research completed on" in str(answer)
    found = await other.skills["vector_memory"].search("green tea")  # type: ignore[attr-defined]
    assert found[0].text.startswith("Research on ")
    save = "Save the findings 'tea is green' with the save findings tool"
    await other.run(save, user_id="uli")
    assert "save_findings_tool" not in watch.calls, "it is for owners"
    assert "Findings saved" in str(await other.run(save, user_id="olga", scopes=["owner"]))
    assert "tea is green" in str(await other.skills["database"].db_query("research_findings"))  # type: ignore[attr-defined]


@pytest.mark.requirement("S1-31", "S1-32", "S1-49")
async def test_001_06_skills_of_the_platform_and_one_of_ones_own() -> None:
    """A class that is used before it is defined."""
    taken = supplied("Skill", "tool", "hook", "Context")
    names = await run(defined_first(sample("001_06"), "CustomBusinessSkill"), taken)
    agent: Agent = names["robutler_agent"]
    assert list(agent.skills) == ["payments", "discovery", "nli", "storage", "business"]
    watch = Watch(agent)
    asked = "Please run the business analytics on last month's sales"
    for user, scopes in (("uli", []), ("olga", ["owner"])):
        answer = str(await agent.run(asked, user_id=user, scopes=scopes))
        assert ("Analytics for olga" in answer) is bool(scopes)
        assert ("business_validated" in watch.noted) is bool(scopes)
    assert watch.calls.count("business_analytics") == 1
    assert "Business analytics query" in watch.charged


async def team() -> Names:
    """What block 07 makes; the specialists' own skills are the test's."""

    class CodingSkill(Skill):
        @tool
        def write_endpoint(self, path: str) -> str:
            """Write an endpoint."""
            return f"@app.post({path!r})"

    class DesignSkill(Skill):
        @tool
        def draw(self, screen: str) -> str:
            """Draw a screen."""
            return f"[{screen}]"

    taken = supplied("Skill", "Context", "handoff", "HandoffResult", BaseAgent="Agent")
    source = defined_first(sample("001_07"), "CoordinatorSkill")
    return await run(source, {**taken, "CodingSkill": CodingSkill, "DesignSkill": DesignSkill})


@pytest.mark.requirement("S1-37", "S1-38", "S1-41")
async def test_001_07_a_coordinator_delegates_to_specialists() -> None:
    """The delegations are for owners: the block's own run, by nobody in particular, is answered without them."""
    names = await team()
    assert str(names["response"])
    agent: Agent = names["coordinator_agent"]
    delegations = ["delegate_to_coding_specialist", "delegate_to_ui_designer"]
    assert [way.name for way in agent.get_all_handoffs()] == delegations
    watch = Watch(agent)
    asked = "Delegate the login endpoint to the coding specialist, then delegate the login screen to the ui designer"
    answer = await agent.run(asked, user_id="olga", scopes=["owner"])
    assert [call for call in watch.calls if call in delegations] == delegations
    assert {"Coding delegation", "Design delegation"} <= set(watch.charged)
    assert str(answer)
    watch = Watch(agent)
    await agent.run(asked, user_id="uli")
    assert not set(watch.calls) & set(delegations)
