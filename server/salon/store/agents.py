"""Agents that were made at run time, by users or programs, as they are stored."""

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

import orjson
from sqlalchemy import ColumnElement, Row, delete, false, insert, or_, select, update

from salon.clock import Clock, SystemClock
from salon.errors import Detail, RequestError, SalonError
from salon.ids import new_id
from salon.store.database import Conn, Database
from salon.store.tables import StoredAgent

LONGEST_NAME = 160
"""Characters of a name, and of a user's."""

LARGEST_PAGE = 1000

_FIXED = ("id", "user_id", "tenant", "created_at", "updated_at")

Record: TypeAlias = dict[str, Any]
Records: TypeAlias = list[Record]
Tenants: TypeAlias = Collection[str | None]
"""Customers; None stands for those agents that belong to none."""


class AgentStore:
    """Stored agents, as dictionaries: `id`, `name`, `system_prompt`, `user_id`, `created_at`, `updated_at`, for those
    of a customer `tenant`, and whatever else of their definition was given.

    Methods raise SalonError: `not_found` for an id that there is not, `unavailable` when the database does not answer.

    Args:
        conn: a URL, or an application's own engine, session or connection.
    """

    def __init__(self, conn: Conn, *, clock: Clock | None = None) -> None:
        self._database = Database.of(conn)
        self._clock: Clock = clock or SystemClock()

    async def create(
        self,
        *,
        name: str,
        system_prompt: str = "",
        user_id: str | None = None,
        tenant: str | None = None,
        **definition: object,
    ) -> Record:
        """Store a new agent. Raises RequestError for an empty name, a value that is no JSON, or one that is not given
        but made here, such as `id`.
        """
        now = self._clock.time()
        values = {
            "id": new_id("agent"),
            "user_id": _checked(user_id, "user_id") if user_id is not None else None,
            "tenant": _checked(tenant, "tenant") if tenant is not None else None,
            "name": _checked(name, "name"),
            "definition": _json({"system_prompt": system_prompt, **definition}),
            "created_at": now,
            "updated_at": now,
        }
        async with self._database.writing() as conn:
            await conn.execute(insert(StoredAgent).values(values))
        return _shown(values)

    async def get(self, agent_id: str) -> Record:
        """One agent."""
        async with self._database.reading() as conn:
            found = await conn.execute(select(StoredAgent.__table__).where(_of(agent_id)))
            return _shown(_there(found.one_or_none(), agent_id)._asdict())

    async def list(self, user_id: str | None = None, *, tenants: Tenants | None = None, limit: int = 100) -> Records:
        """The agents of a user, or all, by name; with `tenants` only those that belong to one of these.

        Raises RequestError for a limit beyond 1 to 1000.
        """
        if not 1 <= limit <= LARGEST_PAGE:
            message = f"limit is 1 to {LARGEST_PAGE}"
            raise RequestError(message, [Detail("/limit", "out_of_range", message)])
        if user_id is not None and not user_id.isprintable():
            return []
        query = select(StoredAgent.__table__).order_by(StoredAgent.name, StoredAgent.id).limit(limit)
        if user_id is not None:
            query = query.where(StoredAgent.user_id == user_id)
        if tenants is not None:
            query = query.where(_belongs(tenants))
        async with self._database.reading() as conn:
            return [_shown(row._asdict()) for row in await conn.execute(query)]

    async def named(self, name: str, tenants: Tenants) -> Records:
        """All agents of that name that belong to one of these, changed last first."""
        query = select(StoredAgent.__table__).where(StoredAgent.name == name, _belongs(tenants))
        async with self._database.reading() as conn:
            found = await conn.execute(query.order_by(StoredAgent.updated_at.desc(), StoredAgent.id))
            return [_shown(row._asdict()) for row in found]

    async def update(self, agent_id: str, **changes: object) -> Record:
        """Change the name, the prompt or anything else of an agent but its id, owner and times; what is not named
        stays. Raises RequestError as `create` does.
        """
        name = changes.pop("name", None)
        async with self._database.writing() as conn:
            query = select(StoredAgent.__table__).where(_of(agent_id)).with_for_update()
            found = _there((await conn.execute(query)).one_or_none(), agent_id)._asdict()
            found["name"] = found["name"] if name is None else _checked(name, "name")
            found["definition"] = _json({**orjson.loads(found["definition"]), **changes})
            found["updated_at"] = self._clock.time()
            await conn.execute(update(StoredAgent).where(_of(agent_id)).values(found))
        return _shown(found)

    async def delete(self, agent_id: str) -> None:
        """Remove an agent; threads that name it stay."""
        async with self._database.writing() as conn:
            gone = await conn.execute(delete(StoredAgent).where(_of(agent_id)))
        if not gone.rowcount:
            _there(None, agent_id)


def _shown(row: Mapping[str, Any]) -> Record:
    record = {key: row[key] for key in (*_FIXED, "name") if key != "tenant" or row[key] is not None}
    return {**orjson.loads(row["definition"]), **record}


def _of(agent_id: str) -> ColumnElement[bool]:
    """Where an agent is; an id that no database can hold is nobody's."""
    return StoredAgent.id == agent_id if agent_id.isprintable() else false()


def _belongs(tenants: Tenants) -> ColumnElement[bool]:
    named = StoredAgent.tenant.in_([tenant for tenant in tenants if tenant is not None and tenant.isprintable()])
    return or_(named, StoredAgent.tenant.is_(None)) if None in tenants else named


def _there(found: Row[Any] | None, agent_id: str) -> Row[Any]:
    if found is None:
        raise SalonError("not_found", f"there is no agent {agent_id!r}")
    return found


def _checked(name: object, field: str) -> str:
    if isinstance(name, str) and name.strip() and len(name) <= LONGEST_NAME and name.isprintable():
        return name
    message = f"{field}: it has 1 to {LONGEST_NAME} characters, all of them printable"
    raise RequestError(message, [Detail(f"/{field}", "value_error", message)])


def _json(definition: Mapping[str, object]) -> bytes:
    if fixed := [key for key in _FIXED if key in definition]:
        message = f"{fixed[0]}: this is not to be given, and stays as it is"
        raise RequestError(message, [Detail(f"/{fixed[0]}", "fixed", message)])
    try:
        return orjson.dumps(definition)
    except TypeError:
        message = "an agent's definition is JSON: texts, numbers, true, false, lists and objects"
        raise RequestError(message, [Detail("/definition", "json", message)]) from None
