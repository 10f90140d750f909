"""Texts are found by what they are about, offline; the model may look for them too."""

import pytest

from salon import Agent, VectorMemorySkill
from salon.agents.context.context import Context
from salon.agents.context.current import CONTEXT
from salon.contracts.runs import Principal
from tests.fakes.port import FakePort


@pytest.mark.requirement("S1-20")
async def test_of_three_texts_the_nearest_is_found_first() -> None:
    agent = Agent("a", "You research.", skills={"vectors": VectorMemorySkill({"collection_name": "research_vectors"})})
    memory = agent.skills["vectors"]
    assert isinstance(memory, VectorMemorySkill)
    await memory.add_content("The kettle takes 1.7 litres of water.", {"page": 3})
    await memory.add_content("Paris is the capital of France.")
    await memory.add_content("Goalkeepers may use their hands.")
    found = await memory.search("how much water does the kettle take")
    assert found[0].text.startswith("The kettle")
    assert found[0].metadata == {"page": 3}
    assert "1.7 litres" in await memory.search_memory("water in the kettle", limit=1)


async def test_an_empty_memory_says_so() -> None:
    agent = Agent("a", "You research.", skills={"vectors": VectorMemorySkill()})
    memory = agent.skills["vectors"]
    assert isinstance(memory, VectorMemorySkill)
    assert await memory.search_memory("anything") == "Nothing of that is remembered."
    assert [tool.name for tool in agent.get_all_tools()] == ["search_memory"]


async def test_what_is_added_for_people_of_a_tenant_is_found_by_them_alone() -> None:
    agent = Agent("a", "You research.", skills={"vectors": VectorMemorySkill()})
    memory = agent.skills["vectors"]
    assert isinstance(memory, VectorMemorySkill)
    await memory.add_content("The kettle is in the kitchen.")

    async def asked(tenant: str, *, add: str = "") -> list[str]:
        port = FakePort(principal=Principal("ann", tenant=tenant))
        before = CONTEXT.set(Context(port, owner=agent))
        try:
            if add:
                await memory.add_content(add)
            return sorted(match.text for match in await memory.search("kettle"))
        finally:
            CONTEXT.reset(before)

    assert await asked("one", add="Our kettle leaks.") == ["Our kettle leaks.", "The kettle is in the kitchen."]
    assert await asked("two") == ["The kettle is in the kitchen."]


@pytest.mark.parametrize("name", [" ", "tenant:0f"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="collection_name"):
        VectorMemorySkill({"collection_name": name})
