"""The door to AG2: compiles an agent and its tools to an `ag2.Agent` that all rooms share."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol, cast

import ag2
from ag2.annotations import Context as Ag2Context
from ag2.config import ModelConfig
from ag2.events import HumanInputRequest, ToolCallEvent, ToolErrorEvent, ToolResult, ToolResultEvent
from ag2.middleware import BaseMiddleware, ToolExecution, ToolResultType
from ag2.network import Handoff
from ag2.tools.final import FunctionToolSchema
from ag2.tools.final.function_tool import FunctionDefinition
from ag2.tools.tool import Tool

from salon.agents.agent import Agent, Model
from salon.agents.context import Context, ToolError, TurnPort
from salon.agents.execution import OUTCOME, Outcome, execute, failure, result_of
from salon.agents.handoff import HandoffSpec
from salon.agents.tools import ToolSpec
from salon.contracts.types import Obj
from salon.models.mock.scenario import Scenario
from salon.models.resolve import Resolved
from salon.models.tool_json import malformed

_REASON: Obj = {
    "type": "object",
    "properties": {"reason": {"type": "string", "description": "Why, in a few words the person may read."}},
    "required": ["reason"],
    "additionalProperties": False,
}
_LONGEST_REASON = 500


class Resolve(Protocol):
    """Finds the model that an agent names, as `salon.models.resolve.Models.resolve` does."""

    def __call__(
        self,
        model: Model | None,
        /,
        *,
        provider: str | None,
        api_key: str | None,
        base_url: str | None,
        scenario: Scenario | None,
    ) -> Resolved:
        """Raises InvalidModel or MissingExtra when the model cannot be used."""


@dataclass(frozen=True, slots=True)
class Built:
    """A compiled agent. One is enough for all rooms and concurrent turns; each turn brings its own stream and its port:
    `built.ag2.ask(…, stream=…, dependencies={TurnPort: port})`.

    Args:
        agent: what it was made from.
        ag2: the AG2 agent.
        prompt: the system prompt.
        config: the model's configuration.
        model: the model's label for people.
        source: whether a vendor's model or the mock answers.
        tools: names of all tools offered to someone with every scope, hand-offs included.
        handoff_tools: names of those that pass the floor.
    """

    agent: Agent
    ag2: ag2.Agent[str]
    prompt: str
    config: ModelConfig
    model: str
    source: Literal["model", "mock"]
    tools: tuple[str, ...]
    handoff_tools: frozenset[str]

    @property
    def name(self) -> str:
        """The agent's name."""
        return self.agent.name


def build(
    agent: Agent,
    *,
    resolve: Resolve,
    handoffs: Sequence[HandoffSpec] | None = None,
    extra_tools: Iterable[ToolSpec] = (),
) -> Built:
    """Compiles an agent.

    Args:
        agent: the agent.
        resolve: finds the model.
        handoffs: whom it may pass the floor to; what it declares itself by default.
        extra_tools: tools beside its own.

    Raises:
        ValueError: two tools have one name.
        InvalidModel, MissingExtra: the model cannot be used.
    """
    ways = {spec.tool_name: spec for spec in (agent.handoffs if handoffs is None else handoffs)}
    foreign = [tool for tool in agent.tools if isinstance(tool, Tool)]
    own = [*(tool for tool in agent.tools if isinstance(tool, ToolSpec)), *extra_tools]
    names = [*(spec.name for spec in own), *(tool.name for tool in foreign), *ways]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"tools: agent {agent.name!r} has two tools named {twice[0]!r}. Rename one.")
    found = resolve(
        agent.model, provider=agent.provider, api_key=agent.api_key, base_url=agent.base_url, scenario=agent.scenario
    )
    tools: list[Tool] = [_Toolbox({spec.name: spec for spec in own}, ways)] if own or ways else []
    return Built(
        agent=agent,
        ag2=ag2.Agent(
            agent.name,
            agent.system_prompt,
            config=found.config,
            tools=[*tools, *(_Careful(tool) for tool in foreign)],
            hitl_hook=_ask_people,
        ),
        prompt=agent.system_prompt,
        config=found.config,
        model=found.model,
        source=found.source,
        tools=tuple(names),
        handoff_tools=frozenset(ways),
    )


class _Toolbox(Tool):
    """All of an agent's tools and hand-offs as one AG2 tool.

    AG2 builds a validating call model for each subscriber of each turn, which costs more than a tool call itself; one
    box has one subscriber.
    """

    name = "salon"

    def __init__(self, specs: Mapping[str, ToolSpec], ways: Mapping[str, HandoffSpec]) -> None:
        self._specs = specs
        self._ways = ways
        self._schemas = {
            **{spec.name: _schema(spec.name, spec.description, spec.parameters) for spec in specs.values()},
            **{way.tool_name: _schema(way.tool_name, way.tool_description, _REASON) for way in ways.values()},
        }

    def __deepcopy__(self, _memo: object) -> "_Toolbox":
        return self  # AG2 copies tools; ours hold no state, and a copied bound method would lose its object's

    async def schemas(self, context: Ag2Context) -> list[FunctionToolSchema]:
        """What this turn's person may use."""
        return [self._schemas[name] for name in self._offered(_port(context))]

    def register(
        self,
        stack: ExitStack | AsyncExitStack,
        context: Ag2Context,
        *,
        middleware: Iterable[BaseMiddleware] = (),
    ) -> None:
        """Answer the calls of this turn. What is not offered is left to AG2, which says that there is no such tool."""
        offered = self._offered(_port(context))
        execution: ToolExecution = self._answer
        for layer in middleware:
            execution = cast(ToolExecution, partial(layer.on_tool_execution, execution))

        async def on_call(event: ToolCallEvent, context: Ag2Context) -> None:
            if event.name in offered:
                result = await execution(event.handled_by(f"salon:{event.name}"), context)
                await context.send(result)

        stack.enter_context(context.stream.where(ToolCallEvent).sub_scope(on_call))

    def _offered(self, port: TurnPort) -> dict[str, None]:
        scopes = port.principal.scopes
        open_specs = (spec.name for spec in self._specs.values() if spec.open_to(scopes))
        return dict.fromkeys([*open_specs, *self._ways])

    async def _answer(self, event: ToolCallEvent, context: Ag2Context) -> ToolResultEvent:
        port = _port(context)
        if (problem := malformed(event)) is not None:
            return _told(event, _not_called(event.name, problem))
        try:
            arguments = dict(event.serialized_arguments)
        except (ValueError, TypeError):
            return _told(event, _not_called(event.name, "the arguments are not a JSON object"))
        if (way := self._ways.get(event.name)) is not None:
            return _hand_over(event, way, arguments, port)
        return _told(event, await execute(self._specs[event.name], arguments, Context(port, call=event.id)))


class _Careful(Tool):
    """An AG2 tool whose failures do not show the model a traceback."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool
        self.name = tool.name

    async def schemas(self, context: Ag2Context) -> Iterable[FunctionToolSchema]:
        return cast(Iterable[FunctionToolSchema], await self._tool.schemas(context))

    def register(
        self,
        stack: ExitStack | AsyncExitStack,
        context: Ag2Context,
        *,
        middleware: Iterable[BaseMiddleware] = (),
    ) -> None:
        self._tool.register(stack, context, middleware=[*middleware, _SafeErrors(ToolCallEvent(self.name), context)])


class _SafeErrors(BaseMiddleware):
    async def on_tool_execution(
        self, call_next: ToolExecution, event: ToolCallEvent, context: Ag2Context
    ) -> ToolResultType:
        result = await call_next(event, context)
        if isinstance(result, ToolErrorEvent):
            return _told(event, failure(event.name, result.error))
        return result


async def _ask_people(event: HumanInputRequest, context: Ag2Context) -> str:
    """AG2's own way to ask people, which its tools use; given here, since AG2 compiles it anew wherever it is given."""
    answer = await _port(context).ask(reason="input", message=event.content, timeout=event.timeout)
    return str(answer.value) if answer.status == "resolved" else "(nobody answered)"


def _port(context: Ag2Context) -> TurnPort:
    try:
        return cast(TurnPort, context.dependencies[TurnPort])
    except KeyError:
        raise RuntimeError("A built agent is asked with dependencies={TurnPort: …}.") from None


def _schema(name: str, description: str, parameters: Obj) -> FunctionToolSchema:
    return FunctionToolSchema(
        function=FunctionDefinition(name=name, description=description, parameters=dict(parameters))
    )


def _not_called(name: str, problem: str) -> Outcome:
    text = f"Error: {name} was not called: {problem}. Call it again with a complete JSON object."
    return Outcome(False, text, text)


def _hand_over(
    event: ToolCallEvent, way: HandoffSpec, arguments: Mapping[str, object], port: TurnPort
) -> ToolResultEvent:
    if (refusal := port.refuse_handoff(way.target)) is not None:
        return _told(event, Outcome(False, refusal, refusal))
    reason = str(arguments.get("reason") or "").strip()[:_LONGEST_REASON]
    result = ToolResult(
        Handoff(target=way.target, reason=reason),
        final=True,
        metadata={OUTCOME: Outcome(True, "Transferred.", {"target": way.target, "reason": reason})},
    )
    return ToolResultEvent.from_call(event, result=result)


def _told(event: ToolCallEvent, outcome: Outcome) -> ToolResultEvent:
    result = result_of(outcome)
    if outcome.ok:
        return ToolResultEvent.from_call(event, result=result)
    return ToolErrorEvent(parent_id=event.id, name=event.name, error=ToolError(outcome.text), result=result)
