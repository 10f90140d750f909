"""Agents ask each other: near ones by name, others over HTTP; never in a circle, and never longer than they may."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from salon import Agent, AgentServer, Client, DiscoverySkill, HandoffResult, NLISkill, Settings, Skill, handoff
from salon.agents.around.surroundings import Asking
from salon.agents.context.context import Context
from salon.contracts.runs import Principal
from salon.errors import SalonError
from salon.models.mock.scenario import Scenario
from salon.skills.platform import remote
from salon.skills.platform.remote import Remote, Server
from salon.skills.platform.servers import servers_of
from tests.serving import serving


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")


def asks(whom: str, say: str = "It says: {result}") -> Scenario:
    return Scenario.of(
        [{"when": ".", "call": "nli_tool", "args": {"agent_name": whom, "message": "go on"}, "then": [{"say": say}]}]
    )


def says(text: str) -> Scenario:
    return Scenario.of([{"when": ".", "say": text}])


def nli(agent: Agent) -> NLISkill:
    found = agent.skills["nli"]
    assert isinstance(found, NLISkill)
    return found


@pytest.mark.requirement("S1-39")
async def test_an_agent_of_the_program_is_asked_by_its_name_and_the_bill_has_both() -> None:
    painter = Agent("painter", "You paint.", scenario=says("A blue cat."))
    agent = Agent("host", "You host.", skills={"nli": NLISkill()}, scenario=asks("painter"))
    answer = await agent.run("Draw me a cat.", user_id="ann")
    assert str(answer) == "It says: A blue cat."
    alone = await painter.run("Draw me a cat.", user_id="ann")
    assert answer.usage.total_tokens > alone.usage.total_tokens


@pytest.mark.requirement("S1-39")
async def test_two_agents_that_ask_each_other_are_stopped_with_a_clear_error() -> None:
    first = Agent("first", "You.", skills={"nli": NLISkill()}, scenario=asks("second", "A: {result}"))
    second = Agent("second", "You.", skills={"nli": NLISkill()}, scenario=asks("first", "B: {result}"))
    async with asyncio.timeout(5):
        answer = str(await first.run("begin"))
    assert "agents ask each other in a circle: first → second → first" in answer
    assert answer.startswith("A: B: Error:")
    assert second.name == "second"


@pytest.mark.requirement("S1-39")
async def test_a_row_of_agents_ends_at_its_limit() -> None:
    agents = [
        Agent(f"link{n}", "You.", skills={"nli": NLISkill()}, scenario=asks(f"link{n + 1}", "{result}"))
        for n in range(12)
    ]
    async with asyncio.timeout(20):
        assert "more than 8 deep" in str(await agents[0].run("begin"))


async def test_who_is_not_there_is_an_error_that_says_who_is() -> None:
    agent = Agent(
        "lonely",
        "You.",
        skills={"nli": NLISkill({"portal_url": "https://portal.example", "api_key": "portal_api_key"})},
    )
    with pytest.raises(SalonError, match=r"no agent 'nobody' here; there are: .*lonely"):
        await nli(agent).communicate_with_agent(agent_name="nobody", message="hello", context=None)


@pytest.mark.requirement("S1-39", "S1-41")
async def test_a_coordinator_delegates_to_two_specialists_and_puts_their_work_together() -> None:
    class CoordinatorSkill(Skill):
        @handoff(handoff_type="agent")
        async def delegate_to_coding(self, task: str, context: Context | None = None) -> HandoffResult:
            """Delegate coding tasks."""
            result = await nli(self.agent).communicate_with_agent(
                agent_name="coding-specialist", message=f"Please implement: {task}", context=context
            )
            return HandoffResult(result=result, handoff_type="agent")

        @handoff(handoff_type="agent")
        async def delegate_to_design(self, task: str, context: Context | None = None) -> HandoffResult:
            """Delegate design tasks."""
            result = await nli(self.agent).communicate_with_agent(
                agent_name="ui-designer", message=f"Please design: {task}", context=context
            )
            return HandoffResult(result=result, handoff_type="agent")

    coding = Agent("coding-specialist", "You are a Python coding expert", scenario=says("def login(): ..."))
    design = Agent("ui-designer", "You are a UI/UX design expert", scenario=says("A calm form."))
    script = Scenario.of(
        [
            {"call": "discovery_tool", "args": {"intent": "coding and design experts"}},
            {"call": "delegate_to_coding", "args": {"task": "a FastAPI login endpoint"}},
            {"call": "delegate_to_design", "args": {"task": "a modern login interface"}},
            {"say": "Both are done: {result}"},
        ]
    )
    coordinator = Agent(
        "project-coordinator",
        "You coordinate.",
        skills={"nli": NLISkill(), "discovery": DiscoverySkill(), "coordination": CoordinatorSkill()},
        scenario=script,
    )
    assert str(await coordinator.run("Build a login system with modern UI")) == "Both are done: A calm form."
    found = coordinator.skills["discovery"]
    assert isinstance(found, DiscoverySkill)
    names = [each["agent_name"] for each in await found.discovery_tool("coding and design experts", top_k=20)]
    assert {coding.name, design.name} <= set(names)
    assert coordinator.name not in names


def server(*agents: Agent, **settings: object) -> AgentServer:
    return AgentServer(
        agents,
        settings=Settings(mock_pace=0, database_url="sqlite:///:memory:", **settings),  # type: ignore[arg-type]
    )


@pytest.mark.requirement("S1-31", "S1-39")
async def test_an_agent_of_another_server_is_found_and_asked() -> None:
    far = Agent("weaver", "You weave carpets.", intents=["weave a carpet"], scenario=says("A red carpet."))
    mirror = Agent("mirror", "You.", scenario=says("unused"))
    async with serving(server(far, mirror)) as url:
        host = Agent(
            "host", "You.", skills={"nli": NLISkill({"servers": [url]}), "d": DiscoverySkill({"servers": [url]})}
        )
        discovery = host.skills["d"]
        assert isinstance(discovery, DiscoverySkill)
        best = (await discovery.discovery_tool("weave a carpet"))[0]
        assert best["agent_name"] == f"{url}/weaver"
        assert await nli(host).communicate_with_agent(f"{url}/weaver", "please") == "A red carpet."
        assert await nli(host).communicate_with_agent("weaver", "please") == "A red carpet."
        with pytest.raises(SalonError) as unknown:
            await nli(host).communicate_with_agent(f"{url}/nobody", "please")
        assert "nobody" in unknown.value.message


@pytest.mark.requirement("S1-39")
async def test_a_circle_through_another_server_is_seen_where_it_closes() -> None:
    first = Agent("first", "You.", skills={"nli": NLISkill()}, scenario=asks("second"))
    second = Agent("second", "You.", skills={"nli": NLISkill()}, scenario=asks("first"))
    async with serving(server(first)) as one, serving(server(second)) as two:
        nli(first)._servers = servers_of({"servers": [two]})
        nli(second)._servers = servers_of({"servers": [one]})
        async with asyncio.timeout(10):
            answer = await Client(one).chat("first", [{"role": "user", "content": "begin"}])
    assert answer.text.startswith(
        "It says: It says: Error: first at 127.0.0.1: agents ask each other in a circle: first"
    )


@asynccontextmanager
async def answering(reply: Callable[[asyncio.StreamWriter], object]) -> AsyncIterator[str]:
    """A server that says `reply` to whoever asks; its connections end with it."""
    open_ones: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            result = reply(writer)
            if asyncio.iscoroutine(result):
                await result
            await writer.drain()
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for _ in range(5):  # one that was accepted a moment ago becomes known within some turns of the loop
            await asyncio.sleep(0)
        for writer in open_ones:
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()


SSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


def chunk(**fields: object) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


GARBAGE = {
    "no HTTP": b"\x00\xff garbage\r\n\r\n",
    "a page": b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html>",
    "no JSON": SSE + b"data: {nonsense\n\n",
    "no end": SSE + chunk(choices=[{"delta": {"content": "half"}}]),
    "an error": b"HTTP/1.1 500 Oops\r\nconnection: close\r\n\r\n{'trace'",
    "a redirect": b"HTTP/1.1 307 There\r\nlocation: http://169.254.169.254/\r\nconnection: close\r\n\r\n",
    "compressed": b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n"
    + gzip.compress(bytes(9_999)),
    "no list": SSE + chunk(choices="many") + b"data: 5\n\n",
    "too much": SSE + b"".join(chunk(choices=[{"delta": {"content": "a" * 60_000}}]) for _ in range(5)),
}


@pytest.mark.requirement("S1-39")
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
async def test_a_server_that_answers_with_garbage_costs_its_caller_an_error(garbage: bytes) -> None:
    async with answering(lambda writer: writer.write(garbage)) as url:
        agent = Agent("host", "You.", skills={"nli": NLISkill({"servers": [url]})}, scenario=asks(f"{url}/far"))
        with pytest.raises(SalonError):
            await nli(agent).communicate_with_agent(f"{url}/far", "hello")
        async with asyncio.timeout(5):
            assert str(await agent.run("hello")).startswith("It says: Error:")


@pytest.mark.requirement("S1-39")
@pytest.mark.parametrize(
    "piece", [b": still here\n" * 5_000, chunk(choices=[{"delta": {}}]) * 500], ids=["words", "chunks"]
)
async def test_a_server_that_never_ends_costs_its_caller_an_error_soon(
    monkeypatch: pytest.MonkeyPatch, piece: bytes
) -> None:
    monkeypatch.setattr(remote, "LARGEST_BODY", 200_000)

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(SSE)
        while True:
            writer.write(piece)
            await writer.drain()

    async with answering(flood) as url:
        agent = Agent("host", "You.", skills={"nli": NLISkill({"servers": [url]})})
        async with asyncio.timeout(5):
            with pytest.raises(SalonError) as refused:
                await nli(agent).communicate_with_agent(f"{url}/far", "hello")
    assert refused.value.code == "too_large"


@pytest.mark.requirement("S1-39")
async def test_a_server_that_hangs_costs_its_caller_an_error_in_time() -> None:
    over = asyncio.Event()

    async def hang(writer: asyncio.StreamWriter) -> None:
        writer.write(SSE + chunk(choices=[{"delta": {"content": "wait"}}]))
        await over.wait()

    async with answering(hang) as url:
        agent = Agent("host", "You.", skills={"nli": NLISkill({"servers": [url], "seconds": 0.3})})
        async with asyncio.timeout(5):
            with pytest.raises(SalonError) as late:
                await nli(agent).communicate_with_agent(f"{url}/far", "hello")
        over.set()
    assert late.value.code == "timeout"


async def test_what_an_unnamed_server_says_that_it_used_is_on_nobodys_bill() -> None:
    body = SSE + chunk(choices=[{"delta": {"content": "hi"}, "finish_reason": "stop"}])
    body += chunk(choices=[], usage={"total_tokens": 9_000_000, "completion_tokens": 9}) + b"data: [DONE]\n\n"
    bill: list[int] = []
    async with answering(lambda writer: writer.write(body)) as url:
        for trusted in (True, False):
            asked = Remote(client=lambda _: httpx.AsyncClient(trust_env=False))
            asking = Asking(Principal("ann"), (), lambda tokens, _charges, _output: bill.append(tokens))
            assert await asked.ask(Server(url, trusted=trusted), "far", "hello", asking) == "hi"
    assert bill == [9_000_000]


async def test_a_server_that_lies_about_its_use_is_not_believed() -> None:
    lies = [-5, 10**30, "many", 1.5, True, None, [1]]
    for lie in lies:
        body = SSE + chunk(choices=[{"delta": {"content": "hi"}, "finish_reason": "stop"}])
        body += chunk(choices=[], usage={"total_tokens": lie, "completion_tokens": lie}) + b"data: [DONE]\n\n"
        async with answering(lambda writer, body=body: writer.write(body)) as url:  # type: ignore[misc]
            agent = Agent("host", "You.", skills={"nli": NLISkill({"servers": [url]})}, scenario=asks(f"{url}/far"))
            answer = await agent.run("hello")
            assert str(answer) == "It says: hi"
            assert 0 < answer.usage.total_tokens < 10_000


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/far", "http://169.254.169.254/latest", "http://[::1]:8080/far"]
)
async def test_an_address_that_nobody_vouches_for_is_reached_on_the_open_internet_only(address: str) -> None:
    agent = Agent("host", "You.", skills={"nli": NLISkill()})
    with pytest.raises(SalonError) as refused:
        await nli(agent).communicate_with_agent(address, "hello")
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize("address", ["https://xn--/far", "https://a\0b/far", "https://\ud800/far", "https://[::1/far"])
async def test_an_address_that_is_none_is_an_error(address: str) -> None:
    agent = Agent("host", "You.", skills={"nli": NLISkill()})
    with pytest.raises(SalonError):
        await nli(agent).communicate_with_agent(address, "hello")


async def test_half_a_character_is_no_message() -> None:
    agent = Agent("host", "You.", skills={"nli": NLISkill()})
    with pytest.raises(SalonError, match="message: give a text"):
        await nli(agent).communicate_with_agent("host", "\ud800")


async def test_no_secret_travels_to_a_server_and_the_key_only_to_its_own() -> None:
    heard: list[bytes] = []
    body = SSE + chunk(choices=[{"delta": {"content": "hi"}, "finish_reason": "stop"}]) + b"data: [DONE]\n\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        heard.append(head + await reader.readexactly(length))
        writer.write(body)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        agent = Agent(
            "host", "You.", api_key="sk-...", skills={"nli": NLISkill({"servers": {url: "key-of-that-server"}})},
            scenario=asks(f"{url}/far"),
        )  # fmt: skip
        await agent.run("hello", user_id="ann")
    (request,) = heard
    assert b"Bearer key-of-that-server" in request
    assert b"x-salon-asking: host@" in request.lower()
    assert b'"user":"ann"' in request


@pytest.mark.parametrize(
    "config", [{"servers": "http://x"}, {"servers": ["ftp://x"]}, {"servers": {"http://x": 5}}, {"seconds": 0}]
)
def test_settings_that_cannot_be_used_are_refused_when_it_is_made(config: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(config))):
        NLISkill(config)
