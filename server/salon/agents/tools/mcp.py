"""Tools of an MCP server, by AG2's toolkit: found when a turn begins, and left out when the server does not answer."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from typing import Protocol, cast

import structlog
from ag2.annotations import Context as Ag2Context
from ag2.events import BaseEvent, TextInput, ToolCallEvent, ToolErrorEvent, ToolResultEvent
from ag2.middleware import BaseMiddleware, ToolExecution, ToolResultType
from ag2.tools import MCPServerConfig, MCPStdioServerConfig, MCPToolkit
from ag2.tools.final import FunctionToolSchema
from ag2.tools.final.function_tool import FunctionDefinition
from ag2.tools.tool import Tool

from salon.access.scopes import allowed
from salon.agents.context.port import TurnPort
from salon.agents.tools.execution import refusal, result_of, success
from salon.agents.tools.tool import NAME

log = structlog.get_logger(__name__)

# What a server writes that is no message would fill the log, line by line.
logging.getLogger("mcp.client").setLevel(logging.CRITICAL)

MOST_TOOLS = 128
"""Of one server; vendors refuse more."""

LONGEST_DESCRIPTION = 1_024

MISSING = "MCP needs a package that is not installed. Run: pip install 'salon[mcp]'"


@dataclass(frozen=True, slots=True)
class McpServer:
    """Where a server is: a program to start, or an address; exactly one of both.

    Args:
        command: the program and its arguments.
        env: its environment, beside what programs commonly get.
        url: the address, with the path of its endpoint.
        headers: sent along, such as an authorization.
        tools: those of its tools that are offered; all by default.
        prefix: put before their names.
        seconds: that it has for each answer.
    """

    command: Sequence[str] = ()
    env: Mapping[str, str] | None = field(default=None, repr=False)
    url: str = ""
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    tools: Sequence[str] | None = None
    prefix: str = ""
    seconds: float = 30.0


class McpTools(Tool):
    """A server's tools as one AG2 tool. A server that does not answer costs the turn its tools, not the answer.

    Left out are tools whose names models cannot call or are taken, and those after the first MOST_TOOLS.

    Args:
        server: where it is.
        label: what it is called in the log.
        scopes: who may use its tools; empty means everyone.
        taken: whether a name is that of another tool, which goes before.

    Raises ImportError, which names the extra, when the package is not there that the protocol needs.
    """

    def __init__(self, server: McpServer, *, label: str, scopes: frozenset[str], taken: Callable[[str], bool]) -> None:
        self.name = f"mcp:{label}"
        self._seconds = server.seconds
        self._scopes = scopes
        self._taken = taken
        self._left_out = 0
        try:
            self._toolkit = MCPToolkit(_config(server))
        except ImportError:
            raise ImportError(MISSING) from None

    def __deepcopy__(self, _memo: object) -> "McpTools":
        return self  # AG2 copies tools; what was found stands here

    def offers(self, name: str) -> bool:
        """Whether the server was found to have a tool of that name."""
        return any(tool.name == name for tool in self._toolkit.tools)

    async def schemas(self, context: Ag2Context) -> list[FunctionToolSchema]:
        """What this turn's person may use."""
        if not self._open(context):
            return []
        try:
            async with asyncio.timeout(self._seconds):
                await self._toolkit.schemas(context)
        except Exception as error:
            log.warning("mcp.left_out", server=self.name, exc_info=error)
            return []
        return [_short(tool.schema.function) for tool in self._fit()]

    def register(
        self,
        stack: ExitStack | AsyncExitStack,
        context: Ag2Context,
        *,
        middleware: Iterable[BaseMiddleware] = (),
    ) -> None:
        """Let them answer the calls of this turn."""
        if self._open(context):
            for tool in self._fit():
                bounded = Bounded(ToolCallEvent(tool.name), context, seconds=self._seconds)
                tool.register(stack, context, middleware=[bounded, *middleware])

    def _fit(self) -> list["_Found"]:
        """Those of the server's tools that can be offered."""
        there = cast("tuple[_Found, ...]", self._toolkit.tools)
        fit = [tool for tool in there if NAME.fullmatch(tool.name) and not self._taken(tool.name)][:MOST_TOOLS]
        if (left_out := len(there) - len(fit)) != self._left_out:
            self._left_out = left_out
            log.warning("mcp.tools_left_out", server=self.name, tools=left_out)
        return fit

    def _open(self, context: Ag2Context) -> bool:
        port = cast(TurnPort, context.dependencies[TurnPort])
        return allowed(port.principal.scopes, self._scopes)


class _Found(Protocol):
    """A tool as the toolkit found it."""

    name: str
    schema: FunctionToolSchema

    def register(
        self, stack: ExitStack | AsyncExitStack, context: Ag2Context, *, middleware: Iterable[BaseMiddleware]
    ) -> None: ...


class Bounded(BaseMiddleware):
    """Gives a call so many seconds, and its text no more room than that of Salon's own tools."""

    def __init__(self, event: BaseEvent, context: Ag2Context, *, seconds: float) -> None:
        super().__init__(event, context)
        self._seconds = seconds

    async def on_tool_execution(
        self, call_next: ToolExecution, event: ToolCallEvent, context: Ag2Context
    ) -> ToolResultType:
        """Raises nothing but cancellation and what the call itself raises."""
        try:
            async with asyncio.timeout(self._seconds):
                result = await call_next(event, context)
        except TimeoutError:
            late = refusal(f"Error: {event.name} did not answer within {self._seconds:g} s.")
            return ToolResultEvent.from_call(event, result=result_of(late))
        if isinstance(result, ToolErrorEvent) or not isinstance(result, ToolResultEvent):
            return result
        texts = [part.content for part in result.result.parts if isinstance(part, TextInput)]
        if len(texts) < len(result.result.parts):  # pictures and the like
            return result
        return ToolResultEvent.from_call(event, result=result_of(success("\n".join(texts))))


def _short(function: FunctionDefinition) -> FunctionToolSchema:
    return FunctionToolSchema(
        function=FunctionDefinition(
            name=function.name, description=function.description[:LONGEST_DESCRIPTION], parameters=function.parameters
        )
    )


def _config(server: McpServer) -> MCPServerConfig | MCPStdioServerConfig:
    tools = list(server.tools) if server.tools is not None else None
    if server.url:
        return MCPServerConfig(
            server_url=server.url,
            headers=dict(server.headers) if server.headers else None,
            connection_timeout=server.seconds,
            allowed_tools=tools,
            tool_name_prefix=server.prefix,
        )
    command, *arguments = server.command
    return MCPStdioServerConfig(
        command=command,
        args=arguments,
        env=dict(server.env) if server.env is not None else None,
        allowed_tools=tools,
        tool_name_prefix=server.prefix,
    )
