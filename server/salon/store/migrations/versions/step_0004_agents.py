"""Stored agents are found by their name."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_salon_agents_name", "salon_agents", ["name"], unique=False)
