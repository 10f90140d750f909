"""docs/tools.md, docs/guardrails.md and docs/skills.md: what they show runs, and everything built in is named."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import salon
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


async def test_the_page_about_skills_runs_and_names_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")
    left = ran("skills.md")
    assert isinstance(research := left["research"], Agent)
    assert str(await research.run("Good morning"))
    ask, second_opinion = left["ask"], left["second_opinion"]
    assert callable(ask)
    assert callable(second_opinion)
    assert await ask()
    assert await second_opinion("Is tea good?")
    page = (DOCS / "skills.md").read_text(encoding="utf-8")
    skills = {name for name in salon.__all__ if name.endswith("Skill")} - {"Skill", "ModelSkill"}
    assert {name for name in skills if f"`{name}`" not in page} == {"GoogleSkill", "GuardrailsSkill"}
