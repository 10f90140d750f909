"""The web app's tools in a real Chromium: the timeline, two branches side by side, the list of rooms."""

import re

import pytest
from playwright.async_api import Page, expect

from salon.ids import new_id
from tests.ui.browsing import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def answered(page: Page, text: str, agent: str) -> None:
    """Say something, and wait until that agent and all others have answered."""
    await page.fill("#composer", text)
    await page.press("#composer", "Enter")
    await expect(page.get_by_role("article", name=f"{agent}’s turn").last.locator(".speech")).not_to_be_empty()
    await expect(page.get_by_role("button", name="Stop")).to_have_count(0)


async def test_the_timeline_shows_each_entry_with_cause_and_cost_the_handoffs_and_the_frames(
    visit: Visit, salon_url: str
) -> None:
    page = await visit(f"{salon_url}#/{new_id('room')}")
    await answered(page, "Chart our revenue by region", "analyst")
    await page.get_by_role("link", name="Timeline").click()
    handoffs = page.get_by_role("img", name="Hand-offs: people to host once; host to analyst once")
    await expect(handoffs).to_be_visible()
    usage = page.locator(".usage tbody tr")
    assert [await row.locator("th").inner_text() for row in await usage.all()] == ["host", "analyst"]
    line = page.get_by_role("row").filter(has_text="run.finished")
    await expect(line).to_contain_text(re.compile(r"…\w+\.\d+.*Σ \d+ → \d+", re.DOTALL))  # its cause, its tokens
    await page.get_by_label("Search in the entries").fill("agent.handoff")
    await page.get_by_role("row").filter(has_text="to analyst: This is for analyst").click()
    await expect(page.locator(".detail")).to_contain_text(re.compile(r"led to \d+ entries in"))
    await expect(page.get_by_label("The entry as JSON")).to_contain_text('"target": "analyst"')
    await page.get_by_role("tab", name="Frames").click()
    await page.locator(".frames summary").filter(has_text="action connect").click()
    await expect(page.locator(".frames pre")).to_contain_text('"kind": "connect"')


async def test_the_room_is_shown_as_it_was_at_an_entry_and_played_back_to_now(visit: Visit, salon_url: str) -> None:
    page = await visit(f"{salon_url}#/{new_id('room')}")
    await answered(page, "Chart our revenue by region", "analyst")
    await page.get_by_role("link", name="Timeline").click()
    await page.get_by_role("tab", name="Room then").click()
    then = page.get_by_role("region", name="The room as it was then")
    await expect(then).to_contain_text("8,964")
    await page.get_by_role("row").filter(has_text="tool.ready").click()
    await page.get_by_role("tab", name="Room then").click()
    await expect(then).to_contain_text("Using revenue chart")
    await expect(then.get_by_role("img")).to_have_count(0)
    await page.get_by_label("Speed").select_option("5×")
    await page.get_by_role("button", name="Replay").click()
    await expect(then).to_contain_text("8,964")
    await expect(page.get_by_role("button", name="Now")).to_have_attribute("aria-pressed", "true")


async def test_a_branch_stands_beside_its_original_and_both_are_asked_the_same(visit: Visit, salon_url: str) -> None:
    page = await visit(f"{salon_url}#/{new_id('room')}")
    await answered(page, "@analyst chart our revenue by region", "analyst")
    await answered(page, "@planner plan two days in Vienna", "planner")
    speech = page.get_by_role("article", name="analyst’s turn").locator(".speech")
    await speech.hover()
    await speech.get_by_role("button", name="Branch from here").click()
    await expect(page.locator(".shared > summary")).to_contain_text("The same in both: 2 contributions")
    original, branch = (page.get_by_role("region", name=name, exact=True) for name in ("Original", "Branch"))
    await expect(original.filter(has_text="Vienna")).not_to_have_count(0)
    await expect(branch.filter(has_text="Vienna")).to_have_count(0)
    await page.fill("#composer", "@writer a limerick about lamps")
    await page.press("#composer", "Enter")
    for side in (original, branch):
        await expect(side.get_by_role("article", name="writer’s turn").locator(".speech")).to_be_visible()
    row = page.locator(".sides").filter(has_text="limerick")
    await expect(row).to_have_count(1)  # the same question stands in one row
    await expect(row.get_by_role("article", name="You said")).to_have_count(2)


async def test_rooms_are_found_by_what_was_said_renamed_archived_and_deleted(visit: Visit, salon_url: str) -> None:
    page = await visit(f"{salon_url}#/{new_id('room')}")
    await answered(page, "@planner plan two days in Vienna", "planner")
    await page.get_by_role("link", name="New room").click()
    await expect(page.locator(".welcome")).to_be_visible()  # what is written before that is of the other room
    await answered(page, "@analyst chart our revenue by region", "analyst")
    rooms = page.get_by_role("navigation", name="Rooms").get_by_role("listitem")
    await expect(rooms).to_have_count(2)
    await page.get_by_label("Search in all rooms").fill("Vienna")
    await expect(rooms).to_have_count(1)
    await rooms.get_by_role("link").click()
    found = page.locator("[data-found]")  # the room is opened at the very message
    await expect(found).to_have_accessible_name("You said")
    await expect(found).to_contain_text("Vienna")
    await page.get_by_label("Search in all rooms").fill("Vienna")
    await rooms.hover()
    await rooms.get_by_role("button", name="What to do with").click()
    await rooms.get_by_label("Title").fill("Our trip")
    await rooms.get_by_role("button", name="Rename").click()
    await expect(rooms).to_contain_text("Our trip")
    await rooms.get_by_role("button", name="What to do with").click()
    await rooms.get_by_role("button", name="Archive").click()
    await expect(rooms).to_contain_text("Archived")
    await page.get_by_label("Search in all rooms").fill("")
    await expect(rooms).to_have_count(1)
    await expect(rooms).not_to_contain_text("Our trip")
    await page.get_by_role("button", name="Archive", exact=True).click()
    await rooms.get_by_role("link", name="Our trip").click()
    await expect(page.get_by_role("heading", name="Our trip")).to_be_visible()
    await expect(page.get_by_role("article", name="planner’s turn")).to_be_visible()
    await rooms.hover()
    await rooms.get_by_role("button", name="What to do with").click()
    await rooms.get_by_role("button", name="Delete").click()
    await rooms.get_by_role("button", name="Really delete?").click()
    await expect(page.get_by_text("“Our trip” was deleted. This is a new room.")).to_be_visible()
    await expect(page.get_by_role("heading", name="People and AI agents, in one room")).to_be_visible()
    await expect(page.get_by_text("The archive is empty.")).to_be_visible()


async def test_a_guest_goes_by_the_name_they_give_and_everyone_is_told_when_the_room_is_deleted(
    visit: Visit, salon_url: str
) -> None:
    address = f"{salon_url}#/{new_id('room')}"
    ana = await visit(address)
    await expect(ana.get_by_role("heading", name="People and AI agents, in one room")).to_be_visible()
    bo = await visit(address)
    asked = bo.get_by_role("group", name="Your name")
    await asked.get_by_role("textbox").fill("Bo")
    await asked.get_by_role("button", name="Save").click()
    await bo.locator(".composer select").select_option("people only")
    await bo.fill("#composer", "Anybody here?")
    await bo.press("#composer", "Enter")
    await expect(ana.get_by_role("article", name="Bo said")).to_be_visible()
    await bo.fill("#composer", "Hello?")
    await expect(ana.get_by_text("Bo is typing …")).to_be_visible()
    rooms = ana.get_by_role("navigation", name="Rooms").get_by_role("listitem")
    await rooms.hover()
    await rooms.get_by_role("button", name="What to do with").click()
    await rooms.get_by_role("button", name="Delete").click()
    await rooms.get_by_role("button", name="Really delete?").click()
    for page in (ana, bo):
        await expect(page.get_by_text("was deleted. This is a new room.")).to_be_visible()
        await expect(page.get_by_role("article")).to_have_count(0)
