"""What is around the agents of a server; see Surroundings."""

from collections.abc import Sequence

from salon.access.asking import refuse_circles
from salon.agents.agent import Agent
from salon.agents.around.surroundings import Asking, Neighbour
from salon.agents.skill import ModelSpec
from salon.chat.catalog import Catalog
from salon.contracts.runs import Principal
from salon.models.resolve import Models, Resolved
from salon.runtime.around.neighbours import ask, matching, unknown
from salon.runtime.around.vendors import mocked, resolved
from salon.runtime.house import House
from salon.store.database import Database


class ServerPlace:
    """Around the agents of a server: its other agents, as far as the person who asks may see them, and its database.

    Args:
        models: the server's.
    """

    open = True

    def __init__(self, models: Models) -> None:
        self._models = models
        self._joined: tuple[Catalog, House] | None = None

    def join(self, catalog: Catalog, house: House) -> None:
        """Say who else is there; until then nobody is asked."""
        self._joined = (catalog, house)

    @property
    def database(self) -> Database:
        """The server's."""
        return self._parts[1].database

    def mocked(self, agent: Agent | None) -> bool:
        """See Surroundings."""
        return mocked(self._models, agent)

    def model(self, spec: ModelSpec) -> Resolved:
        """See Surroundings."""
        return resolved(self._models, spec)

    async def search(self, query: str, who: Principal, top_k: int) -> Sequence[Neighbour]:
        """See Surroundings."""
        return await matching(self._parts[0], query, top_k, who)

    async def knows(self, name: str, who: Principal) -> bool:
        """See Surroundings."""
        return await self._parts[0].agent(name, who) is not None

    async def ask(self, name: str, message: str, asking: Asking) -> str:
        """See Surroundings."""
        catalog, house = self._parts
        refuse_circles(asking.agents, name)
        found = await catalog.find(name, asking.who)
        if found is None:
            raise unknown(name, await catalog.listed(asking.who))
        return await ask(house, found, message, asking)

    @property
    def _parts(self) -> tuple[Catalog, House]:
        if self._joined is None:
            raise RuntimeError("the server is not put together yet")
        return self._joined
