"""What all tests share: no network, no settings of the machine, the same random examples on every run."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Generator, Iterator

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

ENDS_WITHIN = 120.0
"""Seconds that the fixtures of a test have to end."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    """Ends a worker whose test never ends, so that the run goes on and names it: the timeout of a test is over when
    the test has failed, and what it left half done is what fixtures may wait for."""
    faulthandler.dump_traceback_later(ENDS_WITHIN, exit=True, file=2)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


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
