"""Tools of an MCP server as a skill; it needs the extra `mcp`."""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import cast
from urllib.parse import urlsplit

from salon.access.scopes import scopes_of
from salon.agents.skill import Skill
from salon.agents.tools.mcp import McpServer, McpTools

HANDOFF = "transfer_to_"
_SETTINGS = ("command", "env", "url", "headers", "tools", "prefix", "seconds")


class MCPSkill(Skill):
    """Offers an agent the tools of an MCP server:

        MCPSkill({"command": ["uvx", "some-server"]})
        MCPSkill({"url": "https://tools.example.com/mcp", "headers": {"Authorization": "Bearer …"}})

    They are found when the agent first answers. A server that does not answer is left out, and the log says so. A tool
    with the name of one of the agent's own or of another server's is left out too; `prefix` tells them apart.

    Settings:
        command: a program to start, with its arguments; it gets `env`, a mapping, as environment.
        url: or the address of a server, with `headers`.
        tools: names of those of its tools that are offered; all by default.
        prefix: put before the names.
        seconds: that the server has for each answer; 30 by default.

    Raises ValueError for a setting that cannot be used, ImportError without the package, naming the extra.
    """

    name = "mcp"

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        super().__init__(config)
        self._server = _server(self.config)
        _tools(self, self._server)  # what is missing is said now

    def members(self) -> Iterator[object]:
        """The server's tools, all as one."""
        self._tools = _tools(self, self._server)
        yield self._tools

    def taken(self, name: str) -> bool:
        """Whether a name is that of a hand-off, of a tool of the agent's own, or of a server's before this one."""
        kit = self.agent.kit
        before = takewhile(lambda tool: tool is not self._tools, kit.foreign)
        others = any(tool.offers(name) for tool in before if isinstance(tool, McpTools))
        return others or name in kit.tools or name.startswith(HANDOFF)


def _tools(skill: MCPSkill, server: McpServer) -> McpTools:
    label = server.prefix or urlsplit(server.url).hostname or server.command[0].rpartition("/")[2]
    return McpTools(server, label=f"{label}:{id(skill):x}", scopes=scopes_of(skill.scope), taken=skill.taken)


def _server(config: Mapping[str, object]) -> McpServer:
    if unknown := sorted(set(config) - set(_SETTINGS)):
        raise ValueError(f"{unknown[0]}: no setting of MCPSkill. There are: {', '.join(_SETTINGS)}.")
    command, url = config.get("command", ()), config.get("url", "")
    command = [command] if isinstance(command, str) else command
    if not isinstance(command, list | tuple) or not all(isinstance(each, str) and each for each in command):
        raise ValueError('command: expected a program with its arguments, such as ["uvx", "some-server"].')
    if bool(command) == bool(url):
        raise ValueError("command: give either a command or a url.")
    if not isinstance(url, str) or (url and urlsplit(url).scheme not in ("http", "https")):
        raise ValueError(f"url: {str(url)[:100]!r} is no address. Write https://HOST/mcp.")
    tools, seconds = config.get("tools"), config.get("seconds", 30.0)
    if tools is not None and (isinstance(tools, str) or not isinstance(tools, list | tuple)):
        raise ValueError('tools: expected a list of names, such as ["search"].')
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        raise ValueError(f"seconds: expected a number above 0, got {seconds!r}.")
    return McpServer(
        command=list(command),
        env=_texts("env", config.get("env")),
        url=url,
        headers=_texts("headers", config.get("headers")),
        tools=[str(name) for name in tools] if tools is not None else None,
        prefix=str(config.get("prefix", "")),
        seconds=float(seconds),
    )


def _texts(field: str, given: object) -> Mapping[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping) or not all(isinstance(value, str) for value in given.values()):
        raise ValueError(f"{field}: expected texts by name.")
    return cast(Mapping[str, str], given)
