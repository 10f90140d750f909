"""The search among a server's agents and teams: what each has to show for itself, and what the searcher is told."""

from typing import Literal

from pydantic import BaseModel

from salon.agents.agent import Agent
from salon.chat.others import Outline
from salon.contracts.runs import Principal
from salon.http.agents.discovery import Candidate, search
from salon.runtime import Runtime


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
    catalog = runtime.catalog
    outlines = {outline.name: outline for outline in await catalog.outlines(who)}
    candidates = [_candidate(agent) for agent in catalog.agents.values()]
    candidates += [_candidate(outline) for outline in outlines.values()]
    candidates += [
        Candidate(team.name, ((0.8, team.name), (0.7, team.description)))
        for team in catalog.teams.values()
        if team.name not in catalog.agents
    ]
    results = []
    for found in search(query, candidates, top_k):
        agent = catalog.agents.get(found.name) or outlines.get(found.name)
        results.append(
            Match(
                name=found.name,
                kind="agent" if agent else "team",
                description=(agent or catalog.teams[found.name]).description[:200],
                intents=list(agent.intents) if agent else [],
                score=found.score,
                url=f"/{found.name}/chat/completions",
            )
        )
    return results


def _candidate(agent: Agent | Outline) -> Candidate:
    if isinstance(agent, Agent):
        tools = " ".join(f"{tool.name} {getattr(tool, 'description', '')}" for tool in agent.tools)
    else:
        tools = " ".join(agent.tools)
    fields = ((1.0, " ".join(agent.intents)), (0.9, agent.name), (0.7, agent.description), (0.6, tools))
    return Candidate(agent.name, fields)
