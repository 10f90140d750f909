"""Tools that run elsewhere: in a person's frontend, or in the program that called."""

from collections.abc import Iterable
from contextlib import AsyncExitStack, ExitStack
from typing import cast

from ag2.annotations import Context
from ag2.events import ToolCallEvent, ToolResultEvent
from ag2.events.conditions import Condition
from ag2.middleware import BaseMiddleware
from ag2.tools.final import ClientTool as ReturnedTool
from ag2.tools.final import FunctionToolSchema
from ag2.tools.tool import Tool

from salon.agents.tools.execution import as_result
from salon.contracts.events import ToolReady, ToolStarted
from salon.contracts.runs import RunOrder, Stage
from salon.contracts.types import ClientTool
from salon.ids import new_id


def caller_tools(order: RunOrder, stage: Stage, *, agent: str, turn: str) -> list[Tool]:
    """The tools of whoever asked for the run, as AG2 tools: calls go back to a program, or wait for a client."""
    if order.calls_end_run:
        return [ReturnedTool(_schema(tool)) for tool in order.tools]
    return [RemoteTool(tool, order, stage, agent=agent, turn=turn) for tool in order.tools]


class RemoteTool(Tool):
    """A tool in the frontend of the person who asked: the turn waits for `tool_result`."""

    declared_in_code = False

    def __init__(self, tool: ClientTool, order: RunOrder, stage: Stage, *, agent: str, turn: str) -> None:
        self.name = tool.name
        self._schema = FunctionToolSchema.from_dict(_schema(tool))
        self._order = order
        self._stage = stage
        self._agent = agent
        self._turn = turn

    async def schemas(self, context: Context) -> list[FunctionToolSchema]:  # noqa: ARG002 - AG2 names them
        """What the model is offered."""
        return [self._schema]

    def register(
        self,
        stack: ExitStack | AsyncExitStack,
        context: Context,
        *,
        middleware: Iterable[BaseMiddleware] = (),  # noqa: ARG002 - AG2 names them
    ) -> None:
        """Listen for calls of this tool for the length of a turn."""
        mine = cast(Condition, ToolCallEvent.name == self.name)  # AG2's fields compare to conditions
        stack.enter_context(context.stream.where(mine).sub_scope(self._execute))

    async def _execute(self, event: ToolCallEvent, context: Context) -> None:
        call = new_id("call")
        self._stage.append(
            ToolStarted(
                event="tool.started",
                call=call,
                name=self.name,
                run=self._order.run,
                where="client",
                agent=self._agent,
                turn=self._turn,
            )
        )
        done = await self._stage.call_client(
            ToolReady(
                event="tool.ready",
                call=call,
                name=self.name,
                args=event.serialized_arguments,
                where="client",
                agent=self._agent,
                run=self._order.run,
                assignee=self._order.principal.user,
            )
        )
        await context.send(ToolResultEvent.from_call(event, result=as_result(done.output, ok=done.ok)))


def _schema(tool: ClientTool) -> dict[str, object]:
    parameters = tool.parameters or {"type": "object", "properties": {}}
    return {"function": {"name": tool.name, "description": tool.description or "", "parameters": parameters}}
