"""AgentServer: agents and functions behind a FastAPI application, hooks around requests, and what each request used."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException
from fastapi.responses import PlainTextResponse
from openai import AsyncOpenAI

from salon import Agent, AgentServer, Context, Runner, Settings, Skill, get_server_context, hook, pricing, tool
from salon.models.mock.scenario import Scenario
from tests.e2e.live import RoomClient
from tests.serving import serving

HELLO = {"messages": [{"role": "user", "content": "Hello"}]}


@asynccontextmanager
async def asked(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The application behind a real server, and a client of it."""
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield http


def clock_agent() -> Agent:
    """One that calls a tool of 1000 credits, then answers; its two model calls take exactly 29 tokens."""

    @tool
    @pricing(credits_per_call=1000)
    def get_time() -> str:
        """Get the current time."""
        assert get_server_context() is not None
        return "12"

    turns = [{"call": "get_time"}, {"say": "It is noon"}] * 4
    return Agent(
        "clock",
        "You tell the time.",
        tools=[get_time],
        credits_per_token=5,
        intents=["help with time"],
        scenario=Scenario.of(turns),
    )


@pytest.mark.requirement("S0-14", "S0-17")
async def test_the_server_is_a_fastapi_app_that_takes_routes_and_routers_and_needs_nobody(settings: Settings) -> None:
    server = AgentServer(settings=settings, title="Mine")
    assert isinstance(server, FastAPI)
    assert server.app is server
    router = APIRouter(prefix="/extra")

    @router.get("/ping")
    async def ping() -> str:
        return "pong"

    @server.post("/my-own/chat/completions")
    async def own() -> dict[str, str]:
        return {"by": "me"}

    server.include_router(router)
    server.add_api_route("/added", ping, methods=["GET"])
    bare = AgentServer(settings=settings, docs_url=None)
    assert not {"/docs", "/redoc"} & {getattr(route, "path", "") for route in bare.routes}
    async with asked(server) as http:
        assert (await http.get("/extra/ping")).json() == "pong"
        assert (await http.get("/added")).json() == "pong"
        assert (await http.post("/my-own/chat/completions")).json() == {"by": "me"}
        lost = await http.post("/nobody/chat/completions", json=HELLO)
        assert lost.status_code == 404
        assert lost.json()["error"]["message"] == "Agent 'nobody' not found. Available: []"
        assert (await http.get("/agents")).json() == {"agents": {}}
        assert (await http.get("/v1/models")).json()["data"] == []
        assert (await http.get("/openapi.json")).json()["info"]["title"] == "Mine"
        room = await RoomClient(str(http.base_url).removeprefix("http://").rstrip("/"), "empty").open()
        await room.close()


@pytest.mark.requirement("S0-15", "S0-16", "S0-07")
async def test_an_agent_is_asked_and_described_under_its_name_and_found_by_what_it_is_for(settings: Settings) -> None:
    other = Agent("poet", "You write poems.", intents=["write a poem"])
    async with asked(AgentServer([other, clock_agent()], settings=settings)) as http:
        answer = (await http.post("/clock/chat/completions", json=HELLO)).json()
        assert answer["choices"][0]["message"]["content"] == "It is noon"
        assert set(answer) == {"id", "object", "created", "model", "choices", "usage"}
        info = (await http.get("/clock")).json()
        assert info["name"] == "clock"
        assert info["description"] == "You tell the time."
        assert info["tools"] == ["get_time"]
        assert info["intents"] == ["help with time"]
        assert info["pricing"] == {"credits_per_token": 5, "credits_per_call": {"get_time": 1000}}
        found = (await http.get("/", params={"search": "help with time", "top_k": 1})).json()["results"]
        assert [one["name"] for one in found] == ["clock"]


@pytest.mark.requirement("S0-22", "S0-23", "S0-24", "S0-21")
async def test_the_usage_of_a_request_is_exact_and_its_hook_is_called_once_after_answers_streams_and_errors(
    settings: Settings,
) -> None:
    server = AgentServer([clock_agent()], settings=settings)
    seen: list[tuple[str, int, dict[str, Any]]] = []

    @server.after_request
    async def log_usage(request: Any, response: Any, context: Context) -> None:
        usage = context.get_usage()
        totals = {name: usage[name] for name in ("total_credits", "total_tokens")}
        seen.append((request.url.path, response.status_code, totals))

    assert get_server_context() is None
    async with asked(server) as http:
        whole = await http.post("/clock/chat/completions", json=HELLO)
        tokens = whole.json()["usage"]["total_tokens"]
        streamed = await http.post("/v1/chat/completions", json={**HELLO, "model": "clock", "stream": True})
        assert streamed.text.rstrip().endswith("data: [DONE]")
        await http.post("/nobody/chat/completions", json=HELLO)
        await http.get("/health")
    exact = {"total_credits": 1000 + 5 * tokens, "total_tokens": tokens}
    assert tokens == 29
    assert seen == [
        ("/clock/chat/completions", 200, exact),
        ("/v1/chat/completions", 200, exact),
        ("/nobody/chat/completions", 404, {"total_credits": 0, "total_tokens": 0}),
    ]


def weather(server: AgentServer) -> None:
    """The sample of document 000."""

    @server.agent("/weather/{location}")
    @pricing(credits_per_token=12)
    async def weather_agent(request: Any, location: str) -> str:
        """Custom weather agent."""
        messages = request.messages
        messages.insert(0, {"role": "system", "content": f"You are a weather assistant for {location}."})
        agent = Agent(name="weather", instructions=f"Provide weather for {location}", model="gpt-4o-mini")
        result = await Runner.run(agent, messages)
        return f"{location}: {result.final_output}"


@pytest.mark.requirement("S0-12", "S0-18", "S0-19", "S0-20")
async def test_a_function_is_an_agent_under_its_path_as_a_model_and_in_openais_client(settings: Settings) -> None:
    server = AgentServer(settings=settings)
    weather(server)
    bills: list[Any] = []

    @server.after_request
    def note(request: Any, response: Any, context: Context) -> None:
        bills.append(context.get_usage())

    async with asked(server) as http:
        for path in ("/weather/paris/chat/completions", "/weather/paris"):
            answer = (await http.post(path, json=HELLO)).json()
            assert answer["object"] == "chat.completion"
            assert answer["model"] == "weather/paris"
            assert answer["choices"][0]["message"]["content"].startswith("paris: ")
            tokens = answer["usage"]["total_tokens"]
            assert answer["usage"]["completion_tokens"] > 0
            assert tokens > 0
            assert bills[-1]["total_tokens"] == tokens
            assert bills[-1]["total_credits"] == 12 * tokens
        streamed = await http.post("/weather/rome", json={**HELLO, "stream": True})
        assert streamed.headers["content-type"].startswith("text/event-stream")
        assert "rome: " in streamed.text
        info = (await http.get("/weather/paris")).json()
        assert (info["name"], info["description"]) == ("weather", "Custom weather agent.")
        assert info["pricing"]["credits_per_token"] == 12
        client = AsyncOpenAI(base_url=str(http.base_url.join("/v1")), api_key="none")
        said = await client.chat.completions.create(model="weather/oslo", messages=[{"role": "user", "content": "Hi"}])
        assert str(said.choices[0].message.content).startswith("oslo: ")
        await client.close()
        paths = (await http.get("/openapi.json")).json()["paths"]
        assert {"/weather/{location}", "/weather/{location}/chat/completions"} <= set(paths)


async def test_path_parameters_are_converted_and_checked_by_their_types(settings: Settings) -> None:
    server = AgentServer(settings=settings)

    @server.agent("/square/{number}")
    def square(request: Any, number: int, sign: str = "=") -> str:
        assert isinstance(number, int)
        return f"{number}²{sign}{number * number}"

    @server.agent("/secret/{number}")
    async def secret(request: Any, number: int, x_key: str = Header()) -> str:
        if x_key != "open":
            raise HTTPException(403, "the key is wrong")
        return f"{number} is open"

    async with asked(server) as http:
        assert _said(await http.post("/square/12", json=HELLO)) == "12²=144"
        assert _said(await http.post("/square/12?sign=:", json=HELLO)) == "12²:144"
        wrong = await http.post("/square/twelve", json=HELLO)
        assert wrong.status_code == 400
        assert "number" in wrong.json()["error"]["message"]
        v1 = {**HELLO, "model": "square/7"}
        assert _said(await http.post("/v1/chat/completions", json=v1)) == "7²=49"
        assert (await http.post("/v1/chat/completions", json={**v1, "model": "square/x"})).status_code == 404
        assert _said(await http.post("/secret/1", json=HELLO, headers={"x-key": "open"})) == "1 is open"
        assert (await http.post("/secret/1", json=HELLO, headers={"x-key": "shut"})).status_code == 403
        assert (await http.post("/v1/chat/completions", json={**HELLO, "model": "secret/1"})).status_code == 404


def _said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["choices"][0]["message"]["content"])


async def test_a_function_may_answer_with_a_stream_a_completion_or_another_agents_stream(settings: Settings) -> None:
    inner = Agent("inner", "You help.", scenario=Scenario.of([{"say": "From within"}] * 4))
    server = AgentServer(settings=settings)

    @server.agent("/pieces")
    async def pieces(request: Any) -> AsyncGenerator[str]:
        for message in request.messages:
            yield f"{message['role']} said "
            yield message["content"]

    @server.agent("/relay")
    async def relay(request: Any) -> Any:
        return inner.run_streaming(request.messages)

    @server.agent("/completion")
    async def completion(request: Any) -> Any:
        return await inner.run(request.messages)

    @server.agent("/foreign")
    def foreign(request: Any) -> Any:
        calls = [
            {
                "id": "call_1",
                "type": "function",
                "function": {"name": request.tools[0]["function"]["name"], "arguments": "{}"},
            }
        ]
        usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
        return {"choices": [{"message": {"role": "assistant", "tool_calls": calls}}], "usage": usage}

    @server.agent("/nothing")
    def nothing(request: Any) -> None:
        return None

    async with asked(server) as http:
        assert _said(await http.post("/pieces", json=HELLO)) == "user said Hello"
        streamed = await http.post("/pieces", json={**HELLO, "stream": True})
        assert '"content":"user said "' in streamed.text
        assert _said(await http.post("/relay", json=HELLO)) == "From within"
        assert _said(await http.post("/completion", json=HELLO)) == "From within"
        offered = {"tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]}
        answer = (await http.post("/foreign", json={**HELLO, **offered})).json()
        assert answer["choices"][0]["finish_reason"] == "tool_calls"
        assert answer["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "look"
        assert answer["usage"]["total_tokens"] == 7
        failed = await http.post("/nothing", json=HELLO)
        assert failed.status_code == 500
        assert "NoneType" not in failed.text


async def test_a_function_without_parameters_is_an_agent_in_rooms_too(settings: Settings) -> None:
    server = AgentServer(settings=settings)

    @server.agent("/echo")
    def echo(request: Any) -> str:
        return f"{request.user} said {request.messages[-1]['content']}"

    async with asked(server) as http:
        assert (await http.get("/agents")).json()["agents"]["echo"]["name"] == "echo"
        assert "said Hello" in _said(await http.post("/v1/chat/completions", json={**HELLO, "model": "echo"}))
        room = await RoomClient(str(http.base_url).removeprefix("http://").rstrip("/"), "echoes").open()
        await room.say("Good day")
        await room.until_event("run.finished")
        assert [text for _, text in room.texts()][-1].endswith("said Good day")
        await room.close()


async def test_hooks_share_what_they_note_with_tools_and_may_refuse(settings: Settings) -> None:
    noted: list[object] = []

    @tool
    def look(context: Context) -> str:
        """Look."""
        noted.append(context.get("plan"))
        context.set("looked", True)
        return "seen"

    agent = Agent("viewer", "You look.", tools=[look], scenario=Scenario.of([{"call": "look"}, {"say": "Seen"}] * 4))
    server = AgentServer([agent], settings=settings.model_copy(update={"user_header": "x-user"}))
    ends: list[object] = []

    @server.get("/static/mine")
    async def mine() -> str:
        raise AssertionError("nobody is let in")

    @server.before_request
    async def admit(request: Any, context: Context) -> Any:
        if request.headers.get("x-user") == "eve":
            raise HTTPException(403, "not you", {"x-why": "eve"})
        if request.headers.get("x-user") == "bot":
            return PlainTextResponse("no bots", 429)
        context.set("plan", "gold")
        return None

    @server.after_request
    async def after(request: Any, response: Any, context: Context) -> None:
        ends.append(("after", response.status_code, context.peer_user_id, context.get("looked")))
        raise RuntimeError("a hook's own mistake")

    @server.finalize_request
    def finalize(request: Any, response: Any, context: Context) -> None:
        ends.append(("finalize", response.status_code, context.peer_user_id))

    async with asked(server) as http:
        url = "/viewer/chat/completions"
        assert _said(await http.post(url, json=HELLO, headers={"x-user": "anna"})) == "Seen"
        refused = await http.post(url, json=HELLO, headers={"x-user": "eve"})
        assert (refused.status_code, refused.json()["error"]["message"]) == (403, "not you")
        assert refused.headers["x-why"] == "eve"
        assert (await http.post(url, json=HELLO, headers={"x-user": "bot"})).text == "no bots"
        for own in ("/health", "/docs", "/openapi.json", "/static/docs/favicon.png"):
            assert (await http.get(own)).status_code == 200
        assert (await http.get("/static/mine", headers={"x-user": "eve"})).status_code == 403
    assert noted == ["gold"]
    assert ends == [
        ("after", 200, "anna", True),
        ("finalize", 200, "anna"),
        ("finalize", 403, "eve"),
        ("finalize", 429, "bot"),
        ("finalize", 403, "eve"),
    ]


@pytest.mark.requirement("S1-44", "S1-47")
async def test_an_endpoint_that_the_user_wrote_answers_whole_and_streamed_and_is_counted(settings: Settings) -> None:
    my_agent = Agent("my-helper", "You help.", model="openai/gpt-4o-mini")
    server = AgentServer(settings=settings)
    bills: list[int] = []

    @server.post("/my-assistant/chat/completions")
    async def chat_completions(request: dict[str, Any]) -> Any:
        if request.get("stream", False):
            return my_agent.run_streaming(messages=request["messages"], tools=request.get("tools", []))
        return await my_agent.run(messages=request["messages"], tools=request.get("tools", []))

    @server.after_request
    async def note(request: Any, response: Any, context: Context) -> None:
        bills.append(context.get_usage()["total_tokens"])

    async with asked(server) as http:
        body = '{"messages": [{"role": "user", "content": "Schedule a meeting for tomorrow"}]}'
        headers = {"Content-Type": "application/json"}
        whole = await http.post("/my-assistant/chat/completions", content=body, headers=headers)
        assert whole.status_code == 200
        assert whole.json()["object"] == "chat.completion"
        assert bills == [whole.json()["usage"]["total_tokens"]]
        streamed = await http.post("/my-assistant/chat/completions", json={**HELLO, "stream": True})
        assert streamed.headers["content-type"].startswith("text/event-stream")
        assert streamed.text.rstrip().endswith("data: [DONE]")
        assert bills[1] > 0


async def test_a_client_that_leaves_in_the_middle_still_ends_its_request_for_the_hooks(settings: Settings) -> None:
    server = AgentServer(settings=settings)
    begun, ended = asyncio.Event(), asyncio.Event()
    status: list[int] = []

    @server.agent("/slow")
    async def slow(request: Any) -> AsyncGenerator[str]:
        yield "first "
        begun.set()
        await asyncio.Event().wait()

    @server.finalize_request
    async def finalize(request: Any, response: Any, context: Context) -> None:
        status.append(response.status_code)
        ended.set()

    async with asked(server) as http, asyncio.timeout(10):
        async with http.stream("POST", "/slow", json={**HELLO, "stream": True}):
            await begun.wait()
        await ended.wait()
    assert status == [200]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("weather", "must begin with '/'"),
        ("/weather/", "must begin with '/'"),
        ("/{city}/weather", "must begin with the agent's name"),
        ("/docs/{page}", "path of the server itself"),
        ("/weather/{town}", "'town', which is no parameter of handler"),
    ],
)
def test_a_path_that_cannot_be_an_agents_is_refused_with_the_remedy(settings: Settings, path: str, told: str) -> None:
    server = AgentServer(settings=settings)

    def handler(request: Any, city: str = "") -> str:
        return city

    with pytest.raises(ValueError, match=told.replace("'", ".")):
        server.agent(path)(handler)
    with pytest.raises(ValueError, match="must take the request"):
        server.agent("/empty")(lambda: "")
    server.agent("/taken")(handler)
    with pytest.raises(ValueError, match="names must differ"):
        server.agent("/taken")(handler)
    assert inspect.signature(handler).parameters["city"].default == ""


async def test_dependencies_of_fastapi_reach_the_function(settings: Settings) -> None:
    server = AgentServer(settings=settings)

    def unit() -> str:
        return "°C"

    @server.agent("/degrees/{city}")
    def degrees(request: Any, city: str, unit: str = Depends(unit)) -> str:
        return f"{city} 20 {unit}"

    async with asked(server) as http:
        assert _said(await http.post("/degrees/rome", json=HELLO)) == "rome 20 °C"


@pytest.mark.requirement("S1-51", "S1-52", "S1-54", "S1-55", "S1-59")
async def test_several_agents_answer_each_under_its_name_and_are_listed_with_what_they_can_do(
    settings: Settings,
) -> None:
    class Review(Skill):
        """Reviews."""

        @tool
        def code_review(self, code: str) -> str:
            """Review code."""
            return f"Reviewed {code}"

        @hook("on_message")
        async def listen(self, context: Context) -> Context:
            return context

    coder = Agent("coder", "You are a coding assistant. " * 5, skills={"coding": Review()})
    agents = [coder, Agent("writer", "You write."), Agent("researcher", "You research.")]
    async with asked(AgentServer(agents, settings=settings)) as http:
        for agent in agents:
            assert _said(await http.post(f"/agents/{agent.name}/chat/completions", json=HELLO))
        listed = (await http.get("/agents")).json()
        assert set(listed["agents"]) == {"coder", "writer", "researcher"}
        assert listed["agents"]["coder"] == {
            "name": "coder",
            "instructions": coder.instructions[:100] + "...",
            "skills": list(coder.skills.keys()),
            "tools_count": len(coder.get_all_tools()),
            "hooks_count": sum(len(hooks) for hooks in coder._registered_hooks.values()),
        }
        assert listed["agents"]["coder"]["hooks_count"] == 1
        assert (await http.get("/agents/coder/info")).json() == {
            "name": "coder",
            "instructions": coder.instructions,
            "skills": ["coding"],
            "tools": 1,
            "hooks": 1,
            "handoffs": 0,
        }
        assert (await http.get("/coder")).json()["capabilities"] == ["coding:code_review"]
