"""The server: agents, models, rooms and sockets, joined."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Literal

from pydantic import SecretStr

from salon.agents.agent import Agent
from salon.agents.around.surroundings import leave, settle
from salon.chat.catalog import Catalog
from salon.chat.dynamic import Dynamic
from salon.chat.run import ChatLimits
from salon.chat.team import Team
from salon.chat.turns.turn import TurnLimits
from salon.clock import Clock, SystemClock
from salon.contracts.export import schema_hash
from salon.hub.hub import Hub
from salon.jobs.backend import QueueBackend
from salon.jobs.backend_redis import QueueRedisConfig, RedisQueueBackend
from salon.memory.extractor import UserMemoryExtractor
from salon.memory.facts import UserMemoryStore, recall_from
from salon.models.openai import SharedHttp
from salon.models.plain.asking import fact_reader
from salon.models.resolve import Models, ModelSettings
from salon.runtime.around.server import ServerPlace
from salon.runtime.chores import AgentWorkflows, Chores, HouseModel
from salon.runtime.house import House
from salon.runtime.listing import Listing
from salon.settings import Settings
from salon.sources.dynamic import DynamicAgents
from salon.sources.folder import AgentFolder
from salon.sources.stored import StoredAgents
from salon.store.database import Database
from salon.store.jobs import SqlQueueBackend
from salon.store.workflows.steps import SqlRecorder

VERSION = version("salon")

QUEUE = "salon"
"""The name of the server's job queue; servers that share a database or a Redis share it."""


class Runtime:
    """One server's parts, joined. `close` ends what they run.

    Args:
        agents, teams: who answers.
        dynamic: who else does, found when they are asked for; those of AGENTS_FOLDER and of the database are added.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        agents: Sequence[Agent],
        teams: Sequence[Team],
        dynamic: DynamicAgents | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self._http = SharedHttp()
        models = Models(model_settings(settings), self._http)
        self._default = models.resolve(None)
        limits = ChatLimits(
            rounds=settings.max_agent_rounds,
            turn=TurnLimits(tool_rounds=settings.max_tool_rounds, seconds=settings.turn_timeout),
        )
        database = Database(settings.database_url, echo=settings.database_echo)
        facts = UserMemoryStore(database, clock=self.clock)
        self.place = place = ServerPlace(models)
        self.catalog = Catalog(
            agents,
            teams,
            resolve=models.resolve,
            limits=limits,
            clock=self.clock,
            recall=recall_from(facts),
            settle=lambda agent: settle(agent, place),
        )
        self.dynamic = dynamic if dynamic is not None else DynamicAgents(clock=self.clock)
        self.dynamic.environment = self.dynamic.environment or settings.environment
        self.stored = StoredAgents(database)
        folder = [AgentFolder(settings.agents_folder)] if settings.agents_folder is not None else []
        self.dynamic.sources += [*folder, self.stored]
        self.catalog.ask_too(Dynamic(self.dynamic, self.catalog.alone))
        self.house = House(database, self.catalog.default, settings, self.clock, self.catalog.find)
        place.join(self.catalog, self.house)
        self.lobby, self.broker, self.published = self.house.lobby, self.house.broker, self.house.published
        self.listing = Listing(self.house.threads)
        self.hub = Hub(
            rooms=self.lobby,
            threads=self.listing,
            broker=self.broker,
            clock=self.clock,
            settings=settings,
            mode=self.mode,
            server=f"salon/{VERSION}",
            schema_hash=schema_hash(),
        )
        self.lobby.watch_gone(self.hub.room_gone)
        self.workflows = AgentWorkflows(self.catalog)
        self.chores = Chores(
            self.house,
            _queue_backend(settings, database, self.clock),
            model=HouseModel(self._default),
            finder=UserMemoryExtractor(fact_reader(self._default), facts),
            workflows=self.workflows,
            recorder=SqlRecorder(database, clock=self.clock),
            drain=settings.drain_seconds,
            on=settings.background_jobs,
        )
        self.jobs = self.chores.queue

    @property
    def mode(self) -> Literal["live", "mock"]:
        """`mock` as soon as one agent is answered for by a mock: a simulation never passes for the real thing."""
        if not self.catalog.agents:  # then it is the model that those get who come later
            return "mock" if self._default.source == "mock" else "live"
        return "mock" if self.catalog.mocks() else "live"

    async def open(self) -> None:
        """Open the database, so that what is wrong with it shows at start. Raises SalonError (`unavailable`)."""
        await self.house.database.open()
        await self.jobs.start_worker()

    async def close(self) -> None:
        """Stop runs, let clients go and close connections to vendors."""
        await self.hub.close()
        await self.jobs.close()
        await self.lobby.close()  # agents let go of what they hold when no run needs it any more
        await self.dynamic.close()
        for agent in self.catalog.agents.values():
            await agent.close()
            leave(agent, self.place)
        await self.house.close()
        await self._http.aclose()


def _queue_backend(settings: Settings, database: Database, clock: Clock) -> QueueBackend:
    if settings.redis_url is None:
        return SqlQueueBackend(database, QUEUE, clock=clock)
    return RedisQueueBackend(QueueRedisConfig(settings.redis_url.get_secret_value()), queue_name=QUEUE)


def model_settings(settings: Settings) -> ModelSettings:
    """What the models need of the settings."""
    return ModelSettings(
        openai_api_key=_plain(settings.openai_api_key),
        openai_base_url=settings.openai_base_url,
        openai_model=settings.openai_model,
        anthropic_api_key=_plain(settings.anthropic_api_key),
        xai_api_key=_plain(settings.xai_api_key),
        gemini_api_key=_plain(settings.gemini_api_key),
        groq_api_key=_plain(settings.groq_api_key),
        openrouter_api_key=_plain(settings.openrouter_api_key),
        ollama_host=settings.ollama_host,
        mock_mode=settings.mock_mode,
        mock_pace=settings.mock_pace,
        temperature=settings.agent_temperature,
        timeout=settings.model_timeout,
        max_retries=settings.model_retries,
    )


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
