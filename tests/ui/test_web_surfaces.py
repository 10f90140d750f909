"""Generated UI in a real Chromium: every component is drawn, can be read by everyone, and fetches nothing."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from salon.app import create_app
from salon.settings import Settings
from tests.serving import serving
from tests.ui.browsing import Visit
from tests.ui.gallery import SHOWN, gallery

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNNAMED = """
() => [...document.querySelectorAll("button, a, input, select, textarea, summary, [role=img], [tabindex='0']")]
    .filter((each) => each.checkVisibility() && !(
        each.ariaLabel || each.labels?.length || each.textContent.trim() || each.title || each.matches("pre")))
    .map((each) => each.outerHTML.slice(0, 200))
"""

FAINT = """
() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const over = (colours) => {  // colours on top of each other, as the eye gets them
        for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const light = ([r, g, b]) => [r, g, b]
        .map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
    const grounds = (each) => each ? [...grounds(each.parentElement), getComputedStyle(each).backgroundColor] : ["white"];
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text; text = walk.nextNode()) {
        const each = text.parentElement;
        if (!text.data.trim() || !each.checkVisibility({ opacityProperty: true }) || each.closest("svg, :disabled, .sr")) continue;
        const under = grounds(each);
        const [a, b] = [light(over(under)), light(over([...under, getComputedStyle(each).color]))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) found.push(`${((a + 0.05) / (b + 0.05)).toFixed(2)}: ${text.data.slice(0, 60)} ${each.outerHTML.slice(0, 80)}`);
    }
    return found;
}
"""  # noqa: E501


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gallery_url() -> AsyncIterator[str]:
    settings = Settings(host="127.0.0.1", port=0, mock_pace=0, database_url="sqlite:///:memory:")
    async with serving(create_app(settings, teams=[gallery()])) as url:
        yield f"{url}/#/gallery"


async def shown(page: Page) -> Page:
    """The page with everything on it; who comes first asks for it."""
    if await page.locator(".welcome").is_visible():
        await page.fill("#composer", "Show everything in the gallery")
        await page.press("#composer", "Enter")
    await page.locator(".speech:not(.streaming)").wait_for()
    return page


async def test_every_component_is_drawn_and_an_unknown_one_can_be_read(visit: Visit, gallery_url: str) -> None:
    page = await visit(gallery_url)
    await page.locator(".welcome, .turn").wait_for()
    await shown(page)
    for component, props in SHOWN:
        title = props.get("title")
        group = page.get_by_role("group", name=f"{component}: {title}" if title else component)
        await expect(group.first).to_be_visible()
    for kind in ("line", "bar", "area", "pie", "scatter"):
        chart = page.get_by_role("img", name=f"{kind} chart")
        assert await chart.locator(".mark, .line").count() >= 3, kind
    fallback = page.locator(".fallback")
    await expect(fallback).to_have_count(1)
    await expect(fallback).to_contain_text("acme:gauge")
    await expect(fallback.get_by_role("definition").first).to_have_text("42")
    await expect(page.get_by_text("Inside the card")).to_have_count(1)
    await expect(page.get_by_text("<script>alert(1)</script>")).to_be_visible()
    await expect(page.get_by_role("link", name="open at example.com")).to_have_attribute(
        "href", "https://example.com/far.png"
    )


async def test_a_table_is_sorted_by_the_column_that_is_pressed(visit: Visit, gallery_url: str) -> None:
    page = await visit(gallery_url)
    await page.locator(".welcome, .turn").wait_for()
    table = (await shown(page)).get_by_role("group", name="table: Sizes")
    await table.get_by_role("button", name="Name").click()
    await expect(table.locator("tbody tr").first).to_contain_text("a")
    await table.get_by_role("button", name="v").click()
    await expect(table.locator("tbody tr").first).to_contain_text("b")


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_everything_has_a_name_and_can_be_read_in_light_and_dark(
    visit: Visit, gallery_url: str, colours: str
) -> None:
    page = await visit(gallery_url, color_scheme=colours, reduced_motion="reduce")
    await page.locator(".welcome, .turn").wait_for()
    await shown(page)
    assert await page.evaluate(UNNAMED) == []
    assert await page.evaluate(FAINT) == []
    levels = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((each) => Number(each.tagName[1]))"
    found = await page.evaluate(levels)
    assert found[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(found)), found
