"""Frontends' own libraries from npm, headless: what they check themselves is told by their exit code."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from salon.settings import Settings
from tests.e2e.dialects.conftest import office, run_in_node
from tests.serving import serving


async def test_ag_uis_client_streams_calls_asks_joins_and_fails(url: str) -> None:
    await run_in_node("ag_ui.mjs", url)


@pytest.fixture
async def unhurried(settings: Settings) -> AsyncIterator[str]:
    """A server whose mocks speak slowly enough to leave in the middle."""
    async with serving(office(settings.model_copy(update={"mock_pace": 0.01}))) as base:
        yield base


async def test_the_ai_sdk_streams_calls_asks_resumes_and_fails(unhurried: str) -> None:
    await run_in_node("ai_sdk.mjs", unhurried)
