"""Chats as a router: /chats makes, lists, shows, changes and deletes them. A chat is a room, so rooms show it too."""

from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request

from salon.contracts.events import MsgDone, RoomEvent
from salon.contracts.runs import Principal
from salon.contracts.types import TextPart
from salon.errors import SalonError
from salon.http.identity import GetUser, identified
from salon.http.sessions.answering import REFUSALS, SessionRoute
from salon.http.sessions.bodies import Chat, ChatChange, ChatList, ChatRequest, ChatSummary, Spoken, iso
from salon.http.sessions.place import GetSession, Place, leaving, own_database
from salon.runtime.house import House
from salon.runtime.sessions import conversation
from salon.runtime.sessions.items import Item
from salon.store.database import Conn
from salon.store.threads import ThreadInfo, ThreadRows

AT_ONCE = 1000
"""Messages that are read at once."""


class Desk:
    """The chats of one user, for one request."""

    def __init__(self, house: House, who: Principal) -> None:
        self._house = house
        self._who = who
        self._threads = house.threads

    async def create(self, body: ChatRequest) -> Chat:
        """A new chat."""
        said = self._prepared(body.conversation)
        made = await self._threads.create(self._who.user, title=body.title, id=str(uuid4()))
        if said:
            await self._replace(made.id, said)
        return await self.show(made.id)

    async def show(self, chat_id: str) -> Chat:
        """A chat with all that was said."""
        info = await self._threads.get(chat_id, self._who.user)
        rows = page = list(await self._threads.messages(chat_id, None, limit=AT_ONCE))
        while len(page) == AT_ONCE:
            page = list(await self._threads.messages(chat_id, None, after=page[-1].seq, limit=AT_ONCE))
            rows += page
        return Chat(
            chat_id=info.id,
            user_id=info.user_id,
            conversation=[_spoken(row.data) for row in rows],
            title=info.title,
            created_at=iso(info.created_at),
            updated_at=iso(info.updated_at),
        )

    async def change(self, chat_id: str, body: ChatChange) -> Chat:
        """Change what is given, and only that."""
        threads, user = self._threads, self._who.user
        await threads.get(chat_id, user)
        if "conversation" in body.model_fields_set:
            await self._replace(chat_id, self._prepared(body.conversation))
        if body.title is not None:
            await threads.rename(chat_id, body.title, user)
        if body.is_active is not None:
            await (threads.unarchive if body.is_active else threads.archive)(chat_id, user)
        return await self.show(chat_id)

    async def delete(self, chat_id: str) -> None:
        """A chat is gone, for everyone."""
        await self._threads.delete(chat_id, self._who.user)

    async def page(self, skip: int, limit: int, active_only: bool) -> ChatList:
        """A page of the user's own chats."""
        archived = False if active_only else None
        page = await self._threads.list(self._who.user, archived=archived, limit=limit, skip=skip)
        total = await ThreadRows(self._house.database).count(self._who.user, archived=archived)
        return ChatList(chats=[_summary(info) for info in page.items], total=total, skip=skip, limit=limit)

    def _prepared(self, items: list[Item] | None) -> list[RoomEvent]:
        return conversation.prepared(items or (), self._who, field="conversation")

    async def _replace(self, chat_id: str, said: list[RoomEvent]) -> None:
        room = await self._house.lobby.existing(chat_id, self._who)
        if room.owner != self._who.user:
            raise SalonError("forbidden", f"chat {chat_id!r} is not yours; only its owner may change what was said")
        await conversation.replace(room, said)


def create_chat_storage_router(
    get_db_session: GetSession | None = None, *, prefix: str = "/chats", get_user: GetUser | None = None
) -> APIRouter:
    """A router for any FastAPI application, with which users manage their chats.

    Args:
        get_db_session: a FastAPI dependency that gives an SQLAlchemy session, which says in which database chats are
            kept; by default the server's own, or the one that DATABASE_URL names.
        get_user: a FastAPI dependency that tells who asks: a user's id, or None. By default the header that
            USER_HEADER names, which a trusted proxy sets.
    """
    session_of = get_db_session or own_database
    who_asks = identified(get_user)
    router = APIRouter(prefix=prefix, tags=["Chats"], route_class=SessionRoute, responses=REFUSALS, lifespan=leaving)

    async def desk(
        request: Request,
        conn: Annotated[Conn, Depends(session_of)],
        who: Annotated[Principal, Depends(who_asks)],
    ) -> Desk:
        return Desk(Place.of(request).house(conn), who)

    async def create(desk: Annotated[Desk, Depends(desk)], body: ChatRequest | None = None) -> Chat:
        """A new chat; its id is a session's id."""
        return await desk.create(body or ChatRequest())

    async def list_all(
        desk: Annotated[Desk, Depends(desk)],
        skip: Annotated[int, Query(ge=0, le=2**31)] = 0,
        limit: Annotated[int, Query(ge=1, le=AT_ONCE)] = 100,
        active_only: Annotated[bool, Query(description="Leave out those in the archive.")] = True,
    ) -> ChatList:
        """The user's chats, last used first."""
        return await desk.page(skip, limit, active_only)

    async def show(desk: Annotated[Desk, Depends(desk)], chat_id: str) -> Chat:
        """A chat with all that was said in it."""
        return await desk.show(chat_id)

    async def change(desk: Annotated[Desk, Depends(desk)], chat_id: str, body: ChatChange) -> Chat:
        """Change a chat. A `conversation` of null clears it; what is left out stays as it is."""
        return await desk.change(chat_id, body)

    async def delete(desk: Annotated[Desk, Depends(desk)], chat_id: str) -> None:
        """Delete a chat: it is gone for everyone."""
        await desk.delete(chat_id)

    for end in ("/", ""):  # clients write both, and a redirect would cost a round trip and some of them the body
        shown = end == "/"
        router.add_api_route(end, create, methods=["POST"], status_code=201, include_in_schema=shown)
        router.add_api_route(end, list_all, methods=["GET"], name="list_chats", include_in_schema=shown)
        path = "/{chat_id}" + ("" if shown else "/")
        router.add_api_route(path, show, methods=["GET"], include_in_schema=shown)
        router.add_api_route(path, change, methods=["PUT"], include_in_schema=shown)
        router.add_api_route(path, delete, methods=["DELETE"], status_code=204, include_in_schema=shown)
    return router


chat_storage_router = create_chat_storage_router()


def _summary(info: ThreadInfo) -> ChatSummary:
    return ChatSummary(
        chat_id=info.id,
        user_id=info.user_id,
        title=info.title,
        is_active=not info.archived,
        message_count=info.message_count,
        created_at=iso(info.created_at),
        updated_at=iso(info.updated_at),
    )


def _spoken(data: bytes) -> Spoken:
    message = MsgDone.model_validate_json(data)
    text = "".join(part.text for part in message.parts if isinstance(part, TextPart))
    return Spoken(role=_ROLES.get(message.author.role, "system"), content=text)


_ROLES: dict[str, Literal["user", "assistant"]] = {"user": "user", "agent": "assistant"}
