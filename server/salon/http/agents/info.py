"""Who is here: the server in short, its agents and teams, and the search among them."""

from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from salon.agents.agent import Agent
from salon.billing.pricing import price_of
from salon.contracts.openai import ErrorBody
from salon.contracts.types import Opt
from salon.http.agents.finding import Matches, matches
from salon.http.agents.named import Name, NamedRoute, unknown
from salon.http.deps import Parts
from salon.http.errors import Responses
from salon.http.identity import Caller
from salon.http.web import WebApp
from salon.runtime import VERSION, Runtime

SHOWN_INSTRUCTIONS = 100

NOT_FOUND: Responses = {404: {"model": ErrorBody}}

everyone = APIRouter(tags=["Agents"])
by_name = APIRouter(tags=["Agents"], route_class=NamedRoute)


class Pricing(BaseModel):
    """What an agent's tokens cost, and calls of those of its tools that have a price."""

    credits_per_token: int
    credits_per_call: Opt[dict[str, int]] = None


class AgentInfo(BaseModel):
    """What a program needs to know of an agent before it asks it; `variant` is the one that this user gets."""

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
    version: Opt[str] = None
    variant: Opt[str] = None


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
    caller: Caller,
    query: Annotated[str | None, Query(alias="search", max_length=1000, description="What you need help with.")] = None,
    top_k: Annotated[int, Query(ge=1, le=50, description="How many to return at most.")] = 5,
) -> ServerInfo | Matches | Response:
    """The server in short; with `search`, the agents and teams that fit best. A browser is shown the web app."""
    if query is not None:
        return Matches(query=query, results=await matches(runtime, query, top_k, caller))
    if "text/html" in request.headers.get("accept", "") and (web := getattr(request.app.state, "web", None)):
        return cast(WebApp, web).page(request)
    catalog = runtime.catalog
    agents = [name for name in await catalog.listed(caller) if name not in catalog.teams or name in catalog.agents]
    return ServerInfo(version=VERSION, mode=runtime.mode, teams=list(catalog.teams), agents=agents, links=LINKS)


@everyone.get("/agents")
async def list_agents(runtime: Parts, caller: Caller) -> AgentList:
    """All agents, in short. Of agents that are not made yet: what their definitions say."""
    shown = {name: _summary(agent) for name, agent in runtime.catalog.agents.items()}
    for outline in await runtime.catalog.outlines(caller):
        shown[outline.name] = AgentSummary(
            name=outline.name,
            instructions=_shortened(outline.instructions),
            skills=list(outline.skills),
            tools_count=len(outline.tools),
            hooks_count=0,
        )
    return AgentList(agents=shown)


@everyone.get("/agents/{name}/info", responses=NOT_FOUND)
async def count_agent(runtime: Parts, caller: Caller, name: Name) -> AgentCounts:
    """An agent's instructions, and how many tools, hooks and hand-offs it has."""
    agent = await runtime.catalog.agent(name, caller)
    if agent is None:
        raise await unknown(runtime, name, caller)
    return AgentCounts(
        name=agent.name,
        instructions=agent.instructions,
        skills=list(agent.skills),
        tools=len(agent.get_all_tools()),
        hooks=_hooks(agent),
        handoffs=len(_handoffs(runtime, agent)),
    )


@by_name.get("/{name}", responses=NOT_FOUND)
async def describe(runtime: Parts, caller: Caller, name: Name) -> AgentInfo | TeamInfo:
    """What an agent or team is for, what it can do and what it costs."""
    team = runtime.catalog.teams.get(name)
    if team is not None and name not in runtime.catalog.agents:
        return TeamInfo(name=team.name, description=team.description[:200], host=team.host, agents=list(team.agents))
    agent = await runtime.catalog.agent(name, caller)
    if agent is None:
        raise await unknown(runtime, name, caller)
    return info_of(runtime, agent)


def info_of(runtime: Runtime, agent: Agent) -> AgentInfo:
    """What `GET /{name}` tells of an agent."""
    own = runtime.catalog.agents.get(agent.name) is agent
    built = runtime.catalog.built(agent.name) if own else runtime.catalog.build(agent)
    prices = {
        spec.name: price.credits_per_call
        for spec in agent.kit.tools.values()
        if (price := price_of(spec.function)).credits_per_call
    }
    return AgentInfo(
        name=agent.name,
        description=agent.description[:200],
        model=built.model,
        source=built.source,
        tools=[tool.name for tool in agent.get_all_tools()],
        skills=list(agent.skills),
        capabilities=_capabilities(agent),
        intents=list(agent.intents),
        handoffs=_handoffs(runtime, agent),
        pricing=Pricing(credits_per_token=agent.credits_per_token, credits_per_call=prices or None),
        version=agent.version or None,
        variant=agent.variant or None,
    )


def _summary(agent: Agent) -> AgentSummary:
    return AgentSummary(
        name=agent.name,
        instructions=_shortened(agent.instructions),
        skills=list(agent.skills),
        tools_count=len(agent.get_all_tools()),
        hooks_count=_hooks(agent),
    )


def _shortened(text: str) -> str:
    return f"{text[:SHOWN_INSTRUCTIONS]}..." if len(text) > SHOWN_INSTRUCTIONS else text


def _hooks(agent: Agent) -> int:
    return sum(len(hooks) for hooks in agent.kit.hooks.values())


def _capabilities(agent: Agent) -> list[str]:
    """Tools by the skill that brings them: `search:web_search`."""
    return [
        f"{key}:{spec.name}"
        for key, skill in agent.skills.items()
        for spec in agent.kit.tools.values()
        if getattr(spec.function, "__self__", None) is skill
    ]


def _handoffs(runtime: Runtime, agent: Agent) -> list[str]:
    """Whom an agent may hand over to, in any of its teams and by its skills."""
    teams = [team for team in runtime.catalog.teams.values() if team.agents.get(agent.name) is agent]
    targets = [spec.target for team in teams for spec in team.handoffs(agent.name)]
    by_skills = [spec.name for spec in agent.kit.tools.values() if spec.handoff is not None]
    return list(dict.fromkeys([*targets, *by_skills]))
