"""What a first visitor will say to the demo team, in a real room on the mock model."""

import pytest

from salon.contracts.types import Json, Obj
from tests.unit.demo.talk import Talk


async def test_the_host_greets_by_itself_and_says_who_is_there() -> None:
    heard = await Talk().say("hello")
    assert (heard.handed, heard.called, heard.outcome) == ([], [], "success")
    for specialist in ("analyst", "planner", "researcher", "writer"):
        assert specialist in heard.words("host")


async def test_the_host_explains_the_team_by_itself() -> None:
    heard = await Talk().say("What can you do?")
    assert heard.handed == []
    assert "analyst" in heard.words("host")


@pytest.mark.parametrize(
    ("request_", "agent", "tool", "surfaces"),
    [
        (
            "Please compare the revenue of the last four quarters in a chart",
            "analyst",
            "revenue_chart",
            ["chart", "table"],
        ),
        ("Which of our products sells best?", "analyst", "revenue_chart", ["chart", "table"]),
        ("Draw these numbers: apples 3, pears 5, plums 9", "analyst", "chart_own_numbers", ["chart", "table"]),
        ("Plan a three day trip to Lisbon", "planner", "plan_trip", ["plan"]),
        ("Make a project plan for launching our new website", "planner", "make_plan", ["plan"]),
        ("What do you know about volcanoes?", "researcher", "search_library", ["table"]),
        ("Write two lines about the sea", "writer", "write_document", ["document"]),
        ("I want to give feedback", "writer", "show_form", ["form"]),
    ],
)
async def test_a_request_reaches_the_right_specialist_who_puts_something_on_the_screen(
    request_: str, agent: str, tool: str, surfaces: list[str]
) -> None:
    heard = await Talk().say(request_)
    assert heard.handed == [("host", agent)]
    assert heard.called == [tool]
    assert heard.shown == surfaces
    assert heard.outcome == "success"
    assert heard.words(agent)


async def test_a_follow_up_stays_with_the_specialist_and_changes_the_chart() -> None:
    talk = Talk()
    await talk.say("Please compare the revenue of the last four quarters in a chart")
    heard = await talk.say("Show it by region as a pie")
    assert heard.handed == []
    chart = await talk.surface("chart")
    assert chart.props["kind"] == "pie"
    assert chart.props["labels"] == ["Nordics", "Central Europe", "Online"]


async def test_the_chart_counts_the_quarters_that_were_asked_for() -> None:
    talk = Talk()
    await talk.say("Please compare the revenue of the last four quarters in a chart")
    chart = await talk.surface("chart")
    assert chart.props["labels"] == ["Q4 2025", "Q1 2026", "Q2 2026", "Q3 2026"]


async def test_an_edited_plan_comes_back_to_the_planner_who_keeps_it() -> None:
    talk = Talk()
    await talk.say("Plan a three day trip to Lisbon")
    plan = await talk.surface("plan")
    assert plan.owner == "planner"
    steps = plan.props["steps"]
    assert isinstance(steps, list)
    edited: list[Json] = [{**_obj(steps[0]), "status": "done"}, steps[2], steps[1], *steps[3:]]
    heard = await talk.use(plan.surface, "edit", {"steps": edited})
    assert heard.called == ["update_plan"]
    after = await talk.surface("plan")
    assert after.surface == plan.surface
    assert after.version == 2
    assert after.props["steps"] == edited


async def test_a_plan_is_changed_by_words_too() -> None:
    talk = Talk()
    await talk.say("Plan a three day trip to Lisbon")
    heard = await talk.say("Add a step: buy sunscreen")
    assert heard.called == ["update_plan"]
    steps = (await talk.surface("plan")).props["steps"]
    assert isinstance(steps, list)
    assert _obj(steps[-1])["text"] == "buy sunscreen"


async def test_a_mail_is_sent_after_approval_only_and_only_into_the_rooms_outbox() -> None:
    talk = Talk()
    await talk.say("Write two lines about the sea")
    heard = await talk.say("Send it to bob@example.com", answer={"approved": True})
    (question,) = heard.asked
    document = await talk.surface("document")
    assert "bob@example.com" in question
    assert str(document.props["text"])[:200] in question, "the person sees what they approve"
    assert heard.called == ["send_email"]
    assert "Simulated" in heard.words("writer")
    outbox = _obj(await talk.state())["outbox"]
    assert isinstance(outbox, list)
    assert [_obj(mail)["to"] for mail in outbox] == ["bob@example.com"]
    assert [_obj(mail)["body"] for mail in outbox] == [document.props["text"]]


async def test_a_mail_that_is_not_approved_is_not_sent() -> None:
    talk = Talk()
    await talk.say("Write two lines about the sea")
    heard = await talk.say("Send it to bob@example.com", answer={"approved": False})
    assert "declined" in heard.words("writer")
    assert "outbox" not in _obj(await talk.state())


async def test_a_submitted_form_is_received_once_and_closed() -> None:
    talk = Talk()
    await talk.say("I want to give feedback")
    form = await talk.surface("form")
    heard = await talk.use(form.surface, "submit", {"rating": "5", "comment": "lovely", "reply": True})
    assert heard.called == ["receive_form"]
    assert heard.shown == ["card"]
    assert (await talk.surface("form")).props["disabled"] is True
    assert "lovely" in heard.words("writer")


async def test_another_topic_goes_to_another_specialist() -> None:
    talk = Talk()
    await talk.say("Plan a three day trip to Lisbon")
    heard = await talk.say("Please compare the revenue of the last four quarters in a chart")
    assert heard.handed[-1][1] == "analyst"
    assert "revenue_chart" in heard.called


def _obj(value: Json) -> Obj:
    assert isinstance(value, dict)
    return value
