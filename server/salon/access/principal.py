"""Users as rooms know them: anything may name a user, and two names never become one user."""

import hashlib
import re

from salon.contracts.runs import ANONYMOUS, Principal
from salon.contracts.types import ID_PATTERN

_LONGEST = 128
_WIRE_ID = re.compile(ID_PATTERN)


def principal_of(user: str | None) -> Principal:
    """Who acts under this name; None and blanks are ANONYMOUS.

    A name that the wire has no id for, such as `auth0|5f7c`, gets one made of it, and stays the name that people see.
    """
    name = user.strip() if user is not None else ""
    if not name:
        return Principal(ANONYMOUS)
    if len(name) <= _LONGEST and _WIRE_ID.match(name):
        return Principal(name)
    return Principal(f"user:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:40]}", name[:200])
