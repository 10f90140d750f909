"""Finding agents by what one wants of them, as a skill: among those that are near, and on other servers."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from salon.access.principal import principal_of
from salon.agents.around.surroundings import Neighbour, around
from salon.agents.context.current import CONTEXT
from salon.agents.skill import Skill
from salon.agents.tools.tool import tool
from salon.contracts.types import Json, Obj
from salon.errors import Detail, RequestError, SalonError
from salon.skills.platform.remote import Remote, Server
from salon.skills.platform.servers import servers_of

log = structlog.get_logger(__name__)

MOST = 20
LONGEST_QUERY = 1000


class DiscoverySkill(Skill):
    """Searches agents by intent: `await discovery.discover("somebody who can design a login page")`.

    Those that are near are searched (on a server its agents that the person may use, elsewhere the program's), and by
    their route `GET /?search=` those of other servers; these have their address for a name. A server that does not
    answer in ten seconds is left out.

    Settings: see NLISkill.
    """

    name = "discovery"

    def __init__(self, config: Mapping[str, object] | None = None, *, remote: Remote | None = None) -> None:
        super().__init__(config)
        self._servers = servers_of(self.config)
        self._remote = remote or Remote()

    @tool
    async def discovery_tool(self, intent: str, top_k: int = 5) -> list[Obj]:
        """Finds other agents that can help, best first, each with its name, what it does and how well it fits.

        Args:
            intent: what help is wanted, in a few words.
            top_k: how many to give, at most 20.
        """
        return [_shown(each) for each in await self.discover(intent, top_k)]

    async def discover(self, intent: str, top_k: int = 5) -> Sequence[Neighbour]:
        """The agents that fit best, best first, the agent itself left out. Raises RequestError for an empty intent."""
        if not intent.strip() or len(intent) > LONGEST_QUERY:
            remedy = f"say in 1 to {LONGEST_QUERY} characters what is wanted"
            raise RequestError(f"intent: {remedy}", [Detail("/intent", "invalid_value", remedy)])
        most = min(max(top_k, 1), MOST)
        context = CONTEXT.get()
        who = context.principal if context is not None else principal_of(None)
        near = around(self._owner).search(intent, who, most + 1)
        lists = await asyncio.gather(near, *(self._far(server, intent, most) for server in self._servers))
        found = [each for listed in lists for each in listed if each.name != self.agent.name]
        return sorted(found, key=lambda each: -each.score)[:most]

    async def _far(self, server: Server, intent: str, most: int) -> Sequence[Neighbour]:
        try:
            return await self._remote.search(server, intent, most)
        except SalonError as problem:
            log.warning("discovery.left_out", problem=problem.message)
            return ()


def _shown(each: Neighbour) -> Obj:
    intents: list[Json] = list(each.intents)
    return {"agent_name": each.name, "description": each.description, "intents": intents, "score": each.score}
