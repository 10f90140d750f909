"""What docs/threads.md shows works as it stands there; only the port is the test's."""

import json
import re
from pathlib import Path

import httpx

from salon import Settings, create_app
from salon.contracts.threads import ThreadRow
from tests.pages import blocks, listed, paste, served
from tests.serving import serving

PAGE = Path("docs/threads.md").read_text(encoding="utf-8")


async def test_the_commands_can_be_pasted_and_do_what_they_say(settings: Settings, tmp_path: Path) -> None:
    [commands] = blocks(PAGE, "sh")
    async with serving(create_app(settings)) as url:
        await paste(commands, url, tmp_path)
        async with httpx.AsyncClient(base_url=url) as http:
            left = (await http.get("/threads")).json()["threads"]
            found = (await http.get("/threads", params={"query": "quarters"})).json()["threads"]
    assert [(row["title"], row["archived"], row["messages"] >= 2) for row in left] == [
        ("Sales by quarter", False, True),
        ("Sales by quarter", False, True),
    ]
    assert {row["room"] for row in left} > {"sales"}
    assert (tmp_path / "sales.jsonl").read_text().count("Compare the quarters") == 1
    assert "Compare the quarters" in found[0]["snippet"]


def test_the_thread_it_shows_is_one() -> None:
    [example] = blocks(PAGE, "json")
    row = ThreadRow.model_validate(json.loads(example))
    assert json.loads(row.model_dump_json()) == json.loads(example)


def test_the_addresses_it_lists_are_those_of_the_server(settings: Settings) -> None:
    assert listed(PAGE) == served(create_app(settings), "/threads")


def test_its_links_lead_to_files() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", PAGE):
        assert (Path("docs") / target).exists(), target
