"""The application that the routers are in: a Salon server, or any other, where they bring what they need."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.requests import HTTPConnection

from salon.agents.agent import Agent
from salon.contracts.runs import Responder
from salon.http.identity import settings_of
from salon.http.operations.metrics import Metrics
from salon.runtime import Runtime
from salon.runtime.embedded import embedded, responder
from salon.runtime.house import House, house_of
from salon.settings import Settings
from salon.store.database import Conn, Database

GetSession = Callable[..., object]
"""A FastAPI dependency that gives a session of the database in which chats are kept."""


class Place:
    """One for each application; `Place.of(request)` finds it."""

    def __init__(self, runtime: Runtime | None, settings: Settings, metrics: Metrics | None) -> None:
        self._runtime = runtime
        self._settings = settings
        self._metrics = metrics
        self._houses: set[House] = set()

    @classmethod
    def of(cls, request: HTTPConnection) -> "Place":
        """The place in which a request is answered."""
        state = request.app.state
        if not hasattr(state, "salon_place"):
            metrics = getattr(state, "metrics", None)
            state.salon_place = cls(getattr(state, "runtime", None), settings_of(request), metrics)
        place: Place = state.salon_place
        return place

    @property
    def attended(self) -> bool:
        """Whether people can be in a room and answer what an agent asks."""
        return self._runtime is not None

    def database(self) -> Database:
        """The server's own, or the one that DATABASE_URL names."""
        if self._runtime is not None:
            return self._runtime.house.database
        return Database.of(self._settings.database_url, echo=self._settings.database_echo)

    def house(self, conn: Conn) -> House:
        """The house of a database. The server's own, also when it is reached over another engine."""
        database = Database.of(conn)
        if self._runtime is not None and database.engine.url == self._runtime.house.database.engine.url:
            return self._runtime.house
        house = house_of(database)
        self._houses.add(house)
        return house

    def responder(self, agent: Agent) -> Responder:
        """Who answers when an agent is asked here."""
        if self._runtime is not None and self._runtime.catalog.agents.get(agent.name) is agent:
            return self._runtime.catalog.responder(agent.name)
        answering = responder(agent, self._settings)
        if self._metrics is not None:
            self._metrics.know(card.id for card in answering.roster())
        return answering

    def private_house(self) -> House:
        """Where conversations are held that are not kept."""
        return self._runtime.house if self._runtime is not None else embedded(self._settings).house

    async def close(self) -> None:
        """Store what is left of what the routers have opened."""
        houses, self._houses = self._houses, set()
        for house in houses:
            await house.close()


async def own_database(request: Request) -> Database:
    """What routers use that were given no `get_db_session`."""
    return Place.of(request).database()


@asynccontextmanager
async def leaving(app: FastAPI) -> AsyncIterator[None]:
    """A router's lifespan: at its end the rooms are closed that routers opened."""
    yield
    place = getattr(app.state, "salon_place", None)
    if place is not None:
        await place.close()
