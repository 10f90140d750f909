"""The web app when its server is killed in the middle of an answer, and another takes its place."""

import signal
from pathlib import Path

import pytest
from playwright.async_api import expect

from salon import Settings, create_app
from tests.e2e.processes import address, running, salon
from tests.serving import serving
from tests.ui.browsing import Visit, turn_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_page_comes_back_after_a_crash_with_all_that_was_kept_and_can_go_on(
    visit: Visit, settings: Settings, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'salon.db'}"
    serve = salon("serve", "--host", "127.0.0.1", "--port", "0")
    async with running(*serve, DATABASE_URL=database, MOCK_PACE="0.05") as server:
        where = await address(server)
        page = await visit(f"http://{where}/#/crash", allow=("WebSocket connection",))
        await page.fill("#composer", "@researcher What is known about octopuses?")
        await page.press("#composer", "Enter")
        await page.locator(".speech.streaming").wait_for()
        server.signal(signal.SIGKILL)
        await expect(page.get_by_text("The connection was lost.")).to_be_visible()
    app = create_app(settings.model_copy(update={"database_url": database}))
    async with serving(app, port=int(where.rpartition(":")[2])):
        await page.evaluate("dispatchEvent(new Event('online'))")  # it would come back by itself, after a pause
        await expect(page.get_by_text("The connection was lost.")).to_have_count(0)
        await expect(page.locator(".message.mine")).to_have_count(1)
        await expect(turn_of(page, "researcher")).to_have_count(1)
        await expect(page.locator(".note.bad")).to_contain_text("The server was stopped in the middle of the answer")
        await page.fill("#composer", "@host thank you")
        await page.press("#composer", "Enter")
        await expect(turn_of(page, "host").locator(".speech:not(.streaming)")).to_be_visible()
        await expect(page.locator(".message.mine")).to_have_count(2)
