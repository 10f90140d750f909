"""A server with a small team on mock models, and clients that others wrote, in Python and in Node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from salon.agents.agent import Agent
from salon.agents.context.context import Context
from salon.agents.tools.tool import tool
from salon.app import AgentServer, create_app
from salon.chat.team import Team
from salon.settings import Settings
from tests.node import NODE
from tests.serving import serving

PACKAGES = Path(__file__).parents[3] / "ui-contracts"
"""Where Node finds the clients: a program that comes on standard input looks from its working directory."""


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool
async def send_letter(context: Context, to: str) -> str:
    """Send a letter to somebody."""
    return f"The letter to {to} is on its way." if await context.approve("Send the letter?") else "It stays here."


@tool
def show_sales(context: Context) -> str:
    """Show the sales of the quarters."""
    context.chart("Sales", ["Q1", "Q2"], {"sold": [3, 5]}, surface="sales")
    context.patch_state([{"op": "add", "path": "/shown", "value": True}])
    return "The chart is on the screen."


def office(settings: Settings) -> AgentServer:
    """The server."""
    host = Agent("concierge", "You greet people and find who can help.", model=None)
    sums = Agent("accountant", "You add numbers.", model=None, tools=[add, show_sales], intents=["add numbers", "sums"])
    poet = Agent("poet", "You write poems.", model=None, tools=[send_letter], intents=["write a poem", "send a letter"])
    return create_app(settings, teams=[Team("office", [host, sums, poet])])


@pytest.fixture
async def url(settings: Settings) -> AsyncIterator[str]:
    """The address of the server."""
    async with serving(office(settings)) as base:
        yield base


async def run_in_node(script: str, url: str) -> None:
    """Run a program of this folder, which checks for itself what it gets and says when it is done."""
    out = await node((Path(__file__).parent / script).read_text(encoding="utf-8"), url)
    assert out.endswith("done\n"), out


async def node(program: str, *arguments: str) -> str:
    """Run a program in Node; gives what it writes, and fails unless it ends with exit code 0."""
    process = await asyncio.create_subprocess_exec(
        NODE,
        "--input-type=module",
        "-",
        *arguments,
        cwd=PACKAGES,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            out, problem = await process.communicate(program.encode())
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, out.decode() + problem.decode()
    return out.decode()
