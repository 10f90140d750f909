"""Texts that an agent finds again by what they are about, as a skill."""

from collections.abc import Mapping
from hashlib import blake2b

from salon.agents.around.surroundings import around
from salon.agents.context.current import CONTEXT
from salon.agents.skill import Skill
from salon.agents.tools.tool import tool
from salon.memory.vectors import Match, VectorStore
from salon.skills.memory.places import own_address

MOST_FOUND = 20
_OF_A_TENANT = "tenant:"


class VectorMemorySkill(Skill):
    """Remembers texts and finds those that are nearest: `VectorMemorySkill({"collection_name": "research"})`.

    Texts are kept in the server's database, or where the agent itself remembers; whoever may ask the agent can find
    them, but those that were added while it answered people of a tenant only people of that tenant. It works offline:
    texts are compared by their words.

    Settings:
        collection_name: texts of one name are searched together, also by other agents; the agent's name by default.
        connection_string: another database to keep them in.
    """

    name = "vector_memory"

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        super().__init__(config)
        name = self.config.get("collection_name")
        if name is not None and (not isinstance(name, str) or not name.strip()):
            raise ValueError(f"collection_name: expected a name, got {name!r}.")
        if str(name).startswith(_OF_A_TENANT):
            raise ValueError(f"collection_name: {name!r} is the server's own. Choose one without {_OF_A_TENANT!r}.")
        self._address = own_address(self.config)

    async def add_content(self, text: str, metadata: Mapping[str, object] | None = None) -> str:
        """Remember a text; the same text is there once. Gives its id. Raises SalonError, as VectorStore does."""
        (id,) = await self._store.add(self._collections()[0], [{"text": text, "metadata": metadata or {}}])
        return id

    async def search(self, query: str, top_k: int = 5) -> list[Match]:
        """The texts nearest to a query, best first. Raises as `add_content`."""
        found = [match for name in self._collections() for match in await self._store.search(name, query, top_k)]
        return sorted(found, key=lambda match: -match.score)[:top_k]

    @tool
    async def search_memory(self, query: str, limit: int = 5) -> str:
        """Searches what was remembered before and gives the texts that are nearest.

        Args:
            query: what to look for.
            limit: how many texts to give, at most 20.
        """
        found = await self.search(query, min(max(limit, 1), MOST_FOUND))
        return "\n\n".join(match.text for match in found) or "Nothing of that is remembered."

    def _collections(self) -> tuple[str, ...]:
        """Where texts are looked for; new ones go into the first."""
        name = str(self.config.get("collection_name") or f"agent:{self.agent.name}")
        context = CONTEXT.get()
        if context is None or context.principal.tenant is None:
            return (name,)
        own = blake2b(f"{context.principal.tenant}\0{name}".encode(), digest_size=20).hexdigest()
        return f"{_OF_A_TENANT}{own}", name

    @property
    def _store(self) -> VectorStore:
        return VectorStore(self._address or around(self._owner).database)
