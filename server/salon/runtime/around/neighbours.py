"""Asking an agent on behalf of another, in a conversation of its own; and the search among those that can be asked."""

from collections.abc import Iterable, Sequence
from typing import Literal

from salon.access.asking import refuse_circles
from salon.agents.agent import Agent
from salon.agents.around.matching import Candidate, search
from salon.agents.around.surroundings import Asking, Neighbour
from salon.chat.catalog import Catalog
from salon.chat.others import Outline
from salon.chat.team import Team
from salon.contracts.runs import Principal, Responder
from salon.contracts.types import TextPart
from salon.errors import SalonError
from salon.runtime.house import House
from salon.runtime.sessions.exchange import Exchange

SHOWN = 200
"""Characters of a description."""


async def ask(house: House, responder: Responder, message: str, asking: Asking) -> str:
    """What `responder` answers. Whoever stops waiting stops the run. Raises SalonError."""
    host = next(card.id for card in responder.roster() if card.host)
    refuse_circles(asking.agents, host)
    room = house.lobby.ephemeral(responder)
    exchange = Exchange(room, house.broker.subscribe, asking.who)
    try:
        await exchange.begin(
            [TextPart(kind="text", text=message)],
            agent=host,
            responder=responder,
            asked_by=asking.agents,
            account=asking.account,
        )
        await exchange.finish()
        return exchange.text
    finally:
        exchange.close()
        await house.lobby.release(room)


async def matching(catalog: Catalog, query: str, top_k: int, who: Principal) -> list[Neighbour]:
    """The agents and teams of a server that `who` can ask and that fit best, best first."""
    outlines = {outline.name: outline for outline in await catalog.outlines(who)}
    teams = [team for team in catalog.teams.values() if team.name not in catalog.agents]
    return best(query, top_k, [*catalog.agents.values(), *outlines.values(), *teams])


def best(query: str, top_k: int, those: Iterable[Agent | Outline | Team]) -> list[Neighbour]:
    """Those that fit best, best first."""
    named = {each.name: each for each in those}
    found = search(query, map(_candidate, named.values()), top_k)
    return [_neighbour(named[each.name], each.score) for each in found]


def _candidate(each: Agent | Outline | Team) -> Candidate:
    if isinstance(each, Team):
        return Candidate(each.name, ((0.8, each.name), (0.7, each.description)))
    fields = ((1.0, " ".join(each.intents)), (0.9, each.name), (0.7, each.description), (0.6, _tools(each)))
    return Candidate(each.name, fields)


def _tools(each: Agent | Outline) -> str:
    if isinstance(each, Outline):
        return " ".join(each.tools)
    return " ".join(f"{tool.name} {getattr(tool, 'description', '')}" for tool in each.tools)


def _neighbour(each: Agent | Outline | Team, score: float) -> Neighbour:
    intents: Sequence[str] = () if isinstance(each, Team) else tuple(each.intents)
    kind: Literal["agent", "team"] = "team" if isinstance(each, Team) else "agent"
    return Neighbour(each.name, each.description[:SHOWN], intents, score, kind)


def unknown(name: str, there: Sequence[str]) -> SalonError:
    """The error that says whom there is to be asked."""
    return SalonError("not_found", f"there is no agent {name[:64]!r} here; there are: {', '.join(there) or 'none'}")
