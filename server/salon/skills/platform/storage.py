"""Values that an agent keeps under keys, for each user apart, as a skill."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import cast
from urllib.parse import quote

import orjson

from salon.agents.around.surroundings import around
from salon.agents.context.context import Context
from salon.agents.context.current import CONTEXT
from salon.agents.skill import Skill
from salon.agents.tools.tool import tool
from salon.contracts.runs import is_known
from salon.contracts.types import Json
from salon.errors import Detail, RequestError, SalonError
from salon.skills.platform.portal import portal_of
from salon.store.values import KEY_LENGTH, ValueStore

LARGEST = 1_048_576
"""Bytes of a value as JSON."""

MOST_KEYS = 1000
"""Keys of one user; more are refused."""

STRANGERS = 7 * 24 * 3600.0
"""Seconds for which values are kept of people whom nobody has named."""


class StorageSkill(Skill):
    """Keeps values under keys: `await storage.store_data("report", {"topic": "tea"})`, then `get_data("report")`.

    Values are JSON of at most 1 MiB, a thousand of them. Each agent has its own, and each of its users again; outside
    of a request they are the agent's own. They are kept in the server's database, or where the agent itself remembers.
    On a server, people whom nobody has named cannot be told apart: what is kept for them is of one conversation, and
    goes after a week.

    Settings:
        portal_url, api_key: a portal that keeps them instead, by PUT, GET and DELETE {portal_url}/storage/{key}. With a
            placeholder for a key they are kept here.
        shared: one set of values for all users of the agent.
    """

    name = "storage"

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        super().__init__(config)
        self._portal = portal_of(self.config)

    @tool
    async def store_data(self, key: str, data: Json) -> Json:
        """Keeps a value under a key; it replaces the one of that key.

        Args:
            key: what to find it by.
            data: any JSON.
        """
        body = _json(data)
        if self._portal is not None:
            await self._portal.request("PUT", self._path(_key(key)), cast(Json, orjson.loads(body)))
        else:
            await self._keep(_key(key), body)
        return {"key": key, "bytes": len(body)}

    @tool
    async def get_data(self, key: str) -> Json:
        """The value that is kept under a key, null when there is none.

        Args:
            key: what it was kept under.
        """
        if self._portal is not None:
            return await self._portal.request("GET", self._path(_key(key)))
        found = await self._store.get(self._namespace, _key(key))
        return cast(Json, orjson.loads(found)) if found is not None else None

    @tool
    async def list_data(self, prefix: str = "") -> list[str]:
        """The keys under which values are kept, in order, a thousand at most.

        Args:
            prefix: how they begin.
        """
        if self._portal is not None:
            listed = await self._portal.request("GET", f"/storage?namespace={quote(self._namespace, safe='')}")
            keys = [key for key in listed if isinstance(key, str)] if isinstance(listed, list) else []
            return sorted(key for key in keys if key.startswith(prefix))[:MOST_KEYS]
        return list(await self._store.keys(self._namespace, prefix, limit=MOST_KEYS))

    @tool
    async def delete_data(self, key: str) -> bool:
        """Drops the value under a key; says whether there was one.

        Args:
            key: what it was kept under.
        """
        if self._portal is not None:
            return await self._portal.drop(self._path(_key(key)))
        return await self._store.delete(self._namespace, _key(key)) > 0

    async def _keep(self, key: str, body: bytes) -> None:
        there = await self._store.keys(self._namespace, limit=MOST_KEYS)
        if len(there) >= MOST_KEYS and key not in there:
            raise SalonError("limit_exceeded", f"{MOST_KEYS} values are kept already; delete one first")
        if stranger := self._stranger():
            await self._store.purge()
        await self._store.set(self._namespace, key, body, seconds=STRANGERS if stranger else None)

    def _stranger(self) -> bool:
        """Whether it is for somebody who cannot be told from others."""
        context = self._asked()
        if context is None or self.config.get("shared") or is_known(context.user):
            return False
        return around(self._owner).open

    def _asked(self) -> Context | None:
        """The request that this agent is answering, if any."""
        context = CONTEXT.get()
        return context if context is not None and context.agent_object is self._owner else None

    @property
    def _namespace(self) -> str:
        whose = tenant = ""
        if (context := self._asked()) is not None:
            tenant = context.principal.tenant or ""
            if not self.config.get("shared"):
                whose = f"\0{context.room}" if self._stranger() else context.user
        # Names may hold anything and be long: two that differ must not become one.
        digest = blake2b(f"{self.agent.name}\0{tenant}\0{whose}".encode(), digest_size=20).hexdigest()
        return f"storage:{digest}"

    @property
    def _store(self) -> ValueStore:
        return ValueStore(around(self._owner).database)

    def _path(self, key: str) -> str:
        return f"/storage/{quote(key, safe='')}?namespace={quote(self._namespace, safe='')}"


def _key(key: object) -> str:
    if not isinstance(key, str) or not 1 <= len(key) <= KEY_LENGTH or "\0" in key or not _encodes(key):
        remedy = f"give it as a text of 1 to {KEY_LENGTH} characters"
        raise RequestError(f"key: {remedy}", [Detail("/key", "invalid_value", remedy)])
    return key


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json(data: object) -> bytes:
    try:
        body = orjson.dumps(data)
    except (orjson.JSONEncodeError, RecursionError):
        raise RequestError("data: give plain JSON", [Detail("/data", "invalid_type", "give plain JSON")]) from None
    if len(body) > LARGEST:
        remedy = f"shorten it to {LARGEST} bytes of JSON"
        raise RequestError(f"data: {remedy}", [Detail("/data", "too_long", remedy)])
    return body
