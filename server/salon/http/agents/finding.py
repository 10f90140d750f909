"""The search among a server's agents and teams, as the searcher is told its results."""

from typing import Literal

from pydantic import BaseModel

from salon.contracts.runs import Principal
from salon.runtime import Runtime
from salon.runtime.around.neighbours import matching


class Match(BaseModel):
    """A search result; `score` is above 0, up to 1."""

    name: str
    kind: Literal["agent", "team"]
    description: str
    intents: list[str]
    score: float
    url: str


class Matches(BaseModel):
    """Search results, best first."""

    query: str
    results: list[Match]


async def matches(runtime: Runtime, query: str, top_k: int, who: Principal) -> list[Match]:
    """The agents and teams that `who` can ask and that fit best."""
    return [
        Match(
            name=found.name,
            kind=found.kind,
            description=found.description,
            intents=list(found.intents),
            score=found.score,
            url=f"/{found.name}/chat/completions",
        )
        for found in await matching(runtime.catalog, query, top_k, who)
    ]
