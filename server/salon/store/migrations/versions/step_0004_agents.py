"""Stored agents may belong to a customer, and are found by their name."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column and the index."""
    op.add_column("salon_agents", sa.Column("tenant", sa.String(length=160), nullable=True))
    op.create_index("ix_salon_agents_name_tenant", "salon_agents", ["name", "tenant"], unique=False)
