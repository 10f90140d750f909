"""What an agent costs that is kept: no more than is published."""

from __future__ import annotations

import gc
import re
import tracemalloc
from pathlib import Path

import pytest

from salon import AgentServer, Settings
from salon.contracts.runs import Principal

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
PUBLISHED = re.compile(r"^\| `agents` \| an agent that is kept, memory \| \d+ to (\d+) kB ", re.MULTILINE)
WARM, KEPT = 2, 20
ANNA = Principal("anna")


@pytest.mark.requirement("S1-71")
async def test_an_agent_that_is_kept_takes_no_more_memory_than_is_published(settings: Settings, tmp_path: Path) -> None:
    published = PUBLISHED.search(PAGE.read_text())
    assert published is not None
    for number in range(WARM + KEPT):
        (tmp_path / f"agent-{number}.yaml").write_text(f"instructions: You are number {number}. {'Say so. ' * 120}")
    runtime = AgentServer(settings=settings.model_copy(update={"agents_folder": tmp_path})).state.runtime

    async def taken(numbers: range) -> int:
        before = tracemalloc.get_traced_memory()[0]
        for number in numbers:  # made, and compiled as it speaks
            assert await runtime.catalog.find(f"agent-{number}", ANNA) is not None
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    try:
        await taken(range(WARM))
        tracemalloc.start()
        cost = await taken(range(WARM, WARM + KEPT)) / KEPT
        assert 1_000 < cost < int(published[1]) * 1000
        assert await taken(range(WARM + KEPT)) < KEPT * 1000  # they are there already
        assert runtime.dynamic.count == WARM + KEPT
    finally:
        tracemalloc.stop()
        await runtime.close()
