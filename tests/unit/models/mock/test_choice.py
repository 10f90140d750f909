"""Whom and what the mock picks, by the words of the request."""

import pytest
from ag2.events import ToolCallEvent, ToolErrorEvent, ToolResultsEvent

from salon.contracts.runs import Sampling
from salon.models.mock import MockConfig
from tests.fakes.turn import Turn, calls, function, handoff

HOST = "You are the host of a team. You greet people, find out what they need and pass them on to the right specialist."
TEAM = [
    handoff("analyst", "Analyses numbers and data and draws charts. Use for: a chart; revenue; compare figures."),
    handoff("planner", "Makes plans, schedules and checklists for trips and projects. Use for: plan; schedule; trip."),
    handoff(
        "researcher", "Finds facts and sources and sums up what is known. Use for: find out; research; latest news."
    ),
    handoff("writer", "Writes and edits texts: emails, posts, poems, stories. Use for: write; draft; rewrite; poem."),
    handoff("support", "Helps customers with orders, bills and technical problems. Use for: refund; broken; invoice."),
]
REQUESTS = {
    "Show me a chart of revenue for the last four quarters": "analyst",
    "How did sales develop this year compared to last year?": "analyst",
    "Can you analyse these numbers: 12, 15, 19?": "analyst",
    "What is the average of 4, 8 and 15?": "analyst",
    "Plot our monthly costs": "analyst",
    "Plan a three-day trip to Rome": "planner",
    "I want to organise a birthday party for 20 people": "planner",
    "Help me schedule my week": "planner",
    "We need a roadmap for the product launch": "planner",
    "Find out who invented the telephone": "researcher",
    "Look up the latest news about fusion energy": "researcher",
    "What does research say about sleep and memory?": "researcher",
    "Give me sources on the history of Venice": "researcher",
    "Write a poem about the sea": "writer",
    "Draft an email to the customers about the delay": "writer",
    "Please rewrite this paragraph so that it sounds friendlier": "writer",
    "I need a short story for my daughter": "writer",
    "Compose a birthday card for Anna": "writer",
    "I would like a refund for my last order": "support",
    "My app is broken and shows an error": "support",
    "There is a problem with my invoice": "support",
    "Can I talk to the writer?": "writer",
    "@researcher what do you say?": "researcher",
}
SMALL_TALK = ["hello", "Hi there, how are you?", "Thanks, that was great!", "What can you do?", "ok", "What's my name?"]


async def chosen(text: str) -> str | None:
    """The agent that the host hands over to, if it does."""
    response = await Turn(MockConfig(), HOST, TEAM).say(text)
    return calls(response)[0][0].removeprefix("transfer_to_") if response.tool_calls else None


@pytest.mark.requirement("H-09")
@pytest.mark.parametrize(("text", "agent"), REQUESTS.items())
async def test_a_request_goes_to_the_specialist_it_is_for(text: str, agent: str) -> None:
    assert await chosen(text) == agent


@pytest.mark.parametrize("text", SMALL_TALK)
async def test_small_talk_stays_with_the_host(text: str) -> None:
    assert await chosen(text) is None


async def test_a_hand_off_says_why() -> None:
    response = await Turn(MockConfig(), HOST, TEAM).say("Plan a three-day trip to Rome")
    assert calls(response) == [("transfer_to_planner", {"reason": "This is for planner: three-day trip to Rome"})]


async def test_ones_own_tool_goes_before_a_hand_off_that_fits_no_better() -> None:
    tools = [function("write_poem", "Writes a poem.", topic="string"), handoff("writer", "Writes texts.")]
    response = await Turn(MockConfig(), "You are a poet.", tools).say("Write a poem about the sea")
    assert calls(response) == [("write_poem", {"topic": "the sea"})]


async def test_the_floor_is_not_passed_back_to_who_gave_it() -> None:
    tools = [handoff("analyst", "Analyses numbers and draws charts."), handoff("host", "Greets people.")]
    turn = Turn(MockConfig(), "You are a writer.", tools)
    response = await turn.say("Make a chart of sales", "[analyst handed the conversation to writer: words are needed]")
    assert not response.tool_calls
    assert response.content


async def test_a_receiver_does_its_own_part_and_passes_on_the_rest() -> None:
    tools = [
        function("show_chart", "Draws a chart.", title="string"),
        handoff("writer", "Writes emails. Use for: email."),
    ]
    turn = Turn(MockConfig(), "You are an analyst who draws charts.", tools)
    handed = "[host handed the conversation to analyst: numbers]"
    response = await turn.say("Make a chart of sales and then write an email about it", handed)
    assert calls(response)[0][0] == "show_chart"
    response = await turn.result(response.tool_calls.calls[0], "shown")
    assert calls(response)[0][0] == "transfer_to_writer"


async def test_a_follow_up_on_something_else_goes_back_to_the_host() -> None:
    turn = Turn(MockConfig(), "You are a poet.", [handoff("host", "Welcomes people.")])
    await turn.say("Write a poem about the sea")
    response = await turn.say("Which invoices are unpaid since January?")
    assert calls(response)[0][0] == "transfer_to_host"


async def test_several_things_are_done_one_after_the_other() -> None:
    tools = [
        function("show_chart", "Draw a chart.", title="string"),
        function("send_email", "Send an email.", to="string", subject="string"),
    ]
    turn = Turn(MockConfig(), tools=tools)
    response = await turn.say("Make a chart of sales and then email it to anna@example.com")
    made = calls(response)
    while response.tool_calls:
        response = await turn.result(response.tool_calls.calls[0], "done")
        made += calls(response)
    assert made == [
        ("show_chart", {"title": "Sales"}),
        ("send_email", {"to": "anna@example.com", "subject": "Sales"}),
    ]


async def test_thanks_are_manners_unless_they_are_what_is_asked_for() -> None:
    turn = Turn(MockConfig(), tools=[function("write_note", "Write a note.", subject="string")])
    for text, subject in (("trams, thanks", "trams"), ("thank-you cards", "thank-you cards")):
        (call,) = calls(await turn.say(f"Write a note about {text}"))
        assert call[1]["subject"].lower() == subject


async def test_a_tool_is_called_once_per_request_and_again_for_the_next() -> None:
    turn = Turn(MockConfig(), tools=[function("get_weather", "Weather of a city.", city="string")])
    for city in ("Paris", "Rome"):
        response = await turn.say(f"What is the weather in {city}?")
        assert calls(response) == [("get_weather", {"city": city})]
        assert not (await turn.result(response.tool_calls.calls[0], "sunny")).tool_calls


@pytest.mark.requirement("S1-13")
async def test_a_sum_is_given_to_the_calculator() -> None:
    turn = Turn(
        MockConfig(), tools=[function("calculate", "Evaluates a mathematical expression.", expression="string")]
    )
    response = await turn.say("What's 15 * 23 + 7?")
    assert calls(response) == [("calculate", {"expression": "15 * 23 + 7"})]
    assert "352" in str((await turn.result(response.tool_calls.calls[0], "352")).content)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("none", []), ("required", ["ping"]), ({"type": "function", "function": {"name": "ping"}}, ["ping"])],
)
async def test_the_callers_tool_choice_is_obeyed(choice: str | dict[str, object], expected: list[str]) -> None:
    config = MockConfig(sampling=Sampling(tool_choice=choice))
    turn = Turn(config, tools=[function("ping", "Ping a host.", host="string")])
    text = "ping the host" if choice == "none" else "hello"
    assert [name for name, _ in calls(await turn.say(text))] == expected


async def test_in_a_room_of_several_people_labels_are_peoples_names() -> None:
    turn = Turn(MockConfig(), HOST, TEAM)
    response = await turn.say("[Ann]: hello", "[Bob]: write a poem about the sea")
    assert calls(response)[0][0] == "transfer_to_writer"


async def test_what_a_colleague_says_is_not_a_request() -> None:
    turn = Turn(MockConfig(), HOST, TEAM)
    response = await turn.say("hello", "[writer]: Shall I make a chart of revenue?")
    assert not response.tool_calls


async def test_a_failed_tool_is_owned_up_to() -> None:
    turn = Turn(MockConfig(), tools=[function("get_weather", "Weather of a city.", city="string")])
    call: ToolCallEvent = (await turn.say("Weather in Paris?")).tool_calls.calls[0]
    turn.history.append(ToolResultsEvent([ToolErrorEvent.from_call(call, ValueError("secret detail"))]))
    answer = str((await turn.again()).content)
    assert "did not work" in answer
    assert "secret" not in answer


@pytest.mark.parametrize("speaker", ["", "[Ann]: "])
@pytest.mark.parametrize(
    "entered",
    [
        '{"rating": 5, "note": "a chart and a table"}',
        '{"name": "Ann", "email": "ann@example.com", "text": "Send me 3"}',
    ],
)
async def test_what_was_done_with_a_surface_says_what_to_call_and_not_what_was_entered(
    speaker: str, entered: str
) -> None:
    tools = [
        function("receive_form", 'Takes a form that was sent: a ui_action "submit".'),
        function("send_email", "Send an email to someone's address.", to="string"),
        function("show_chart", "Draws."),
    ]
    sent = f'{speaker}[ui_action: {{"name": "submit", "context": {entered}}}]'
    assert [name for name, _ in calls(await Turn(MockConfig(), tools=tools).say(sent))] == ["receive_form"]


async def test_the_rest_of_a_request_goes_back_to_the_host() -> None:
    tools = [function("show_chart", "Draws a chart.", title="string"), handoff("host", "Knows whom to ask.")]
    turn = Turn(MockConfig(), "You are an analyst who draws charts.", tools)
    response = await turn.say(
        "Make a chart of sales and write a poem", "[host handed the conversation to analyst: numbers]"
    )
    assert calls(response)[0][0] == "show_chart"
    response = await turn.result(response.tool_calls.calls[0], "shown")
    assert calls(response) == [("transfer_to_host", {"reason": "This is for host: write a poem"})]


async def test_a_tool_that_changes_things_is_not_for_making_them() -> None:
    tools = [
        function("update_plan", "Update the plan that is shown.", change="string"),
        function("make_plan", "Make a plan for a project.", goal="string"),
    ]
    turn = Turn(MockConfig(), tools=tools)
    assert calls(await turn.say("Plan a product launch"))[0][0] == "make_plan"
    turn = Turn(MockConfig(), tools=tools)
    assert calls(await turn.say("Update the plan: shorter steps"))[0][0] == "update_plan"
