"""`salon agents`: who answers in an application, without starting a server."""

import asyncio

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from salon.cli.application import CannotStart, load, runtime_of
from salon.http.agents import AgentInfo, TeamInfo, describe
from salon.runtime import Runtime


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
        line = Text(f"team {team.name}", style="bold").append(f"  {team.description}", style="not bold")
        console.print(line.append(f"\n  {team.host} speaks first of {', '.join(team.agents)}", style="not bold dim"))
    console.print(_table(members))
    if runtime.mode == "mock":
        console.print("mock: a simulation answers, no vendor is asked; set OPENAI_API_KEY to go live", style="yellow")


async def _describe(runtime: Runtime) -> list[AgentInfo | TeamInfo]:
    catalog = runtime.catalog
    teams = [name for name in catalog.teams if name not in catalog.agents]
    described = [await describe(runtime, name) for name in [*teams, *catalog.agents]]
    await runtime.close()
    return described


def _table(members: list[AgentInfo]) -> Table:
    table = Table(box=None, padding=(0, 2, 1, 0), header_style="bold")
    for column in ("agent", "model", "what it is for", "tools", "may hand over to"):
        table.add_column(column)
    for agent in members:
        table.add_row(
            Text(agent.name, style="cyan"),
            Text(agent.model, style="yellow" if agent.source == "mock" else "green"),
            agent.description,
            ", ".join(agent.tools) or "-",
            ", ".join(agent.handoffs) or "-",
        )
    return table
