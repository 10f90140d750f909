"""An agent remembers by itself: each user apart, in memory or in a database, where it is found again."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from salon import Agent, AgentDefinition, handoff, tool
from salon.agents.alone import home
from salon.errors import RequestError, SalonError
from salon.models.mock.scenario import Scenario
from salon.runtime import home as runtime_home
from salon.runtime.embedded import embedded
from salon.runtime.house import house_of
from salon.runtime.sessions.exchange import RunFailed
from salon.settings import Settings
from salon.store.database import Database
from tests.e2e.processes import running

INTRODUCTION = "My name is Alice and I love Python programming"
QUESTION = "What's my name and favorite language?"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")


@pytest.fixture
async def conn(sqlite_database_url: str) -> AsyncIterator[str]:
    """A database in a file."""
    yield sqlite_database_url
    await house_of(sqlite_database_url).close()


@pytest.mark.requirement("S1-16")
async def test_an_agent_remembers_across_runs_each_user_apart() -> None:
    agent = Agent(name="memory-assistant", instructions="You are a helpful assistant with perfect memory.")
    await agent.run([{"role": "user", "content": INTRODUCTION}], user_id="user_1")
    known = await agent.run([{"role": "user", "content": QUESTION}], user_id="user_1")
    assert "Alice" in str(known)
    assert "Python" in str(known)
    stranger = await agent.run([{"role": "user", "content": QUESTION}], user_id="user_2")
    assert "Alice" not in str(stranger)


async def test_without_a_user_messages_are_the_whole_conversation_and_callers_never_mix() -> None:
    agent = Agent("guide", "You guide.")
    asked = {"role": "user", "content": "What is my name?"}

    async def call(name: str) -> str:
        return str(await agent.run([{"role": "user", "content": f"My name is {name}"}, asked]))

    answers = await asyncio.gather(*(call(name) for name in ("Ann", "Bob") * 3))
    assert [("Ann" in answer, "Bob" in answer) for answer in answers] == [(True, False), (False, True)] * 3
    streamed = "".join([text async for text in agent.run_streaming([asked]).texts()])
    assert {"Ann", "Bob"}.isdisjoint(
        (str(await agent.run([asked])) + streamed + await agent.chat(asked["content"])).split()
    )


async def test_whom_a_request_does_not_name_shares_no_thread_with_others_like_it() -> None:
    helper = Agent("helper", "You help.")

    @tool
    async def tell(text: str) -> str:
        """Tell the helper."""
        return await helper.chat(text)

    def asker(text: str) -> Agent:
        script = Scenario.of([{"call": "tell", "args": {"text": text}}, {"say": "{result}"}])
        return Agent("asker", "You ask.", tools=[tell], scenario=script)

    await asker("My name is Alice").run("Go")
    assert "Alice" not in str(await asker("What is my name?").run("Go"))
    await asker("My name is Alice").run("Go", user_id="ann")
    assert "Alice" in str(await asker("What is my name?").run("Go", user_id="ann"))


async def test_a_conversation_of_its_own_is_given_whole_and_leaves_nothing_behind() -> None:
    agent = Agent("guide", "You guide.")
    first = {"role": "user", "content": "My name is Alice"}
    chatter = [{"role": role, "content": f"line {n}"} for n in range(15) for role in ("user", "assistant")]
    lobby = embedded(Settings.load()).house.lobby
    there = set(lobby._ephemeral)
    answer = await agent.run([first, *chatter, {"role": "user", "content": "What is my name?"}])
    assert "Alice" in str(answer)
    async with aclosing(aiter(agent.run_streaming("Tell me a story"))) as chunks:
        await anext(chunks)
    assert lobby._ephemeral == there


async def test_a_runs_result_is_a_chat_completion_and_its_own_text() -> None:
    result = await Agent("guide", "You guide.").run("Hello")
    assert str(result) == result.final_output == result.choices[0].message.content
    said: Any = result["choices"]
    assert said[0]["message"]["content"] == result.final_output
    assert result["object"] == "chat.completion"
    assert result.usage.total_tokens == result.usage.prompt_tokens + result.usage.completion_tokens > 0
    with pytest.raises(KeyError):
        _ = result["session_id"]


@pytest.mark.requirement("S2-01", "S2-02", "S2-03", "S2-04")
async def test_a_chat_goes_on_until_a_new_thread_is_begun() -> None:
    agent = Agent(
        name="Assistant", role="You help users with their questions.", provider="anthropic", api_key="sk-ant-..."
    )
    response = await agent.chat("Hello, my name is Alice!")
    assert isinstance(response, str)
    assert "Alice" in await agent.chat("What is my name?")
    agent.new_thread()
    assert "Alice" not in await agent.chat("What is my name?")
    assert "1 message" in await agent.chat("What did I say before?")


async def test_a_new_thread_is_one_users_own() -> None:
    agent = Agent("guide", "You guide.")
    for user in ("a", "b"):
        await agent.chat("My name is Alice", user_id=user)
    agent.new_thread(user_id="a")
    assert "Alice" not in await agent.chat("What is my name?", user_id="a")
    assert "Alice" in await agent.chat("What is my name?", user_id="b")


@pytest.mark.requirement("S2-13")
async def test_threads_in_a_database_survive_the_agent_and_its_process(conn: str, tmp_path: Path) -> None:
    program = tmp_path / "talk.py"
    program.write_text(
        "import asyncio\n"
        "from salon import Agent, AgentDefinition\n"
        "agent = Agent(definition=AgentDefinition('You help.'), provider='anthropic', api_key='...',\n"
        f"              conn={conn!r}, auth=None)\n"
        f"print('>', asyncio.run(agent.chat({INTRODUCTION!r}, user_id='user_123')))\n",
        encoding="utf-8",
    )
    async with running(str(program), MOCK_PACE="0") as process:
        assert await process.ends() == 0, process.out
        assert "Alice" in process.out.partition("> ")[2]
    agent = Agent(definition=AgentDefinition("You help."), provider="anthropic", api_key="...", conn=conn)
    assert "Alice" in await agent.chat("What is my name?", user_id="user_123")
    assert "Alice" not in await agent.chat("What is my name?", user_id="user_456")


@pytest.mark.requirement("S2-13")
async def test_the_newest_thread_of_agent_and_user_goes_on(conn: str) -> None:
    def agent(name: str = "guide") -> Agent:
        return Agent(name, "You guide.", conn=Database.of(conn))

    first = agent()
    one = await first.run("My name is Alice")
    first.new_thread()
    two = await first.run("My name is Bob")
    assert one.session_id != two.session_id
    assert (await agent().run("Hello")).session_id == two.session_id
    assert (await agent("other").run("Hello")).session_id not in (one.session_id, two.session_id)
    listed = await house_of(conn).threads.list("anonymous")
    assert {info.agent_id for info in listed.items} == {"guide", "other"}
    assert two.session_id is not None
    await house_of(conn).threads.delete(two.session_id, None)
    assert "Bob" not in await first.chat("What is my name?"), "a thread that was deleted is not gone on with"


async def test_an_applications_permissions_hold_for_threads(conn: str) -> None:
    class Permissions:
        def __init__(self) -> None:
            self.roles: list[tuple[str, str, str, str]] = []
            self.open = True

        async def assign_role(self, user: str, role: str, kind: str, id: str) -> None:
            self.roles.append((user, role, kind, id))

        def has_permission(self, user: str, action: str, kind: str, id: str) -> bool:
            return self.open and action == "write" and (user, "owner", kind, id) in self.roles

    auth = Permissions()
    agent = Agent("guide", "You guide.", conn=conn, auth=auth)
    thread = (await agent.run("Hello", user_id="user_123")).session_id
    assert auth.roles == [("user_123", "owner", "thread", thread)]
    await agent.chat("Hello again", user_id="user_123")
    auth.open = False
    with pytest.raises(SalonError, match="user_123 may not write") as refused:
        await agent.chat("And again", user_id="user_123")
    assert refused.value.code == "forbidden"


async def test_a_program_may_tell_what_was_said_before_and_how_to_answer() -> None:
    agent = Agent("guide", "You guide.")
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": INTRODUCTION},
        {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "What is my name?"},
    ]
    assert "Alice" in str(await agent.run(messages, user_id="ann"))
    again = await agent.run([*messages, {"role": "user", "content": "What did I say before?"}], user_id="ann")
    assert "2 messages" in str(again), "what it knows already is not said twice"
    for wrong in ([], [{"role": "system", "content": "x"}], [{"role": "user", "content": " "}], [{"role": "tool"}]):
        with pytest.raises(RequestError, match="input: "):
            await agent.run(wrong)


async def test_it_asks_the_agents_that_it_hands_over_to() -> None:
    clerk = Agent("Front Desk", "You sell.", scenario=Scenario.of([{"say": "Two, please pay ten."}]))
    host = Agent("host", "You greet.", handoffs=[handoff(clerk)], scenario=Scenario.of([{"handoff": "Front-Desk"}]))
    assert await host.chat("Two tickets") == "Two, please pay ten."
    lost = Agent("lost", "You guide.", handoffs=["nobody"])
    with pytest.raises(ValueError, match="hands over to 'nobody'"):
        await lost.chat("Hello")


async def test_a_question_that_nobody_can_answer_is_declined_and_a_failure_is_told() -> None:
    @tool
    async def book(context: Any) -> str:
        """Book it."""
        return "booked" if await context.approve("Shall I?") else "not booked"

    agent = Agent("clerk", "You book.", tools=[book], scenario=Scenario.of([{"call": "book"}, {"say": "Done."}]))
    async with asyncio.timeout(5):
        result = await agent.run("Book it")
    assert json.dumps(result["choices"])
    broken = Agent("broken", "You fail.", scenario=Scenario.of([], strict=True))
    with pytest.raises(RunFailed):
        await broken.chat("Hello")


def test_an_agent_is_made_without_a_loop_a_network_or_a_database() -> None:
    agent = Agent("DND Assistant", "You help.", conn="postgresql://nobody@127.0.0.1:1/none")
    assert (agent.name, agent.title) == ("DND-Assistant", "DND Assistant")
    agent.new_thread()


def test_somewhere_agents_must_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "_makers", [])
    with pytest.raises(home.Unprovided, match="import salon"):
        Agent("guide", "You guide.").new_thread()


def test_two_runs_of_the_loop_share_what_an_agent_remembers() -> None:
    agent = Agent("guide", "You guide.")
    asyncio.run(agent.chat("My name is Alice"))
    assert "Alice" in asyncio.run(agent.chat("What is my name?"))


async def test_what_somebody_asks_at_once_is_answered_one_by_one() -> None:
    agent = Agent("guide", "You guide.", scenario=Scenario.of([{"say": "You said: {request}"}] * 3))
    answers = await asyncio.gather(*(agent.chat(f"number {n}", user_id="ann") for n in range(3)))
    assert answers == [f"You said: number {n}" for n in range(3)]


async def test_without_a_database_an_agent_remembers_those_who_spoke_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_home, "THREADS", 2)
    agent = Agent("guide", "You guide.")
    for user in ("ann", "bob", "ann", "cleo"):
        await agent.chat(INTRODUCTION, user_id=user)
    assert ["Alice" in await agent.chat(QUESTION, user_id=user) for user in ("ann", "bob")] == [True, False]


async def test_permissions_that_hang_for_one_person_keep_nobody_else_waiting(conn: str) -> None:
    class Slow:
        async def has_permission(self, user: str, action: str, kind: str, id: str) -> bool:
            return True

        async def assign_role(self, user: str, role: str, kind: str, id: str) -> None:
            if user == "ann":
                await asyncio.Event().wait()

    agent = Agent("guide", "You guide.", conn=conn, auth=Slow())
    hanging = asyncio.create_task(agent.chat("Hello", user_id="ann"))
    async with asyncio.timeout(5):
        assert await agent.chat("Hello", user_id="bob")
    hanging.cancel()
