"""The agent as a developer writes it. Constructing one touches neither the network nor an event loop."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from ag2.config import ModelConfig
from ag2.tools.tool import Tool

from salon.agents.alone.home import Auth, Home, Message, home_for
from salon.agents.alone.result import RunResult
from salon.agents.definition import AgentDefinition
from salon.agents.handoff import HandoffSpec, address, handoff
from salon.agents.tools import ToolSpec, tool_spec
from salon.memory.strategies import MemoryStrategy, strategy_of
from salon.models.mock.scenario import Scenario

if TYPE_CHECKING:
    from salon.store.database import Conn

RESERVED_NAMES = frozenset(
    "docs redoc openapi.json health ready metrics agents chats threads jobs ws v1 api ag-ui static app".split()  # noqa: SIM905
)
"""First path segments of the server's own routes; an agent of that name would shadow them."""

DEFAULT_MODELS = {"openai": "gpt-4o-mini", "anthropic": "claude-sonnet-4-20250514", "xai": "grok-3-mini"}
"""What a provider answers with when an agent names the provider only."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_SENTENCE = re.compile(r".+?[.!?](?=\s|$)", re.DOTALL)
_DESCRIPTION_LIMIT = 200

Model = str | Sequence[str] | ModelConfig
AnyTool = Callable[..., object] | ToolSpec | Tool


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
        model: `provider/model`, a list of them (the next answers when one fails), an AG2 model config, or None for the
            server's default.
        provider: names the provider apart from the model.
        api_key: a key for this agent only; the server's by default.
        base_url: address of an OpenAI-compatible server.
        tools: functions, with or without `@tool`, and AG2 tools.
        handoffs: agents, or names of agents of the same team, that it may pass the floor to.
        intents: what people want when they want this agent, a phrase each.
        credits_per_token: price of its tokens.
        memory_strategy: how much of a conversation it is given: `last_n`, `first_last`, `token_window`, or an object of
            `get_memory_strategy`. By default the last 20 messages; all of them where a program sends its whole
            conversation with each request.
        memory_params: the strategy's numbers, such as {"n": 20}.
        conn: a database in which `chat` and `run` remember: a URL, or an application's own engine or session. Without
            one they remember as long as the agent lives.
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
        model: Model | None = "gpt-4o-mini",
        provider: str | None = None,
        api_key: str | None = None,
        base_url: str | None = None,
        tools: Iterable[AnyTool] = (),
        handoffs: Iterable["Agent | str | HandoffSpec"] = (),
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
        self.definition = _definition(instructions, role, definition)
        self.system_prompt = instructions.strip() if instructions is not None else self.definition.prompt
        self.description = description.strip() or _first_sentence(instructions or self.definition.role)
        self.model = _model(model, provider)
        self.provider = provider
        self.api_key = api_key
        self.base_url = base_url
        self.tools = _tools(tools)
        self.handoffs = _handoffs(handoffs)
        self.intents = _texts("intents", intents)
        self.credits_per_token = _price(credits_per_token)
        self.memory_strategy = strategy_of(memory_strategy, memory_params)
        self.scenario = _scenario(scenario)
        self.conn = conn
        self.auth = auth
        self._home: Home | None = None

    async def chat(self, text: str, *, user_id: str | None = None) -> str:
        """Say something to the agent and get its answer; it remembers what was said before.

        Every user has a thread of their own, found again by this agent's name and `user_id`.

        Raises SalonError: why the agent could not answer, or `forbidden` when `auth` says so.
        """
        return str(await self.run(text, user_id=user_id))

    async def run(self, messages: str | Sequence[Message], *, user_id: str | None = None) -> RunResult:
        """Let the agent answer `messages`, the last of them; it remembers what was said before.

        Args:
            messages: in OpenAI's shape, or one text. In a thread that begins, the others are what was said before;
                later they are known already. A system's are instructions for this answer.
            user_id: whose thread it is.

        Raises SalonError as `chat` does, and RequestError for messages that cannot be used.
        """
        said = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
        return await self._lives_at().ask(said, user_id)

    def new_thread(self, user_id: str | None = None) -> None:
        """Begin a new thread with what this user says next."""
        self._lives_at().new_thread(user_id)

    def _lives_at(self) -> Home:
        if self._home is None:
            self._home = home_for(self)
        return self._home

    def __repr__(self) -> str:
        return f"Agent({self.name!r}, model={self.model!r}, tools={[tool.name for tool in self.tools]})"


def check_name(name: str) -> str:
    """The name itself, when an agent or team may have it.

    Raises ValueError when it is not URL-safe or belongs to the server.
    """
    if not isinstance(cast(object, name), str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"name: {name!r} is not URL-safe. Use 1 to 64 letters, digits, '-' or '_', a letter or digit first."
        )
    if name.lower() in RESERVED_NAMES:
        raise ValueError(f"name: {name!r} is a path of the server itself. Choose another, such as '{name}-agent'.")
    return name


def _definition(instructions: str | None, role: str | None, definition: AgentDefinition | None) -> AgentDefinition:
    given = [name for name, value in locals().items() if value is not None]
    if len(given) != 1:
        found = f"got {' and '.join(given)}" if given else "got none"
        raise TypeError(f"An agent needs exactly one of instructions, role and definition; {found}.")
    if definition is not None:
        if not isinstance(cast(object, definition), AgentDefinition):
            raise TypeError(
                "definition: expected an AgentDefinition. Make one: AgentDefinition(role=…), or use role=…."
            )
        return definition
    text = instructions if instructions is not None else role
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{given[0]}: say who the agent is, such as 'You help travellers.'")
    return AgentDefinition(text.strip())


def _model(model: Model | None, provider: str | None) -> Model | None:
    if isinstance(model, str) and not model.strip():
        raise ValueError("model: empty. Name one, such as 'openai/gpt-4o', or pass None for the server's default.")
    if provider is None or provider == "openai" or model != DEFAULT_MODELS["openai"]:
        return model
    if provider not in DEFAULT_MODELS:
        raise ValueError(f'model: {provider!r} has no default model here. Name one: model="…".')
    return DEFAULT_MODELS[provider]


def _tools(tools: Iterable[AnyTool]) -> tuple[ToolSpec | Tool, ...]:
    if isinstance(cast(object, tools), str) or callable(tools):
        raise TypeError("tools: expected a list. Put the tool into one: tools=[…].")
    specs = tuple(tool if isinstance(tool, Tool) else tool_spec(tool) for tool in tools)
    names = [tool.name for tool in specs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f'tools: two tools are named {twice[0]!r}. Rename one: @tool(name="…").')
    return specs


def _handoffs(handoffs: Iterable[Agent | str | HandoffSpec]) -> tuple[HandoffSpec, ...]:
    if isinstance(handoffs, str | Agent | HandoffSpec):
        raise TypeError("handoffs: expected a list of agents or names. Put the one into a list: handoffs=[…].")
    return tuple(to if isinstance(to, HandoffSpec) else handoff(to) for to in handoffs)


def _scenario(scenario: Scenario | None) -> Scenario | None:
    if scenario is not None and not isinstance(cast(object, scenario), Scenario):
        raise TypeError("scenario: expected a Scenario. Make one of a list of turns: Scenario.of([…]).")
    return scenario


def _texts(argument: str, texts: Sequence[str]) -> tuple[str, ...]:
    if isinstance(texts, str):
        raise ValueError(f"{argument}: expected a list of texts, got one text. Put it into a list.")
    return tuple(texts)


def _price(credits: int) -> int:
    if isinstance(credits, bool) or not isinstance(cast(object, credits), int) or credits < 0:
        raise ValueError(f"credits_per_token: expected a whole number from 0 on, got {credits!r}.")
    return credits


def _first_sentence(prompt: str) -> str:
    text = " ".join(prompt.split())
    found = _SENTENCE.match(text)
    return (found[0] if found else text)[:_DESCRIPTION_LIMIT]
