"""What all tests share: no network, no settings of the machine, the same random examples on every run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest

from salon.settings import Settings
from tests import network
from tests.clock import ManualClock

pytest_plugins = ["tests.services", "tests.stores", "tests.queues", "tests.logs"]

hypothesis.settings.register_profile("salon", derandomize=True, deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile("salon")

# Set before any test module is imported: a key or a `.env` of the developer must not reach a test, nor its processes.
Settings.model_config["env_file"] = None
for _name in Settings.model_fields:
    os.environ.pop(_name.upper(), None)
os.environ["DATABASE_URL"] = "sqlite:///:memory:"  # a test that wants its rooms to last says where


network.stay_here()


@pytest.fixture(autouse=True)
def _no_call_leaves_this_machine() -> Iterator[None]:
    """Fails a test whose code swallowed the refusal."""
    network.outside_calls.clear()
    yield
    calls = list(network.outside_calls)
    network.outside_calls.clear()
    assert not calls, f"tried to reach the network: {calls}"


@pytest.fixture
def outside_calls() -> list[str]:
    """The refused calls of this test; a test that provokes one clears the list."""
    return network.outside_calls


@pytest.fixture
def settings() -> Settings:
    """The defaults without a key, on a free port of this machine, with a mock that does not pause."""
    return Settings(host="127.0.0.1", port=0, mock_pace=0)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until the test moves it."""
    return ManualClock()
