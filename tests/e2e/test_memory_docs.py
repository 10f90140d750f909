"""What docs/memory.md and docs/jobs.md show works as it stands there; only addresses are the test's."""

import ast
import asyncio
import inspect
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from salon import Settings, create_app, get_memory_strategy
from salon.http.jobs import JobRow
from salon.memory.strategies import STRATEGIES
from salon.store.database import Database
from tests.pages import blocks, listed, paste, served
from tests.serving import serving

MEMORY = Path("docs/memory.md").read_text(encoding="utf-8")
JOBS = Path("docs/jobs.md").read_text(encoding="utf-8")


async def run_page(page: str) -> dict[str, Any]:
    """Run a page's Python blocks in order, with `await` at their top; gives their names."""
    names: dict[str, Any] = {}
    for block in blocks(page, "python"):
        ran = eval(compile(block, "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
        if inspect.isawaitable(ran):
            await ran
    return names


@pytest.mark.requirement("S2-32", "S2-33", "S2-34", "S2-35", "S2-36", "S2-37")
async def test_the_page_of_memory_works_block_by_block(sqlite_database_url: str) -> None:
    async with asyncio.timeout(20):
        names = await run_page(MEMORY.replace("sqlite:///salon.db", sqlite_database_url))
    assert (names["name"], len(names["messages"])) == ("Phil", 2)
    assert names["prompt"] == blocks(MEMORY, "text")[0].strip()
    assert [fact["value"] for fact in names["found"]] == ["Oslo"]
    assert names["match"].text.startswith("The kettle takes")
    assert await names["memory"].get("user_123", "style") is None
    await Database.of(sqlite_database_url).close()


@pytest.mark.requirement("S2-51", "S2-52", "S2-53", "S2-54", "S2-55", "S2-56")
async def test_the_page_of_jobs_works_block_by_block(redis_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with asyncio.timeout(20):
        names = await run_page(JOBS.replace("redis://localhost:6379/0", redis_url))
    assert capsys.readouterr().out == "pending\n"
    await names["queue"].close()


def test_the_strategies_are_as_the_page_says() -> None:
    told = dict(re.findall(r'^\| `"(\w+)"`[^|]*\| `({.*?})` \|', MEMORY, flags=re.MULTILINE))
    assert set(told) == set(STRATEGIES)
    for name, params in told.items():
        assert get_memory_strategy(name) == get_memory_strategy(name, **json.loads(params))


async def test_the_commands_of_jobs_can_be_pasted_and_do_what_they_say(settings: Settings, tmp_path: Path) -> None:
    [commands] = blocks(JOBS, "sh")
    async with serving(create_app(settings)) as url:
        await paste(commands, url, tmp_path)
        async with httpx.AsyncClient(base_url=url) as http:
            jobs = (await http.get("/jobs", params={"room": "plans"})).json()["jobs"]
    assert "generate_title" in {job["name"] for job in jobs}


def test_the_job_it_shows_is_one() -> None:
    [example] = blocks(JOBS, "json")
    row = JobRow.model_validate(json.loads(example))
    assert json.loads(row.model_dump_json()) == json.loads(example)


def test_the_addresses_it_lists_are_those_of_the_server(settings: Settings) -> None:
    assert listed(JOBS) == served(create_app(settings), "/jobs")


@pytest.mark.parametrize("page", [MEMORY, JOBS], ids=["memory", "jobs"])
def test_links_lead_to_files_and_headings(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)", page):
        path, _, heading = target.partition("#")
        text = (Path("docs") / path).read_text(encoding="utf-8") if path else page
        headings = {re.sub(r"[^\w -]", "", line).lower().strip().replace(" ", "-") for line in _headings(text)}
        assert not heading or heading in headings, target


def _headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
