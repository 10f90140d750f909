"""What docs/dialects.md shows works as it stands there; only the port is the test's."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from salon.app import create_app
from salon.settings import Settings
from tests.e2e.dialects.conftest import node
from tests.pages import blocks, paste
from tests.serving import serving

PAGE = Path("docs/dialects.md").read_text(encoding="utf-8")
PROGRAMS = {
    found[1]: found[2] for found in re.finditer(r"```\w+\n(?:#|//) (\w+\.\w+)\n(.*?)```", PAGE, flags=re.DOTALL)
}


@pytest.fixture
async def demo(settings: Settings) -> AsyncIterator[str]:
    async with serving(create_app(settings)) as url:
        yield url


async def test_the_commands_are_answered(demo: str, tmp_path: Path) -> None:
    await paste(blocks(PAGE, "sh")[0], demo, tmp_path)


async def test_the_python_program_remembers(demo: str, tmp_path: Path) -> None:
    program = tmp_path / "responses.py"
    program.write_text(PROGRAMS["responses.py"].replace("http://localhost:8000", demo), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(sys.executable, str(program), stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        out, _ = await process.communicate()
    assert process.returncode == 0
    assert b"Ann" in out


@pytest.mark.parametrize(
    ("name", "shown"), [("ag_ui.js", "activityType: 'salon.chart'"), ("ai_sdk.js", "type: 'data-agent'")]
)
async def test_the_javascript_programs_show_what_the_page_says(demo: str, name: str, shown: str) -> None:
    assert shown in await node(PROGRAMS[name].replace("http://localhost:8000", demo))
