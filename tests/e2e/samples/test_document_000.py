"""Document 000, "Server & Agent Setup", block by block; in its server every request is seen by its own hook."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from salon import Agent, AgentServer
from tests.e2e.samples.blocks import Names, run, sample, supplied
from tests.serving import serving

MESSAGES = [{"role": "user", "content": "Hello!"}]


@asynccontextmanager
async def asked(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The application behind a real server, and a client of it."""
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield http


async def clock() -> Names:
    """What block 02 makes: an agent with a tool that has a price."""
    return await run(sample("000_02"), supplied(RobutlerAgent="Agent"))


@pytest.mark.requirement("S0-08")
async def test_000_01_an_agent_answers(capsys: pytest.CaptureFixture[str]) -> None:
    names = await run(sample("000_01"))
    agent, response = names["agent"], names["response"]
    assert (agent.name, agent.model, agent.credits_per_token) == ("assistant", "gpt-4o-mini", 10)
    assert capsys.readouterr().out.strip() == str(response) == response["choices"][0]["message"]["content"] != ""


@pytest.mark.requirement("S0-10", "S0-13")
async def test_000_02_an_agent_calls_a_tool_with_a_price() -> None:
    names = await clock()
    agent: Agent = names["agent"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", names["get_time"]()), "the function stays a function"
    assert [tool.name for tool in agent.get_all_tools()] == ["get_time"]
    assert (agent.credits_per_token, agent.intents) == (5, ("help with time",))
    server = AgentServer([agent])
    bills: list[dict[str, Any]] = []

    @server.after_request
    def note(request: object, response: object, context: Any) -> None:
        bills.append(context.get_usage())

    body = {"messages": [{"role": "user", "content": "Please get the current time"}]}
    async with asked(server) as http:
        answer = (await http.post("/assistant/chat/completions", json=body)).json()
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", answer["choices"][0]["message"]["content"])
    (bill,) = bills
    assert bill["total_tokens"] == answer["usage"]["total_tokens"] > 0
    assert bill["total_credits"] == 1000 + 5 * bill["total_tokens"]


@pytest.mark.requirement("S0-09")
async def test_000_03_run_answers_whole_and_as_a_streaming_response() -> None:
    names = await run(sample("000_03"), {"agent": Agent("assistant", "You help."), "messages": MESSAGES})
    assert isinstance(names["streaming_response"], StreamingResponse)
    app = FastAPI()

    @app.get("/")
    def stream() -> StreamingResponse:
        streamed: StreamingResponse = names["streaming_response"]
        return streamed

    async with asked(app) as http:
        answer = await http.get("/")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.endswith("data: [DONE]\n\n")
    assert str(names["response"])


@pytest.mark.requirement("S0-01", "S0-14", "S0-15")
async def test_000_04_a_server_has_the_agents_endpoints() -> None:
    names = await run(sample("000_04"))
    async with asked(names["app"]) as http:
        answer = await http.post("/assistant/chat/completions", json={"messages": MESSAGES})
        assert answer.json()["choices"][0]["message"]["content"]
        info = (await http.get("/assistant")).json()
    assert (info["name"], info["pricing"]["credits_per_token"]) == ("assistant", 5)


@pytest.mark.requirement("S0-17", "S0-18", "S0-19", "S0-20")
async def test_000_05_a_function_answers_under_a_path_with_a_parameter() -> None:
    names = await run(sample("000_05"), supplied("pricing", "Agent", "Runner", RobutlerServer="AgentServer"))
    async with asked(names["app"]) as http:
        for path in ("/weather/paris", "/weather/paris/chat/completions"):
            answer = await http.post(path, json={"messages": [{"role": "user", "content": "Will it rain?"}]})
            assert answer.json()["choices"][0]["message"]["content"], answer.text
        info = (await http.get("/weather/paris")).json()
    assert (info["name"], info["description"]) == ("weather", "Custom weather agent.")
    assert info["pricing"]["credits_per_token"] == 12


@pytest.mark.requirement("S0-22")
async def test_000_06_a_hook_is_told_what_each_request_used(capsys: pytest.CaptureFixture[str]) -> None:
    agent = (await clock())["agent"]
    names = await run(sample("000_06"), {"app": AgentServer([agent])})
    assert names["get_server_context"]() is None
    async with asked(names["app"]) as http:
        answer = await http.post("/assistant/chat/completions", json={"messages": MESSAGES})
    tokens = answer.json()["usage"]["total_tokens"]
    shown = capsys.readouterr().out
    assert f"Total tokens: {tokens}\n" in shown
    assert re.search(r"Total credits: (\d+)", shown), shown
    assert int(re.findall(r"Total credits: (\d+)", shown)[0]) in (5 * tokens, 1000 + 5 * tokens)


async def test_000_07_a_payment_token_may_be_sent_and_refuses_nobody_while_nothing_asks_for_payment() -> None:
    """Charging and 402 come with the ledger; until then usage is metered, and the header is no reason to fail."""
    names = await run(sample("000_07"))
    async with asked(AgentServer([Agent("assistant", "You help.")])) as http:
        body = {"messages": MESSAGES}
        answer = await http.post("/assistant/chat/completions", json=body, headers=names["headers"])
    assert (answer.status_code, answer.json()["usage"]["total_tokens"] > 0) == (200, True)


@pytest.mark.requirement("S0-30")
async def test_000_08_uvicorn_serves_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the port, which others may have."""
    served: list[tuple[FastAPI, dict[str, object]]] = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: served.append((app, options)))
    server = AgentServer([Agent("assistant", "You help.")])
    await run(sample("000_08"), {"__name__": "__main__", "app": server})
    ((app, options),) = served
    assert (app, options) == (server, {"host": "0.0.0.0", "port": 8000})
    async with asked(app) as http:
        assert (await http.get("/assistant")).json()["name"] == "assistant"
