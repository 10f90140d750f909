"""Whose pages may reach the server in a person's name: no preflight protects a WebSocket or a plain form."""

from collections.abc import Sequence
from urllib.parse import urlsplit


def allowed(origin: str | None, host: str | None, listed: Sequence[str]) -> bool:
    """Whether a page of `origin` may connect to the server that it reached as `host` (the headers of those names).

    Programs send no Origin and are let in: this check protects people's browsers, it does not authenticate.
    """
    if origin is None or "*" in listed or origin.lower() in (entry.lower() for entry in listed):
        return True
    try:
        own = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    # The scheme may differ: TLS often ends before this process.
    return bool(own) and host is not None and own == host.lower()
