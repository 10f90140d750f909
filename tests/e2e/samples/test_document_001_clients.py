"""Document 001, chapter 6: its programs with Salon's clients in place of the classes that they write out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from salon import Agent, AgentServer
from tests.e2e.samples.blocks import corrected, printed, run
from tests.node import NODE
from tests.serving import serving

COMPLETIONS = Path(__file__).parents[3] / "ui-contracts/src/completions.js"


def assistant() -> AgentServer:
    return AgentServer([Agent("my-assistant", "You are helpful.")])


@pytest.mark.requirement("S1-75")
async def test_001_17_the_python_program_prints_an_answer_and_a_stream(capsys: pytest.CaptureFixture[str]) -> None:
    """Its class returns a value in an asynchronous generator, which Python refuses: `salon.Client` is that class."""
    _, main = printed("001_17").split("# Usage\n")
    async with serving(assistant()) as url:
        source = corrected(main, {"http://localhost:8000": url})
        names = await run("from salon import Client as RobutlerClient\nimport asyncio\n" + source)
        await names["main"]()
    first, _, story = capsys.readouterr().out.partition("\n")
    assert len(first) > 10
    assert len(story) > 10


@pytest.mark.requirement("S1-77")
async def test_001_18_the_javascript_program_prints_the_same(tmp_path: Path) -> None:
    """Its class gives a promise where its program iterates, and loses events that arrive in pieces: `Client` of
    ui-contracts is that class."""
    _, main = printed("001_18").split("// Usage\n")
    program = tmp_path / "js_client.mjs"
    async with serving(assistant()) as url:
        source = corrected(main, {"http://localhost:8000": url})
        program.write_text(
            f"import {{ Client as RobutlerClient }} from '{COMPLETIONS.as_uri()}';\n{source}", encoding="utf-8"
        )
        process = await asyncio.create_subprocess_exec(
            NODE, str(program), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(60):
            shown, problem = (text.decode() for text in await process.communicate())
    assert (process.returncode, problem) == (0, "")
    first, _, story = shown.partition("\n")
    assert len(first) > 10
    assert len(story) > 10
