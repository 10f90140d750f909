"""Texts with their embeddings, and the nearest of them: by pgvector's index on PostgreSQL, by comparing all elsewhere.

Embeddings have length 1 (or 0, near to nothing), so the product of two is their cosine.
"""

import asyncio
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter, mul
from typing import TypeAlias

import structlog
from sqlalchemy import LargeBinary, Row, Select, delete, func, select, text, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from salon.errors import SalonError
from salon.store.database import Database
from salon.store.tables import StoredVector

log = structlog.get_logger(__name__)

MOST_INDEXED = 2_000
"""Dimensions up to which pgvector can index; more are compared one by one."""

_AT_ONCE = 2_000
_LOCK = 7_301_884_011  # a number of our own, so that two processes do not make the index at the same time
_ITERATES_SINCE = (0, 8)

Near: TypeAlias = "tuple[float, str]"
"""A cosine, and the id of the text that has it."""


@dataclass(frozen=True, slots=True)
class VectorRow:
    """A text as it is stored; `meta` is JSON that others made."""

    id: str
    text: str
    meta: bytes
    embedding: Sequence[float]


@dataclass(frozen=True, slots=True)
class NearRow:
    """A text that was found; `score` is the cosine, 1 for the same direction."""

    id: str
    text: str
    meta: bytes
    score: float


class VectorRows:
    """The texts of all collections. Methods raise SalonError `unavailable` when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._extension: tuple[int, ...] | None = None
        self._ready: set[int] = set()
        self._preparing = asyncio.Lock()

    async def put(self, collection: str, rows: Sequence[VectorRow], *, at: float) -> None:
        """Store texts, all or none; one of a known id replaces the old one. `at` is in seconds since 1970.

        Raises SalonError `conflict` when the collection has embeddings of another length.
        """
        if not rows:
            return
        dimensions = len(rows[0].embedding)
        insert = postgresql.insert if self._database.kind == "postgresql" else sqlite.insert
        new = insert(StoredVector)
        changed = {name: new.excluded[name] for name in ("text", "meta", "dimensions", "embedding", "created_at")}
        values = [
            {
                "collection": collection,
                "id": row.id,
                "text": row.text,
                "meta": row.meta,
                "dimensions": dimensions,
                "embedding": row.embedding,
                "created_at": at,
            }
            for row in rows
        ]
        async with self._database.writing() as conn:
            _same_length(collection, dimensions, await conn.scalar(_length_in(collection)))
            keys = [StoredVector.collection, StoredVector.id]
            await conn.execute(new.on_conflict_do_update(index_elements=keys, set_=changed), values)

    async def nearest(self, collection: str, query: Sequence[float], top_k: int) -> list[NearRow]:
        """The texts nearest to an embedding, best first.

        Raises SalonError `conflict` when the collection has embeddings of another length.
        """
        if self._database.kind == "postgresql":
            await self._prepare(len(query))
            found = await self._asked(collection, query, top_k)
        else:
            found = await self._compared(collection, query, top_k)
        scores = {key: score for score, key in found}
        which = select(StoredVector.id, StoredVector.text, StoredVector.meta).where(
            StoredVector.collection == collection, StoredVector.id.in_(scores)
        )
        async with self._database.reading() as conn:
            rows = [NearRow(*row, scores[row.id]) for row in await conn.execute(which)]
        return sorted(rows, key=lambda row: (-row.score, row.id))

    async def delete(self, collection: str, ids: Sequence[str] | None) -> int:
        """Drop texts by id, or with None the whole collection; how many there were."""
        which = [StoredVector.collection == collection]
        if ids is not None:
            which.append(StoredVector.id.in_(ids))
        async with self._database.writing() as conn:
            return (await conn.execute(delete(StoredVector).where(*which))).rowcount

    async def count(self, collection: str) -> int:
        """How many texts a collection has."""
        which = select(func.count()).select_from(StoredVector).where(StoredVector.collection == collection)
        async with self._database.reading() as conn:
            return await conn.scalar(which) or 0

    async def _compared(self, collection: str, query: Sequence[float], top_k: int) -> list[Near]:
        """All of a collection against the query, page by page, in a thread."""
        length = await self._database.read(lambda conn: conn.scalar(_length_in(collection)))
        _same_length(collection, len(query), length)
        best: list[Near] = []
        after = ""
        while page := await self._page(collection, after):
            near = await asyncio.to_thread(_products, page, query)
            best = nlargest(top_k, [*best, *near], key=itemgetter(0))
            after = page[-1][0]
        return best

    async def _page(self, collection: str, after: str) -> Sequence[Row[str, bytes]]:
        """The next ids and embeddings, in the order of the primary key."""
        raw = type_coerce(StoredVector.embedding, LargeBinary)
        which = select(StoredVector.id, raw).where(StoredVector.collection == collection, StoredVector.id > after)
        page = which.order_by(StoredVector.id).limit(_AT_ONCE)
        return await self._database.read(lambda conn: conn.execute(page).all())

    async def _asked(self, collection: str, query: Sequence[float], top_k: int) -> list[Near]:
        """The same, done by PostgreSQL."""
        length = len(query)
        if self._extension is not None:
            product = f"-((embedding::vector({length})) <#> CAST(CAST(:query AS real[]) AS vector({length})))"
            order = f"(embedding::vector({length})) <#> CAST(CAST(:query AS real[]) AS vector({length}))"
        else:
            product = "(SELECT coalesce(sum(a * b), 0) FROM unnest(embedding, CAST(:query AS real[])) AS pairs(a, b))"
            order = "score DESC"
        # `dimensions` is written out, so that the planner sees that the index of these dimensions will do.
        which = text(
            f"SELECT {product} AS score, id FROM {StoredVector.__tablename__} "  # noqa: S608 - numbers and names of ours
            f"WHERE collection = :collection AND dimensions = {length} ORDER BY {order} LIMIT :top_k"
        )
        async with self._database.reading() as conn:
            _same_length(collection, length, await conn.scalar(_length_in(collection)))
            if self._extension is not None:
                await conn.execute(_SETTING, {"name": "hnsw.ef_search", "value": str(min(1000, max(40, 2 * top_k)))})
                if self._extension >= _ITERATES_SINCE:  # go on until there are enough of this collection
                    await conn.execute(_SETTING, {"name": "hnsw.iterative_scan", "value": "strict_order"})
            values = {"query": list(query), "collection": collection, "top_k": top_k}
            return [(float(row.score), row.id) for row in await conn.execute(which, values)]

    async def _prepare(self, dimensions: int) -> None:
        """Have pgvector's index for these dimensions, once in a process; the log says when there is no pgvector."""
        async with self._preparing:
            if dimensions in self._ready:
                return
            try:
                self._extension = await self._indexed(dimensions)
                if self._extension is None and not self._ready:
                    log.info("vectors.no_pgvector", remedy="install it on the database server for large collections")
            except DBAPIError as error:  # such as not being allowed to: searching works without, more slowly
                log.info("vectors.no_index", dimensions=dimensions, error=type(error).__name__)
            self._ready.add(dimensions)

    async def _indexed(self, dimensions: int) -> tuple[int, ...] | None:
        async with self._database.writing() as conn:
            await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if await conn.scalar(text("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")) is None:
                return None
            await conn.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
            version = await conn.scalar(text("SELECT extversion FROM pg_extension WHERE extname = 'vector'"))
            if dimensions <= MOST_INDEXED:
                await conn.execute(
                    text(
                        f"CREATE INDEX IF NOT EXISTS ix_{StoredVector.__tablename__}_near_{dimensions} "
                        f"ON {StoredVector.__tablename__} USING hnsw "
                        f"((embedding::vector({dimensions})) vector_ip_ops) WHERE dimensions = {dimensions}"
                    )
                )
        return tuple(int(part) for part in str(version).split(".")[:2])


_SETTING = text("SELECT set_config(:name, :value, true)")


def _length_in(collection: str) -> Select[int]:
    return select(StoredVector.dimensions).where(StoredVector.collection == collection).limit(1)


def _same_length(collection: str, given: int, stored: int | None) -> None:
    if stored is not None and stored != given:
        raise SalonError(
            "conflict",
            f"collection {collection!r} has embeddings of {stored} dimensions, not {given}: it was made with another "
            "embedder; delete it, or use another collection",
        )


def _products(rows: Sequence[Row[str, bytes]], query: Sequence[float]) -> Iterable[Near]:
    """Each row's product with the query.

    Without numpy, by measurement: 10,000 rows of 256 numbers take 0.12 s here and 3 ms there, but reading them takes
    0.1 s either way, so that it would halve a search at the price of the largest dependency. Beyond that there is
    PostgreSQL.
    """
    read = struct.Struct(f"<{len(query)}f").unpack
    return [(sum(map(mul, query, read(data))), key) for key, data in rows]
