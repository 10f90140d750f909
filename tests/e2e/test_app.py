"""The application as a whole: how it is made, which names it keeps for itself, and what a broken agent shows."""

import json

import httpx
import pytest
from fastapi import FastAPI

from salon import Agent, Settings, Team, create_app, tool
from salon.agents.arguments import RESERVED_NAMES
from salon.models.mock.scenario import Scenario
from tests.serving import serving


@pytest.mark.requirement("S4-01")
def test_the_application_is_importable_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from salon import app as module

    monkeypatch.delitem(vars(module), "app", raising=False)
    assert isinstance(module.app, FastAPI)
    assert module.app is module.app
    monkeypatch.delitem(vars(module), "app", raising=False)
    with pytest.raises(AttributeError):
        _ = module.nothing_of_that_name


@pytest.mark.requirement("H-07")
def test_no_agent_or_team_can_take_the_place_of_a_route(settings: Settings) -> None:
    app = create_app(settings)
    first_segments = {str(path).split("/")[1] for path in app.openapi()["paths"]} | {
        "docs",
        "redoc",
        "openapi.json",
        "ws",
    }
    routes = {segment for segment in first_segments if segment and not segment.startswith("{")}
    assert routes <= RESERVED_NAMES
    for name in sorted(RESERVED_NAMES):
        with pytest.raises(ValueError, match=r"path of the server|not URL-safe"):
            Agent(name, "You take a route's place.")
        with pytest.raises(ValueError, match=r"path of the server|not URL-safe"):
            Team(name, [Agent("host", "You greet.")])


@pytest.mark.requirement("S1-46", "S4-37")
async def test_a_failing_agent_is_an_error_in_openais_shape_that_tells_no_secret(settings: Settings) -> None:
    @tool
    def lookup() -> str:
        """Look something up."""
        raise RuntimeError("password=hunter2")

    turns = [{"call": "lookup"}] * 3
    scenario = Scenario.of(turns, strict=True)
    agent = Agent("clerk", "You look things up.", tools=[lookup], scenario=scenario)
    app = create_app(settings.model_copy(update={"max_tool_rounds": 2}), agents=[agent])
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as http:
        body = {"model": "clerk", "messages": [{"role": "user", "content": "look it up"}]}
        answer = await http.post("/v1/chat/completions", json=body)
        assert answer.status_code == 500
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
        assert "hunter2" not in json.dumps(answer.json()) + str(answer.headers)
        streamed = await http.post("/v1/chat/completions", json={**body, "stream": True})
        assert "hunter2" not in streamed.text
        assert '"error"' in streamed.text


def test_a_server_without_agents_of_its_own_serves_the_demo_team(settings: Settings) -> None:
    app = create_app(settings)
    assert {"host", "analyst", "planner", "researcher", "writer"} <= set(app.state.runtime.catalog.agents)


def test_agents_of_no_team_form_one_in_which_each_speaks_when_it_is_named(settings: Settings) -> None:
    one, two = Agent("one", "You are one."), Agent("two", "You are two.")
    catalog = create_app(settings, agents=[one, two]).state.runtime.catalog
    assert catalog.names() == ["team", "one", "two"]
    assert catalog.teams["team"].handoffs("one") == []
    single = create_app(settings, agents=[one]).state.runtime.catalog
    assert single.names() == ["one"]


def test_names_that_clash_are_refused(settings: Settings) -> None:
    with pytest.raises(ValueError, match="two teams are named"):
        create_app(settings, teams=[Team("a", [Agent("x", "X.")]), Team("a", [Agent("y", "Y.")])])
    with pytest.raises(ValueError, match="two agents are named"):
        create_app(settings, teams=[Team("a", [Agent("x", "X.")]), Team("b", [Agent("x", "Another.")])])
    with pytest.raises(ValueError, match="name of an agent"):
        create_app(settings, teams=[Team("x", [Agent("x", "X."), Agent("y", "Y.")])])


async def test_a_callers_tool_that_would_hide_behind_an_agents_own_is_refused(settings: Settings) -> None:
    body = {
        "model": "writer",
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"type": "function", "function": {"name": "send_email", "parameters": {"type": "object"}}}],
    }
    async with serving(create_app(settings)) as url, httpx.AsyncClient(base_url=url) as http:
        for model in ("writer", "room:lobby"):
            answer = await http.post("/v1/chat/completions", json={**body, "model": model})
            assert answer.status_code == 400
            assert answer.json()["error"]["param"] == "tools"
            assert "is a tool of agent 'writer'" in answer.json()["error"]["message"]
        assert (await http.head("/health")).status_code == 200


def test_a_team_says_what_is_not_an_agent() -> None:
    with pytest.raises(TypeError, match="expected agents, got str"):
        Team("desk", ["host"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="handoffs: 'ghost'"):
        Team("desk", [Agent("host", "You greet.")], handoffs={"ghost": ["host"]})
