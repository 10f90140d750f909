"""Texts that an agent finds again by what they are about, as a skill."""

from collections.abc import Mapping

from salon.agents.around.surroundings import around
from salon.agents.skill import Skill
from salon.agents.tools.tool import tool
from salon.memory.vectors import Match, VectorStore
from salon.skills.memory.places import own_address

MOST_FOUND = 20


class VectorMemorySkill(Skill):
    """Remembers texts and finds those that are nearest: `VectorMemorySkill({"collection_name": "research"})`.

    Texts are kept in the server's database, or where the agent itself remembers; whoever may ask the agent can find
    them. It works offline: texts are compared by their words.

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
        self._address = own_address(self.config)

    async def add_content(self, text: str, metadata: Mapping[str, object] | None = None) -> str:
        """Remember a text; the same text is there once. Gives its id. Raises SalonError, as VectorStore does."""
        (id,) = await self._store.add(self._collection, [{"text": text, "metadata": metadata or {}}])
        return id

    async def search(self, query: str, top_k: int = 5) -> list[Match]:
        """The texts nearest to a query, best first. Raises as `add_content`."""
        return await self._store.search(self._collection, query, top_k)

    @tool
    async def search_memory(self, query: str, limit: int = 5) -> str:
        """Searches what was remembered before and gives the texts that are nearest.

        Args:
            query: what to look for.
            limit: how many texts to give, at most 20.
        """
        found = await self.search(query, min(max(limit, 1), MOST_FOUND))
        return "\n\n".join(match.text for match in found) or "Nothing of that is remembered."

    @property
    def _collection(self) -> str:
        return str(self.config.get("collection_name") or f"agent:{self.agent.name}")

    @property
    def _store(self) -> VectorStore:
        return VectorStore(self._address or around(self._owner).database)
