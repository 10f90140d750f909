"""A room as the session of an agents library: the protocol of OpenAI's, over any database that Salon can use."""

from collections.abc import Sequence
from typing import Protocol

from salon.access.principal import principal_of
from salon.contracts.runs import ANONYMOUS
from salon.errors import SalonError
from salon.rooms.room import Room
from salon.runtime.house import house_of
from salon.runtime.sessions import conversation
from salon.runtime.sessions.items import Given, Item
from salon.store.database import Conn


class Reading(Protocol):
    """How much an agents library wants to read."""

    limit: int | None


class DatabaseSession:
    """The conversation of a chat, for `Runner.run(agent, text, session=…)`, here and in OpenAI's agents library.

    It is the room of that id: who watches the room sees what is added, and items are appended, never rewritten. A chat
    that there is not comes into being with its first item.

    Args:
        chat_id: the chat, session, thread or room: one and the same id.
        db_session: an SQLAlchemy session, engine or connection, or a URL: it says which database.
        user_id: whose words are added, and whose chat it becomes if there is none yet.

    Methods raise SalonError: `not_found` for adding to a chat that was deleted, `unavailable` when the database does
    not answer.
    """

    session_settings: Reading | None = None
    """Part of the library's protocol: what holds for reading when no limit is given."""

    def __init__(self, chat_id: str, db_session: Conn, *, user_id: str = ANONYMOUS) -> None:
        self.session_id = str(chat_id)
        self.principal = principal_of(user_id)
        self.house = house_of(db_session)

    async def get_items(self, limit: int | None = None) -> list[Item]:
        """The newest `limit` items, or all of them, oldest first."""
        if limit is None and self.session_settings is not None:
            limit = self.session_settings.limit
        room = await self._find()
        return [kept.item for kept in await conversation.read(room, limit)] if room is not None else []

    async def add_items(self, items: Sequence[Given]) -> None:
        """Append items, all or none. Raises RequestError for one that no room can hold."""
        if items:
            await conversation.append(await self.open(), items, self.principal)

    async def pop_item(self) -> Item | None:
        """Take the newest item back; None when there is none."""
        room = await self._find()
        newest = await conversation.read(room, 1) if room is not None else []
        if room is None or not newest:
            return None
        await conversation.take_back(room, newest[0])
        return newest[0].item

    async def clear_session(self) -> None:
        """Take everything back. Raises SalonError `busy` while an agent is answering."""
        room = await self._find()
        if room is not None:
            await conversation.replace(room, ())

    async def open(self) -> Room:
        """The room itself, which is made when there is none."""
        lobby = self.house.lobby
        found = await self._find()
        if found is not None:
            return found
        try:
            return await lobby.create(self.principal, room=self.session_id)
        except SalonError as error:
            if error.code != "conflict":
                raise
            return await lobby.open(self.session_id)  # somebody was faster, or it is the room that is nobody's

    async def _find(self) -> Room | None:
        try:
            return await self.house.lobby.existing(self.session_id)
        except SalonError as error:
            if error.code != "not_found":
                raise
            return None
