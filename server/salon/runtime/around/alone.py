"""What is around an agent that stands alone in a program; see Surroundings."""

from collections.abc import Sequence

from salon.access.asking import refuse_circles
from salon.agents.agent import Agent
from salon.agents.around.surroundings import Asking, Neighbour, standing_alone
from salon.agents.skill import ModelSpec
from salon.contracts.runs import Principal
from salon.models.resolve import Resolved
from salon.runtime.around.neighbours import ask, best, unknown
from salon.runtime.around.vendors import mocked, resolved
from salon.runtime.embedded import embedded, responder
from salon.settings import Settings
from salon.store.database import Conn, Database


class AlonePlace:
    """Around an agent that no server has: the program's other agents that stand alone.

    Args:
        conn: where the agent remembers; None for in memory, as long as it lives.
    """

    open = False

    def __init__(self, conn: Conn | None = None) -> None:
        self._conn = conn
        self._database: Database | None = None

    @property
    def database(self) -> Database:
        """The agent's own."""
        if self._database is None:
            self._database = Database("sqlite:///:memory:") if self._conn is None else Database.of(self._conn)
        return self._database

    def mocked(self, agent: Agent | None) -> bool:
        """See Surroundings."""
        return mocked(embedded(Settings.load()).models, agent)

    def model(self, spec: ModelSpec) -> Resolved:
        """See Surroundings."""
        return resolved(embedded(Settings.load()).models, spec)

    async def search(self, query: str, who: Principal, top_k: int) -> Sequence[Neighbour]:  # noqa: ARG002 - all may
        """See Surroundings."""
        return best(query, top_k, standing_alone().values())

    async def knows(self, name: str, who: Principal) -> bool:  # noqa: ARG002
        """See Surroundings."""
        return name in standing_alone()

    async def ask(self, name: str, message: str, asking: Asking) -> str:
        """See Surroundings."""
        refuse_circles(asking.agents, name)
        agent = standing_alone().get(name)
        if agent is None:
            raise unknown(name, list(standing_alone()))
        settings = Settings.load()
        return await ask(embedded(settings).house, responder(agent, settings), message, asking)


def place_of(agent: Agent | None) -> AlonePlace:
    """What is around an agent that no server has."""
    return AlonePlace(agent.conn if agent is not None else None)
