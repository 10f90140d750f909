"""Reads pages of the open internet for agents: bounded in time and size, with a few patient tries."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import httpx
import structlog

from salon.skills.web.guard import Forbidden, guarded_client

log = structlog.get_logger(__name__)

LONGEST_TEXT = 1_000
MOST_TRIES = 5
_SHOWN_URL = 300
_BYTES = 4 * LONGEST_TEXT  # no encoding needs more for a character
_WORTH_ANOTHER_TRY = {408, 425, 429}  # and all from 500 on

_PROBLEMS: dict[type[httpx.HTTPError], str] = {
    httpx.ConnectError: "no connection",
    httpx.TooManyRedirects: "too many redirects",
    httpx.RemoteProtocolError: "the server does not speak HTTP",
    httpx.UnsupportedProtocol: "only http and https are fetched",
}


class WebPages:
    """Fetches pages as text.

    Args:
        client: makes the client of one call; `guarded_client` by default.
        sleep: waits between two tries, in seconds.
        timeout: seconds for one try, redirects and reading included.
    """

    def __init__(
        self,
        client: Callable[[], httpx.AsyncClient] = guarded_client,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        timeout: float = 10.0,
    ) -> None:
        self._client = client
        self._sleep = sleep
        self._timeout = timeout

    async def fetch_url(self, url: str, retries: int = 3) -> str:
        """Reads a page of the web and gives the first 1,000 characters of its source.

        Args:
            url: its whole address, with http:// or https://.
            retries: how many tries there are, 1 to 5.
        """
        tries = min(max(retries, 1), MOST_TRIES)
        shown = url if len(url) <= _SHOWN_URL else f"{url[:_SHOWN_URL]}…"
        problem = ""
        async with self._client() as client:
            for attempt in range(1, tries + 1):
                try:
                    async with asyncio.timeout(self._timeout):
                        return await _read(client, url)
                except (httpx.TimeoutException, TimeoutError):
                    problem, final = f"Request to {shown} timed out after {tries} attempts", False
                except httpx.HTTPStatusError as error:
                    status = error.response.status_code
                    problem, final = f"HTTP error for {shown}: {_status(status)}", not _may_pass(status)
                except Forbidden as refusal:
                    problem, final = f"HTTP error for {shown}: {refusal}", True
                except (httpx.InvalidURL, UnicodeError):
                    problem, final = f"HTTP error for {shown}: it is not a URL", True
                except httpx.HTTPError as error:
                    problem, final = (
                        f"HTTP error for {shown}: {_PROBLEMS.get(type(error), 'the connection broke')}",
                        False,
                    )
                log.info("web.fetch_failed", attempt=attempt, final=final)
                if final or attempt == tries:
                    break
                await self._sleep(2 ** (attempt - 1))
        return problem


async def _read(client: httpx.AsyncClient, url: str) -> str:
    async with client.stream("GET", url) as response:
        response.raise_for_status()
        body = bytearray()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) >= _BYTES:
                break
    kind = {name: value for name, value in response.headers.items() if name == "content-type"}
    return httpx.Response(200, headers=kind, content=bytes(body)).text[:LONGEST_TEXT]


def _may_pass(status: int) -> bool:
    return status >= 500 or status in _WORTH_ANOTHER_TRY


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


fetch_url = WebPages().fetch_url
"""The tool for agents without settings of their own."""
