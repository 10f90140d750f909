"""The composition root: the only place that picks adapters and joins the parts."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Literal

from pydantic import SecretStr

from salon.agents.agent import Agent
from salon.chat.catalog import Catalog
from salon.chat.run import ChatLimits
from salon.chat.team import Team
from salon.chat.turn import TurnLimits
from salon.clock import Clock, SystemClock
from salon.contracts.export import schema_hash
from salon.hub.broker_memory import MemoryBroker
from salon.hub.hub import Hub
from salon.hub.tap import Tap
from salon.ids import new_id
from salon.models.openai import SharedHttp
from salon.models.resolve import Models, ModelSettings
from salon.rooms.lobby import Lobby
from salon.rooms.log_memory import MemoryLog
from salon.rooms.state import RoomState
from salon.settings import Settings

VERSION = version("salon")


class Runtime:
    """One server's parts, joined. `close` ends what they run.

    Args:
        agents, teams: who answers; a server without any has nobody to answer and raises ValueError.
    """

    def __init__(
        self, settings: Settings, *, agents: Sequence[Agent], teams: Sequence[Team], clock: Clock | None = None
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self._http = SharedHttp()
        models = Models(model_settings(settings), self._http)
        limits = ChatLimits(
            rounds=settings.max_agent_rounds,
            turn=TurnLimits(tool_rounds=settings.max_tool_rounds, seconds=settings.turn_timeout),
        )
        self.catalog = Catalog(agents, teams, resolve=models.resolve, limits=limits, clock=self.clock)
        self.broker = MemoryBroker()
        self.published = Tap(self.broker)
        self.lobby = Lobby(
            responder=self.catalog.default,
            open_log=lambda _, base: self._open_log(base),
            publisher=self.published,
            clock=self.clock,
            max_rooms=settings.max_rooms,
        )
        self.hub = Hub(
            rooms=self.lobby,
            broker=self.broker,
            clock=self.clock,
            settings=settings,
            mode=self.mode,
            server=f"salon/{VERSION}",
            schema_hash=schema_hash(),
        )

    @property
    def mode(self) -> Literal["live", "mock"]:
        """`mock` as soon as one agent is answered for by a mock: a simulation never passes for the real thing."""
        return "mock" if self.catalog.mocks() else "live"

    async def close(self) -> None:
        """Stop runs, let clients go and close connections to vendors."""
        await self.hub.close()
        await self.lobby.close()
        await self._http.aclose()

    def _open_log(self, base: RoomState | None) -> MemoryLog:
        settings = self.settings
        return MemoryLog(
            epoch=new_id("epoch"),
            clock=self.clock,
            window=settings.recover_events,
            seconds=settings.recover_seconds,
            base=base,
        )


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
