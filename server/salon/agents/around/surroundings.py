"""The port between an agent's skills and what is around the agent: a server, or the program that it stands alone in."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol
from weakref import ReferenceType, WeakKeyDictionary, ref

if TYPE_CHECKING:
    from salon.agents.agent import Agent
    from salon.agents.skill import ModelSpec
    from salon.contracts.runs import Account, Principal
    from salon.models.resolve import Resolved
    from salon.store.database import Database


class Neighbour(NamedTuple):
    """An agent or team that can be asked; `score` says how well it fits what was looked for, above 0 up to 1."""

    name: str
    description: str
    intents: Sequence[str] = ()
    score: float = 0.0
    kind: Literal["agent", "team"] = "agent"


class Asking(NamedTuple):
    """On whose behalf somebody is asked: the person, the agents that wait for the answer, and who bears the cost."""

    who: "Principal"
    agents: Sequence[str] = ()
    account: "Account | None" = None


class Surroundings(Protocol):
    """What skills may use. Nobody sees or asks an agent that `who` may not."""

    @property
    def database(self) -> "Database":
        """Where skills keep things: the server's database, the agent's own, or one in memory."""

    @property
    def open(self) -> bool:
        """Whether strangers ask here: nothing is then remembered of somebody whom nobody has named."""

    def mocked(self, agent: "Agent | None") -> bool:
        """Whether the mock answers for an agent: what it keeps with others may then be kept here instead."""

    def model(self, spec: "ModelSpec") -> "Resolved":
        """A model, with keys as the settings say. Raises SalonError (`model_error`) for one that cannot be used."""

    async def search(self, query: str, who: "Principal", top_k: int) -> Sequence[Neighbour]:
        """The agents that fit a request best, best first."""

    async def knows(self, name: str, who: "Principal") -> bool:
        """Whether there is an agent of that name here."""

    async def ask(self, name: str, message: str, asking: Asking) -> str:
        """What an agent answers, in a conversation of its own.

        Raises SalonError: `not_found`, `conflict` when agents would wait for each other in a circle, `limit_exceeded`
        when too many would wait, or why it could not answer.
        """


_makers: list[Callable[["Agent | None"], Surroundings]] = []
# A server holds its agents and is held by whoever runs it: from here neither may be kept.
_here: "WeakKeyDictionary[Agent, ReferenceType[Surroundings] | None]" = WeakKeyDictionary()
_alone: "WeakKeyDictionary[Agent, Surroundings]" = WeakKeyDictionary()


def provide(maker: Callable[["Agent | None"], Surroundings]) -> None:
    """Say what is around an agent that no server has; the composition root does, once."""
    _makers[:] = [maker]


def arrive(agent: "Agent") -> None:
    """An agent is made: as long as it stands alone, others that do can ask it by its name."""
    _here[agent] = None


def settle(agent: "Agent", surroundings: Surroundings) -> None:
    """An agent becomes a server's: it can be asked there and nowhere else, as long as there are `surroundings`."""
    _here[agent] = ref(surroundings)


def leave(agent: "Agent", surroundings: Surroundings) -> None:
    """A server has ended: its agent stands alone again, if it is not another's by now."""
    if _server(_here.get(agent)) is surroundings:
        _here[agent] = None


def around(agent: "Agent | None") -> Surroundings:
    """What is around an agent; around None, what is around an agent that stands alone.

    Raises RuntimeError when nobody has provided for it: `import salon` does.
    """
    found = (_server(_here.get(agent)) or _alone.get(agent)) if agent is not None else None
    if found is not None:
        return found
    if not _makers:
        raise RuntimeError("there is nothing around agents yet; import salon")
    made = _makers[0](agent)
    if agent is not None:
        _alone[agent] = made
    return made


def standing_alone() -> Mapping[str, "Agent"]:
    """The agents of this program that no server has, by name; of two with one name the one that was made last."""
    return {agent.name: agent for agent, where in list(_here.items()) if _server(where) is None}


def _server(where: "ReferenceType[Surroundings] | None") -> Surroundings | None:
    return where() if where is not None else None
