"""`salon agents`: who answers in an application, without starting a server."""

import asyncio

import orjson
from rich.console import Console, Group
from rich.padding import Padding
from rich.text import Text

from salon.access.principal import principal_of
from salon.cli.application import CannotStart, load, runtime_of
from salon.http.agents.info import AgentInfo, TeamInfo, describe
from salon.runtime import Runtime

NOBODY = principal_of(None)


def agents(console: Console, *, app: str | None = None, as_json: bool = False) -> None:
    """Write what `GET /{name}` says of every team and agent; raises CannotStart."""
    runtime = runtime_of(load(app))
    if runtime is None:
        raise CannotStart(f"{app} is not an application made by salon.create_app")
    described = asyncio.run(_describe(runtime))
    teams = [each for each in described if isinstance(each, TeamInfo)]
    members = [each for each in described if isinstance(each, AgentInfo)]
    if as_json:
        whole = {
            "mode": runtime.mode,
            "teams": [team.model_dump(mode="json") for team in teams],
            "agents": [agent.model_dump(mode="json") for agent in members],
        }
        console.out(orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode(), highlight=False)
        return
    for team in teams:
        console.print(_block(f"team {team.name}", "", team.description, f"{team.host} speaks first"))
    for agent in members:
        more = [f"tools: {', '.join(agent.tools)}"] if agent.tools else []
        more += [f"may hand over to: {', '.join(agent.handoffs)}"] if agent.handoffs else []
        console.print(_block(agent.name, agent.model, agent.description, *more))
    if runtime.mode == "mock":
        console.print("mock: a simulation answers, no vendor is asked; set OPENAI_API_KEY to go live", style="yellow")


async def _describe(runtime: Runtime) -> list[AgentInfo | TeamInfo]:
    catalog = runtime.catalog
    teams = [name for name in catalog.teams if name not in catalog.agents]
    described = [await describe(runtime, NOBODY, name) for name in [*teams, *catalog.agents]]
    await runtime.close()
    return described


def _block(name: str, model: str, *lines: str) -> Group:
    head = Text(name, style="bold cyan").append(f"  {model}", style="not bold yellow" if model == "mock" else "green")
    return Group(head, *(Padding(Text(line), (0, 0, 0, 2)) for line in lines if line), "")
