"""The agent as a developer writes it. Constructing one touches neither the network nor an event loop."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast, overload

from ag2.config import ModelConfig
from ag2.tools.tool import Tool as ForeignTool

from salon.access.scopes import Scopes
from salon.agents.alone.home import Auth, Home, Message, Request, home_for
from salon.agents.alone.reply import StreamingReply
from salon.agents.alone.result import RunResult
from salon.agents.arguments import (
    DEFAULT_MODEL,
    Model,
    check_name,
    definition_of,
    first_sentence,
    handoffs_of,
    model_of,
    price_of,
    scenario_of,
    texts_of,
)
from salon.agents.around.surroundings import arrive
from salon.agents.context.context import Context
from salon.agents.context.current import CONTEXT
from salon.agents.context.outside import Outside
from salon.agents.context.port import TurnPort
from salon.agents.definition import AgentDefinition
from salon.agents.handoff import HandoffSpec, address
from salon.agents.hooks import Hook
from salon.agents.kit import AnyTool, kit_of
from salon.agents.readiness import Readiness
from salon.agents.skill import ModelSkill, ModelSpec, Skill, model_skill, own_skills, strategy_in
from salon.agents.tools.tool import ToolSpec
from salon.agents.tools.workflows import telling, workflow_tool, workflows_of
from salon.contracts.runs import Sampling
from salon.contracts.types import Json
from salon.errors import SalonError
from salon.flows.run import run
from salon.flows.workflow import Workflow
from salon.memory.strategies import MemoryStrategy, strategy_of
from salon.models.mock.scenario import Scenario

if TYPE_CHECKING:
    from salon.store.database import Conn


class Agent:
    """A specialist that can speak in rooms, alone or in a team.

    Args:
        name: how people, programs and other agents address it; URL-safe, so that "DND Assistant" is addressed as
            `DND-Assistant` and keeps its name as `title`.
        instructions: the system prompt as one text; or give `role`, or `definition`: exactly one of the three.
        role: the system prompt's first part, when that is all there is to say.
        definition: the system prompt in parts.
        description: what it does, for people and for agents that may hand over to it; the prompt's first sentence by
            default.
        model: `provider/model`, a list of them (the next answers when one fails), a model skill, an AG2 model config,
            or None for the server's default. An agent that names none and has model skills answers with one of them.
        provider: names the provider apart from the model.
        api_key: a key for this agent only; the server's by default.
        base_url: address of an OpenAI-compatible server.
        tools: functions, with or without `@tool`, Tool objects, names of registered tools, and AG2 tools.
        skills: bundles of tools, hooks, hand-offs and prompts, each under a key of its own.
        workflows: functions under `@workflow`; models call them as tools, programs by `run_workflow`.
        handoffs: agents, or names of agents of the same team, that it may pass the floor to.
        intents: what people want when they want this agent, a phrase each.
        credits_per_token: price of its tokens.
        memory_strategy: how much of a conversation it is given: `last_n`, `first_last`, `token_window`, or an object of
            `get_memory_strategy`. By default the last 20 messages; all of them where a program sends its whole
            conversation with each request.
        memory_params: the strategy's numbers, such as {"n": 20}.
        conn: a database in which `chat` and `run` remember: a URL, or an application's own engine or session. Without
            one threads last as long as the agent lives, those of the 1,000 people who spoke last.
        auth: an application's own permissions for the threads in that database.
        scenario: scripted turns; then the mock answers, whatever the model.

    Raises:
        TypeError: no instructions, or several kinds of them.
        ValueError: names the argument that is unusable and the remedy.
    """

    def __init__(
        self,
        name: str = "assistant",
        instructions: str | None = None,
        *,
        role: str | None = None,
        definition: AgentDefinition | None = None,
        description: str = "",
        model: Model | ModelSkill | None = DEFAULT_MODEL,
        provider: str | None = None,
        api_key: str | None = None,
        base_url: str | None = None,
        tools: Iterable[AnyTool] = (),
        skills: Mapping[str, Skill] | None = None,
        workflows: Iterable[Workflow | Callable[..., object]] = (),
        handoffs: "Iterable[Agent | str | HandoffSpec]" = (),
        intents: Sequence[str] = (),
        credits_per_token: int = 10,
        memory_strategy: str | MemoryStrategy | None = None,
        memory_params: Mapping[str, int] | None = None,
        conn: "Conn | None" = None,
        auth: Auth | None = None,
        scenario: Scenario | None = None,
    ) -> None:
        self.name = check_name(address(name))
        self.title = name
        self.version = self.variant = ""  # of one that is made of data
        self.definition = definition_of(instructions, role, definition)
        self.system_prompt = instructions.strip() if instructions is not None else self.definition.prompt
        self.description = description.strip() or first_sentence(instructions or self.definition.role)
        self.skills: Mapping[str, Skill] = own_skills(self, skills)
        self.provider = provider
        self.sampling = Sampling()
        self.api_key = api_key
        self.base_url = base_url
        chosen = model_of(model, provider, self.skills)
        if isinstance(chosen, ModelSkill):
            chosen = chosen.owned_by(self)
            self.model: Model | None
            self.model, self.api_key, self.base_url, self.sampling = chosen.spec()
        else:
            self.model = chosen
        self._model_skill = chosen if isinstance(chosen, ModelSkill) else None
        self.workflows = workflows_of(workflows)
        self.kit = kit_of(self.skills, tools)
        for flow in self.workflows.values():
            self.kit.add(workflow_tool(flow, self.run_workflow), "workflows=[…]")
        self.handoffs = handoffs_of(handoffs)
        self.intents = texts_of("intents", intents)
        self.credits_per_token = price_of(credits_per_token)
        self.memory_strategy = strategy_of(memory_strategy, memory_params) or strategy_in(self.skills)
        self.scenario = scenario_of(scenario)
        self.conn = conn
        self.auth = auth
        self._readiness = Readiness(self, self.skills, first=self._model_skill)
        self._home: Home | None = None
        arrive(self)

    @property
    def instructions(self) -> str:
        """The system prompt, without what skills add to it."""
        return self.system_prompt

    @property
    def tools(self) -> tuple[ToolSpec | ForeignTool, ...]:
        """All its tools, those of its skills included; methods that hand over are no tools."""
        return (*(spec for spec in self.kit.tools.values() if spec.handoff is None), *self.kit.foreign)

    @property
    def context(self) -> Context:
        """In a tool or hook of it the request that it is answering; elsewhere what is known without one: its skills."""
        current = CONTEXT.get()
        if current is not None and current.agent_object is self:
            return current
        return Context(cast(TurnPort, Outside()), owner=self)

    @cached_property
    def llm_skill(self) -> ModelSkill | None:
        """The model that answers, as a skill; None for one that was given as an object of AG2's."""
        named = self.model if isinstance(self.model, str | ModelConfig | None) else self.model[0]
        if self._model_skill is not None or not isinstance(named, str):
            return self._model_skill
        name = f"{self.provider}/{named}" if self.provider and not named.startswith(f"{self.provider}/") else named
        return model_skill(ModelSpec(name, self.api_key, self.base_url)).owned_by(self)

    def get_all_tools(self) -> list[ToolSpec | ForeignTool]:
        """All its tools, each with its `name`; those of its skills included."""
        return list(self.tools)

    def get_all_handoffs(self) -> list[HandoffSpec | ToolSpec]:
        """Whom it may pass the floor to, and its skills' methods under `@handoff`, each with its `name`."""
        return [*self.handoffs, *(spec for spec in self.kit.tools.values() if spec.handoff is not None)]

    @property
    def _registered_hooks(self) -> Mapping[str, list[Hook]]:
        """Its hooks by event, in the order in which they are called."""
        return self.kit.hooks

    def register(self, *members: AnyTool) -> None:
        """Add tools, or functions under `@hook`, `@handoff` or `@prompt`, as a skill may in `initialize`.

        Raises ValueError for a tool whose name is taken.
        """
        for member in members:
            self.kit.add(member, "agent.register")

    async def initialize(self) -> None:
        """Get its skills ready, each once, after those that it depends on, as happens before it first answers.

        Raises what a skill raised; the next call tries that one again.
        """
        if not self._readiness.done:
            await self._readiness.reach()

    async def run_workflow(self, name: str, /, **arguments: object) -> Json:
        """Run one of its workflows with its skills; gives the result as JSON keeps it. As a job it would outlive the
        process (docs/workflows.md).

        Raises SalonError: `not_found`, or RequestError for what does not fit, before the first step; else what the
        workflow raises.
        """
        if name not in self.workflows:
            there = ", ".join(self.workflows) or "none"
            raise SalonError("not_found", f"{self.name} has no workflow {name!r}; there are: {there}")
        await self.initialize()
        return await run(self.workflows[name], arguments, self.skills, tell=telling(CONTEXT.get(), name))

    async def close(self) -> None:
        """Let go of what its skills took."""
        await self._readiness.end()

    async def chat(self, text: str, *, user_id: str | None = None) -> str:
        """Say something to the agent and get its answer; it remembers what was said before.

        Every user has a thread of their own, found again by this agent's name and `user_id`.

        Raises SalonError: why the agent could not answer, or `forbidden` when `auth` says so.
        """
        return str(await self._lives_at().ask(Request.chat(text, user_id)))

    async def stream(self, text: str, *, user_id: str | None = None) -> AsyncGenerator[str]:
        """The same, piece by piece as the agent writes. Raises as `chat` does."""
        async for piece in self._lives_at().stream(Request.chat(text, user_id)).texts():
            yield piece

    @overload
    async def run(
        self,
        messages: str | Sequence[Message],
        *,
        stream: Literal[False] = False,
        tools: Sequence[Mapping[str, object]] = (),
        user_id: str | None = None,
        scopes: Scopes = None,
    ) -> RunResult: ...

    @overload
    async def run(
        self,
        messages: str | Sequence[Message],
        *,
        stream: Literal[True],
        tools: Sequence[Mapping[str, object]] = (),
        user_id: str | None = None,
        scopes: Scopes = None,
    ) -> StreamingReply: ...

    async def run(
        self,
        messages: str | Sequence[Message],
        *,
        stream: bool = False,
        tools: Sequence[Mapping[str, object]] = (),
        user_id: str | None = None,
        scopes: Scopes = None,
    ) -> RunResult | StreamingReply:
        """Let the agent answer `messages`, the last of them.

        For somebody, a `user_id` or who is being answered where this is called, it goes on with their thread, and so
        does an agent that has a database. Otherwise `messages` are the whole conversation: nothing of it is kept, so
        that a web endpoint may call this for people whom it does not know apart.

        Args:
            messages: in OpenAI's shape, or one text. The others are what was said before; in a thread that goes on they
                are known already. A system's are instructions for this answer.
            stream: answer as `run_streaming` does.
            tools: the caller's own, in OpenAI's shape. A call of one ends the answer with `finish_reason` "tool_calls";
                the caller's next `run` brings the result as a message of the role `tool`, after those before it.
            user_id: whose thread it is, and whom tools and hooks see. Within a tool or hook, by default who is being
                answered there.
            scopes: what that user may use beside what is open to everyone; within a tool or hook, by default the same.

        Raises SalonError as `chat` does, and RequestError for messages that cannot be used.
        """
        if stream:
            return self.run_streaming(messages, tools=tools, user_id=user_id, scopes=scopes)
        return await self._lives_at().ask(Request.of(messages, tools, user_id, scopes))

    def run_streaming(
        self,
        messages: str | Sequence[Message],
        tools: Sequence[Mapping[str, object]] = (),
        *,
        user_id: str | None = None,
        scopes: Scopes = None,
    ) -> StreamingReply:
        """Let the agent answer as `run` does, in OpenAI's chunks: return it from a FastAPI route, or iterate over it.

        The agent begins when the answer is read, which can be done once; errors are raised, or sent, then.
        """
        return self._lives_at().stream(Request.of(messages, tools, user_id, scopes))

    def new_thread(self, user_id: str | None = None) -> None:
        """Begin a new thread with what this user says next."""
        self._lives_at().new_thread(user_id)

    def _lives_at(self) -> Home:
        if self._home is None:
            self._home = home_for(self)
        return self._home

    def __repr__(self) -> str:
        return f"Agent({self.name!r}, model={self.model!r}, tools={[tool.name for tool in self.tools]})"
