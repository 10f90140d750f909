"""Who is here: the server in short, its agents and teams, and the search among them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from salon.agents.agent import Agent
from salon.contracts.openai import ErrorBody
from salon.contracts.types import Opt
from salon.http.deps import Parts
from salon.http.discovery import Candidate, search
from salon.http.errors import Responses
from salon.http.named import Name, NamedRoute, known
from salon.runtime import VERSION, Runtime

SHOWN_INSTRUCTIONS = 100

NOT_FOUND: Responses = {404: {"model": ErrorBody}}

everyone = APIRouter(tags=["Agents"])
by_name = APIRouter(tags=["Agents"], route_class=NamedRoute)


class Pricing(BaseModel):
    """What an agent's tokens cost."""

    credits_per_token: int


class AgentInfo(BaseModel):
    """What a program needs to know of an agent before it asks it."""

    kind: Literal["agent"] = "agent"
    name: str
    description: str
    model: str
    source: Literal["model", "mock"]
    tools: list[str]
    skills: list[str]
    capabilities: list[str]
    intents: list[str]
    handoffs: list[str]
    pricing: Pricing


class TeamInfo(BaseModel):
    """What a program needs to know of a team before it asks it."""

    kind: Literal["team"] = "team"
    name: str
    description: str
    host: str
    agents: list[str]


class AgentSummary(BaseModel):
    """An agent in the list of all."""

    name: str
    instructions: str
    skills: list[str]
    tools_count: int
    hooks_count: int


class AgentList(BaseModel):
    """All agents by name."""

    agents: dict[str, AgentSummary]


class AgentCounts(BaseModel):
    """An agent's instructions, and how much it can do."""

    name: str
    instructions: str
    skills: list[str]
    tools: int
    hooks: int
    handoffs: int


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


class ServerInfo(BaseModel):
    """The server in short, and where to go on."""

    name: Literal["salon"] = "salon"
    version: str
    mode: Literal["live", "mock"]
    teams: list[str]
    agents: list[str]
    links: dict[str, str]
    model: Opt[str] = None


LINKS = {
    "socket": "/ws/agent",
    "completions": "/v1/chat/completions",
    "models": "/v1/models",
    "agents": "/agents",
    "search": "/?search={words}&top_k={count}",
    "health": "/health",
    "docs": "/docs",
}


@everyone.get("/", response_model=ServerInfo | Matches)
async def root(
    request: Request,
    runtime: Parts,
    query: Annotated[str | None, Query(alias="search", max_length=1000, description="What you need help with.")] = None,
    top_k: Annotated[int, Query(ge=1, le=50, description="How many to return at most.")] = 5,
) -> ServerInfo | Matches | Response:
    """The server in short; with `search`, the agents and teams that fit best. A browser is shown the documentation."""
    if query is not None:
        return Matches(query=query, results=_matches(runtime, query, top_k))
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/docs")
    catalog = runtime.catalog
    return ServerInfo(
        version=VERSION, mode=runtime.mode, teams=list(catalog.teams), agents=list(catalog.agents), links=LINKS
    )


@everyone.get("/agents")
async def list_agents(runtime: Parts) -> AgentList:
    """All agents, in short."""
    return AgentList(agents={name: _summary(agent) for name, agent in runtime.catalog.agents.items()})


@everyone.get("/agents/{name}/info", responses=NOT_FOUND)
async def count_agent(runtime: Parts, name: Name) -> AgentCounts:
    """An agent's instructions, and how many tools, hooks and hand-offs it has."""
    agent = runtime.catalog.agents.get(name) or runtime.catalog.agents[_host_of(runtime, name)]
    return AgentCounts(
        name=agent.name,
        instructions=agent.system_prompt,
        skills=[],
        tools=len(agent.tools),
        hooks=0,
        handoffs=len(_handoffs(runtime, agent.name)),
    )


@by_name.get("/{name}", responses=NOT_FOUND)
async def describe(runtime: Parts, name: Name) -> AgentInfo | TeamInfo:
    """What an agent or team is for, what it can do and what it costs."""
    catalog = runtime.catalog
    agent = catalog.agents.get(known(runtime, name))
    if agent is None:
        team = catalog.teams[name]
        return TeamInfo(name=team.name, description=team.description[:200], host=team.host, agents=list(team.agents))
    built = catalog.built(name)
    return AgentInfo(
        name=agent.name,
        description=agent.description[:200],
        model=built.model,
        source=built.source,
        tools=[tool.name for tool in agent.tools],
        skills=[],
        capabilities=[],
        intents=list(agent.intents),
        handoffs=_handoffs(runtime, name),
        pricing=Pricing(credits_per_token=agent.credits_per_token),
    )


def _summary(agent: Agent) -> AgentSummary:
    text = agent.system_prompt
    return AgentSummary(
        name=agent.name,
        instructions=f"{text[:SHOWN_INSTRUCTIONS]}..." if len(text) > SHOWN_INSTRUCTIONS else text,
        skills=[],
        tools_count=len(agent.tools),
        hooks_count=0,
    )


def _host_of(runtime: Runtime, name: str) -> str:
    return runtime.catalog.teams[known(runtime, name)].host


def _handoffs(runtime: Runtime, agent: str) -> list[str]:
    """Whom an agent may hand over to, in any of its teams."""
    teams = [team for team in runtime.catalog.teams.values() if agent in team.agents]
    return list(dict.fromkeys(spec.target for team in teams for spec in team.handoffs(agent)))


def _matches(runtime: Runtime, query: str, top_k: int) -> list[Match]:
    catalog = runtime.catalog
    candidates = [_candidate(agent) for agent in catalog.agents.values()]
    candidates += [
        Candidate(team.name, ((0.8, team.name), (0.7, team.description)))
        for team in catalog.teams.values()
        if team.name not in catalog.agents
    ]
    results = []
    for found in search(query, candidates, top_k):
        agent = catalog.agents.get(found.name)
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


def _candidate(agent: Agent) -> Candidate:
    tools = " ".join(f"{tool.name} {getattr(tool, 'description', '')}" for tool in agent.tools)
    fields = ((1.0, " ".join(agent.intents)), (0.9, agent.name), (0.7, agent.description), (0.6, tools))
    return Candidate(agent.name, fields)
