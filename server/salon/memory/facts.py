"""What is known of people across conversations: kept by key, told to agents as data that cannot give orders."""

from collections.abc import Iterable, Mapping
from typing import NotRequired, TypedDict

from salon.clock import Clock, SystemClock
from salon.contracts.runs import Principal, Recall, is_known
from salon.errors import Detail, RequestError
from salon.memory.quoting import facts_section
from salon.store.database import Conn, Database
from salon.store.facts import FactRow, FactRows

KEY_LENGTH = 100
VALUE_LENGTH = 2_000
CATEGORY_LENGTH = 100


class UserFact(TypedDict):
    """A fact about a user. Times are seconds since 1970."""

    key: str
    value: str
    category: str
    created_at: NotRequired[float]
    updated_at: NotRequired[float]


class UserMemoryStore:
    """Facts about users, whatever the conversation they come from.

        memory = UserMemoryStore(conn)
        await memory.set("user_123", "style", "concise", category="preferences")

    Args:
        conn: the database, or an engine, session or connection of one, or its URL.

    Methods raise RequestError for a user, key, value or category that cannot be stored, and SalonError `unavailable`
    when the database does not answer.
    """

    def __init__(self, conn: Conn, *, clock: Clock | None = None) -> None:
        self._rows = FactRows(Database.of(conn))
        self._clock: Clock = clock or SystemClock()

    async def set(
        self, user: str, key: str, value: str, category: str = "general", *, source_thread: str | None = None
    ) -> None:
        """Know a fact; it replaces the one of that key. `source_thread` is the conversation it comes from.

        Raises SalonError `limit_exceeded` when too much is known of the user already.
        """
        await self.set_all(user, [UserFact(key=key, value=value, category=category)], source_thread=source_thread)

    async def set_all(
        self, user: str, facts: Iterable[Mapping[str, object]], *, source_thread: str | None = None
    ) -> None:
        """Know several facts (`key`, `value`, `category`), all or none."""
        now = self._clock.time()
        rows = [
            FactRow(
                key=_text("key", fact.get("key"), KEY_LENGTH),
                value=_text("value", fact.get("value"), VALUE_LENGTH),
                category=_text("category", fact.get("category", "general"), CATEGORY_LENGTH),
                created_at=now,
                updated_at=now,
            )
            for fact in facts
        ]
        await self._rows.put(_text("user", user, 160), rows, source_thread=source_thread)

    async def get(self, user: str, key: str) -> str | None:
        """The value of a fact, or None."""
        row = await self._rows.get(user, key)
        return row.value if row is not None else None

    async def get_all(self, user: str) -> list[UserFact]:
        """All that is known, in the order in which it became known."""
        return [
            UserFact(
                key=row.key,
                value=row.value,
                category=row.category,
                created_at=row.created_at,
                updated_at=row.updated_at,
            )
            for row in await self._rows.all(user)
        ]

    async def delete(self, user: str, key: str) -> bool:
        """Forget a fact; whether there was one."""
        return await self._rows.delete(user, key) > 0

    async def clear(self, user: str) -> int:
        """Forget all that is known of a user; how many facts there were."""
        return await self._rows.delete(user, None)

    def format_for_prompt(self, facts: Iterable[Mapping[str, object]]) -> str:
        """Facts as a part of a system prompt, by category; empty without facts.

        Each value stands quoted on one line and can end neither its quotes nor the list. Of very many facts the newest
        are told, of very long values the beginning.
        """
        return facts_section(facts)


def recall_from(memory: UserMemoryStore) -> Recall:
    """Tells agents what the store knows of the person who asks: nothing of nobody, nor on a claim that none checked."""

    async def recall(who: Principal) -> str | None:
        if not is_known(who.user):
            return None
        return facts_section(await memory.get_all(who.user)) or None

    return recall


def _text(name: str, text: object, limit: int) -> str:
    if not isinstance(text, str) or not text.strip():
        raise RequestError(f"{name}: give it as a text", [Detail(f"/{name}", "invalid_type", "give it as a text")])
    if len(text) > limit:
        remedy = f"shorten it to {limit} characters"
        raise RequestError(f"{name}: {remedy}", [Detail(f"/{name}", "too_long", remedy)])
    return text.replace("\0", " ").encode("utf-8", "replace").decode().strip()
