"""docs/tools.md and docs/guardrails.md: what they show runs, and every built-in tool is named."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from salon import Agent, documents
from salon.skills.builtin import NAMES

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(autouse=True)
def no_documents() -> Iterator[None]:
    yield
    documents.clear()


def ran(page: str) -> dict[str, object]:
    """What a page's Python blocks leave behind, run in order."""
    left: dict[str, object] = {}
    for block in re.findall(
        r"^```python\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        exec(compile(block, page, "exec"), left)
    return left


async def test_the_page_about_tools_runs_and_names_them_all() -> None:
    clerk = ran("tools.md")["clerk"]
    assert isinstance(clerk, Agent)
    assert "14 days" in await clerk.chat("Search the documents for refunds")
    rows = re.findall(r"^\| `(\w+)` \|", (DOCS / "tools.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(NAMES)


async def test_the_page_about_guardrails_runs() -> None:
    left = ran("guardrails.md")
    assert isinstance(support := left["support"], Agent)
    assert await support.chat("Good morning")
