"""The web app in a real Chromium, against a real server: a room as a conversation."""

import asyncio
import re
from itertools import count

import pytest
from playwright.async_api import Page, expect

from salon import Agent, Settings, Team, create_app
from salon.ids import new_id
from salon.models.mock.client import MockConfig
from salon.models.mock.scenario import Scenario
from tests.serving import serving
from tests.ui.browsing import Visit, turn_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def say(page: Page, text: str) -> None:
    await page.fill("#composer", text)
    await page.press("#composer", "Enter")


async def until_quiet(page: Page) -> None:
    """Until the agents have said everything."""
    await expect(page.get_by_role("button", name="Stop")).to_have_count(0)


async def words(page: Page) -> str:
    """All that the conversation shows, as the same for everyone."""
    text = await page.get_by_role("log").inner_text()
    return re.sub(r"\b(You|Guest \w{4}|[A-Z0-9]{2})\b", "", text)


def room(url: str) -> str:
    """The address of a room that no other test uses."""
    return f"{url}#/{new_id('room')}"


async def test_a_first_visitor_sees_who_is_here_what_to_say_and_that_the_models_are_mocks(
    visit: Visit, salon_url: str
) -> None:
    page = await visit(salon_url)
    await expect(page.get_by_role("heading", name="People and AI agents, in one room")).to_be_visible()
    for agent in ("host", "analyst", "planner", "researcher", "writer"):
        await expect(page.locator(".cast")).to_contain_text(agent)
    assert await page.locator(".suggestions button").count() == 5
    await page.get_by_text("Mock models").click()
    await expect(page.get_by_text("No model key is set")).to_be_visible()
    assert re.search(r"#/room-\w+$", page.url)


async def test_an_answer_shows_the_handoff_and_its_reason_the_tool_folded_away_and_the_chart(
    visit: Visit, salon_url: str
) -> None:
    page = await visit(room(salon_url))
    await page.get_by_role("button", name="Chart our revenue by region").click()
    await expect(page.locator(".handoff")).to_contain_text(re.compile(r"host.*analyst.*revenue by region", re.DOTALL))
    turn = turn_of(page, "analyst")
    await expect(turn).to_contain_text("was handed the floor by host")
    await expect(turn.get_by_role("img", name="bar chart: Northlight Lamps")).to_be_visible()
    assert await turn.locator("svg rect").count() == 3
    step = turn.locator(".steps")
    await expect(step.locator("summary")).to_have_text("Used revenue chart")
    await expect(step.get_by_text('"group_by": "region"')).to_be_hidden()
    await step.locator("summary").click()
    await expect(step.get_by_text('"group_by": "region"')).to_be_visible()
    await until_quiet(page)
    await expect(turn.locator(".speech")).to_contain_text("8,964")


async def test_an_approval_that_one_person_gives_is_resolved_for_everyone(visit: Visit, salon_url: str) -> None:
    address = room(salon_url)
    ana, bo = await visit(address), await visit(address)
    await say(ana, "Write a short thank-you note and email it to ana@example.com")
    await expect(ana.get_by_role("button", name="Approve")).to_be_visible()
    await bo.get_by_label("Comment").fill("Go ahead")
    await bo.get_by_role("button", name="Approve").click()
    for page in (ana, bo):
        await until_quiet(page)
        await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
        await expect(page.locator("details.question")).to_contain_text("approved: “Go ahead”")
        await expect(page.get_by_text("Simulated: in the outbox")).to_be_visible()
    assert await words(ana) == await words(bo)


async def test_a_reload_in_the_middle_of_an_answer_loses_and_doubles_nothing(visit: Visit, settings: Settings) -> None:
    pauses, go_on = count(), asyncio.Event()

    async def pause(_: float) -> None:
        if next(pauses) > 3:
            await go_on.wait()

    model = MockConfig(
        pace=1, sleep=pause, scenario=Scenario.of([{"say": "Once there was a lamp. It shone. The end."}])
    )
    team = Team("tale", [Agent("teller", "You tell tales.", model=model)])
    async with serving(create_app(settings, teams=[team])) as url:
        address, allow = room(f"{url}/"), ["WebSocket connection"]  # of a page that is open when the server ends
        one, other = await asyncio.gather(visit(address, allow=allow), visit(address, allow=allow))
        await say(one, "Tell me a tale")
        await expect(one.locator(".speech.streaming")).to_contain_text("there was")
        await one.reload()
        await expect(one.locator(".speech.streaming")).to_contain_text("there was")
        await expect(one.locator(".speech.streaming")).not_to_contain_text("The end")
        go_on.set()
        for page in (one, other):
            await until_quiet(page)
            await expect(page.locator(".speech")).to_have_text("Once there was a lamp. It shone. The end.")
        assert await words(one) == await words(other)


async def test_a_person_stops_what_runs_and_the_open_question_goes_with_it(visit: Visit, salon_url: str) -> None:
    page = await visit(room(salon_url))
    await say(page, "@writer email ana@example.com that we thank her")
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator(".note")).to_contain_text("Stopped")
    await until_quiet(page)
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)


DISTURBED = """
window.disturbed = [];
new MutationObserver((changes) => {
    for (const { addedNodes, removedNodes } of changes) {
        for (const node of removedNodes) if (node.querySelector?.("#composer")) disturbed.push("the composer moved");
        for (const node of addedNodes) if (node.matches?.(".ask-name")) disturbed.push("a name was asked for");
    }
}).observe(document, { childList: true, subtree: true });
"""


async def test_who_is_alone_and_begins_to_write_before_the_room_is_open_is_not_disturbed(
    visit: Visit, salon_url: str
) -> None:
    page = await visit(room(salon_url))
    await page.add_init_script(DISTURBED)
    await page.reload()
    await page.locator("#composer").focus()
    await page.get_by_role("heading", name="People and AI agents, in one room").wait_for()
    assert await page.evaluate("disturbed") == []
    await expect(page.locator("#composer")).to_be_focused()


async def test_an_agent_is_mentioned_with_the_keyboard(visit: Visit, salon_url: str) -> None:
    page = await visit(room(salon_url))
    await page.locator("#composer").press_sequentially("@pl")
    await expect(page.get_by_role("listbox", name="Agents").get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Tab")
    await page.keyboard.type("plan two days in Vienna")
    await expect(page.locator("#composer")).to_have_value("@planner plan two days in Vienna")
    await page.keyboard.press("Enter")
    await expect(turn_of(page, "planner")).to_contain_text("was mentioned")


async def test_the_caret_stands_behind_a_chosen_name_before_the_next_key_comes(visit: Visit, salon_url: str) -> None:
    page = await visit(room(salon_url))
    box = page.locator("#composer")
    await box.press_sequentially("@pl")
    await page.get_by_role("listbox", name="Agents").wait_for()
    tab = "box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab', bubbles: true }))"
    assert await box.evaluate(f"(box) => {{ {tab}; return [box.value, box.selectionStart]; }}") == ["@planner ", 9]


async def test_a_person_chooses_who_answers_and_who_speaks_next(visit: Visit, salon_url: str) -> None:
    page = await visit(room(salon_url))
    await page.get_by_role("combobox", name="To").select_option("people only")
    await say(page, "Just between us: lunch?")
    await expect(page.locator(".message.mine")).to_contain_text("lunch?")
    await page.get_by_role("combobox", name="To").select_option("writer")
    await say(page, "Write a letter about lamps")
    await expect(turn_of(page, "writer")).to_be_visible()
    await until_quiet(page)
    await page.get_by_label("5 agents and 1 person are here").click()
    await page.get_by_title("Let researcher speak next").click()
    await expect(turn_of(page, "researcher")).to_contain_text("was chosen by a person")
    await until_quiet(page)
    assert await page.get_by_role("article").count() == 4


async def test_a_form_is_checked_in_the_page_and_answered_by_the_agent_that_showed_it(
    visit: Visit, salon_url: str
) -> None:
    page = await visit(room(salon_url))
    await say(page, "@writer show me the feedback form")
    form = page.locator("form.form")
    await form.get_by_role("button", name="Send feedback").click()
    await expect(form.get_by_text("This is needed.")).to_have_count(1)
    await form.get_by_label("How was it?").select_option("Delightful")
    await form.get_by_label("What should we know?").fill("More lamps")
    await form.get_by_role("button", name="Send feedback").click()
    await expect(page.get_by_role("group", name="card: Thank you")).to_contain_text("comment: More lamps")
    await expect(form.get_by_label("How was it?")).to_be_disabled()
    await expect(page.get_by_role("note")).to_contain_text("You used “Your feedback”: submit")


async def test_a_plan_that_is_ticked_comes_back_ticked_and_stays_so_over_a_reload(visit: Visit, salon_url: str) -> None:
    page = await visit(room(salon_url))
    await say(page, "@planner plan two days in Vienna")
    await expect(page.locator(".speech:not(.streaming)")).to_have_count(1)
    await until_quiet(page)
    await page.get_by_role("checkbox").first.click()
    await expect(page.locator(".plan")).to_contain_text("1 of 5 done")
    await page.reload()
    await expect(page.locator(".plan")).to_contain_text("1 of 5 done")
    await expect(page.get_by_role("checkbox").first).to_be_checked()


async def test_the_colours_are_the_persons_choice_and_are_kept(visit: Visit, salon_url: str) -> None:
    page = await visit(salon_url, color_scheme="dark")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.get_by_role("button", name="Use light colours").click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")


async def test_a_narrow_screen_shows_all_of_it_without_scrolling_sideways(visit: Visit, salon_url: str) -> None:
    page = await visit(room(salon_url), viewport={"width": 360, "height": 700})
    await say(page, "@analyst chart our revenue by region")
    await until_quiet(page)
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    wide = "[...document.querySelectorAll('.feed, .top')].filter((each) => each.scrollWidth > each.clientWidth).length"
    assert await page.evaluate(wide) == 0
    await page.get_by_role("button", name="Rooms").click()
    await expect(page.get_by_role("link", name="New room")).to_be_visible()
