"""The two searches in the SQL of each database. Both take the owner's rows from the index, and look at the row again.

`:weighed` matches are compared with each other; of a thread's messages the best one is told.
"""

# ruff: noqa: S608 - what is put together here are constants; what people type comes as parameters

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import TextClause, text

from salon.store.messages.query import Alternative, for_postgresql, for_sqlite, owner_word


@dataclass(frozen=True, slots=True)
class Statements:
    """In titles: rows of id. In messages: rows of thread_id, message_id, seq and text. Best first."""

    titles: TextClause
    messages: TextClause


_READABLE_SQLITE = """t.deleted_at IS NULL AND (:user IS NULL OR t.user_id = :user)
        AND (:archived IS NULL OR (t.archived_at IS NOT NULL) = :archived)"""

SQLITE = Statements(
    titles=text(f"""
        SELECT t.id
        FROM salon_threads_words w JOIN salon_threads t ON t.number = w.rowid
        WHERE salon_threads_words MATCH :in_title AND {_READABLE_SQLITE}
        ORDER BY bm25(salon_threads_words, 1.0, 0.0), t.updated_at DESC
        LIMIT :limit
    """),
    messages=text(f"""
        WITH matches AS MATERIALIZED (
            SELECT rowid AS number, bm25(salon_messages_words, 1.0, 0.0) AS distance
            FROM salon_messages_words
            WHERE salon_messages_words MATCH :in_text
            ORDER BY rowid DESC
            LIMIT :weighed
        )
        SELECT m.thread_id, m.message_id, m.seq, m.text, min(matches.distance) AS distance
        FROM matches
        JOIN salon_messages m ON m.number = matches.number
        JOIN salon_threads t ON t.id = m.thread_id
        WHERE m.kind = 'message' AND {_READABLE_SQLITE}
        GROUP BY m.thread_id
        ORDER BY distance, m.number DESC
        LIMIT :limit
    """),
)

_QUERY = "websearch_to_tsquery('salon_words', CAST(:words AS text))"
_OF_OWNER = (
    "CASE WHEN CAST(:user AS text) IS NULL THEN {query} ELSE {query} && CAST(CAST(:owner AS text) AS tsquery) END"
)
_INDEXED = _OF_OWNER.format(query=_QUERY)
_READABLE_POSTGRESQL = """t.deleted_at IS NULL AND (CAST(:user AS text) IS NULL OR t.user_id = CAST(:user AS text))
        AND (CAST(:archived AS boolean) IS NULL OR (t.archived_at IS NOT NULL) = CAST(:archived AS boolean))"""

POSTGRESQL = Statements(
    titles=text(f"""
        SELECT t.id
        FROM salon_threads t
        WHERE t.words @@ ({_INDEXED}) AND {_READABLE_POSTGRESQL}
        ORDER BY ts_rank(t.words, {_QUERY}) DESC, t.updated_at DESC
        LIMIT :limit
    """),
    messages=text(f"""
        WITH matches AS MATERIALIZED (
            SELECT number, thread_id, message_id, seq, ts_rank(words, {_QUERY}) AS closeness
            FROM salon_messages
            WHERE words @@ ({_INDEXED}) AND kind = 'message'
            LIMIT :weighed
        ), best AS (
            SELECT DISTINCT ON (thread_id) * FROM matches ORDER BY thread_id, closeness DESC, number DESC
        ), told AS MATERIALIZED (
            SELECT best.*
            FROM best JOIN salon_threads t ON t.id = best.thread_id
            WHERE {_READABLE_POSTGRESQL}
            ORDER BY best.closeness DESC, best.number DESC
            LIMIT :limit
        )
        SELECT told.thread_id, told.message_id, told.seq, m.text
        FROM told JOIN salon_messages m ON m.number = told.number
        ORDER BY told.closeness DESC, told.number DESC
    """),
)


def parameters(
    kind: Literal["sqlite", "postgresql"], wanted: list[Alternative], user: str | None
) -> dict[str, str | int | None]:
    """What the statements of `kind` take, beside `limit`, `weighed` and `archived`."""
    if kind == "sqlite":
        in_title, in_text = for_sqlite(wanted, "title", user, "user_id"), for_sqlite(wanted, "text", user, "owner")
        return {"user": user, "in_title": in_title, "in_text": in_text}
    return {"user": user, "words": for_postgresql(wanted), "owner": owner_word(user) if user is not None else None}
