"""Searching the web: results as text, and a clear word when there is nobody to ask."""

import sys
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from salon import Agent, GoogleSkill
from salon.models.mock.scenario import Scenario
from salon.skills.web import search
from salon.skills.web.search import SIMULATED, Found, SearchOff, google, many_engines, search_text, web_search

FOUND = [
    Found("Bees", "https://bees.example", "  Bees are\n insects. "),
    Found("Hives", "https://hives.example", "x" * 999),
]


async def some(_query: str, _limit: int) -> Sequence[Found]:
    return FOUND


async def test_results_are_numbered_with_title_address_and_the_beginning() -> None:
    text = await search_text(some, "bees", 5)
    assert text.startswith("1. Bees\nhttps://bees.example\nBees are insects.\n\n2. Hives\n")
    assert len(text) < 600
    assert await search_text(some, "bees", 1) == "1. Bees\nhttps://bees.example\nBees are insects."


async def test_no_result_and_no_engine_are_said_in_words() -> None:
    async def none(_query: str, _limit: int) -> Sequence[Found]:
        return []

    async def off(_query: str, _limit: int) -> Sequence[Found]:
        raise SearchOff("nobody is there.")

    assert await search_text(none, "bees", 5) == "No results for 'bees'."
    assert await search_text(off, "bees", 5) == "Web search is off: nobody is there."


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (7, 7), (1000, 20)])
async def test_the_number_of_results_is_bounded(asked: int, given: int) -> None:
    limits: list[int] = []

    async def note(_query: str, limit: int) -> Sequence[Found]:
        limits.append(limit)
        return []

    await search_text(note, "bees", asked)
    assert limits == [given]


async def test_an_engine_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(_query: str, _limit: int) -> Sequence[Found]:
        raise TimeoutError

    monkeypatch.setattr(search, "_TIMEOUT", 0.01)
    assert "no search engine answered within 0.01 s" in await search_text(endless, "bees", 5)


@pytest.mark.requirement("S1-22")
async def test_on_the_mock_results_say_that_they_are_simulated_and_are_always_the_same() -> None:
    text = await web_search("bees", max_results=2)
    assert text.startswith(f"{SIMULATED}\n\n1. An overview of bees\nhttps://example.com/")
    assert text == await web_search("bees", max_results=2) != await web_search("wasps", max_results=2)


@pytest.mark.requirement("S1-22")
async def test_the_google_skill_gives_text_that_can_be_joined() -> None:
    skill = GoogleSkill({"api_key": "…"})
    results = [await skill.google_search(query, max_results=10) for query in ("bees", "hives")]
    assert all(text.startswith(SIMULATED) for text in results)
    assert "\n\n".join(results)


async def test_the_world_is_asked_for_agents_that_a_real_model_answers_for(monkeypatch: pytest.MonkeyPatch) -> None:
    local = Agent("local", "You.", model="openai/small", base_url="http://127.0.0.1:1/v1", api_key="any-key-at-all")
    assert search.on_mock(None)
    assert search.on_mock(Agent("plain", "You."))
    assert not search.on_mock(local)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-9f8e7d6c5b4a39281706f5e4d3c2b1a0")
    assert not search.on_mock(None)
    monkeypatch.setenv("MOCK_MODE", "true")
    assert search.on_mock(local)


async def test_the_tool_knows_for_whom_it_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Agent | None] = []

    def on_mock(agent: Agent | None) -> bool:
        asked.append(agent)
        return True

    monkeypatch.setattr(search, "on_mock", on_mock)
    scenario = Scenario.of([{"when": ".", "call": "web_search", "args": {"query": "bees"}, "then": [{"say": "ok"}]}])
    agent = Agent("finder", "You.", tools=["web_search"], scenario=scenario)
    assert str(await agent.run("bees?")) == "ok"
    assert asked == [agent]


async def test_public_engines_are_asked_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    class Engines:
        def text(self, query: str, max_results: int) -> list[dict[str, str]]:
            time.sleep(0)
            return [{"title": query, "href": "https://a.example", "body": str(max_results)}]

    monkeypatch.setitem(sys.modules, "ddgs", SimpleNamespace(DDGS=Engines))
    assert await many_engines("bees", 3) == [Found("bees", "https://a.example", "3")]


async def test_without_the_extra_or_the_internet_the_search_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    class Offline:
        def text(self, query: str, max_results: int) -> list[dict[str, str]]:
            raise RuntimeError("DNS error: secret.internal")

    monkeypatch.setitem(sys.modules, "ddgs", SimpleNamespace(DDGS=Offline))
    assert await search_text(many_engines, "bees", 3) == (
        "Web search is off: no search engine could be reached, or none had an answer."
    )
    monkeypatch.setitem(sys.modules, "ddgs", None)
    assert "pip install 'salon[search]'" in await search_text(many_engines, "bees", 3)


class Google:
    """Google's own route, as a test has it."""

    def __init__(self, answer: Any, status: int = 200) -> None:
        self.asked: list[httpx.Request] = []
        self._answer = answer
        self._status = status

    def client(self) -> httpx.AsyncClient:
        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            if isinstance(self._answer, Exception):
                raise self._answer
            return httpx.Response(self._status, json=self._answer)

        return httpx.AsyncClient(transport=httpx.MockTransport(answer))


@pytest.mark.requirement("S1-22")
async def test_google_is_asked_with_the_key_in_a_header() -> None:
    route = Google({"items": [{"title": "Bees", "link": "https://bees.example", "snippet": "Insects."}]})
    found = await google("the-key", "engine-1", route.client)("bees", 50)
    assert found == [Found("Bees", "https://bees.example", "Insects.")]
    [asked] = route.asked
    assert dict(asked.url.params) == {"q": "bees", "cx": "engine-1", "num": "10"}
    assert asked.headers["x-goog-api-key"] == "the-key"
    assert await google("k", "e", Google({}).client)("bees", 5) == []


@pytest.mark.parametrize(
    ("route", "text"),
    [
        (Google({}, 403), "Google answered 403"),
        (Google(httpx.ConnectError("secret")), "Google could not be reached"),
        (Google(["not", "an", "object"]), "Google could not be reached"),
    ],
)
async def test_what_goes_wrong_at_google_is_said_in_words(route: Google, text: str) -> None:
    said = await search_text(google("k", "e", route.client), "bees", 5)
    assert said.startswith(f"Web search is off: {text}")


def test_google_is_asked_where_it_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_MODE", "false")
    assert GoogleSkill({"api_key": "k"})._engine() is many_engines
    assert GoogleSkill({"api_key": "k", "engine_id": "e"})._engine() not in (many_engines, search.simulated)
