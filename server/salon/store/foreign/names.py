"""Which names of tables and columns may stand in a statement: plain ones, and none that are somebody else's. Pure."""

import re

from salon.errors import Detail, RequestError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}", re.ASCII)
_TAKEN = ("sqlite_", "pg_", "salon_")


def plain(field: str, name: object) -> str:
    """The name itself. Raises RequestError for one that is not plain, naming the field."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise refused(field, f"{str(name)[:64]!r} is no plain name; use letters, digits and '_', 63 at most")
    return name


def of_table(name: object) -> str:
    """The name of a table that may be used. Raises RequestError, also for one of the database's or of Salon's own."""
    found = plain("table", name)
    if found.lower().startswith(_TAKEN):
        raise refused("table", f"{found!r} is not a table of the application's")
    return found


def refused(field: str, problem: str) -> RequestError:
    """The error for a field."""
    return RequestError(f"{field}: {problem}", [Detail(f"/{field}", "invalid_value", problem)])
