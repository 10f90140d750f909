"""What is known of users, fact by fact. Knows nothing of what facts are good for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from salon.errors import SalonError
from salon.store.database import Database
from salon.store.tables import Fact

FACTS_PER_USER = 500
"""More than that nobody needs to know of one person."""


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact as it is stored; times are seconds since 1970."""

    key: str
    value: str
    category: str
    created_at: float
    updated_at: float


class FactRows:
    """The facts of all users. Methods raise SalonError `unavailable` when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, user: str, facts: Sequence[FactRow], *, source_thread: str | None = None) -> None:
        """Store facts, all or none; one of a known key replaces the old one and keeps its time of creation.

        Raises SalonError `limit_exceeded` when the user would have more than FACTS_PER_USER.
        """
        if not facts:
            return
        insert = postgresql.insert if self._database.kind == "postgresql" else sqlite.insert
        new = insert(Fact).values(
            [
                {
                    "user_id": user,
                    "key": fact.key,
                    "value": fact.value,
                    "category": fact.category,
                    "source_thread_id": source_thread,
                    "created_at": fact.created_at,
                    "updated_at": fact.updated_at,
                }
                for fact in _last_of_each(facts).values()
            ]
        )
        changed = {name: new.excluded[name] for name in ("value", "category", "source_thread_id", "updated_at")}
        async with self._database.writing() as conn:
            await conn.execute(new.on_conflict_do_update(index_elements=[Fact.user_id, Fact.key], set_=changed))
            count = await conn.scalar(select(func.count()).where(Fact.user_id == user))
            if count is not None and count > FACTS_PER_USER:
                text = f"there are {FACTS_PER_USER} facts of this user already; delete some first"
                raise SalonError("limit_exceeded", text)

    async def get(self, user: str, key: str) -> FactRow | None:
        """One fact."""
        found = await self._database.read(lambda conn: conn.execute(_ONE, {"user": user, "key": key}).one_or_none())
        return FactRow(*found) if found is not None else None

    async def all(self, user: str) -> list[FactRow]:
        """All facts of a user, in the order in which they became known."""
        return await self._database.read(lambda conn: [FactRow(*row) for row in conn.execute(_ALL, {"user": user})])

    async def delete(self, user: str, key: str | None) -> int:
        """Forget one fact, or with None all of a user; how many there were."""
        which = [Fact.user_id == user] if key is None else [Fact.user_id == user, Fact.key == key]
        async with self._database.writing() as conn:
            return (await conn.execute(delete(Fact).where(*which))).rowcount


# Every run of every user asks for these: they are put together once.
_ALL = (
    select(Fact.key, Fact.value, Fact.category, Fact.created_at, Fact.updated_at)
    .where(Fact.user_id == bindparam("user"))
    .order_by(Fact.created_at, Fact.key)
)
_ONE = _ALL.where(Fact.key == bindparam("key"))


def _last_of_each(facts: Sequence[FactRow]) -> Mapping[str, FactRow]:
    return {fact.key: fact for fact in facts}
