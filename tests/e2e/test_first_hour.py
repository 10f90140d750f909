"""docs/first-hour.md works line by line in an empty folder, after the install; only the port is the test's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx

from tests.e2e.processes import Process, address, running, salon

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "first-hour.md").read_text(encoding="utf-8")
FIRST, WHOLE = re.findall(r"```python\n# shop\.py\n(.*?)```", PAGE, re.DOTALL)
INSTALL, PROGRAM, SERVE, CHAT, CURLS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
(SAID,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
CURL = re.compile(r"^curl localhost:8000(\S+)((?: -H '[^']*')*)(?: -d '(.*)')?$", re.MULTILINE)


def test_the_page_installs_from_the_repository_and_its_links_lead_somewhere() -> None:
    assert INSTALL.splitlines()[-1] == "pip install ../salon"
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (DOCS / target).exists(), target


async def test_the_first_program_prints_what_its_tool_gave(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(FIRST, encoding="utf-8")
    assert PROGRAM == "python shop.py\n"
    async with running("shop.py", cwd=tmp_path, MOCK_PACE="0") as program:
        assert await program.ends() == 0
    assert "closed" in program.out


async def test_two_agents_are_seen_in_the_terminal_and_in_openais_shape(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(WHOLE, encoding="utf-8")
    *variables, command, serve, option, application = SERVE.split()
    assert (command, CHAT) == ("salon", "salon chat\n")
    environment = dict(variable.split("=") for variable in variables)
    arguments = salon(serve, option, application, "--host", "127.0.0.1", "--port", "0")
    async with running(*arguments, cwd=tmp_path, MOCK_PACE="0", **environment) as server:
        url = await address(server)
        async with running(*salon("chat", "--url", url), cwd=tmp_path) as chat:
            await talk(chat)
        async with httpx.AsyncClient(base_url=f"http://{url}", timeout=20) as http:
            answers = [await http_answer(http, *asked) for asked in CURL.findall(CURLS)]
    models, counted, ordered = answers
    assert {"shop", "greeter", "keeper"} <= {model["id"] for model in models["data"]}
    assert "table: 2 in stock" in text_of(counted)
    assert "5 x lamp ordered for olga" in text_of(ordered)


async def talk(chat: Process) -> None:
    chat.types(*SAID.splitlines())
    chat.closes_input()
    assert await chat.ends() == 0
    hours, lamps, order = chat.out.split("you: ")[1:]
    assert "⚙ greeter: opening_hours(day: Saturday) → 10 to 14" in hours
    assert "⇢ greeter → keeper: " in lamps
    assert "⚙ keeper: count_pieces(item: lamp) → lamp: 4 in stock" in lamps
    assert "order_pieces" not in order
    assert "keeper (mock): " in order


async def http_answer(
    http: httpx.AsyncClient, path: str, headers: str, body: str
) -> dict[str, list[dict[str, object]]]:
    """What one of the page's curl commands is answered."""
    told = dict(header.split(": ") for header in re.findall(r"-H '([^']*)'", headers))
    response = await http.request("POST" if body else "GET", path, headers=told, content=body or None)
    assert response.status_code == 200, response.text
    if "x-scopes" in told:
        del told["x-scopes"]
        stranger = await http.post(path, headers=told, content=body)
        assert "ordered for" not in text_of(stranger.json()), "the page says that it is the scope which matters"
    answer: dict[str, list[dict[str, object]]] = response.json()
    return answer


def text_of(completion: dict[str, list[dict[str, object]]]) -> str:
    return json.dumps(completion["choices"][0]["message"])
