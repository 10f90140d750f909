"""What docs/sessions.md shows works as it stands there; only the port and the chat's id are the test's."""

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.serving import serving

PAGE = Path("docs/sessions.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
CURL = re.compile(r"^curl(?: -X (\w+))? '?localhost:8000([^ '\n]+)'?(?: -H '[^']*' -d '(.*)')?$", re.MULTILINE)


@pytest.fixture(autouse=True)
def database(sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_database_url)
    monkeypatch.setenv("MOCK_PACE", "0")


async def test_the_page_works_command_by_command(sqlite_database_url: str) -> None:
    names: dict[str, object] = {"chat_id": "by-hand", "db_session": sqlite_database_url}
    exec(PYTHON[0], names)
    lines = "".join(f"    {line}" for line in PYTHON[1].splitlines(keepends=True))
    commands = CURL.findall(PAGE)
    assert len(commands) == 8
    chat = ""
    async with serving(names["app"]) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:  # type: ignore[arg-type]
        for method, path, body in commands:
            sent = json.loads(body.replace("CHAT_ID", chat)) if body else None
            answered = await http.request(method or "GET", path.replace("CHAT_ID", chat), json=sent)
            assert answered.is_success, (path, answered.text)
            if path == "/chats/" and method == "POST":
                chat = answered.json()["chat_id"]
            if path.endswith("/stream"):
                assert "Alice" in answered.text
        exec(f"async def by_hand():\n{lines}    return result", names)
        result = await names["by_hand"]()  # type: ignore[operator]
        assert result.final_output
        await names["dnd"].chat("Hello")  # type: ignore[attr-defined]
