"""Where things are found, who is listed, and who may call from a page."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from salon.contracts.events import Handoff
from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.http.web import add_web
from tests.fakes.answering import SUCCESS, say
from tests.unit.http.conftest import MakeSurface


@pytest.mark.requirement("S1-52")
@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions",
        "/agents/writer/chat/completions",
        "/agents/writer/v1/chat/completions",
        "/writer/chat/completions",
        "/writer/v1/chat/completions",
    ],
)
async def test_an_agent_answers_under_all_its_paths(surface: MakeSurface, path: str) -> None:
    one = surface()
    response = await one.ask(path=path, model="writer")
    assert (response.status_code, response.json()["model"]) == (200, "writer")
    assert len(one.runtime.catalog.responders["writer"].orders) == 1


@pytest.mark.parametrize("model", [{}, {"model": None}, {"model": "gpt-4o"}])
async def test_on_an_agents_own_path_the_model_says_nothing(surface: MakeSurface, model: dict[str, Any]) -> None:
    body = {"messages": [{"role": "user", "content": "Hello"}], **model}
    response = await surface().http.post("/agents/writer/chat/completions", json=body)
    assert response.json()["model"] == "writer"


async def test_a_body_is_json_whatever_curl_calls_it(surface: MakeSurface) -> None:
    body = '{"model": "crew", "messages": [{"role": "user", "content": "Hello"}]}'
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await surface().http.post("/v1/chat/completions", content=body, headers=form)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example", "content-type": "text/plain"}, 403),
        ({"origin": "http://localhost:3000", "content-type": "text/plain"}, 200),
        ({"origin": "http://salon.test", "content-type": "text/plain"}, 200),
        ({"origin": "app://obsidian.md", "content-type": "application/json"}, 200),
    ],
)
async def test_a_foreign_page_cannot_ask_behind_the_browsers_back(
    surface: MakeSurface, headers: dict[str, str], status: int
) -> None:
    body = '{"model": "crew", "messages": [{"role": "user", "content": "Hello"}]}'
    response = await surface().http.post("/v1/chat/completions", content=body, headers=headers)
    assert response.status_code == status


@pytest.mark.requirement("S4-26")
async def test_pages_of_listed_origins_may_call_and_others_may_not(surface: MakeSurface) -> None:
    http = surface(cors_origins=("https://app.example",)).http
    ask = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    allowed = await http.options("/v1/chat/completions", headers={"origin": "https://app.example", **ask})
    assert allowed.headers["access-control-allow-origin"] == "https://app.example"
    refused = await http.options("/v1/chat/completions", headers={"origin": "https://evil.example", **ask})
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers


async def test_models_are_teams_agents_and_open_rooms(surface: MakeSurface) -> None:
    one = surface()
    await one.runtime.lobby.open("lobby/one")
    body = (await one.http.get("/v1/models")).json()
    assert body["object"] == "list"
    assert [model["id"] for model in body["data"]] == ["crew", "host", "writer", "room:lobby/one"]
    assert body["data"][0] == {"id": "crew", "object": "model", "created": 1_800_000_000, "owned_by": "salon"}
    assert (await one.http.get("/v1/models/room:lobby/one")).json()["id"] == "room:lobby/one"
    missing = await one.http.get("/v1/models/nobody")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize("base", ["/agents/writer", "/agents/writer/v1", "/writer", "/writer/v1"])
async def test_an_agents_own_base_lists_that_agent(surface: MakeSurface, base: str) -> None:
    assert [m["id"] for m in (await surface().http.get(f"{base}/models")).json()["data"]] == ["writer"]


@pytest.mark.requirement("S1-54")
async def test_the_list_of_agents_has_exactly_these_keys(surface: MakeSurface) -> None:
    body = (await surface().http.get("/agents")).json()
    instructions = ("You greet people. " * 10).strip()[:100] + "..."
    assert body == {
        "agents": {
            "host": {"name": "host", "instructions": instructions, "skills": [], "tools_count": 0, "hooks_count": 0},
            "writer": {
                "name": "writer", "instructions": "You write.", "skills": [], "tools_count": 1, "hooks_count": 0,
            },
        }
    }  # fmt: skip


@pytest.mark.requirement("S1-59")
async def test_the_info_of_an_agent_has_exactly_these_keys(surface: MakeSurface) -> None:
    http = surface().http
    assert (await http.get("/agents/writer/info")).json() == {
        "name": "writer", "instructions": "You write.", "skills": [], "tools": 1, "hooks": 0, "handoffs": 1,
    }  # fmt: skip
    assert (await http.get("/agents/crew/info")).json()["name"] == "host"
    assert (await http.get("/agents/nobody/info")).status_code == 404


@pytest.mark.requirement("S0-16")
async def test_an_agent_tells_what_it_is_for_and_what_it_costs(surface: MakeSurface) -> None:
    http = surface().http
    assert (await http.get("/writer")).json() == {
        "kind": "agent", "name": "writer", "description": "You write.", "model": "mock/gpt-4", "source": "mock",
        "tools": ["forecast"], "skills": [], "capabilities": [], "intents": ["what time is it"], "handoffs": ["host"],
        "pricing": {"credits_per_token": 10},
    }  # fmt: skip
    team = {"kind": "team", "name": "crew", "description": "All who are here", "host": "host"}
    assert (await http.get("/crew")).json() == {**team, "agents": ["host", "writer"]}
    assert (await http.get("/nobody")).status_code == 404


@pytest.mark.requirement("S0-07")
async def test_a_search_ranks_the_agent_whose_intent_fits_first(surface: MakeSurface) -> None:
    body = (await surface().http.get("/", params={"search": "help with time", "top_k": 1})).json()
    assert body["query"] == "help with time"
    assert [result["name"] for result in body["results"]] == ["writer"]
    assert body["results"][0]["url"] == "/writer/chat/completions"


async def test_a_search_finds_teams_too(surface: MakeSurface) -> None:
    results = (await surface().http.get("/", params={"search": "crew"})).json()["results"]
    assert [(result["name"], result["kind"]) for result in results] == [("crew", "team")]


async def test_a_program_is_told_about_the_server_and_a_browser_is_shown_it(surface: MakeSurface) -> None:
    one = surface()
    http = one.http
    assert (await http.get("/", headers={"accept": "text/html"})).json()["name"] == "salon"  # there is no web app here
    add_web(one.app)
    body = (await http.get("/")).json()
    assert (body["name"], body["mode"], body["teams"], body["agents"]) == (
        "salon",
        "mock",
        ["crew"],
        ["host", "writer"],
    )
    assert body["links"]["completions"] == "/v1/chat/completions"
    page = await http.get("/", headers={"accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    found = await http.get("/?search=hello", headers={"accept": "text/html,*/*;q=0.8"})
    assert found.json()["query"] == "hello"


@pytest.mark.requirement("S4-31", "S4-28", "S4-33")
async def test_health_says_that_it_is_a_mock(surface: MakeSurface) -> None:
    body = (await surface().http.get("/health")).json()
    assert (body["status"], body["mode"], body["model"]) == ("healthy", "mock", "gpt-4")
    assert "host, writer" in body["banner"]


async def test_health_of_a_live_server_has_no_banner(surface: MakeSurface, monkeypatch: pytest.MonkeyPatch) -> None:
    one = surface()
    one.runtime.mode = "live"
    monkeypatch.setattr(one.runtime.catalog, "mocks", list)
    body = (await one.http.get("/health")).json()
    assert "banner" not in body


async def test_the_server_is_ready_while_what_is_said_can_be_kept(surface: MakeSurface) -> None:
    one = surface()
    assert (await one.http.get("/ready")).json() == {"status": "ready"}
    one.runtime.store_answers = False
    refused = await one.http.get("/ready")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert refused.json()["error"]["code"] == "unavailable"
    assert (await one.http.get("/health")).status_code == 200


@pytest.mark.requirement("S4-12")
async def test_the_documentation_lists_every_route(surface: MakeSurface) -> None:
    http = surface().http
    assert (await http.get("/docs")).status_code == 200
    document = (await http.get("/openapi.json")).json()
    assert set(document["paths"]) == {
        "/", "/health", "/ready", "/metrics",
        "/threads", "/threads/import", "/threads/{room}", "/threads/{room}/messages", "/threads/{room}/stats",
        "/threads/{room}/export", "/threads/{room}/recording", "/threads/{room}/fork", "/threads/{room}/branch",
        "/jobs", "/jobs/{job_id}", "/catalog", "/catalog/{id}",
        "/agents", "/agents/{name}/info", "/{name}",
        "/v1/chat/completions", "/v1/models", "/v1/models/{model}", "/v1/responses", "/v1/responses/{response}",
        "/ag-ui/{name}", "/api/chat", "/api/chat/{chat_id}/stream",
        "/agents/{name}/chat/completions", "/agents/{name}/v1/chat/completions",
        "/agents/{name}/models", "/agents/{name}/v1/models",
        "/{name}/chat/completions", "/{name}/v1/chat/completions", "/{name}/models", "/{name}/v1/models",
    }  # fmt: skip
    body = document["paths"]["/v1/chat/completions"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["messages"]
    assert "$ref" not in str(body)


async def test_metrics_count_what_the_log_says(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        stage.append(Handoff(event="agent.handoff", source="host", target="writer", run=order.run))
        say(stage, order, "Hello", agent="writer", tokens=(11, 3))
        return SUCCESS

    one = surface(play)
    await one.runtime.lobby.open("lobby")
    await one.ask(model="room:lobby")
    await one.ask(path="/v1/chat/completions")
    text = (await one.http.get("/metrics")).text
    samples = {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["salon_runs_total", "success"] == 2
    assert samples["salon_runs_active",] == 0
    assert samples["salon_handoffs_total", "host", "writer"] == 2
    assert samples["salon_tokens_total", "input", "scripted"] == 22
    assert samples["salon_tokens_total", "output", "scripted"] == 6
    assert samples["salon_model_calls_total", "scripted"] == 2
    assert samples["salon_messages_total", "agent"] == 2
    assert samples["salon_run_seconds_count",] == 2
    assert samples["salon_first_token_seconds_count",] == 2
    assert samples["salon_rooms",] == 1
    assert samples["salon_http_requests_total", "POST", "/v1/chat/completions", "200"] == 2
