"""Searches the web for agents: one question, results as text. Which engine answers is a matter of configuration."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from importlib import import_module
from typing import Any, cast

import httpx
import structlog

from salon.agents.agent import Agent
from salon.agents.around.surroundings import around
from salon.agents.context.context import Context
from salon.agents.tools.threads import off_the_loop

log = structlog.get_logger(__name__)

MOST_RESULTS = 20
LONGEST_SNIPPET = 400
SIMULATED = "Simulated results: a mock answers here, and no search engine was asked."
_TIMEOUT = 20.0
_GOOGLE = "https://www.googleapis.com/customsearch/v1"
_GOOGLE_PAGE = 10


@dataclass(frozen=True, slots=True)
class Found:
    """One result of a search."""

    title: str
    url: str
    snippet: str


class SearchOff(Exception):
    """No search engine answers; the text says why, for people and models."""


SearchEngine = Callable[[str, int], Awaitable[Sequence[Found]]]
"""From a query and a number of results to the results, best first. Raises SearchOff."""


async def web_search(query: str, max_results: int = 5, context: Context | None = None) -> str:
    """Searches the web and gives titles, addresses and the beginnings of pages.

    Args:
        query: what to look for.
        max_results: how many results to give, at most 20.
    """
    agent = context.agent_object if context is not None else None
    return await search_text(simulated if on_mock(agent) else many_engines, query, max_results)


def on_mock(agent: Agent | None) -> bool:
    """Whether the mock answers for an agent, or would where there is none: then the world outside is asked nothing."""
    return around(agent).mocked(agent)


async def search_text(engine: SearchEngine, query: str, max_results: int) -> str:
    """The results of a search as text; a sentence when there are none or the search is off."""
    limit = min(max(max_results, 1), MOST_RESULTS)
    try:
        async with asyncio.timeout(_TIMEOUT):
            found = await engine(query, limit)
    except SearchOff as reason:
        return f"Web search is off: {reason}"
    except TimeoutError:
        return f"Web search is off: no search engine answered within {_TIMEOUT:g} s."
    if not found:
        return f"No results for {query!r}."
    results = "\n\n".join(_shown(number, each) for number, each in enumerate(found[:limit], 1))
    return f"{SIMULATED}\n\n{results}" if engine is simulated else results


async def many_engines(query: str, limit: int) -> Sequence[Found]:
    """Asks public search engines without a key, by the package of the extra `search`."""
    try:
        ddgs = import_module("ddgs")
    except ImportError:
        raise SearchOff("it needs a package that is not installed. Run: pip install 'salon[search]'") from None
    try:
        rows = await off_the_loop(lambda: ddgs.DDGS().text(query, max_results=limit))
    except Exception as error:  # noqa: BLE001 - it asks many engines, each of which fails in its own way
        log.info("search.failed", error=type(error).__name__)
        raise SearchOff("no search engine could be reached, or none had an answer.") from None
    return [Found(str(row.get("title", "")), str(row.get("href", "")), str(row.get("body", ""))) for row in rows]


def google(api_key: str, engine_id: str, client: Callable[[], httpx.AsyncClient] = httpx.AsyncClient) -> SearchEngine:
    """Asks Google's Programmable Search Engine `engine_id` with an API key."""

    async def ask(query: str, limit: int) -> Sequence[Found]:
        given: dict[str, str | int] = {"q": query, "cx": engine_id, "num": min(limit, _GOOGLE_PAGE)}
        try:
            async with client() as session:
                # The key goes into a header: URLs end up in logs.
                answer = await session.get(_GOOGLE, params=given, headers={"X-goog-api-key": api_key})
                answer.raise_for_status()
                items = cast(dict[str, Any], answer.json()).get("items", [])
        except httpx.HTTPStatusError as error:
            raise SearchOff(f"Google answered {error.response.status_code}. Check api_key and engine_id.") from None
        except (httpx.HTTPError, ValueError, AttributeError):
            raise SearchOff("Google could not be reached.") from None
        return [Found(str(i.get("title", "")), str(i.get("link", "")), str(i.get("snippet", ""))) for i in items]

    return ask


async def simulated(query: str, limit: int) -> Sequence[Found]:
    """Results that say what they are, the same for the same query: for servers that run on the mock."""
    kinds = ("An overview of", "Best practices for", "Recent developments in", "An expert's view of", "Questions about")
    mark = blake2s(query.encode(errors="replace"), digest_size=3).hexdigest()
    return [
        Found(
            f"{kind} {query}",
            f"https://example.com/{mark}/{number}",
            f"What a search engine might have found about {query}.",
        )
        for number, kind in enumerate(kinds[:limit], 1)
    ]


def _shown(number: int, found: Found) -> str:
    snippet = " ".join(found.snippet.split())[:LONGEST_SNIPPET]
    return f"{number}. {' '.join(found.title.split())}\n{found.url}\n{snippet}"
