"""The web app's page and files as a browser gets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response

import salon
from salon.errors import SalonError
from salon.http.web import STATIC, WebApp, add_web

FOLDER = Path(salon.__file__).parent / "web"
IMPORT = re.compile(r"""(?:^|\n)(?:import|export)\b[^;"'`]*?from\s+"([^"]+)"|import\("([^"]+)"\)""")


@pytest.fixture
async def http() -> httpx.AsyncClient:
    app = FastAPI()
    add_web(app)

    @app.get("/")
    async def page(request: Request) -> Response:
        web: WebApp = app.state.web
        return web.page(request)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://salon.test")


async def test_the_page_may_run_scripts_of_this_server_only_and_fetch_nothing_from_elsewhere(
    http: httpx.AsyncClient,
) -> None:
    headers = (await http.get("/")).headers
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["img-src"] == "'self' data:"
    assert rules["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["referrer-policy"], headers["x-content-type-options"]) == ("no-referrer", "nosniff")


async def test_a_file_that_the_browser_has_is_not_sent_again(http: httpx.AsyncClient) -> None:
    first = await http.get(f"{STATIC}/app.js")
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    again = await http.get(f"{STATIC}/app.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await http.get(f"{STATIC}/lazy.js", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


async def test_what_the_page_names_is_kept_for_good_and_other_releases_ask_each_time(http: httpx.AsyncClient) -> None:
    page = _Page()
    page.feed((await http.get("/")).text)
    for wanted in page.wanted:
        assert (await http.get(f"/{wanted}")).headers["cache-control"] == "public, max-age=31536000, immutable", wanted
    older = await http.get(f"{STATIC}/{'0' * 16}/app.js")
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")


async def test_the_page_names_every_module_of_the_first_view_once(http: httpx.AsyncClient) -> None:
    page = _Page()
    page.feed((await http.get("/")).text)
    named = [FOLDER / wanted.split("/", 3)[3] for wanted in page.wanted if wanted.endswith(".js")]
    assert len(named) == len(set(named)) > 40
    for module in set(named) - {FOLDER / "first.js"}:
        for found in IMPORT.finditer(module.read_text()):
            assert not found[1] or (module.parent / found[1]).resolve() in named, f"{module}: {found[1]}"


@pytest.mark.parametrize("path", ["nothing.js", "..%2fapp.py", "/etc/passwd", ""])
async def test_nothing_but_the_web_app_can_be_had(http: httpx.AsyncClient, path: str) -> None:
    with pytest.raises(SalonError, match="no file"):
        await http.get(f"{STATIC}/{path}")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        if tag in {"script", "link"}:
            self.wanted.append(found["src" if tag == "script" else "href"])


def modules() -> Iterator[Path]:
    return (path for path in FOLDER.rglob("*.js") if "vendor" not in path.parts)


def test_the_page_and_its_modules_ask_for_files_that_are_there() -> None:
    page = _Page()
    page.feed((FOLDER / "index.html").read_text())
    assert not page.inline
    for wanted in page.wanted:
        assert (FOLDER / wanted.removeprefix(f"{STATIC}/".lstrip("/"))).is_file(), wanted
    for module in modules():
        for found in IMPORT.finditer(module.read_text()):
            wanted = found[1] or found[2]
            assert wanted.startswith("."), f"{module}: {wanted} is no file of the web app"
            assert (module.parent / wanted).is_file(), f"{module}: {wanted}"


def test_no_module_makes_elements_of_text() -> None:
    for module in modules():
        text = module.read_text()
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            assert way not in text, f"{module} uses {way}"
