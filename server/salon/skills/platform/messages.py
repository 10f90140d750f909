"""What was said in a conversation, as a skill: read from the store, or from memory where nothing is stored."""

from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

from salon.agents.around.surroundings import around
from salon.agents.context.context import Context
from salon.agents.context.current import CONTEXT
from salon.agents.hooks import hook
from salon.agents.skill import Skill
from salon.agents.tools.tool import tool
from salon.contracts.runs import is_known
from salon.contracts.types import Obj
from salon.skills.platform.portal import portal_of
from salon.store.messages.rows import MessageRows

if TYPE_CHECKING:
    from salon.agents.agent import Agent

MOST = 200
MOST_ROOMS = 100


class Message(TypedDict):
    """A message, and who said it."""

    role: str
    author: str
    content: str


class MessagesSkill(Skill):
    """Keeps track of conversations: `await messages.get_messages(limit=20)`, `search_messages("invoice")`.

    On a server messages are in its database anyway, and are read from there; deleted ones are gone. Of a conversation
    that is not kept, the newest 200 are remembered as long as the agent lives, for 100 conversations.

    Settings:
        portal_url, api_key: taken for the time when a portal keeps messages.
    """

    name = "messages"

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        super().__init__(config)
        portal_of(self.config)  # what is wrong with it is said now
        self._heard: OrderedDict[str, deque[Message]] = OrderedDict()

    async def initialize(self, agent: "Agent") -> None:
        """A copy of a skill listens for itself."""
        await super().initialize(agent)
        self._heard = OrderedDict()

    @hook("on_message", priority=95)
    async def hear(self, context: Context) -> None:
        """Note what a person said."""
        self._note(context.room, Message(role="user", author=context.user, content=context.message))

    @hook("on_response", priority=95)
    async def hear_answer(self, context: Context) -> None:
        """Note what the agent said."""
        text = str(context.data.get("text") or "")
        self._note(context.room, Message(role="assistant", author=context.agent, content=text))

    async def get_messages(self, room: str | None = None, limit: int = 50) -> list[Message]:
        """The newest messages of a conversation, oldest first.

        Args:
            room: which one; by default the one that is going on. Whoever names another answers for who may read it.
            limit: how many, at most 200.

        Raises RuntimeError when no conversation is named and none is going on, SalonError (`unavailable`).
        """
        if room is None:
            context = CONTEXT.get()
            if context is None:
                raise RuntimeError("There is no conversation here. Name one: get_messages(room=…).")
            room = context.room
        most = min(max(limit, 1), MOST)
        rows = await MessageRows(around(self._owner).database).newest(room, most)
        if rows:
            return [
                Message(
                    role="assistant" if row.role == "agent" else row.role,
                    author=row.agent or row.user_id or "",
                    content=row.text,
                )
                for row in rows
            ]
        return list(self._heard.get(room, ()))[-most:]

    @tool
    async def search_messages(self, query: str, limit: int = 10) -> list[Obj]:
        """Searches earlier conversations of the person who asks, and gives the places that fit.

        Args:
            query: words to be found.
            limit: how many places to give, at most 50.
        """
        context = CONTEXT.get()
        if context is None or not is_known(context.user):
            return []
        found = await MessageRows(around(self._owner).database).search(
            query, context.user, limit=min(max(limit, 1), 50)
        )
        return [
            {"room": each.thread.id, "title": each.thread.title or "", "text": each.snippet or ""} for each in found
        ]

    def _note(self, room: str, message: Message) -> None:
        heard = self._heard.setdefault(room, deque(maxlen=MOST))
        self._heard.move_to_end(room)
        heard.append(message)
        while len(self._heard) > MOST_ROOMS:
            self._heard.popitem(last=False)
