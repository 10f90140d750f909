"""A real Chromium for tests of the web app, and a Salon for it to look at."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, async_playwright

from salon.app import create_app
from salon.settings import Settings
from tests.node import NODE
from tests.serving import serving
from tests.ui.chromium import find_chromium

WITHIN = 10_000.0
"""Milliseconds that a page has to show what a test waits for."""

QUIET = (
    "--no-sandbox",  # as root, in containers
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

Visit = Callable[..., Awaitable[Page]]
"""`await visit(url, **context)`: a page of a browser of its own, as another person has it."""


@asynccontextmanager
async def started() -> AsyncIterator[Browser]:
    """A browser without a window."""
    found = find_chromium()
    # The Node that Playwright brings needs a library (libatomic) that a bare machine lacks.
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = NODE
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found.program, env=dict(found.environment), args=QUIET
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all tests of a worker; each page of `visit` knows nothing of the others."""
    async with started() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def salon_url() -> AsyncIterator[str]:
    """The demo team behind a real server, which speaks fast. Tests share it: each visits a room of its own."""
    settings = Settings(host="127.0.0.1", port=0, mock_pace=0.002, database_url="sqlite:///:memory:")
    async with serving(create_app(settings)) as url:
        yield f"{url}/"


@pytest_asyncio.fixture(loop_scope="session")
async def visit(chromium: Browser) -> AsyncIterator[Visit]:
    """Opens pages. When the test is over, none of them may have complained or asked for anything from elsewhere."""
    complaints: list[str] = []
    async with AsyncExitStack() as opened:

        async def open_page(url: str, /, *, allow: Sequence[str] = (), **options: Any) -> Page:
            context = await chromium.new_context(**options)
            opened.push_async_callback(context.close)
            context.set_default_timeout(WITHIN)
            page = await context.new_page()
            _watch(page, urlsplit(url).hostname or "", allow, complaints)
            await page.goto(url)
            return page

        yield open_page
    assert not complaints, "\n".join(complaints)


def turn_of(page: Page, agent: str) -> Locator:
    """The turns of an agent in the room that the page shows."""
    return page.get_by_role("article", name=re.compile(f"^{agent}\\b"))


def _watch(page: Page, host: str, allow: Sequence[str], complaints: list[str]) -> None:
    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(words in message.text for words in allow):
            complaints.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        if urlsplit(request.url).hostname not in {host, None}:
            complaints.append(f"asked for {request.url}")

    page.on("console", said)
    page.on("pageerror", lambda error: complaints.append(f"thrown: {error}"))
    page.on("request", asked)
