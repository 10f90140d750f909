"""What all samples are run with: a mock that does not pause, and a log that is not theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from salon import clear_tools


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")


@pytest.fixture(autouse=True)
def own_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server would set up the log for the streams of the test that happens to be the first."""
    monkeypatch.setattr(structlog, "is_configured", lambda: True)


@pytest.fixture(autouse=True)
def own_tools() -> Iterator[None]:
    """Functions under `@tool` are known by their names, to the next sample too."""
    yield
    clear_tools()
