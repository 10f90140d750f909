"""Ready definitions."""

import pytest

from salon import Agent, AgentTemplates


@pytest.mark.requirement("S2-08")
def test_the_assistant_has_the_name_that_it_is_given() -> None:
    assert "Helper" in AgentTemplates.assistant("Helper").role


@pytest.mark.requirement("S2-09")
def test_the_one_that_reads_documents_is_told_to_search_them() -> None:
    definition = AgentTemplates.rag_assistant("DocBot", domain="knowledge base")
    assert "DocBot" in definition.role
    assert "knowledge base" in definition.prompt
    agent = Agent(definition=definition, provider="openai", api_key="...", tools=["search_documents"])
    assert agent.system_prompt == definition.prompt
    assert [tool.name for tool in agent.tools] == ["search_documents"]


@pytest.mark.requirement("S2-10")
def test_the_property_manager_speaks_to_hosts() -> None:
    agent = Agent(definition=AgentTemplates.property_manager(), provider="anthropic", api_key="...")
    assert "vacation rental" in agent.system_prompt
    assert "checkout" in agent.system_prompt.lower()


def test_a_template_is_the_same_every_time_and_nobodys_to_change_for_others() -> None:
    for make in (AgentTemplates.assistant, AgentTemplates.rag_assistant, AgentTemplates.property_manager):
        one, two = make(), make()
        assert one == two
        assert one.constraints is not two.constraints
