"""What people tell of themselves is remembered across runs, each person apart, wherever it is kept."""

from pathlib import Path

import pytest

from salon import Agent, LongTermMemorySkill, ShortTermMemorySkill, UserMemoryStore
from salon.agents.around.surroundings import around, settle

TOLD = [{"role": "user", "content": "My name is Alice and I love Python programming"}]
ASKED = [{"role": "user", "content": "What's my name and favorite language?"}]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")


def remembering(**skills: object) -> Agent:
    memory = LongTermMemorySkill({"connection_string": "postgresql://...", **skills})
    return Agent("memory-assistant", "You have perfect memory.", model="openai/gpt-4o", skills={"long": memory})


@pytest.mark.requirement("S1-15", "S1-16")
async def test_an_agent_remembers_across_runs_what_it_was_told() -> None:
    agent = remembering()
    await agent.run(TOLD)
    answer = str(await agent.run(ASKED))
    assert "Alice" in answer
    assert "Python" in answer


@pytest.mark.requirement("S1-16")
async def test_nobody_is_told_what_somebody_else_said() -> None:
    agent = remembering()
    await agent.run(TOLD, user_id="alice")
    agent.new_thread("alice")
    assert "Alice" in str(await agent.run(ASKED, user_id="alice"))
    assert "Alice" not in str(await agent.run(ASKED, user_id="bob"))


@pytest.mark.requirement("S1-15")
async def test_a_memory_with_an_address_is_found_again_by_another_agent(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/memory.db"
    first = remembering(connection_string=address)
    await first.run(TOLD, user_id="alice")
    await first.close()
    second = remembering(connection_string=address)
    assert "Alice" in str(await second.run(ASKED, user_id="alice"))
    assert await UserMemoryStore(address).get("alice", "name") == "Alice"


async def test_a_database_that_does_not_answer_costs_the_memory_and_not_the_answer() -> None:
    agent = remembering(connection_string="postgresql://someone@127.0.0.1:1/nowhere")
    assert str(await agent.run(TOLD))
    assert str(await agent.run(ASKED))


async def test_what_is_known_can_be_read_and_forgotten() -> None:
    agent = remembering()
    memory = agent.skills["long"]
    assert isinstance(memory, LongTermMemorySkill)
    await memory.remember("ann", "style", "concise", "preferences")
    assert [fact["value"] for fact in await memory.recall("ann")] == ["concise"]
    assert await memory.forget("ann") == 1


async def test_where_strangers_ask_nothing_is_remembered_of_nobody() -> None:
    agent = remembering()
    place = around(agent)

    class Open:
        open = True

        def __getattr__(self, name: str) -> object:
            return getattr(place, name)

    strangers = Open()
    settle(agent, strangers)  # type: ignore[arg-type]
    await agent.run(TOLD)
    await agent.close()
    memory = agent.skills["long"]
    assert isinstance(memory, LongTermMemorySkill)
    assert await memory.recall("anonymous") == []


def test_an_address_that_is_no_text_is_refused_when_the_skill_is_made() -> None:
    with pytest.raises(ValueError, match="connection_string"):
        LongTermMemorySkill({"connection_string": 5})


@pytest.mark.requirement("S1-14")
def test_short_term_memory_lets_the_oldest_message_go_that_is_no_instruction() -> None:
    skill = ShortTermMemorySkill({"max_messages": 50})
    agent = Agent("a", "You help.", skills={"short_term_memory": skill})
    said = [{"role": "system", "content": "Be kind."}]
    said += [{"role": "user" if n % 2 else "assistant", "content": f"message {n}"} for n in range(51)]
    assert agent.memory_strategy is not None
    kept = agent.memory_strategy.select(said)
    assert [message["content"] for message in kept] == ["Be kind.", *(f"message {n}" for n in range(1, 51))]


@pytest.mark.requirement("S1-14")
def test_short_term_memory_keeps_fifty_messages_unless_it_is_told_otherwise() -> None:
    said = [{"role": "user", "content": str(n)} for n in range(80)]
    for skill, count in ((ShortTermMemorySkill(), 50), (ShortTermMemorySkill({"max_messages": 100}), 80)):
        agent = Agent("a", "You help.", skills={"memory": skill})
        assert agent.memory_strategy is not None
        assert len(agent.memory_strategy.select(said)) == count
    own = Agent("a", "You help.", skills={"memory": ShortTermMemorySkill()}, memory_params={"n": 3})
    assert own.memory_strategy is not None
    assert len(own.memory_strategy.select(said)) == 3


@pytest.mark.parametrize("count", [0, -1, "many", True, 2.5])
def test_a_number_of_messages_that_is_none_is_refused(count: object) -> None:
    with pytest.raises(ValueError, match="max_messages"):
        ShortTermMemorySkill({"max_messages": count})


def test_the_skills_are_made_without_a_loop_or_a_file(tmp_path: Path) -> None:
    LongTermMemorySkill({"connection_string": f"sqlite:///{tmp_path}/never.db"})
    assert list(tmp_path.iterdir()) == []
