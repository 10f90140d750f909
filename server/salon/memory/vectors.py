"""Texts that are found by what they are about: in collections, by cosine."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from salon.clock import Clock, SystemClock
from salon.contracts.types import Obj
from salon.errors import Detail, RequestError
from salon.memory.embedder import Embedder, HashEmbedder
from salon.store.database import Conn, Database
from salon.store.vectors import VectorRow, VectorRows

NAME_LENGTH = 160
TEXT_LENGTH = 32_768
META_LENGTH = 16_384
MOST_FOUND = 100
_EMBEDDED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Match:
    """A text that was found; `score` is its cosine to the query: 1 for the same, about 0 for nothing in common."""

    id: str
    text: str
    score: float
    metadata: Obj


class VectorStore:
    """Collections of texts.

        store = VectorStore(conn)
        await store.add("manual", ["The kettle takes 1.7 litres.", "Descale it every three months."])
        matches = await store.search("manual", "how much water?", top_k=1)

    Args:
        conn: the database, or an engine, session or connection of one, or its URL.
        embedder: makes vectors of texts; by default one that works offline and knows words only. All texts of a
            collection need the same one.

    Methods raise RequestError for what cannot be stored or asked, naming the field; SalonError `conflict` when a
    collection was made with an embedder of other dimensions, `unavailable` when the database does not answer; and
    whatever the embedder raises.
    """

    def __init__(self, conn: Conn, embedder: Embedder | None = None, *, clock: Clock | None = None) -> None:
        self._rows = VectorRows(Database.of(conn))
        self._embedder: Embedder = embedder or HashEmbedder()
        self._clock: Clock = clock or SystemClock()

    async def add(self, collection: str, items: Iterable[str | Mapping[str, object]]) -> list[str]:
        """Store texts and return their ids.

        Args:
            items: texts, or objects with `text` and, if wanted, `id` and `metadata` (an object). Without an id, the
                same text has the same id, so that it is there once. A text of a known id is replaced.
        """
        _bounded("collection", collection, NAME_LENGTH)
        read = {item.id: item for item in map(_item, items)}
        rows: list[VectorRow] = []
        listed = list(read.values())
        for start in range(0, len(listed), _EMBEDDED_AT_ONCE):
            some = listed[start : start + _EMBEDDED_AT_ONCE]
            vectors = await self._embedder.embed([item.text for item in some])
            rows += [
                VectorRow(item.id, item.text, item.meta, _unit(vector))
                for item, vector in zip(some, vectors, strict=True)
            ]
        await self._rows.put(collection, rows, at=self._clock.time())
        return [row.id for row in rows]

    async def search(self, collection: str, query: str, top_k: int = 5) -> list[Match]:
        """The texts nearest to a query, best first; `top_k` of them at most."""
        _bounded("query", query, TEXT_LENGTH)
        if not 1 <= top_k <= MOST_FOUND:
            raise _refused("top_k", f"choose from 1 to {MOST_FOUND}")
        (vector,) = await self._embedder.embed([query])
        found = await self._rows.nearest(collection, _unit(vector), top_k)
        return [Match(row.id, row.text, max(-1.0, min(1.0, row.score)), json.loads(row.meta)) for row in found]

    async def delete(self, collection: str, ids: Sequence[str] | None = None) -> int:
        """Drop texts by id, or without ids the whole collection; how many there were."""
        return await self._rows.delete(collection, ids)

    async def count(self, collection: str) -> int:
        """How many texts a collection has."""
        return await self._rows.count(collection)


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    text: str
    meta: bytes


def _item(given: str | Mapping[str, object]) -> _Item:
    item = {"text": given} if isinstance(given, str) else given
    text = _bounded("text", item.get("text"), TEXT_LENGTH)
    key = item.get("id")
    metadata = item.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        raise _refused("metadata", "give an object")
    try:
        meta = json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    except (TypeError, ValueError):
        raise _refused("metadata", "give an object of plain JSON values") from None
    if len(meta) > META_LENGTH:
        raise _refused("metadata", f"shorten it to {META_LENGTH} bytes of JSON")
    if key is None:
        return _Item(f"txt_{blake2b(text.encode(), digest_size=16).hexdigest()}", text, meta)
    return _Item(_bounded("id", key, NAME_LENGTH), text, meta)


def _unit(vector: Sequence[float]) -> list[float]:
    """The vector with length 1; one of nothing, or of what is no number, has no direction and stays near to nothing."""
    length = math.sqrt(sum(number * number for number in vector))
    return [number / length for number in vector] if length and math.isfinite(length) else [0.0] * len(vector)


def _bounded(name: str, text: object, limit: int) -> str:
    if not isinstance(text, str) or not text.strip():
        raise _refused(name, "give a text")
    if len(text) > limit:
        raise _refused(name, f"shorten it to {limit} characters")
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def _refused(name: str, remedy: str) -> RequestError:
    return RequestError(f"{name}: {remedy}", [Detail(f"/{name}", "invalid_value", remedy)])
