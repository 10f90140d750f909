"""The hub: lets clients in, finds the rooms they watch, keeps time for all of them, and sees them out."""

import asyncio
import secrets
from collections import Counter
from typing import Literal, Protocol

from salon.clock import Clock
from salon.contracts.runs import Principal
from salon.contracts.threads import ThreadIndex
from salon.contracts.types import DEFAULT_ROOM
from salon.errors import SalonError
from salon.hub.broker import Broker
from salon.hub.connection import Connection
from salon.hub.limits import Terms
from salon.hub.outbox import Link
from salon.hub.watchers import RoomHandle, Watchers
from salon.ids import new_id
from salon.settings import Settings


class Rooms(Protocol):
    """Where rooms come from."""

    async def open(self, room: str, who: Principal) -> RoomHandle:
        """Find a room that `who` may enter, or make one of theirs. Raises SalonError."""


class Hub:
    """See the module. One per process; starts keeping time with the first client."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        threads: ThreadIndex,
        broker: Broker,
        clock: Clock,
        settings: Settings,
        mode: Literal["live", "mock"],
        server: str,
        schema_hash: str,
    ) -> None:
        self.terms = terms = Terms.of(settings, server=server, schema_hash=schema_hash, mode=mode)
        self.threads = threads
        self._rooms = rooms
        self._broker = broker
        self._clock = clock
        self._connections: dict[str, Connection] = {}
        self._addresses: Counter[str] = Counter()
        self._watchers: dict[str, Watchers] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._draining = False
        shortest = min(terms.connect_within, terms.ping_every, terms.pong_within, terms.slow_grace)
        self._every = min(1.0, shortest / 4)

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    @property
    def watched(self) -> int:
        """How many rooms have someone watching."""
        return len(self._watchers)

    def admit(
        self, link: Link, *, room: str = DEFAULT_ROOM, address: str | None = None, user: Principal | None = None
    ) -> Connection:
        """Let a client in; `room` is where it is if it does not know the handshake, `address` where it comes from,
        `user` who it is when somebody trusted has told that.

        Raises SalonError: `limit_exceeded` when there are too many, `unavailable` while the server stops.
        """
        if self._draining:
            raise SalonError("unavailable", "The server stops; connect again.")
        if len(self._connections) >= self.terms.connections:
            raise SalonError("limit_exceeded", "This server has as many connections as it takes.")
        allowed = self.terms.connections_per_ip
        if address and allowed and self._addresses[address] >= allowed:
            raise SalonError("limit_exceeded", "There are too many connections from this address.")
        connection = Connection(
            link,
            self,
            self._clock,
            self.terms,
            id=new_id("con"),
            secret=secrets.token_hex(16),
            room=room,
            address=address,
            user=user,
        )
        self._connections[connection.id] = connection
        if address:
            self._addresses[address] += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._every, self._keep_time)
        return connection

    async def open(self, room: str, who: Principal) -> RoomHandle:
        """See `House`."""
        return await self._rooms.open(room, who)

    def watchers(self, room: RoomHandle) -> Watchers:
        """See `House`."""
        found = self._watchers.get(room.id)
        if found is None:
            found = self._watchers[room.id] = Watchers(
                room,
                self._broker,
                self._clock,
                recover_events=self.terms.limits.recover_events,
                emptied=self._deserted,
            )
        return found

    def room_gone(self, room: str, code: str) -> None:
        """A room is no more, and why: tell everyone who watches it."""
        watchers = self._watchers.get(room)
        for client in watchers.clients() if watchers else ():
            self._connections[client].room_gone(room, code)

    def left(self, connection: Connection) -> None:
        """See `House`."""
        if self._connections.pop(connection.id, None) is None or connection.address is None:
            return
        self._addresses[connection.address] -= 1
        if not self._addresses[connection.address]:
            del self._addresses[connection.address]

    def tick(self) -> None:
        """Do what is due: heartbeats, timeouts, expiring signals."""
        now = self._clock.monotonic()
        for connection in tuple(self._connections.values()):
            connection.tick(now)
        for watchers in tuple(self._watchers.values()):
            watchers.expire(now)

    async def close(self) -> None:
        """Send everyone away (4000) and let nobody in; waits until what they asked for is done."""
        self._draining = True
        if self._timer:
            self._timer.cancel()
        leaving = tuple(self._connections.values())
        for connection in leaving:
            connection.dismiss()
        for connection in leaving:
            await connection.finished()

    def _deserted(self, room: str) -> None:
        del self._watchers[room]

    def _keep_time(self) -> None:
        self._timer = None
        self.tick()
        if self._connections:
            self._timer = asyncio.get_running_loop().call_later(self._every, self._keep_time)
