"""Tools of an MCP server, by AG2's toolkit: found when a turn begins, and left out when the server does not answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)


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
