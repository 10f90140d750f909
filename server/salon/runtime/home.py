"""Where an agent remembers when it belongs to no server: a thread for each user, kept in a room.

Whoever names nobody is answered in a room that ends with the answer.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack, aclosing, asynccontextmanager, nullcontext
from dataclasses import replace
from inspect import isawaitable
from uuid import uuid4
from weakref import WeakValueDictionary

from salon.access.asking import refuse_circles
from salon.access.principal import principal_of
from salon.agents.agent import Agent
from salon.agents.alone.home import Request
from salon.agents.alone.reply import StreamingReply
from salon.agents.alone.result import RunResult
from salon.agents.context.context import Context
from salon.agents.context.current import CONTEXT
from salon.contracts.runs import ANONYMOUS, Principal, Responder
from salon.contracts.types import Obj
from salon.errors import SalonError
from salon.rooms.room import Room
from salon.runtime.asked import Asked, asked, callers_tools
from salon.runtime.embedded import embedded, responder
from salon.runtime.house import House, house_of
from salon.runtime.sessions import conversation
from salon.runtime.sessions.asking import result
from salon.runtime.sessions.chunks import chunks_of
from salon.runtime.sessions.exchange import Exchange
from salon.settings import Settings
from salon.store.threads import ThreadRows

THREADS = 1000
"""So many threads an agent knows at once; without a database, those of the people who spoke last."""


class AgentHome:
    """See `Home`. With a database the threads are there again after a restart; without one they end with the agent."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._private: OrderedDict[str, Room] = OrderedDict()
        self._threads: OrderedDict[str, str] = OrderedDict()
        self._anew: set[str] = set()
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._settings: Settings | None = None

    async def ask(self, request: Request) -> RunResult:
        """Let the agent answer; see `Home`."""
        async with self._begun(request) as exchange:
            outcome = await exchange.finish()
            answer = result(exchange.text, outcome, agent=self._agent.name)
        return answer.model_copy(update={"session_id": self._threads.get(exchange.who.user)})

    def stream(self, request: Request) -> StreamingReply:
        """The same in pieces; see `Home`."""

        async def chunks() -> AsyncGenerator[Obj]:
            async with self._begun(request) as exchange, aclosing(chunks_of(exchange, self._agent.name)) as pieces:
                async for chunk in pieces:
                    yield chunk

        return StreamingReply(chunks)

    @asynccontextmanager
    async def _begun(self, request: Request) -> AsyncIterator[Exchange]:
        """The exchange that a request begins; what it used is on the bill of the request that it serves, if any."""
        outer = CONTEXT.get()
        who = _who(request, outer)
        asking = outer.asking if outer is not None else ()
        refuse_circles(asking, self._agent.name)
        house, chat = self._join()
        given = asked(request.messages, who, self._agent.name)
        own = {member.name for member in (*self._agent.tools, *self._agent.get_all_handoffs())}
        tools = callers_tools(request.tools, own)
        goes_on = self._agent.conn is not None or _has_thread(request, who, outer)
        with ExitStack() as closing:
            async with nullcontext() if goes_on else self._alone(given, who) as alone:
                async with self._line(who) if goes_on else nullcontext():
                    room = alone or await self._thread(house, given, who)
                    exchange = Exchange(room, house.broker.subscribe, who)
                    closing.callback(exchange.close)
                    await exchange.begin(
                        given.parts,
                        agent=self._agent.name,
                        responder=chat,
                        instructions=given.instructions,
                        whole=not goes_on,
                        tools=tools,
                        asked_by=asking,
                        account=outer.count if outer is not None else None,
                    )
                yield exchange

    def _line(self, who: Principal) -> asyncio.Lock:
        """Where requests wait for somebody's thread to be found or made; it is there as long as somebody waits."""
        return self._lines.setdefault(who.user, asyncio.Lock())

    async def _thread(self, house: House, given: Asked, who: Principal) -> Room:
        """The room of somebody's thread. What was said before is told only to a new one: others know it."""
        find = self._private_room if self._agent.conn is None else self._kept_room
        room, new = await find(house, who)
        if new and given.before:
            await conversation.append(room, given.before, who, self._agent.name)
        if given.results:
            await conversation.give_results(room, given.results, who)
        return room

    @asynccontextmanager
    async def _alone(self, given: Asked, who: Principal) -> AsyncIterator[Room]:
        """A room for one answer, which is told all that was said before."""
        house, chat = self._join()
        room = house.lobby.ephemeral(chat)
        try:
            if given.before:
                await conversation.append(room, given.before, who, self._agent.name)
            if given.results:
                await conversation.give_results(room, given.results, who)
            yield room
        finally:
            await house.lobby.release(room)

    def new_thread(self, user: str | None) -> None:
        """The next thing that `user` says begins a new thread."""
        self._anew.add(principal_of(user).user)

    def _join(self) -> tuple[House, Responder]:
        """What is needed. Settings are read at first use: then keys are known."""
        settings = self._settings = self._settings or Settings.load()
        house = house_of(self._agent.conn) if self._agent.conn is not None else embedded(settings).house
        return house, responder(self._agent, settings)

    async def _private_room(self, house: House, who: Principal) -> tuple[Room, bool]:
        """A room in memory, which nobody else can find."""
        old = self._private.pop(who.user, None)
        if old is not None and who.user not in self._anew:
            self._private[who.user] = old
            return old, False
        room = self._private[who.user] = house.lobby.ephemeral(self._join()[1])
        self._anew.discard(who.user)
        if old is None and len(self._private) > THREADS:
            forgotten = next((user for user, room in self._private.items() if room.idle), who.user)
            old = self._private.pop(forgotten) if forgotten != who.user else None
        if old is not None:
            await house.lobby.release(old)
        return room, True

    async def _kept_room(self, house: House, who: Principal) -> tuple[Room, bool]:
        """The user's thread with this agent: the one that goes on, else the newest that is stored, else a new one."""
        thread = self._threads.get(who.user)
        if who.user in self._anew:
            thread = None
        elif thread is None:
            found = await ThreadRows(house.database).latest(who.user, self._agent.name)
            thread = found.id if found is not None else None
        room = await self._found(house, thread, who) if thread is not None else None
        if room is not None:
            self._note(who, room)
            return room, False
        room = await house.lobby.create(who, room=str(uuid4()), agent_id=self._agent.name)
        if self._agent.auth is not None:
            answer = self._agent.auth.assign_role(who.user, "owner", "thread", room.id)
            if isawaitable(answer):
                await answer
        self._note(who, room)
        self._anew.discard(who.user)
        return room, True

    def _note(self, who: Principal, room: Room) -> None:
        self._threads[who.user] = room.id
        self._threads.move_to_end(who.user)
        if len(self._threads) > THREADS:
            self._threads.popitem(last=False)  # it is found again

    async def _found(self, house: House, thread: str, who: Principal) -> Room | None:
        if self._agent.auth is not None:
            answer = self._agent.auth.has_permission(who.user, "write", "thread", thread)
            if not (await answer if isawaitable(answer) else answer):
                raise SalonError("forbidden", f"{who.name or who.user} may not write in thread {thread}")
        try:
            return await house.lobby.existing(thread, who)
        except SalonError as error:
            if error.code != "not_found":  # it may have been deleted meanwhile
                raise
            return None


def _who(request: Request, outer: Context | None) -> Principal:
    """Who is answered: whom the request names, else who is being answered where it is made."""
    who = outer.principal if request.user is None and outer is not None else principal_of(request.user)
    return who if request.scopes is None else replace(who, scopes=request.scopes)


def _has_thread(request: Request, who: Principal, outer: Context | None) -> bool:
    """Whether it is known whose thread a request goes on with: people whom nobody knows apart must not share one."""
    return request.user is not None or who.user != ANONYMOUS or (request.goes_on and outer is None)
