"""Tools of an MCP server, by AG2's toolkit: found when a turn begins, and left out when the server does not answer."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from typing import cast

import structlog
from ag2.annotations import Context as Ag2Context
from ag2.middleware import BaseMiddleware
from ag2.tools import MCPServerConfig, MCPStdioServerConfig, MCPToolkit
from ag2.tools.final import FunctionToolSchema
from ag2.tools.tool import Tool

from salon.access.scopes import allowed
from salon.agents.context.port import TurnPort

log = structlog.get_logger(__name__)

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

    Args:
        server: where it is.
        label: what it is called in the log.
        scopes: who may use its tools; empty means everyone.
        taken: whether a name is one of the agent's own tools, which then goes before.

    Raises ImportError, which names the extra, when the package is not there that the protocol needs.
    """

    def __init__(self, server: McpServer, *, label: str, scopes: frozenset[str], taken: Callable[[str], bool]) -> None:
        self.name = f"mcp:{label}"
        self._seconds = server.seconds
        self._scopes = scopes
        self._taken = taken
        try:
            self._toolkit = MCPToolkit(_config(server))
        except ImportError:
            raise ImportError(MISSING) from None

    async def schemas(self, context: Ag2Context) -> list[FunctionToolSchema]:
        """What this turn's person may use."""
        if not self._open(context):
            return []
        try:
            async with asyncio.timeout(self._seconds):
                found = cast(Iterable[FunctionToolSchema], await self._toolkit.schemas(context))
        except Exception as error:
            log.warning("mcp.left_out", server=self.name, exc_info=error)
            return []
        return [schema for schema in found if not self._taken(schema.function.name)]

    def register(
        self,
        stack: ExitStack | AsyncExitStack,
        context: Ag2Context,
        *,
        middleware: Iterable[BaseMiddleware] = (),
    ) -> None:
        """Let them answer the calls of this turn."""
        if self._open(context):
            for tool in self._toolkit.tools:
                if not self._taken(tool.name):
                    tool.register(stack, context, middleware=middleware)

    def _open(self, context: Ag2Context) -> bool:
        port = cast(TurnPort, context.dependencies[TurnPort])
        return allowed(port.principal.scopes, self._scopes)


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
