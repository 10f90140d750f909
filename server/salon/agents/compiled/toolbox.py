"""An agent's own tools and hand-offs as AG2 runs them: offered to whom they are open to, and run for nobody else."""

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from typing import cast

from ag2.annotations import Context as Ag2Context
from ag2.events import ToolCallEvent, ToolErrorEvent, ToolResult, ToolResultEvent
from ag2.middleware import BaseMiddleware, ToolExecution
from ag2.network import Handoff
from ag2.tools.final import FunctionToolSchema
from ag2.tools.final.function_tool import FunctionDefinition
from ag2.tools.tool import Tool

from salon.agents.agent import Agent
from salon.agents.compiled.firing import Firing
from salon.agents.context.context import Context, ToolError, TurnPort
from salon.agents.context.current import CONTEXT
from salon.agents.handoff import HandoffSpec
from salon.agents.tools.execution import OUTCOME, Outcome, execute, refusal, result_of
from salon.agents.tools.tool import ToolSpec
from salon.contracts.types import Obj
from salon.errors import SalonError
from salon.models.tool_json import malformed

_REASON: Obj = {
    "type": "object",
    "properties": {"reason": {"type": "string", "description": "Why, in a few words the person may read."}},
    "required": ["reason"],
    "additionalProperties": False,
}
_LONGEST_REASON = 500


class Toolbox(Tool):
    """All of an agent's tools and hand-offs as one AG2 tool.

    AG2 builds a validating call model for each subscriber of each turn, which costs more than a tool call itself; one
    box has one subscriber.

    Args:
        agent: whose tools they are; those count that its kit has when a turn begins.
        extra: tools beside them.
        ways: hand-offs by the name of their tool.
    """

    name = "salon"

    def __init__(self, agent: Agent, extra: Mapping[str, ToolSpec], ways: Mapping[str, HandoffSpec]) -> None:
        self._agent = agent
        self._extra = extra
        self._ways = ways
        self._schemas = {way.tool_name: _schema(way.tool_name, way.tool_description, _REASON) for way in ways.values()}

    def __deepcopy__(self, _memo: object) -> "Toolbox":
        return self  # AG2 copies tools; ours hold no state, and a copied bound method would lose its object's

    @property
    def specs(self) -> Mapping[str, ToolSpec]:
        """The tools by name, hand-offs left out."""
        return {**self._agent.kit.tools, **self._extra} if self._extra else self._agent.kit.tools

    async def schemas(self, context: Ag2Context) -> list[FunctionToolSchema]:
        """What this turn's person may use."""
        scopes = port_of(context).principal.scopes
        open_specs = [self._offered(spec) for spec in self.specs.values() if spec.open_to(scopes)]
        return [*open_specs, *(self._schemas[name] for name in self._ways)]

    def register(
        self,
        stack: ExitStack | AsyncExitStack,
        context: Ag2Context,
        *,
        middleware: Iterable[BaseMiddleware] = (),
    ) -> None:
        """Answer the calls of this turn. Names that the agent has nothing for are left to AG2, which says so; calls of
        what is not open to this person are refused before anybody else sees them."""
        scopes = port_of(context).principal.scopes
        specs = self.specs
        closed = frozenset(name for name, spec in specs.items() if not spec.open_to(scopes))
        execution: ToolExecution = self._answer
        for layer in middleware:
            execution = cast(ToolExecution, partial(layer.on_tool_execution, execution))

        async def on_call(event: ToolCallEvent, context: Ag2Context) -> None:
            if event.name not in closed and (event.name in specs or event.name in self._ways):
                await context.send(await execution(event.handled_by(f"salon:{event.name}"), context))

        async def on_closed(event: ToolCallEvent, context: Ag2Context) -> ToolCallEvent | None:
            if event.name not in closed:
                return event
            await context.send(told(event, refusal(f"Error: {event.name} is not available to this user.")))
            return None

        stack.enter_context(context.stream.where(ToolCallEvent).sub_scope(on_call))
        if closed:
            stack.enter_context(context.stream.where(ToolCallEvent).sub_scope(on_closed, interrupt=True))

    def _offered(self, spec: ToolSpec) -> FunctionToolSchema:
        schema = self._schemas.get(spec.name)
        if schema is None:
            schema = self._schemas[spec.name] = _schema(spec.name, spec.description, spec.parameters)
        return schema

    async def _answer(self, event: ToolCallEvent, context: Ag2Context) -> ToolResultEvent:
        port = port_of(context)
        if (problem := malformed(event)) is not None:
            return told(event, _not_called(event.name, problem))
        try:
            arguments = dict(event.serialized_arguments)
        except (ValueError, TypeError):
            return told(event, _not_called(event.name, "the arguments are not a JSON object"))
        firing = cast("Firing | None", context.dependencies.get(Firing))
        if (way := self._ways.get(event.name)) is not None:
            return await _hand_over(event, way, arguments, port, firing)
        spec = self.specs[event.name]
        here = Context(port, call=event.id, owner=self._agent)
        before = CONTEXT.set(here)
        try:
            if spec.handoff is not None and (outcome := await _refused(firing, spec.name, "")) is not None:
                return told(event, outcome)
            return told(event, await execute(spec, arguments, here))
        finally:
            CONTEXT.reset(before)


def port_of(context: Ag2Context) -> TurnPort:
    """The port of the turn that AG2 is in."""
    try:
        return cast(TurnPort, context.dependencies[TurnPort])
    except KeyError:
        raise RuntimeError("A built agent is asked with dependencies={TurnPort: …}.") from None


def told(event: ToolCallEvent, outcome: Outcome) -> ToolResultEvent:
    """The answer to a call as AG2 carries it."""
    result = result_of(outcome)
    if outcome.ok:
        return ToolResultEvent.from_call(event, result=result)
    return ToolErrorEvent(parent_id=event.id, name=event.name, error=ToolError(outcome.text), result=result)


def _schema(name: str, description: str, parameters: Obj) -> FunctionToolSchema:
    return FunctionToolSchema(
        function=FunctionDefinition(name=name, description=description, parameters=dict(parameters))
    )


def _not_called(name: str, problem: str) -> Outcome:
    return refusal(f"Error: {name} was not called: {problem}. Call it again with a complete JSON object.")


async def _hand_over(
    event: ToolCallEvent,
    way: HandoffSpec,
    arguments: Mapping[str, object],
    port: TurnPort,
    firing: Firing | None,
) -> ToolResultEvent:
    if (problem := port.refuse_handoff(way.target)) is not None:
        return told(event, refusal(problem))
    reason = str(arguments.get("reason") or "").strip()[:_LONGEST_REASON]
    if (outcome := await _refused(firing, way.target, reason)) is not None:
        return told(event, outcome)
    result = ToolResult(
        Handoff(target=way.target, reason=reason),
        final=True,
        metadata={OUTCOME: Outcome(True, "Transferred.", {"target": way.target, "reason": reason})},
    )
    return ToolResultEvent.from_call(event, result=result)


async def _refused(firing: Firing | None, target: str, reason: str) -> Outcome | None:
    """What the hooks on hand-offs have against it, if anything."""
    if firing is None or not firing.listens("on_handoff"):
        return None
    try:
        await firing.fire("on_handoff", {"target": target, "reason": reason})
    except SalonError as problem:
        return refusal(f"Refused: {problem.message}")
    return None
