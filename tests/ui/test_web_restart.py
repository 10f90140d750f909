"""The web app when its server is killed in the middle of an answer, and another takes its place."""

import signal
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.processes import address, free_port, running, salon
from tests.ui.browsing import Visit, turn_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_page_comes_back_after_a_crash_with_all_that_was_kept_and_can_go_on(
    visit: Visit, tmp_path: Path
) -> None:
    serve = salon("serve", "--host", "127.0.0.1", "--port", str(free_port()))
    database = f"sqlite:///{tmp_path / 'salon.db'}"
    async with running(*serve, DATABASE_URL=database, MOCK_PACE="0.05") as server:
        url = f"http://{await address(server)}/#/crash"
        page = await visit(url, allow=("WebSocket connection",))
        await page.fill("#composer", "@researcher What is known about octopuses?")
        await page.press("#composer", "Enter")
        await page.locator(".speech.streaming").wait_for()
        server.signal(signal.SIGKILL)
        await expect(page.get_by_text("The connection was lost.")).to_be_visible()
    async with running(*serve, DATABASE_URL=database, MOCK_PACE="0.05") as server:
        await address(server)
        await expect(page.get_by_text("The connection was lost.")).to_have_count(0, timeout=30_000)
        await expect(page.locator(".message.mine")).to_have_count(1)
        await expect(turn_of(page, "researcher")).to_have_count(1)
        await expect(page.locator(".note.bad")).to_contain_text("The answer failed")
        await page.fill("#composer", "@host thank you")
        await page.press("#composer", "Enter")
        await expect(turn_of(page, "host").locator(".speech:not(.streaming)")).to_be_visible()
        await expect(page.locator(".message.mine")).to_have_count(2)
