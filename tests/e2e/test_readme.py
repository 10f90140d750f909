"""What the README shows works as it stands there; only the port is the test's."""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from salon import Settings, create_app
from tests.e2e.processes import running
from tests.serving import serving

README = Path("README.md").read_text(encoding="utf-8")
PROGRAMS = {
    match[1]: match[2] for match in re.finditer(r"```python\n# (\w+\.py)[^\n]*\n(.*?)```", README, flags=re.DOTALL)
}


async def run(name: str, url: str, folder: Path) -> str:
    """Run one of the README's programs against the server at `url`; gives what it printed."""
    program = folder / name
    program.write_text(PROGRAMS[name].replace("localhost:8000", url.removeprefix("http://")), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, problem = await process.communicate()
    assert process.returncode == 0, problem.decode()
    return out.decode()


def test_the_readme_shows_three_programs() -> None:
    assert set(PROGRAMS) == {"session.py", "call.py", "team.py"}


async def test_the_first_websocket_session_shows_the_hand_off_the_chart_and_the_answer(
    settings: Settings, tmp_path: Path
) -> None:
    async with serving(create_app(settings)) as url:
        shown = await run("session.py", url, tmp_path)
    assert "[host -> analyst: " in shown
    assert "[chart: " in shown
    assert re.search(r"\[success after entry \d+\]", shown)


@pytest.mark.requirement("M-09")
async def test_the_first_openai_call_lists_models_and_answers(settings: Settings, tmp_path: Path) -> None:
    async with serving(create_app(settings)) as url:
        shown = await run("call.py", url, tmp_path)
    assert "'writer'" in shown.splitlines()[0]
    assert "sea" in shown.lower()


async def test_the_team_in_fifteen_lines_is_an_application(tmp_path: Path) -> None:
    lines = [line for line in PROGRAMS["team.py"].splitlines() if line.strip()]
    assert len(lines) <= 15
    (tmp_path / "team.py").write_text(PROGRAMS["team.py"], encoding="utf-8")
    async with running("-c", "import team; print(team.app.state.runtime.catalog.names())", cwd=tmp_path) as program:
        assert await program.ends() == 0
    assert program.out.strip() == "['shop', 'host', 'clerk']"


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert Path(target).exists(), target
