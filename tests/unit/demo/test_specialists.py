"""The specialists' tools by themselves."""

from typing import Any

import pytest

from salon.agents.context.context import Context
from salon.agents.tools.execution import Outcome, execute
from salon.agents.tools.tool import ToolError, ToolSpec
from salon.contracts.types import DataPart, Json, Obj
from salon.demo import team
from salon.demo.figures import PRODUCTS, QUARTERS, REGIONS, revenue
from salon.demo.itinerary import itinerary, project
from salon.demo.library import articles, find, search
from salon.demo.steps import Step, changed, edited
from tests.fakes.port import FakePort

TOOLS = {tool.name: tool for agent in team().agents.values() for tool in agent.tools if isinstance(tool, ToolSpec)}


async def call(name: str, port: FakePort, **arguments: Json) -> Outcome:
    return await execute(TOOLS[name], arguments, Context(port))


def props(port: FakePort, component: str) -> dict[str, Any]:
    return port.shown(component)[-1].props


def acted(surface: str, name: str, context: Obj) -> list[Any]:
    return [DataPart(kind="data", name="ui_action", data={"surface": surface, "name": name, "context": context})]


def test_the_team_is_a_host_and_four_specialists_that_hand_over_to_each_other() -> None:
    salon = team()
    assert salon.host == "host"
    assert list(salon.agents) == ["host", "analyst", "planner", "researcher", "writer"]
    assert {way.target for way in salon.handoffs("host")} == {"analyst", "planner", "researcher", "writer"}
    assert {way.target for way in salon.handoffs("writer")} == {"host", "analyst", "planner", "researcher"}


# --- the analyst


def test_the_books_add_up_however_they_are_grouped() -> None:
    totals = [sum(revenue(group, QUARTERS, REGIONS, PRODUCTS).values()) for group in ("quarter", "region", "product")]
    assert totals[0] == totals[1] == totals[2] > 0


async def test_revenue_is_counted_for_what_was_asked() -> None:
    port = FakePort()
    outcome = await call("revenue_chart", port, quarters=2, product="Desk lamps", region="Online", kind="line")
    assert props(port, "chart")["series"] == [{"name": "Revenue", "values": [309, 367]}]
    assert props(port, "chart")["labels"] == ["Q2 2026", "Q3 2026"]
    assert props(port, "table")["rows"] == [
        {"c0": "Q2 2026", "c1": 309, "c2": "45.7%"},
        {"c0": "Q3 2026", "c1": 367, "c2": "54.3%"},
        {"c0": "Total", "c1": 676, "c2": ""},
    ]
    assert "676 k€ in all" in outcome.text
    assert "+18.8%" in outcome.text


async def test_a_single_quarter_has_no_change_to_speak_of() -> None:
    outcome = await call("revenue_chart", FakePort(), quarters=1)
    assert outcome.text.startswith("Revenue of Northlight Lamps, Q3 2026: ")
    assert "%" not in outcome.text


async def test_own_numbers_become_a_chart_with_clean_labels() -> None:
    port = FakePort()
    outcome = await call("chart_own_numbers", port, labels=["apples 3", "pears: 5.5"], values=[3, 5.5], title="Fruit")
    assert props(port, "chart")["labels"] == ["apples", "pears"]
    assert outcome.text == "Fruit: 8.5 in all. The most is pears with 5.5, the least apples with 3."


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"labels": ["a"], "values": [1, 2]}, "1 labels for 2 numbers"),
        ({"labels": [], "values": []}, "0 labels for 0 numbers"),
        ({"labels": ["a", "a"], "values": [1, 2]}, "the same label"),
        ({"labels": ["a", "b"], "values": [1, -2], "kind": "pie"}, "below zero"),
        ({"labels": ["a"], "values": ["many"]}, "values.0: Input should be a valid number"),
    ],
)
async def test_numbers_that_make_no_chart_are_explained(arguments: Any, told: str) -> None:
    port = FakePort()
    outcome = await call("chart_own_numbers", port, **arguments)
    assert told in outcome.text
    assert port.surfaces == {}


# --- the planner


@pytest.mark.parametrize("destination", ["Lisbon", "Kyoto", "Reykjavik", ""])
@pytest.mark.parametrize("days", [1, 3, 5, 11])
def test_a_trip_has_a_step_for_every_day_and_no_more_than_a_dozen(destination: str, days: int) -> None:
    steps = itinerary(destination, days, ["jazz", "ceramics"])
    assert all(any(step.startswith(f"Day {day}") for step in steps) for day in range(1, days + 1))
    assert len(steps) <= 12
    assert len(set(steps)) == len(steps)


def test_a_project_speaks_of_its_own_goal() -> None:
    assert (
        project("Launch the website.")[0]
        == "Write down in one sentence what launch the website looks like when it is done"
    )


async def test_a_plan_takes_the_steps_that_are_known_and_makes_up_those_that_are_not() -> None:
    port = FakePort()
    await call("make_plan", port, goal="bake bread", steps=["Mix", " ", "Bake"])
    assert [step["text"] for step in props(port, "plan")["steps"]] == ["Mix", "Bake"]
    await call("make_plan", port, goal="bake bread")
    assert len(props(port, "plan")["steps"]) == 8
    assert props(port, "plan")["editable"] is True


async def test_without_a_plan_there_is_nothing_to_update() -> None:
    assert (await call("update_plan", FakePort())).text == "Error: there is no plan in this room yet; make one first."


async def test_an_edit_of_the_surface_is_kept_and_told() -> None:
    port = FakePort()
    await call("make_plan", port, goal="bake bread", steps=["Mix", "Bake"])
    (surface,) = port.surfaces
    steps: list[Json] = [
        {"id": "s2", "text": "Bake", "status": "active"},
        {"id": "new", "text": "Eat", "status": "pending"},
    ]
    port.said = acted(surface, "edit", {"steps": steps})
    outcome = await call("update_plan", port)
    assert props(port, "plan")["steps"] == steps
    assert outcome.text.startswith('"Bake" is active; added "Eat"; removed "Mix".')


def plan(*texts: str) -> list[Step]:
    return [{"id": f"s{n}", "text": text, "status": "pending"} for n, text in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    ("words", "after"),
    [
        ("tick step 2", "a b+ c"),
        ("Please mark the step 1 as done", "a+ b c"),
        ("step 3 is done", "a b c+"),
        ("I finished number 2", "a b+ c"),
        ("skip step 2", "a b- c"),
        ("remove step 1", "b c"),
        ("delete item 3", "a b"),
        ("move step 3 up", "a c b"),
        ("move step 1 down", "b a c"),
        ("move step 3 to the top", "c a b"),
        ("move step 1 to the end", "b c a"),
        ("move step 1 up", "a b c"),
        ("add a step: d", "a b c d"),
        ("add d", "a b c d"),
        ("Could you add another item: d.", "a b c d"),
    ],
)
def test_a_plan_understands_plain_words(words: str, after: str) -> None:
    marks = {"pending": "", "done": "+", "skipped": "-", "active": "*"}
    steps, _ = changed(plan("a", "b", "c"), words)
    assert " ".join(f"{step['text']}{marks[step['status']]}" for step in steps) == after
    assert len({step["id"] for step in steps}) == len(steps)


@pytest.mark.parametrize("words", ["tick step 9", "remove step 0", "make it nicer", "", "add"])
def test_words_that_change_nothing_are_answered_with_what_can_be_said(words: str) -> None:
    with pytest.raises(ToolError, match=r"there is no step|say what to change"):
        changed(plan("a", "b"), words)


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"steps": "x"},
        {"steps": [{"id": "a"}]},
        {"steps": [{"id": "a", "text": "t", "status": "done"}] * 2},
    ],
)
def test_an_edit_that_holds_no_steps_is_refused(context: Json) -> None:
    with pytest.raises(ToolError):
        edited(plan("a"), {"surface": "s", "name": "edit", "context": context})


def test_an_edit_is_told_as_what_differs() -> None:
    steps = plan("a", "b")

    def told(*after: Json) -> str:
        return edited(steps, {"context": {"steps": list(after)}})[1]

    a: Obj = {"id": "s1", "text": "a", "status": "pending"}
    b: Obj = {"id": "s2", "text": "b", "status": "pending"}
    assert told(a, b) == "Nothing changed."
    assert told(b, a) == "The order is new."
    assert told(a, {**b, "text": "B"}) == 'Reworded "B".'


# --- the researcher


def test_the_library_has_articles_of_three_paragraphs_on_many_topics() -> None:
    assert len(articles()) >= 15
    assert all(len(article.paragraphs) == 3 for article in articles())
    assert len({article.topic for article in articles()}) >= 7


@pytest.mark.parametrize(
    ("query", "best", "passage"),
    [
        ("What do you know about volcanoes?", "Volcanoes", "volcano"),
        ("why does lava explode", "Volcanoes", "gas"),
        ("how do bees dance", "Bees", "waggle"),
        ("how far away is the moon", "The Moon", "384,000"),
        ("tides", "The sea", "moon"),
        ("who made movable type", "The printing press", "Bi Sheng"),
        ("caffeine", "Coffee", "Caffeine"),
    ],
)
def test_the_search_ranks_what_fits_first_and_quotes_the_right_place(query: str, best: str, passage: str) -> None:
    hits = search(query)
    assert hits[0].article.title == best
    assert passage in hits[0].passage
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


async def test_what_was_found_is_shown_as_a_table_and_cited() -> None:
    port = FakePort()
    outcome = await call("search_library", port, query="volcanoes", limit=3)
    rows = props(port, "table")["rows"]
    assert rows[0]["c1"] == "Volcanoes"
    assert len(rows) <= 3
    assert "[1: Volcanoes]" in outcome.text


async def test_nothing_found_is_said_with_what_there_is() -> None:
    port = FakePort()
    outcome = await call("search_library", port, query="xylophone repair")
    assert outcome.text.startswith("The library has nothing on that. It has articles on: Bees,")
    assert port.surfaces == {}


async def test_an_article_can_be_opened_by_its_title_or_a_part_of_it() -> None:
    port = FakePort()
    await call("open_article", port, title="the moon")
    assert props(port, "document")["title"] == "The Moon"
    article = find("origami")
    assert article is not None
    assert article.title == "Paper and origami"
    assert "the library has no article 'Atlantis'" in (await call("open_article", port, title="Atlantis")).text


# --- the writer


async def test_a_document_can_be_edited_by_the_person() -> None:
    port = FakePort()
    await call("write_document", port, title="Sea", body="Salt.")
    (surface,) = port.surfaces
    port.said = acted(surface, "edit", {"text": "Salt and wind."})
    assert (await call("keep_edit", port)).ok
    assert props(port, "document")["text"] == "Salt and wind."


@pytest.mark.parametrize("name", ["keep_edit", "receive_form"])
async def test_nothing_is_received_when_nothing_was_done(name: str) -> None:
    port = FakePort()
    assert "was done with a" in (await call(name, port)).text
    port.said = acted("gone", "submit", {})
    assert "was done with a" in (await call(name, port)).text


@pytest.mark.parametrize("purpose", ["feedback", "contact"])
async def test_a_form_is_received_closed_and_thanked_for(purpose: str) -> None:
    port = FakePort()
    await call("show_form", port, purpose=purpose)
    (surface,) = port.surfaces
    port.said = acted(surface, "submit", {"name": "Ann", "comment": None})
    assert "name: Ann" in (await call("receive_form", port)).text
    assert props(port, "form")["disabled"] is True
    assert props(port, "card")["text"] == "name: Ann"


async def test_mails_gather_in_the_outbox_in_their_order() -> None:
    port = FakePort(answers=[{"approved": True}, {"approved": True}])
    await call("send_email", port, to="a@example.com", heading="One", body="First")
    await call("send_email", port, to="b@example.com", heading="Two", body="Second")
    assert port.shared == {
        "outbox": [
            {"to": "a@example.com", "subject": "One", "body": "First"},
            {"to": "b@example.com", "subject": "Two", "body": "Second"},
        ]
    }
    assert port.questions[0].message == (
        "Send this email to a@example.com? (A simulation: nothing leaves this computer.)\n\nSubject: One\n\nFirst"
    )


async def test_nobody_is_asked_about_a_mail_without_an_address() -> None:
    port = FakePort()
    assert "send_email was not called: to:" in (await call("send_email", port, to="bob", body="Hi")).text
    assert port.questions == []


# --- all of them


@pytest.mark.parametrize("tool", TOOLS.values(), ids=lambda tool: tool.name)
def test_every_tool_says_what_it_is_for_and_what_each_argument_means(tool: ToolSpec) -> None:
    assert len(tool.description) > 30
    properties = tool.parameters["properties"]
    assert isinstance(properties, dict)
    for name, schema in properties.items():
        assert isinstance(schema, dict)
        assert schema.get("description"), f"{tool.name}.{name}"
