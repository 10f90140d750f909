"""What of a database is compared with the tables' models: all that is ours but what is made to search by."""

from collections.abc import MutableMapping
from typing import Literal

Kind = Literal["schema", "table", "column", "index", "unique_constraint", "foreign_key_constraint", "check_constraint"]
Parents = MutableMapping[Literal["schema_name", "table_name", "schema_qualified_table_name"], str | None]


def ours(name: str | None, kind: Kind, parents: Parents) -> bool:
    """Whether alembic looks at this part.

    The models do not know what step 0002 makes, which is all named `words`, nor the indexes `near` of `store.vectors`.
    """
    if kind == "schema":
        return True
    table = (name if kind == "table" else parents.get("table_name")) or ""
    return (
        table.startswith("salon_")
        and "words" not in table
        and not any(each in (name or "") for each in ("words", "_near_"))
    )
