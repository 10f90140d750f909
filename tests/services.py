"""Real Valkey and PostgreSQL for tests: one server of each for a test process.

`TEST_REDIS_URL` and `TEST_DATABASE_URL` name servers to use instead.
"""

import os
from collections.abc import Iterator

import pytest

from tests.servers import postgresql, scratch_folder, valkey


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of an empty Valkey server."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    with scratch_folder() as folder, valkey(folder) as server:
        yield server.url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a PostgreSQL server (with pgvector), in the form that SQLAlchemy takes for asyncpg."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    careless = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
    with scratch_folder() as folder, postgresql(folder, *careless) as server:
        yield server.url
