"""What alembic runs for each command: it works on the connection that it is given."""

from alembic import context

from salon.store.migrations import VERSIONS
from salon.store.migrations.scope import ours
from salon.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    version_table=VERSIONS,
    include_name=ours,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
