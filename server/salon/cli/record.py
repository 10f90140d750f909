"""`salon record`: writes a room's log as the server gives it, entry by entry."""

from contextlib import suppress
from typing import BinaryIO
from urllib.parse import quote

import httpx


class CannotRecord(Exception):
    """There is nothing to write; the text says why, and what a person can do."""


def record(url: str, room: str, out: BinaryIO, *, follow: bool = False) -> None:
    """Write the recording of `room` at `url`; with `follow` until Ctrl-C. Raises CannotRecord."""
    address = f"{url.rstrip('/')}/threads/{quote(room, safe='')}/recording"
    patience = httpx.Timeout(10.0, read=None if follow else 60.0)
    try:
        with (
            suppress(KeyboardInterrupt),
            httpx.Client(timeout=patience, trust_env=False) as http,
            http.stream("GET", address, params={"follow": "true"} if follow else {}) as answer,
        ):
            if answer.status_code == 404:
                raise CannotRecord(f"there is no room {room!r} at {url}; GET /threads lists those there are")
            if answer.is_error:
                raise CannotRecord(f"the server at {url} answered {answer.status_code}")
            for lines in answer.iter_bytes():
                out.write(lines)
                out.flush()
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise CannotRecord(f"no server answers at {url} ({type(error).__name__}); start it, or give --url") from None
