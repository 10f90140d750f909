"""The tables, and nothing else: what is stored, typed. Times are seconds since 1970, JSON is bytes that others made.

A thread is its `entries`; every other table keyed by a thread is made of them in the same transaction, to be found
fast. Names start with `salon_`, since the database may be an application's, with a `messages` of its own. A change
here needs a step in `migrations`; a test compares the two.
"""

import struct
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine


class Prose(TypeDecorator[str]):
    """What people and models write. PostgreSQL holds no NUL in a text: one would cost the others their commit."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy calls it so
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if value is not None else None


class Floats(TypeDecorator[Sequence[float]]):
    """Float32 numbers: an array on PostgreSQL, which pgvector reads as a vector; little endian bytes on SQLite."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(REAL) if dialect.name == "postgresql" else LargeBinary())

    def process_bind_param(self, value: Sequence[float] | None, dialect: Dialect) -> list[float] | bytes | None:
        if value is None:
            return None
        return list(value) if dialect.name == "postgresql" else struct.pack(f"<{len(value)}f", *value)

    def process_result_value(self, value: bytes | list[float] | None, dialect: Dialect) -> Sequence[float] | None:  # noqa: ARG002
        return struct.unpack(f"<{len(value) // 4}f", value) if isinstance(value, bytes) else value


ID = String(160)
LONG = BigInteger().with_variant(Integer, "sqlite")


class Table(DeclarativeBase):
    """What all tables share: names for their constraints, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Thread(Table):
    """A room's record. `epoch` and `sealed` say from where its log goes on: `sealed` is its last seq when the room was
    let go in order, and empty while it is live, so also after a crash. `shared`: everyone who knows the id may enter.
    `number` is the rowid that SQLite's full text index of the titles speaks of.
    """

    __tablename__ = "salon_threads"
    __table_args__ = (Index("ix_salon_threads_user_id_updated_at", "user_id", "updated_at"),)

    number: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(ID, unique=True)
    user_id: Mapped[str | None] = mapped_column(ID)
    agent_id: Mapped[str | None] = mapped_column(ID)
    title: Mapped[str | None] = mapped_column(Prose)
    shared: Mapped[bool]
    created_at: Mapped[float] = mapped_column(Float(53))
    updated_at: Mapped[float] = mapped_column(Float(53))
    archived_at: Mapped[float | None] = mapped_column(Float(53))
    deleted_at: Mapped[float | None] = mapped_column(Float(53))
    forked_from: Mapped[str | None] = mapped_column(ID)
    forked_at: Mapped[int | None] = mapped_column(LONG)
    epoch: Mapped[str] = mapped_column(ID)
    sealed: Mapped[int | None] = mapped_column(LONG)


class StoredEntry(Table):
    """One durable entry of a room's log; `data` is its JSON as it was published."""

    __tablename__ = "salon_entries"

    thread_id: Mapped[str] = mapped_column(ID, ForeignKey("salon_threads.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class StoredSnapshot(Table):
    """A room's state at `seq`, so that opening it does not read its whole history."""

    __tablename__ = "salon_snapshots"

    thread_id: Mapped[str] = mapped_column(ID, ForeignKey("salon_threads.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Draft(Table):
    """What a message said so far that is still streaming; after a crash it becomes the partial message."""

    __tablename__ = "salon_drafts"

    thread_id: Mapped[str] = mapped_column(ID, ForeignKey("salon_threads.id", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[str] = mapped_column(ID, primary_key=True)
    text: Mapped[str] = mapped_column(Prose)


class StoredReceipt(Table):
    """An action that took effect, so that the same one sent again after a crash has no second effect."""

    __tablename__ = "salon_receipts"
    __table_args__ = (Index("ix_salon_receipts_thread_id_at", "thread_id", "at"),)

    thread_id: Mapped[str] = mapped_column(ID, ForeignKey("salon_threads.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    action_id: Mapped[str] = mapped_column(ID, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    receipt: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[float] = mapped_column(Float(53))


class Message(Table):
    """A message or tool call as people and models read it, author included: by user id or agent name.

    `number` is the rowid that SQLite's full text index speaks of. `text` is what is searched; `data` the event's JSON.
    `owner` is the thread's user, here so that the index knows it: a search reads nothing of other users'.
    """

    __tablename__ = "salon_messages"
    __table_args__ = (
        Index("uq_salon_messages_thread_id_message_id", "thread_id", "message_id", unique=True),
        Index("ix_salon_messages_thread_id_seq_kind", "thread_id", "seq", "kind"),  # pages, and counting by itself
    )

    number: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=True)
    thread_id: Mapped[str] = mapped_column(ID, ForeignKey("salon_threads.id", ondelete="CASCADE"))
    owner: Mapped[str | None] = mapped_column(ID)
    message_id: Mapped[str] = mapped_column(ID)
    seq: Mapped[int] = mapped_column(LONG)
    kind: Mapped[str] = mapped_column(String(16))  # message, call, result
    role: Mapped[str] = mapped_column(String(16))  # user, agent, system, tool
    user_id: Mapped[str | None] = mapped_column(ID)
    agent: Mapped[str | None] = mapped_column(ID)
    text: Mapped[str] = mapped_column(Prose)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[float] = mapped_column(Float(53))


class StoredAgent(Table):
    """An agent made at run time; `definition` is its JSON."""

    __tablename__ = "salon_agents"
    __table_args__ = (
        Index("ix_salon_agents_user_id_name", "user_id", "name"),
        Index("ix_salon_agents_name_tenant", "name", "tenant"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str | None] = mapped_column(ID)
    tenant: Mapped[str | None] = mapped_column(ID)
    name: Mapped[str] = mapped_column(ID)
    definition: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[float] = mapped_column(Float(53))
    updated_at: Mapped[float] = mapped_column(Float(53))


class Fact(Table):
    """Something known of a user, whatever the thread."""

    __tablename__ = "salon_facts"

    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Prose)
    category: Mapped[str] = mapped_column(String(100))
    source_thread_id: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[float] = mapped_column(Float(53))
    updated_at: Mapped[float] = mapped_column(Float(53))


class Value(Table):
    """A value under a key in a namespace of its own: what skills and tools keep. `expires_at`: gone after that."""

    __tablename__ = "salon_kv"

    namespace: Mapped[str] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(String(512), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[float] = mapped_column(Float(53))
    expires_at: Mapped[float | None] = mapped_column(Float(53))


class StoredVector(Table):
    """A text with its embedding, of length 1, in a collection of one dimension. `store.vectors` makes its index."""

    __tablename__ = "salon_vectors"

    collection: Mapped[str] = mapped_column(ID, primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    text: Mapped[str] = mapped_column(Prose)
    meta: Mapped[bytes] = mapped_column(LargeBinary)
    dimensions: Mapped[int]
    embedding: Mapped[Sequence[float]] = mapped_column(Floats)
    created_at: Mapped[float] = mapped_column(Float(53))


class StoredJob(Table):
    """A background job; the row is the truth. `lease` is what its worker holds; `lease_until` passes when that died.

    `rank` is minus the priority, so that an index gives the order in which jobs are taken. `unique_key` is empty when
    the job is finished, and may then be used again.
    """

    __tablename__ = "salon_jobs"
    __table_args__ = (
        Index("ix_salon_jobs_queue_status_rank_run_at", "queue", "status", "rank", "run_at"),
        Index("ix_salon_jobs_queue_thread_id_created_at", "queue", "thread_id", "created_at"),
        Index("ix_salon_jobs_queue_created_at", "queue", "created_at"),
        Index("uq_salon_jobs_queue_unique_key", "queue", "unique_key", unique=True),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    queue: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(100))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(16))
    rank: Mapped[int]
    unique_key: Mapped[str | None] = mapped_column(String(300))
    progress: Mapped[float | None] = mapped_column(Float(53))
    message: Mapped[str | None] = mapped_column(Prose)
    attempts: Mapped[int]
    max_retries: Mapped[int]
    result: Mapped[bytes | None] = mapped_column(LargeBinary)
    error: Mapped[str | None] = mapped_column(Prose)
    thread_id: Mapped[str | None] = mapped_column(ID)
    lease: Mapped[str | None] = mapped_column(ID)
    run_at: Mapped[float] = mapped_column(Float(53))
    lease_until: Mapped[float | None] = mapped_column(Float(53))
    created_at: Mapped[float] = mapped_column(Float(53))
    started_at: Mapped[float | None] = mapped_column(Float(53))
    completed_at: Mapped[float | None] = mapped_column(Float(53))


class StoredRun(Table):
    """A run of a workflow. `holder` is who may record its steps: whoever began it last."""

    __tablename__ = "salon_workflow_runs"
    __table_args__ = (Index("ix_salon_workflow_runs_updated_at", "updated_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workflow: Mapped[str] = mapped_column(String(100))
    version: Mapped[str] = mapped_column(String(100))
    arguments: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(16))
    holder: Mapped[str] = mapped_column(ID)
    result: Mapped[bytes | None] = mapped_column(LargeBinary)
    error: Mapped[str | None] = mapped_column(Prose)
    created_at: Mapped[float] = mapped_column(Float(53))
    updated_at: Mapped[float] = mapped_column(Float(53))


class StoredStep(Table):
    """A step that a run has taken; its result is not computed again."""

    __tablename__ = "salon_workflow_steps"

    run_id: Mapped[str] = mapped_column(ID, ForeignKey("salon_workflow_runs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    result: Mapped[bytes] = mapped_column(LargeBinary)
