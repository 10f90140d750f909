"""What is the memory log's own: how much it keeps. What every log does is in tests/contract/test_log.py."""

import pytest

from salon.rooms.log import log_memory
from tests.logs import MemoryShelf, said


async def test_the_history_in_memory_is_bounded_and_says_where_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_memory, "HISTORY_ENTRIES", 10)
    pen = MemoryShelf(window=3).begin()
    pen.write(*(said(f"m{n}") for n in range(1, 13)))
    assert pen.log.first == 6
    assert await pen.log.state_at(4) is None
    late = await pen.log.state_at(8)
    assert late is not None
    assert [m.message for m in late.messages] == [f"m{i}" for i in range(1, 9)]
    page, more = await pen.log.page(before=None, after=None, limit=100)
    assert ([entry.seq for entry in page], more) == ([6, 7, 8, 9, 10, 11, 12], False)
