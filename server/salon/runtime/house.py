"""What every use of Salon has, server or not: a database, the rooms that live in it, and what they publish."""

from collections.abc import Hashable, Mapping

from salon.clock import Clock, SystemClock
from salon.contracts.runs import Responder, RunOrder, RunOutcome, Stage
from salon.contracts.types import AgentCard
from salon.hub.broker_memory import MemoryBroker
from salon.hub.tap import Tap
from salon.rooms.lobby import Guests, Lobby
from salon.rooms.log.log_memory import MemoryLogs
from salon.rooms.log.logs_sql import SqlLogs
from salon.rooms.threads import Threads
from salon.settings import Settings
from salon.store.database import Conn, Database
from salon.store.engine.address import ephemeral
from salon.store.log.entries import Entries
from salon.store.log.writer import Writer


class House:
    """The rooms of one database in this process. `responder` answers in rooms that people open."""

    def __init__(
        self,
        database: Database,
        responder: Responder,
        settings: Settings,
        clock: Clock,
        guests: Guests | None = None,
    ) -> None:
        self.database = database
        self.clock = clock
        self.broker = MemoryBroker()
        self.published = Tap(self.broker)
        entries = Entries(database)
        self.writer = Writer(entries)
        self._patience = settings.drain_seconds
        window, seconds = settings.recover_events, settings.recover_seconds
        self.lobby = Lobby(
            responder=responder,
            logs=SqlLogs(
                entries,
                self.writer,
                clock=clock,
                publisher=self.published,
                window=window,
                seconds=seconds,
                lost=self._lost,
            ),
            private=MemoryLogs(clock=clock, publisher=self.published, window=window, seconds=seconds),
            clock=clock,
            max_rooms=settings.max_rooms,
            idle=settings.room_idle_seconds,
            in_use=self.broker.watched,
            guests=guests,
        )
        self.threads = Threads(self.lobby, database)
        _HOUSES[_place(database)] = self

    def _lost(self, room: str) -> None:
        self.lobby.lost(room)

    async def keeps(self, within: float) -> bool:
        """Whether what is said can be kept: the last try went well, and the database answers `within` seconds."""
        return not self.writer.failing and await self.database.answers(within)

    async def close(self) -> None:
        """Stop what runs, store what is left and let the database go."""
        if _HOUSES.get(_place(self.database)) is self:
            del _HOUSES[_place(self.database)]
        await self.lobby.close()
        await self.writer.close(self._patience)
        await self.database.close()


_HOUSES: dict[Hashable, House] = {}
"""One for each database: a room has one writer, whichever way it is reached. A server's takes the place of another."""


def _place(database: Database) -> Hashable:
    """What is the same for all engines of one database."""
    url = database.engine.url
    return database if ephemeral(url) else url


def house_of(conn: Conn) -> House:
    """The house of a database, or a new one in which nobody answers by itself: for use without a server.

    Ask again rather than keep it: a server may start, or stop, meanwhile.

    Raises ValueError when `conn` stands for no database that can be used.
    """
    database = Database.of(conn)
    return _HOUSES.get(_place(database)) or House(database, Nobody(), Settings.load(), SystemClock())


class Nobody:
    """Answers in rooms that have no team: people and programs talk, and programs bring who answers."""

    team = "nobody"

    def roster(self) -> list[AgentCard]:
        """There is nobody to address."""
        return []

    def tools(self) -> Mapping[str, str]:
        """There are none."""
        return {}

    async def respond(self, stage: Stage, order: RunOrder) -> RunOutcome:  # noqa: ARG002 - the port has them
        """Nothing is said."""
        return RunOutcome(outcome="success")
