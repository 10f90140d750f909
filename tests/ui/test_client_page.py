"""The page of the package's README runs as printed: in a folder with the package, served by any web server."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import expect

from salon import Settings, create_app
from tests.serving import serving
from tests.ui.browsing import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def project(package: Path, tmp_path: Path) -> Path:
    """A folder in which the package is installed."""
    scope = tmp_path / "node_modules" / "@salon"
    scope.mkdir(parents=True)
    (scope / "ui-contracts").symlink_to(package)
    (tmp_path / "favicon.ico").touch()  # else a browser complains that there is none
    return tmp_path


@pytest.fixture
def origin(project: Path) -> Iterator[str]:
    """Where the folder is served, as any web server does."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(project))) as server:
        serving_files = threading.Thread(target=server.serve_forever)
        serving_files.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving_files.join()


async def test_twenty_lines_are_a_page_with_a_live_room(
    settings: Settings, package: Path, project: Path, origin: str, visit: Visit
) -> None:
    found = re.search(r"```html\n(.*?)```", (package / "README.md").read_text(), flags=re.DOTALL)
    assert found
    assert len(found[1].splitlines()) <= 20
    app = create_app(settings.model_copy(update={"cors_origins": (origin,)}))
    async with serving(app) as salon:
        (project / "index.html").write_text(found[1].replace("http://localhost:8000", salon))
        page = await visit(origin)
        await expect(page.locator("output")).to_have_text("live")
        await page.get_by_label("Message").fill("Chart our sales by quarter, please.")
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator("#log p").first).to_have_text("Bo: Chart our sales by quarter, please.")
        await expect(page.locator("#log p").nth(1)).to_contain_text("analyst: ")


WORKER = """(module, server) => new Promise((told) => {
    const program = `
        import { RoomClient } from "${module}";
        const room = new RoomClient({ url: "${server}", room: "kitchen" });
        room.ready.then(() => postMessage(room.state.roster.map(({ id }) => id)));
    `;
    const file = new Blob([program], { type: "text/javascript" });
    const worker = new Worker(URL.createObjectURL(file), { type: "module" });
    worker.onmessage = ({ data }) => told(data);
})"""


async def test_a_worker_watches_a_room_as_a_page_does(settings: Settings, origin: str, visit: Visit) -> None:
    app = create_app(settings.model_copy(update={"cors_origins": (origin,)}))
    async with serving(app) as salon:
        page = await visit(f"{origin}/node_modules/@salon/ui-contracts/README.md")
        module = f"{origin}/node_modules/@salon/ui-contracts/dist/client/index.js"
        roster = await page.evaluate(f"([module, server]) => ({WORKER})(module, server)", [module, salon])
    assert "analyst" in roster


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""
