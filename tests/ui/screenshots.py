"""Takes the pictures of the documentation: `python -m tests.ui.screenshots`, which writes docs/images."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, expect

from salon.app import create_app
from salon.settings import Settings
from tests.serving import serving
from tests.ui.browsing import started

IMAGES = Path(__file__).parents[2] / "docs" / "images"
WIDE, NARROW = (1360, 860), (390, 800)


async def take() -> None:
    """All pictures, of one server with the demo team, in which two people talk."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    settings = Settings(host="127.0.0.1", port=0, mock_pace=0.001, database_url="sqlite:///:memory:")
    async with serving(create_app(settings)) as url, started() as browser:
        ana, bo = await _person(browser, "Ana"), await _person(browser, "Bo")
        await _branches(ana, f"{url}/#/trip")
        await _conversation(ana, bo, f"{url}/#/lamps")


async def _branches(ana: BrowserContext, address: str) -> None:
    page = await _visit(ana, address)
    await _say(page, "Plan three days in Lisbon")
    speech = page.get_by_role("article", name="planner’s turn").locator(".speech")
    await speech.hover()
    await speech.get_by_role("button", name="Branch from here").click()
    await page.get_by_placeholder("Ask both the same").wait_for()
    await _say(page, "@writer a limerick about trams", answers=2)
    await _picture(page, "compare")


async def _conversation(ana: BrowserContext, bo: BrowserContext, address: str) -> None:
    page, other = await _visit(ana, address), await _visit(bo, address)
    await _say(page, "Chart our revenue by region")
    await _say(other, "@writer a limerick about lamps")
    for colours in ("light", "dark"):
        await page.locator(".handoff").scroll_into_view_if_needed()
        await _picture(page, f"room-{colours}", colours)
    await page.get_by_role("link", name="Timeline").click()
    await page.get_by_role("row").filter(has_text="run.finished").last.wait_for()
    for colours in ("light", "dark"):
        await _picture(page, f"timeline-{colours}", colours)
    await other.fill("#composer", "Write a thank-you note and email it to ana@example.com")
    await other.press("#composer", "Enter")
    await other.get_by_role("button", name="Approve").wait_for()
    await _picture(other, "approval", "light", NARROW)


async def _person(browser: Browser, name: str) -> BrowserContext:
    context = await browser.new_context(reduced_motion="reduce")
    await context.add_init_script(f"localStorage.setItem('salon.name', '{name}')")
    return context


async def _visit(person: BrowserContext, address: str) -> Page:
    page = await person.new_page()
    await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    await page.goto(address)
    await page.locator(".welcome, .turn").first.wait_for()
    return page


async def _say(page: Page, text: str, answers: int = 1) -> None:
    said = page.locator(".speech:not(.streaming)")
    before = await said.count()
    await page.fill("#composer", text)
    await page.press("#composer", "Enter")
    await expect(said).to_have_count(before + answers)
    await expect(page.get_by_role("button", name="Stop")).to_have_count(0)


async def _picture(page: Page, name: str, colours: str = "light", size: tuple[int, int] = WIDE) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    other = page.get_by_role("button", name=f"Use {colours} colours")
    if await other.is_visible():
        await other.click()
    await page.mouse.move(0, 0)
    await page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(take())
