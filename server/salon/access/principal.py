"""Users as rooms know them: anything may name a user, and two names never become one user."""

import hashlib
import re
import unicodedata

from salon.contracts.runs import ANONYMOUS, Principal
from salon.contracts.types import ID_PATTERN

_LONGEST = 128
_LONGEST_SHOWN = 64
_HIDDEN = {"Cc", "Cf", "Cs"}  # control and format characters, lone surrogates
_JOINERS = "\u200c\u200d"  # invisible, and a part of how some scripts and emoji are written
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


def display_name(told: str | None) -> str | None:
    """What others see of a name that somebody gave themselves: one line, without characters that hide or turn text."""
    seen = [c if c in _JOINERS or unicodedata.category(c) not in _HIDDEN else " " for c in told or ""]
    return " ".join("".join(seen).split())[:_LONGEST_SHOWN].strip(_JOINERS + " ") or None
