"""What the tests of models share: the fake vendor and the shared HTTP client."""

from collections.abc import AsyncIterator

import pytest

from salon.models.openai import SharedHttp
from tests.fakes.vendor import FakeVendor


@pytest.fixture
async def vendor() -> AsyncIterator[FakeVendor]:
    """A running fake vendor."""
    async with FakeVendor() as vendor:
        yield vendor


@pytest.fixture
async def http() -> AsyncIterator[SharedHttp]:
    """A shared HTTP client, closed at the end."""
    http = SharedHttp()
    yield http
    await http.aclose()
