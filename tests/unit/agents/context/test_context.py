"""What a tool sees of its room."""

import asyncio
from typing import Literal

import pytest
from pydantic import BaseModel

from salon.agents.context.context import Context, NoAnswer
from salon.agents.tools.execution import execute
from salon.agents.tools.tool import tool_spec
from salon.contracts.runs import Principal
from salon.contracts.types import DataPart, Json, Obj, Part, TextPart
from salon.errors import RequestError, SalonError
from tests.fakes.port import FakePort


class Address(BaseModel):
    city: str
    floor: int = 0


def test_a_tool_knows_where_it_is_and_who_asks() -> None:
    context = Context(FakePort(room="r", run="u", agent="a", principal=Principal("bob")), call="c")
    assert (context.room, context.run, context.agent, context.call) == ("r", "u", "a", "c")
    assert context.user == context.peer_user_id == context.principal.user == "bob"


def test_a_tool_knows_what_is_being_answered() -> None:
    action: Obj = {"surface": "s", "name": "edit", "context": {"n": 1}}
    said: list[Part] = [
        TextPart(kind="text", text="Please"),
        DataPart(kind="data", name="ui_action", data=action),
    ]
    context = Context(FakePort(said=said))
    assert (context.message, context.action) == ("Please", action)
    assert (Context(FakePort()).message, Context(FakePort()).action) == ("", None)


def test_notes_last_for_the_run() -> None:
    port = FakePort()
    Context(port).set("cart", [1])
    assert Context(port).get("cart") == [1]
    assert Context(port).get("other", "none") == "none"
    assert Context(FakePort()).get("cart") is None


def test_surfaces_are_put_patched_read_and_removed() -> None:
    port = FakePort()
    context = Context(port)
    surface = context.put("list", {"items": [{"text": "milk", "done": False}]})
    context.patch(surface, [{"op": "replace", "path": "/items/0/done", "value": True}])
    shown = context.surface(surface)
    assert shown is not None
    assert (shown.version, shown.props["items"]) == (2, [{"text": "milk", "done": True}])
    context.remove(surface)
    assert context.surface(surface) is None
    with pytest.raises(SalonError, match="there is no surface"):
        context.patch(surface, [{"op": "remove", "path": "/items"}])


def test_messages_of_a2ui_are_passed_on_as_they_are() -> None:
    port = FakePort()
    context = Context(port)
    surface = context.a2ui([{"beginRendering": {"root": "r"}}])
    assert context.a2ui([{"surfaceUpdate": {}}], surface) == surface
    assert port.a2ui_surfaces == {surface: [{"surfaceUpdate": {}}]}
    with pytest.raises(ValueError, match="1 to 200"):
        context.a2ui([])


def test_props_of_the_catalogue_are_checked_and_those_of_custom_components_are_not() -> None:
    port = FakePort()
    context = Context(port)
    with pytest.raises(RequestError, match="items"):
        context.put("list", {"lines": []})
    assert context.put("my-map", {"anything": [1]}, catalog="maps") == "ui_1"
    assert port.surfaces["ui_1"].catalog == "maps"


def test_charts_and_tables_have_a_short_form() -> None:
    port = FakePort()
    context = Context(port)
    context.chart("Revenue", ["Q1", "Q2"], {"2026": [1, None]}, kind="line", unit="€", surface="c")
    context.table("Hits", ["Title", "Score"], [["Sea", 0.5]], surface="t")
    assert port.surfaces["c"].props == {
        "kind": "line",
        "title": "Revenue",
        "labels": ["Q1", "Q2"],
        "series": [{"name": "2026", "values": [1, None]}],
        "unit": "€",
    }
    assert port.surfaces["t"].props["columns"] == [{"key": "c0", "label": "Title"}, {"key": "c1", "label": "Score"}]
    assert port.surfaces["t"].props["rows"] == [{"c0": "Sea", "c1": 0.5}]


def test_the_rooms_state_is_read_and_patched_and_events_of_ones_own_are_told() -> None:
    port = FakePort()
    context = Context(port)
    context.patch_state([{"op": "add", "path": "/topic", "value": "sea"}])
    context.emit("progress", {"done": 1})
    assert context.state == {"topic": "sea"}
    assert port.customs == [("progress", {"done": 1})]


async def test_a_text_a_choice_a_model_and_a_schema_can_be_asked_for() -> None:
    port = FakePort(answers=[{"answer": "Lisbon"}, "b", {"city": "Porto"}, {"n": 3}])
    context = Context(port, call="c")
    assert await context.input("Where?", timeout=9) == "Lisbon"
    assert await context.input("Which?", choices=["a", "b"]) == "b"
    assert await context.input("Address?", schema=Address) == Address(city="Porto")
    schema: Obj = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert await context.input("How many?", schema=schema) == {"n": 3}
    reasons: list[str] = [question.reason for question in port.questions]
    assert reasons == ["input", "choice", "input", "input"]
    assert port.questions[0].timeout == 9
    assert port.questions[1].schema is not None
    assert "enum" in str(port.questions[1].schema)


@pytest.mark.parametrize("answer", ["declined", "expired", {"answer": "c"}, 3])
async def test_an_answer_that_is_none_is_an_error_of_its_own(answer: Json) -> None:
    with pytest.raises(NoAnswer):
        await Context(FakePort(answers=[answer])).input("Which?", choices=["a", "b"])


async def test_an_answer_of_another_form_than_asked_is_refused() -> None:
    with pytest.raises(NoAnswer, match="does not have the form"):
        await Context(FakePort(answers=[{"floor": "x"}])).input("Address?", schema=Address)


@pytest.mark.parametrize(("answer", "yes"), [({"approved": True}, True), ({"approved": False}, False), (True, True)])
async def test_approval_is_a_yes_or_no_with_details_below_the_question(answer: Json, yes: bool) -> None:
    port = FakePort(answers=[answer])
    assert await Context(port).approve("Send it?", details="To: Bob") is yes
    assert port.questions[0].message == "Send it?\n\nTo: Bob"


@pytest.mark.parametrize("answer", ["declined", "expired"])
async def test_silence_is_no_approval(answer: Literal["declined", "expired"]) -> None:
    assert await Context(FakePort(answers=[answer])).approve("Send it?") is False


async def test_a_sync_tool_reaches_the_room_from_its_thread_in_the_rooms_own_loop() -> None:
    loop = asyncio.get_running_loop()
    inside: list[bool] = []

    class Watched(FakePort):
        def patch_state(self, ops: object) -> None:
            inside.append(asyncio.get_running_loop() is loop)
            super().patch_state(ops)  # type: ignore[arg-type]

    def count(context: Context) -> str:
        context.patch_state([{"op": "add", "path": "/n", "value": 1}])
        with pytest.raises(SalonError):
            context.patch("missing", [{"op": "remove", "path": "/x"}])
        return str(context.state)

    async with asyncio.timeout(5):
        outcome = await execute(tool_spec(count), {}, Context(Watched()))
    assert outcome.text == "{'n': 1}"
    assert inside == [True]
