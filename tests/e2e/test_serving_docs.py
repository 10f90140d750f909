"""What docs/serving.md and docs/dynamic-agents.md show works as it stands there; only ports and ids are the test's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.serving import serving

SERVING = Path("docs/serving.md").read_text(encoding="utf-8")
DYNAMIC = Path("docs/dynamic-agents.md").read_text(encoding="utf-8")
CURL = re.compile(r"^curl(?: -X (\w+))? '?localhost:8000([^ '\n]+)'?(?: -H '[^']*' -d '(.*)')?$", re.MULTILINE)


def blocks(page: str, language: str) -> list[str]:
    """The page's blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", page, flags=re.DOTALL)


async def run(app: FastAPI, commands: str) -> list[httpx.Response]:
    """Run curl's commands, each of which must succeed; AGENT_ID is that of the last one made."""
    answers: list[httpx.Response] = []
    made = ""
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        for method, path, body in CURL.findall(commands):
            sent = json.loads(body) if body else None
            answer = await http.request(method or "GET", path.replace("AGENT_ID", made), json=sent)
            assert answer.is_success, (path, answer.text)
            if answer.status_code == 201:
                made = answer.json()["id"]
            answers.append(answer)
    return answers


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")
    (tmp_path / "more-agents").mkdir()
    monkeypatch.chdir(tmp_path)


async def test_the_page_on_serving_works_command_by_command(capsys: pytest.CaptureFixture[str]) -> None:
    shop, own = blocks(SERVING, "python")
    names: dict[str, Any] = {"__name__": "shop"}
    exec(shop, names)
    answers = await run(names["server"], "\n".join(blocks(SERVING, "bash")))
    assert len(answers) == 9
    assert answers[2].json()["results"][0]["name"] == "assistant"
    assert answers[4].text.rstrip().endswith("data: [DONE]")
    assert answers[7].json() == {"weekdays": "9 to 6"}
    assert re.search(r"/assistant/chat/completions 200 \d+ \d+", capsys.readouterr().out)
    mine: dict[str, Any] = {"__name__": "own"}
    exec(own, mine)
    body = '{"messages": [{"role": "user", "content": "Hello"}]}'
    command = f"curl -X POST localhost:8000/my-assistant/chat/completions -H 'x: y' -d '{body}'"
    assert (await run(mine["server"], command))[0].json()["object"] == "chat.completion"


async def test_the_page_on_dynamic_agents_works_block_by_block(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = blocks(DYNAMIC, "yaml")
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "clerk-file.yaml").write_text(first)
    (tmp_path / "more-agents" / "keeper.yaml").write_text(second)
    monkeypatch.setenv("AGENTS_FOLDER", "agents")
    monkeypatch.setenv("AGENTS_OPEN", "true")
    monkeypatch.setenv("SCOPES_HEADER", "x-scopes")
    names: dict[str, Any] = {"__name__": "catalog"}
    exec(blocks(DYNAMIC, "python")[0], names)
    answers = await run(names["server"], "\n".join(blocks(DYNAMIC, "bash")))
    assert len(answers) == 6
    assert answers[2].json()["instructions"] == "You keep the stock."
    assert answers[4].json()["definition"]["instructions"] == "You keep the new stock."
    assert "let go: clerk" in capsys.readouterr().out
    exec(blocks(DYNAMIC, "python")[0], names)
    server = names["server"]
    async with serving(server) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        listed = (await http.get("/", headers={"x-scopes": "owner"})).json()["agents"]
        assert {"coder", "poet", "keeper", "clerk-file"} <= set(listed)
        assert "tester" not in listed
        for name in ("coder", "poet", "clerk-file"):
            assert (await http.get(f"/agents/{name}/info")).json()["name"] == name
        assert (await http.get("/agents/keeper/info")).status_code == 404
        keeper = (await http.get("/agents/keeper/info", headers={"x-scopes": "premium"})).json()
        assert keeper["skills"] == ["crm"]
