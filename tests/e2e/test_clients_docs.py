"""What docs/clients.md shows works as it stands there; only the port is the test's, and where the module lies."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from salon import Agent, Settings, create_app
from tests.node import NODE
from tests.serving import serving

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/clients.md").read_text(encoding="utf-8")
PROGRAMS = {
    found[1]: found[2] for found in re.finditer(r"```\w+\n(?:#|//) (\w+\.\w+)\n(.*?)```", PAGE, flags=re.DOTALL)
}


@pytest.fixture
async def url(settings: Settings) -> AsyncIterator[str]:
    app = create_app(settings, agents=[Agent("my-assistant", "You are helpful.")])
    async with serving(app) as served:
        yield served


async def run(*command: str, cwd: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, problem = await process.communicate()
    assert process.returncode == 0, out.decode() + problem.decode()
    assert not problem, problem.decode()
    return out.decode()


def written(name: str, url: str, folder: Path) -> Path:
    text = PROGRAMS[name].replace("http://localhost:8000", url)
    module = (ROOT / "ui-contracts/src/completions.js").as_uri()
    file = folder / Path(name).with_suffix(".mjs" if name.endswith("js") else ".py")
    rooms = (ROOT / "server/salon/web/client/index.js").as_uri()  # the web app's copy, which is the package's
    text = text.replace("@salon/ui-contracts/completions", module).replace("@salon/ui-contracts/client", rooms)
    file.write_text(text, encoding="utf-8")
    return file


def test_the_page_shows_four_programs() -> None:
    assert set(PROGRAMS) == {"python_client.py", "room_client.py", "js_client.js", "room_client.js"}


@pytest.mark.requirement("S1-75")
async def test_the_python_program_prints_an_answer_and_a_stream(url: str, tmp_path: Path) -> None:
    shown = await run(sys.executable, str(written("python_client.py", url, tmp_path)), cwd=ROOT)
    first, _, story = shown.partition("\n")
    assert len(first) > 10
    assert len(story) > 10


async def test_the_room_program_prints_what_the_agent_says(url: str, tmp_path: Path) -> None:
    shown = await run(sys.executable, str(written("room_client.py", url, tmp_path)), cwd=ROOT)
    assert shown.startswith("my-assistant: ")


async def test_the_javascript_room_program_prints_what_the_agent_says(url: str, tmp_path: Path) -> None:
    shown = await run(NODE, str(written("room_client.js", url, tmp_path)), cwd=tmp_path)
    assert shown.startswith("my-assistant: ")


@pytest.mark.requirement("S1-77")
async def test_the_javascript_program_prints_the_same_as_the_python_one(url: str, tmp_path: Path) -> None:
    shown = await run(NODE, str(written("js_client.js", url, tmp_path)), cwd=tmp_path)
    assert shown == await run(sys.executable, str(written("python_client.py", url, tmp_path)), cwd=ROOT)
