"""What a stored state remembers of the conversation is one part of it: how it began, the newest, and what waits."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SNAPSHOTS = sa.table(
    "salon_snapshots",
    sa.column("thread_id", sa.String),
    sa.column("seq", sa.BigInteger),
    sa.column("data", sa.LargeBinary),
)


def upgrade() -> None:
    """Write each stored state in its new form, one at a time: they may be many, and large."""
    bind = op.get_bind()
    for thread, seq in bind.execute(sa.select(_SNAPSHOTS.c.thread_id, _SNAPSHOTS.c.seq)).all():
        mine = sa.and_(_SNAPSHOTS.c.thread_id == thread, _SNAPSHOTS.c.seq == seq)
        state = json.loads(bind.execute(sa.select(_SNAPSHOTS.c.data).where(mine)).scalar_one())
        state["transcript"] = {"events": state["transcript"], "opening": state.pop("opening"), "unheard": {}}
        data = json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()
        bind.execute(sa.update(_SNAPSHOTS).where(mine).values(data=data))
