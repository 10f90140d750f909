"""Document 001, chapters 7 and 8: a workflow of several steps, and a tool that does not give up at once."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import datetime
from ipaddress import ip_address
from typing import Any

import httpx
import pytest

from salon import Agent
from salon.skills.web.addresses import Address
from salon.skills.web.guard import guarded_client
from tests.e2e.samples.blocks import corrected, run, sample, supplied
from tests.e2e.samples.watch import Watch


@pytest.mark.requirement("S1-78", "S1-80", "S1-81", "S1-82")
async def test_001_19_a_workflow_goes_through_its_steps_with_the_agents_skills() -> None:
    taken = supplied("GoogleSkill", "StorageSkill", "OpenAISkill", "DatabaseSkill", BaseAgent="Agent")
    names = await run(sample("001_19"), {**taken, "datetime": datetime, "time": time})
    agent: Agent = names["research_agent"]
    (flow,) = agent.workflows.values()
    assert (flow.name, flow.version) == ("comprehensive_research", "1.0")
    assert "comprehensive_research" in [tool.name for tool in agent.get_all_tools()]
    outcome: Any = await agent.run_workflow("comprehensive_research", topic="green tea")
    key = outcome.pop("storage_key")
    assert re.fullmatch(r"research_green_tea_\d+", key)
    assert outcome == {
        "status": "completed",
        "topic": "green tea",
        "summary": "Comprehensive research completed on green tea",
        "next_steps": "Access findings using storage key or query database",
    }
    stored = await agent.skills["robutler.storage"].get_data(key)  # type: ignore[attr-defined]
    assert (stored["topic"], stored["depth"], len(stored["raw_research"])) == ("green tea", "comprehensive", 4)
    assert isinstance(stored["analysis"], str)
    rows = await agent.skills["database"].db_query("research_reports")  # type: ignore[attr-defined]
    assert key in str(rows)
    watch = Watch(agent)
    told = await agent.run("Please do comprehensive research on black tea", user_id="olga")
    assert watch.calls == ["comprehensive_research"]
    assert "completed" in str(told)


@pytest.mark.requirement("S1-84")
async def test_001_20_a_request_is_tried_again_and_what_went_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop is indented into its method, and a model's addresses are fetched from the open internet only."""
    printed_loop = sample("001_20").partition("    for attempt in range(retries):\n")[2].partition("\n# Agent with")[0]
    loop = "    for attempt in range(retries):\n" + printed_loop
    indented = "".join(f"    {line}" if line.strip() else line for line in loop.splitlines(keepends=True))
    source = corrected(
        sample("001_20"), {loop: indented.replace("httpx.AsyncClient(timeout=10.0)", "open_internet(timeout=10.0)")}
    )
    naps: list[float] = []
    at_once = asyncio.sleep

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        await at_once(0)

    tries: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        match request.url.path:
            case "/slow":
                raise httpx.ReadTimeout("it takes too long", request=request)
            case "/shaky" if len(tries) < 3:
                return httpx.Response(503)
        return httpx.Response(200, text="x" * 5000)

    async def resolve(name: str, port: int) -> list[Address]:
        return [ip_address("93.184.216.34" if name == "example.com" else "127.0.0.1")]

    def open_internet(timeout: float) -> httpx.AsyncClient:
        return guarded_client(timeout=timeout, resolve=resolve, transport=httpx.MockTransport(server))

    names = await run(source, {**supplied("Context"), "open_internet": open_internet})
    monkeypatch.setattr(asyncio, "sleep", nap)
    agent: Agent = names["resilient_agent"]
    fetch = agent.skills["web"].resilient_web_request  # type: ignore[attr-defined]
    assert await fetch("http://example.com/") == "x" * 1000
    tries.clear()
    assert await fetch("http://example.com/shaky") == "x" * 1000
    assert (len(tries), naps) == (3, [1, 2])
    slow = "http://example.com/slow"
    assert await fetch(slow, 2) == f"Request to {slow} timed out after 2 attempts"
    tries.clear()
    assert (await fetch("http://internal/", 1)).startswith("HTTP error for http://internal/: ")
    assert tries == [], "nothing was sent to an address of this machine"
    monkeypatch.undo()
    monkeypatch.setenv("MOCK_PACE", "0")
    watch = Watch(agent)
    told = await agent.run("Please make a web request to http://example.com/", user_id="olga")
    assert (watch.calls, watch.charged) == (["resilient_web_request"], ["Web request to http://example.com/"])
    assert "xxx" in str(told)
