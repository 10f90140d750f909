"""A real MCP server, as a process of its own: `python mcp_server.py`, or with `http` and a port."""

import sys

from mcp.server.mcpserver import MCPServer

server = MCPServer("tides")


@server.tool()
def high_tide(harbour: str) -> str:
    """Tells when the water is highest in a harbour."""
    return f"In {harbour} the water is highest at 11:42."


@server.tool()
def broken(harbour: str) -> str:
    """Fails, with words that are nobody's business."""
    raise RuntimeError(f"secret of {harbour}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["http"]:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[2]))
    else:
        server.run("stdio")
