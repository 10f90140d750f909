"""Values under keys, each namespace apart from the others: what skills and tools keep. Values are bytes to it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from salon.clock import Clock, SystemClock
from salon.store.database import Conn, Database
from salon.store.tables import Value

KEY_LENGTH = 512
NAMESPACE_LENGTH = 160


class ValueStore:
    """Values of all namespaces. Methods raise SalonError `unavailable` when the database does not answer.

    Args:
        conn: the database, or an engine, session or connection of one, or its URL.
    """

    def __init__(self, conn: Conn, *, clock: Clock | None = None) -> None:
        self._database = Database.of(conn)
        self._clock: Clock = clock or SystemClock()

    async def set(self, namespace: str, key: str, value: bytes, *, seconds: float | None = None) -> None:
        """Keep a value, for so many seconds or for good; it replaces the one of that key.

        Raises ValueError for a namespace or key that is empty or too long.
        """
        _check("namespace", namespace, NAMESPACE_LENGTH)
        _check("key", key, KEY_LENGTH)
        now = self._clock.time()
        insert = postgresql.insert if self._database.kind == "postgresql" else sqlite.insert
        new = insert(Value).values(
            namespace=namespace,
            key=key,
            value=value,
            updated_at=now,
            expires_at=now + seconds if seconds is not None else None,
        )
        changed = {name: new.excluded[name] for name in ("value", "updated_at", "expires_at")}
        async with self._database.writing() as conn:
            await conn.execute(new.on_conflict_do_update(index_elements=[Value.namespace, Value.key], set_=changed))

    async def get(self, namespace: str, key: str) -> bytes | None:
        """The value, or None when there is none any more."""
        which = select(Value.value).where(Value.namespace == namespace, Value.key == key, self._alive())
        async with self._database.reading() as conn:
            found: bytes | None = await conn.scalar(which)
        return found

    async def keys(self, namespace: str, prefix: str = "", *, limit: int = 1000) -> Sequence[str]:
        """The keys that begin with `prefix`, in order; `limit` of them at most."""
        which = select(Value.key).where(Value.namespace == namespace, self._alive())
        if prefix:  # LIKE is blind for case on SQLite
            which = which.where(func.substr(Value.key, 1, len(prefix)) == prefix)
        async with self._database.reading() as conn:
            return list(await conn.scalars(which.order_by(Value.key).limit(limit)))

    async def delete(self, namespace: str, key: str | None = None) -> int:
        """Drop one value, or with None the namespace; how many there were."""
        which = [Value.namespace == namespace] if key is None else [Value.namespace == namespace, Value.key == key]
        async with self._database.writing() as conn:
            return (await conn.execute(delete(Value).where(*which))).rowcount

    async def purge(self) -> int:
        """Drop what has expired, which nobody can read any more; how many there were."""
        async with self._database.writing() as conn:
            return (await conn.execute(delete(Value).where(Value.expires_at <= self._clock.time()))).rowcount

    def _alive(self) -> ColumnElement[bool]:
        return or_(Value.expires_at.is_(None), Value.expires_at > self._clock.time())


def _check(name: str, text: str, limit: int) -> None:
    if not 1 <= len(text) <= limit or "\0" in text:
        raise ValueError(f"{name}: expected 1 to {limit} characters without NUL, got {text[:40]!r}.")
