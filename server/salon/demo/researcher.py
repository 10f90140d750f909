"""The researcher: looks things up in the library and says where it has them from."""

import re
from typing import Annotated

from pydantic import Field

from salon.agents.agent import Agent
from salon.agents.context.context import Context, ToolError
from salon.agents.definition import AgentDefinition
from salon.agents.tools.tool import tool
from salon.demo.library import articles, find, search

_CITED = 3


def _titles() -> str:
    return ", ".join(article.title for article in articles())


@tool(
    description="Search the library: look up facts and what is known on a topic, with sources. "
    f"It has articles on: {_titles()}."
)
def search_library(context: Context, query: str, limit: Annotated[int, Field(ge=1, le=10)] = 5) -> str:
    """Search the library.

    Args:
        query: the topic or question
        limit: how many articles at most
    """
    hits = search(query, limit)
    if not hits:
        return f"The library has nothing on that. It has articles on: {_titles()}."
    rows: list[list[str | float]] = [
        [rank, hit.article.title, hit.article.topic, hit.score, hit.passage] for rank, hit in enumerate(hits, start=1)
    ]
    context.table(f"In the library: {query}"[:200], ["#", "Article", "Topic", "Relevance", "Passage"], rows)
    best = hits[0].score
    cited = [hit for hit in hits[:_CITED] if hit.score >= best / 3]
    return " ".join(f"{_opening(hit.passage)} [{rank}: {hit.article.title}]" for rank, hit in enumerate(cited, start=1))


@tool
def open_article(context: Context, title: str) -> str:
    """Open an article of the library and show the whole text of it.

    Args:
        title: the article's title
    """
    article = find(title)
    if article is None:
        raise ToolError(f"the library has no article {title!r}. It has: {_titles()}.")
    context.put("document", {"title": article.title, "text": article.text, "status": "final"})
    return f'The article "{article.title}" is on the screen. It begins: {_opening(article.text)}'


def _opening(text: str) -> str:
    """The first two sentences."""
    return " ".join(re.split(r"(?<=[.!?])\s+", text)[:2])


RESEARCHER = Agent(
    "researcher",
    definition=AgentDefinition(
        role="You are a curious researcher who looks things up before answering and says where they come from.",
        goal="Answer questions of fact from the library, briefly and with the sources.",
        context=f"The library holds {len(articles())} short articles written for this demo: {_titles()}.",
        personality={"tone": "curious", "style": "exact, with a surprising detail when there is one"},
        constraints=[
            "Say only what the library says, and cite it as [1: Title]",
            "When the library has nothing on a question, say so and name what it has that comes near",
            "What is not a question of fact is not yours: hand it back to the host",
        ],
        tool_instructions="search_library for every question; open_article when the person wants to read on.",
    ),
    description="Researches topics and answers questions of fact: looks up what is known about nature, science, "
    "history, food and technology, with sources.",
    intents=["look up facts and sources", f"knowledge about {_titles()}"],
    model=None,
    tools=[search_library, open_article],
)
