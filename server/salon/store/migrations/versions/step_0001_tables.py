"""The tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them all."""
    op.create_table(
        "salon_agents",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("user_id", sa.String(length=160), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("definition", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("updated_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_salon_agents")),
    )
    op.create_index("ix_salon_agents_user_id_name", "salon_agents", ["user_id", "name"], unique=False)
    op.create_table(
        "salon_facts",
        sa.Column("user_id", sa.String(length=160), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("source_thread_id", sa.String(length=160), nullable=True),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("updated_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_salon_facts")),
    )
    op.create_table(
        "salon_jobs",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("queue", sa.String(length=160), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("unique_key", sa.String(length=300), nullable=True),
        sa.Column("progress", sa.Float(precision=53), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_retries", sa.Integer(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("thread_id", sa.String(length=160), nullable=True),
        sa.Column("lease", sa.String(length=160), nullable=True),
        sa.Column("run_at", sa.Float(precision=53), nullable=False),
        sa.Column("lease_until", sa.Float(precision=53), nullable=True),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("started_at", sa.Float(precision=53), nullable=True),
        sa.Column("completed_at", sa.Float(precision=53), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_salon_jobs")),
    )
    op.create_index("ix_salon_jobs_queue_created_at", "salon_jobs", ["queue", "created_at"], unique=False)
    op.create_index(
        "ix_salon_jobs_queue_status_rank_run_at", "salon_jobs", ["queue", "status", "rank", "run_at"], unique=False
    )
    op.create_index(
        "ix_salon_jobs_queue_thread_id_created_at", "salon_jobs", ["queue", "thread_id", "created_at"], unique=False
    )
    op.create_index("uq_salon_jobs_queue_unique_key", "salon_jobs", ["queue", "unique_key"], unique=True)
    op.create_table(
        "salon_kv",
        sa.Column("namespace", sa.String(length=160), nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.Float(precision=53), nullable=False),
        sa.Column("expires_at", sa.Float(precision=53), nullable=True),
        sa.PrimaryKeyConstraint("namespace", "key", name=op.f("pk_salon_kv")),
    )
    op.create_table(
        "salon_threads",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("user_id", sa.String(length=160), nullable=True),
        sa.Column("agent_id", sa.String(length=160), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("updated_at", sa.Float(precision=53), nullable=False),
        sa.Column("archived_at", sa.Float(precision=53), nullable=True),
        sa.Column("deleted_at", sa.Float(precision=53), nullable=True),
        sa.Column("forked_from", sa.String(length=160), nullable=True),
        sa.Column("forked_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("epoch", sa.String(length=160), nullable=False),
        sa.Column("sealed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_salon_threads")),
        sa.UniqueConstraint("id", name=op.f("uq_salon_threads_id")),
    )
    op.create_index("ix_salon_threads_user_id_updated_at", "salon_threads", ["user_id", "updated_at"], unique=False)
    op.create_table(
        "salon_vectors",
        sa.Column("collection", sa.String(length=160), nullable=False),
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("meta", sa.LargeBinary(), nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("embedding", sa.LargeBinary().with_variant(sa.ARRAY(sa.REAL()), "postgresql"), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("collection", "id", name=op.f("pk_salon_vectors")),
    )
    op.create_table(
        "salon_drafts",
        sa.Column("thread_id", sa.String(length=160), nullable=False),
        sa.Column("message_id", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["salon_threads.id"], name=op.f("fk_salon_drafts_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("thread_id", "message_id", name=op.f("pk_salon_drafts")),
    )
    op.create_table(
        "salon_entries",
        sa.Column("thread_id", sa.String(length=160), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["salon_threads.id"], name=op.f("fk_salon_entries_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("thread_id", "seq", name=op.f("pk_salon_entries")),
    )
    op.create_table(
        "salon_messages",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("thread_id", sa.String(length=160), nullable=False),
        sa.Column("owner", sa.String(length=160), nullable=True),
        sa.Column("message_id", sa.String(length=160), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=160), nullable=True),
        sa.Column("agent", sa.String(length=160), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["salon_threads.id"], name=op.f("fk_salon_messages_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_salon_messages")),
    )
    op.create_index(
        "ix_salon_messages_thread_id_seq_kind", "salon_messages", ["thread_id", "seq", "kind"], unique=False
    )
    op.create_index(
        "uq_salon_messages_thread_id_message_id", "salon_messages", ["thread_id", "message_id"], unique=True
    )
    op.create_table(
        "salon_receipts",
        sa.Column("thread_id", sa.String(length=160), nullable=False),
        sa.Column("user_id", sa.String(length=160), nullable=False),
        sa.Column("action_id", sa.String(length=160), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["salon_threads.id"], name=op.f("fk_salon_receipts_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("thread_id", "user_id", "action_id", name=op.f("pk_salon_receipts")),
    )
    op.create_index("ix_salon_receipts_thread_id_at", "salon_receipts", ["thread_id", "at"], unique=False)
    op.create_table(
        "salon_snapshots",
        sa.Column("thread_id", sa.String(length=160), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["salon_threads.id"], name=op.f("fk_salon_snapshots_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("thread_id", "seq", name=op.f("pk_salon_snapshots")),
    )
