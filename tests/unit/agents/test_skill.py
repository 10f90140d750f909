"""Skills: what they bring, when they get ready, and whose they are."""

import asyncio
from typing import Any

import pytest
from ag2 import tool as ag2_tool

from salon import Agent, Context, HandoffResult, ModelSkill, Skill, handoff, hook, pricing, prompt, tool
from salon.contracts.runs import Sampling
from salon.models.mock.scenario import Scenario


class Research(Skill):
    """Brings one of each."""

    def __init__(self, config: dict[str, object] | None = None) -> None:
        super().__init__(config)
        self.asked: list[str] = []

    @tool
    def look_up(self, topic: str, context: Context | None = None) -> str:
        """Look something up."""
        self.asked.append(topic)
        return f"about {topic}"

    @tool(scope=["owner", "premium"])
    async def deep_research(self, topic: str) -> str:
        """Look deeper."""
        return topic

    @hook("on_connection", priority=20, scope="owner")
    async def greet(self, context: Context) -> Context:
        return context

    @hook("on_message")
    @hook("on_request", 10)
    def listen(self, context: Context) -> None:
        return None

    @handoff(handoff_type="agent", scope=["owner"])
    async def delegate(self, task: str) -> HandoffResult:
        """Delegate a task."""
        return HandoffResult(result=task)

    @prompt
    def remind(self, context: Context) -> str:
        return "Cite sources."

    @pricing(credits_per_call=3)
    def not_a_tool(self) -> str:
        return ""


def agent(**skills: Skill) -> Agent:
    return Agent("researcher", "You research.", skills=skills)


@pytest.mark.requirement("S1-09", "S1-11", "S1-40", "S1-55")
def test_what_a_skill_brings_is_registered_without_a_further_word() -> None:
    made = agent(research=Research())
    assert [tool.name for tool in made.get_all_tools()] == ["look_up", "deep_research"]
    assert [handoff.name for handoff in made.get_all_handoffs()] == ["delegate"]
    assert {event: len(hooks) for event, hooks in made._registered_hooks.items()} == {
        "on_connection": 1,
        "on_message": 1,
        "on_request": 1,
    }
    assert [prompt.function(Context.__new__(Context)) for prompt in made.kit.prompts] == ["Cite sources."]
    assert list(made.skills.keys()) == ["research"]
    assert made.instructions == "You research."
    schema: Any = made.kit.tools["look_up"].parameters
    assert list(schema["properties"]) == ["topic"]


def test_a_method_stays_callable_and_bound_to_its_skill() -> None:
    skill = Research()
    made = agent(research=skill)
    made.kit.tools["look_up"].function(topic="tea")
    assert skill.look_up("milk") == "about milk"
    assert skill.asked == ["tea", "milk"]


def test_an_inherited_member_is_found_and_an_overriding_one_is_the_one_that_counts() -> None:
    class Narrow(Research):
        @tool(name="look_up", scope="owner")
        def look_up(self, topic: str, context: Context | None = None) -> str:
            """Look something up in the cellar."""
            return "dust"

    made = agent(research=Narrow())
    assert made.kit.tools["look_up"].description == "Look something up in the cellar."
    assert len(made.get_all_tools()) == 2


def test_a_skills_own_scope_holds_for_all_of_it_beside_the_members_own() -> None:
    class Closed(Research):
        scope = "staff"

    tools = agent(research=Closed()).kit.tools
    assert tools["look_up"].open_to(frozenset({"staff"}))
    assert not tools["look_up"].open_to(frozenset({"owner"}))
    assert not tools["deep_research"].open_to(frozenset({"staff"}))
    assert tools["deep_research"].open_to(frozenset({"staff", "premium"}))


@pytest.mark.requirement("S1-28")
def test_a_name_that_is_taken_is_refused_naming_both() -> None:
    def look_up(topic: str) -> str:
        return topic

    with pytest.raises(ValueError, match=r"'look_up', one of skill 'research' and one of tools=\[…\]"):
        Agent("researcher", "You research.", skills={"research": Research()}, tools=[look_up])
    with pytest.raises(ValueError, match="one of skill 'one' and one of skill 'two'"):
        agent(one=Research(), two=Research())
    with pytest.raises(ValueError, match="two of tools"):
        Agent("researcher", "You research.", tools=[look_up, look_up])


class Recorded(Skill):
    """Notes when it gets ready."""

    def __init__(self, log: list[str], name: str, needs: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.log, self.label, self.dependencies = log, name, needs

    async def initialize(self, agent: Agent) -> None:
        self.log.append(f"{self.label} begins")
        await asyncio.sleep(0)
        self.log.append(f"{self.label} for {agent.name}")

    async def cleanup(self) -> None:
        self.log.append(f"{self.label} gone")


@pytest.mark.requirement("S1-10")
async def test_skills_get_ready_once_in_the_order_of_what_they_need_however_many_ask() -> None:
    log: list[str] = []
    made = agent(
        last=Recorded(log, "last", ("first", "middle")),
        middle=Recorded(log, "middle", ("first",)),
        first=Recorded(log, "first"),
    )
    assert log == [], "constructing does nothing yet"
    async with asyncio.timeout(5):
        await asyncio.gather(*(made.initialize() for _ in range(5)))
        await made.run("Hello")
    assert log == [f"{name} {what}" for name in ("first", "middle", "last") for what in ("begins", "for researcher")]
    log.clear()
    await made.close()
    assert log == ["last gone", "middle gone", "first gone"]


async def test_who_asked_first_may_leave_and_the_others_still_get_it() -> None:
    log: list[str] = []
    made = agent(only=Recorded(log, "only"))
    first = asyncio.create_task(made.initialize())
    second = asyncio.create_task(made.initialize())
    await asyncio.sleep(0)
    first.cancel()
    async with asyncio.timeout(5):
        await second
    assert log == ["only begins", "only for researcher"]


async def test_a_skill_that_could_not_get_ready_is_tried_again_and_the_ready_ones_are_not() -> None:
    log: list[str] = []

    class Shaky(Recorded):
        async def initialize(self, agent: Agent) -> None:
            await super().initialize(agent)
            if len(log) < 5:
                raise ConnectionError("not yet")

    made = agent(ready=Recorded(log, "ready"), shaky=Shaky(log, "shaky"))
    with pytest.raises(ConnectionError):
        await made.initialize()
    await made.initialize()
    assert log.count("ready begins") == 1
    assert log.count("shaky begins") == 2


def test_dependencies_that_are_missing_or_circular_are_refused_when_the_agent_is_made() -> None:
    log: list[str] = []
    with pytest.raises(ValueError, match=r"'search' needs 'google', which the agent does not have. There are: search"):
        agent(search=Recorded(log, "search", ("google",)))
    with pytest.raises(ValueError, match="a needs b needs a"):
        agent(a=Recorded(log, "a", ("b",)), b=Recorded(log, "b", ("a",)))


def test_a_dependency_may_go_by_the_skills_own_name() -> None:
    class Storage(Recorded):
        name = "robutler.storage"

    log: list[str] = []
    made = agent(report=Recorded(log, "report", ("robutler.storage",)), files=Storage(log, "files"))
    asyncio.run(made.initialize())
    assert log[0] == "files begins"


def test_a_skill_object_that_a_second_agent_is_given_becomes_a_copy() -> None:
    shared = Research()
    one, two = agent(research=shared), agent(research=shared)
    assert one.skills["research"] is shared
    assert two.skills["research"] is not shared
    assert (one.skills["research"].agent, two.skills["research"].agent) == (one, two)


@pytest.mark.requirement("S1-01")
def test_an_agent_with_skills_is_made_without_an_event_loop() -> None:
    made = agent(research=Research())
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
    assert made.skills["research"].agent is made


async def test_a_skill_may_learn_what_it_offers_when_it_gets_ready() -> None:
    @ag2_tool
    def foreign(word: str) -> str:
        """From elsewhere."""
        return f"foreign {word}"

    class Learning(Skill):
        async def initialize(self, agent: Agent) -> None:
            def late(word: str) -> str:
                """Come late."""
                return f"late {word}"

            agent.register(late, foreign)

    turns = [{"call": "late", "args": {"word": "a"}}, {"call": "foreign", "args": {"word": "b"}}, {"say": "{result}"}]
    made = Agent("learner", "You learn.", model="mock", scenario=Scenario.of(turns), skills={"l": Learning()})
    assert made.get_all_tools() == []
    assert str(await made.run("Hello")) == "foreign b"
    assert [tool.name for tool in made.get_all_tools()] == ["late", "foreign"]
    with pytest.raises(ValueError, match="two tools are named 'foreign'"):
        made.register(foreign)


def test_a_skill_whose_constructor_is_its_own_needs_nothing_of_ours() -> None:
    class Plain(Skill):
        def __init__(self, url: str) -> None:
            self.url = url

    made = agent(plain=Plain("postgresql://research_db"))
    assert made.skills["plain"].config == {}


@pytest.mark.parametrize(
    ("skills", "says"),
    [([Research()], "mapping"), ({"a": Research}, "Research()"), ({"a": 3}, "subclass of salon.Skill")],
)
def test_what_is_no_skill_is_refused_with_the_remedy(skills: Any, says: str) -> None:
    with pytest.raises(TypeError) as refused:
        Agent("researcher", "You research.", skills=skills)
    assert says in str(refused.value)


class Vendor(ModelSkill):
    provider = "openai"
    default_model = "gpt-4o-mini"


@pytest.mark.requirement("S1-18")
def test_the_model_may_be_a_skill_whose_settings_reach_the_agent() -> None:
    made = Agent("chat", "You help.", model=Vendor({"api_key": "sk-...", "temperature": 0.7, "max_tokens": 1000}))
    assert (made.model, made.api_key) == ("openai/gpt-4o-mini", "sk-...")
    assert made.sampling == Sampling(temperature=0.7, max_tokens=1000)
    assert isinstance(made.context.get_llm_skill(), Vendor)
    with pytest.raises(ValueError, match="warmth: no setting of Vendor"):
        Agent("chat", "You help.", model=Vendor({"warmth": 1}))


@pytest.mark.requirement("S1-19")
def test_without_a_model_the_first_of_the_model_skills_answers_litellm_openai_and_anthropic_first() -> None:
    named = Agent("a", "You help.", model="mock", skills={"openai": Vendor()})
    assert named.model == "mock"
    chosen = Agent("b", "You help.", skills={"other": Vendor({"model": "one"}), "openai": Vendor({"model": "two"})})
    assert chosen.model == "openai/two"
    assert chosen.context.get_llm_skill() is chosen.context.get_skill("openai")
    assert chosen.context.get_skill("none") is None
    assert Agent("c", "You help.", skills={"claude": Vendor({"model": "three"})}).model == "openai/three"


def test_the_context_of_an_agent_that_nobody_talks_to_says_what_is_missing() -> None:
    context = agent(research=Research()).context
    assert isinstance(context.get_skill("research"), Research)
    with pytest.raises(RuntimeError, match="there is no request here"):
        context.get("anything")
    with pytest.raises(RuntimeError, match="there is no request here"):
        context.set("anything", 1)


async def test_an_agent_that_is_closed_while_it_gets_ready_gets_all_of_it_ready_again() -> None:
    ready: list[str] = []
    let_on = asyncio.Event()

    class Slow(Skill):
        async def initialize(self, agent: Agent) -> None:
            await let_on.wait()
            ready.append("slow")

    class Quick(Skill):
        async def initialize(self, agent: Agent) -> None:
            ready.append("quick")

    made = Agent("clerk", "You help.", skills={"quick": Quick(), "slow": Slow()})
    first = asyncio.create_task(made.initialize())
    async with asyncio.timeout(5):
        while not ready:  # noqa: ASYNC110 - the agent tells nobody
            await asyncio.sleep(0)
        await made.close()
        let_on.set()
        await asyncio.wait([first])
        await made.initialize()
    assert ready == ["quick", "quick", "slow"]
