"""Web search as a skill, by Google where it is configured."""

from salon.agents.skill import Skill
from salon.agents.tools.tool import tool
from salon.skills.web.search import SearchEngine, google, many_engines, on_mock, search_text, simulated


class GoogleSkill(Skill):
    """Searches the web: `GoogleSkill({"api_key": "…", "engine_id": "…"})`.

    Settings:
        api_key: a key for Google's Programmable Search Engine.
        engine_id: which of its engines to ask. Without it, public search engines are asked that need no key; they
            come with the extra `search`.

    For an agent that the mock answers for nobody is asked, and the results say so.
    """

    name = "google"

    @tool
    async def google_search(self, query: str, max_results: int = 10) -> str:
        """Searches the web and gives titles, addresses and the beginnings of pages.

        Args:
            query: what to look for.
            max_results: how many results to give, at most 20.
        """
        return await search_text(self._engine(), query, max_results)

    def _engine(self) -> SearchEngine:
        key, engine = self.config.get("api_key"), self.config.get("engine_id")
        if on_mock(self._owner):
            return simulated
        return google(str(key), str(engine)) if key and engine else many_engines
