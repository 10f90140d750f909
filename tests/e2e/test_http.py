"""The mirror at work: with vendors behind it, watchers beside it, and clients that others wrote before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import openai
import pytest
from ag2 import Agent as Ag2Agent
from ag2.config import OpenAIConfig

from salon import Agent, Settings, Team, create_app
from tests.e2e.live import RoomClient
from tests.fakes.vendor import FakeVendor, Hang, Scripted, answer, chunk, fail
from tests.serving import serving

HELLO: dict[str, object] = {"model": "poet", "messages": [{"role": "user", "content": "Hello there"}]}


def office(model: str | None = None) -> Team:
    return Team("office", [Agent("poet", "You write poems.", model=model, intents=["write a poem"])])


@pytest.fixture
async def vendor() -> AsyncIterator[FakeVendor]:
    async with FakeVendor() as one:
        yield one


@pytest.fixture
async def live(settings: Settings, vendor: FakeVendor) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server whose agents ask the fake vendor."""
    changed = {"openai_api_key": "sk-real-enough-for-this", "openai_base_url": vendor.base_url, "model_retries": 0}
    app = create_app(Settings(**{**settings.model_dump(), **changed}), teams=[office("openai/gpt-4o")])
    async with app.router.lifespan_context(app), serving(app) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


@pytest.fixture
async def mock(settings: Settings) -> AsyncIterator[str]:
    app = create_app(settings, teams=[office()])
    async with app.router.lifespan_context(app), serving(app) as url:
        yield url


async def test_a_vendors_answer_and_its_tokens_come_through(live: httpx.AsyncClient, vendor: FakeVendor) -> None:
    vendor.script(answer("Roses are red", count=(13, 5)))
    body = (await live.post("/v1/chat/completions", json={**HELLO, "temperature": 0.25, "max_tokens": 50})).json()
    assert body["choices"][0]["message"]["content"] == "Roses are red"
    assert body["usage"] == {"prompt_tokens": 13, "completion_tokens": 5, "total_tokens": 18}
    assert vendor.bodies[0]["temperature"] == 0.25
    assert 50 in (vendor.bodies[0].get("max_tokens"), vendor.bodies[0].get("max_completion_tokens"))
    assert (await live.get("/health")).json()["mode"] == "live"


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_ends_the_vendors_call(
    live: httpx.AsyncClient, vendor: FakeVendor, stream: bool
) -> None:
    vendor.script(Scripted([chunk({"content": "Roses "}), Hang()]))
    asking = asyncio.create_task(live.post("/v1/chat/completions", json={**HELLO, "stream": stream}))
    await vendor.requested()
    asking.cancel()
    left = asyncio.get_running_loop().time()
    await vendor.all_closed()
    assert asyncio.get_running_loop().time() - left < 0.1, "seconds"
    vendor.script(answer("Here again"))
    assert (await live.post("/v1/chat/completions", json=HELLO)).status_code == 200


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("status", "told"), [(401, 502), (429, 429), (500, 502)])
async def test_a_vendors_refusal_is_told_with_a_status_and_without_its_text(
    live: httpx.AsyncClient, vendor: FakeVendor, status: int, told: int, stream: bool
) -> None:
    vendor.script(fail(status, message="key sk-real-enough-for-this is wrong"))
    response = await live.post("/v1/chat/completions", json={**HELLO, "stream": stream})
    assert response.status_code == told
    assert "sk-real" not in response.text
    assert response.json()["error"]["message"]


async def test_a_vendor_that_dies_in_mid_stream_is_an_error_event(live: httpx.AsyncClient, vendor: FakeVendor) -> None:
    vendor.script(Scripted([chunk({"content": "Roses "})], truncate=True, done=False))
    text = (await live.post("/v1/chat/completions", json={**HELLO, "stream": True})).text
    assert '"content":"Roses "' in text
    assert text.count('data: {"error":') == 1
    assert "[DONE]" not in text


async def test_watchers_of_a_room_see_what_a_program_asks_and_gets(mock: str) -> None:
    watcher = await RoomClient(mock.removeprefix("http://"), "lounge").open()
    async with openai.AsyncOpenAI(base_url=f"{mock}/v1", api_key="none") as client:
        got = ""
        stream = await client.chat.completions.create(
            model="room:lounge", messages=[{"role": "user", "content": "A poem about rain"}], user="ann", stream=True
        )
        async for piece in stream:
            got += (piece.choices[0].delta.content or "") if piece.choices else ""
    await watcher.until_event("run.finished")
    await watcher.close()
    assert watcher.texts() == [("api:ann", "A poem about rain"), ("poet", got)]


@pytest.mark.requirement("M-09")
async def test_a_plain_reader_of_lines_reads_a_stream_to_its_end(mock: str) -> None:
    lines = []
    async with (
        httpx.AsyncClient(base_url=mock) as client,
        client.stream("POST", "/v1/chat/completions", json={**HELLO, "stream": True}) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line async for line in response.aiter_lines() if line]
    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"


async def test_an_ag2_agent_can_have_a_salon_agent_for_a_model(mock: str) -> None:
    async with openai.DefaultAsyncHttpxClient() as http:  # else AG2 leaves its own open
        config = OpenAIConfig(model="poet", base_url=f"{mock}/v1", api_key="none", streaming=True, http_client=http)
        reply = await Ag2Agent("outside", "You pass on what you get.", config=config).ask("Write a poem about snow")
    assert reply.body


async def test_litellm_reads_the_mirror(mock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    messages = [{"role": "user", "content": "Write a poem about snow"}]
    where = {"model": "openai/poet", "api_base": f"{mock}/v1", "api_key": "none", "messages": messages}
    whole = await litellm.acompletion(**where)
    pieces = [piece async for piece in await litellm.acompletion(**where, stream=True)]
    said = "".join(piece.choices[0].delta.content or "" for piece in pieces)
    assert said == whole.choices[0].message.content
