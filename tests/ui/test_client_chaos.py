"""The TypeScript client on a bad network: nothing lost, nothing twice. `python -m tests.ui.chaos 1000` is longer."""

import asyncio
from pathlib import Path

from tests.ui.chaos import survived


async def test_everything_is_said_once_and_seen_alike_however_often_connections_break(package: Path) -> None:
    async with asyncio.timeout(60):
        found = await survived(package, cuts=40, remembered=20)
    assert found["said"] >= 10
    assert found["reconnects"] >= 10
