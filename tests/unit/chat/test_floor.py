"""The floor: AG2 decides who speaks, and every decision has its reason."""

from typing import Any, cast

import pytest
from ag2 import AgentReply
from ag2.events import BaseEvent, ToolCallEvent, ToolResult, ToolResultEvent
from ag2.network import Finish, Handoff

from salon.chat.floor import Floor, Routing

TEAM = {"host": ["analyst", "writer"], "analyst": ["host"], "writer": ["host"]}


class Reply:
    """What the reducer asks of a reply."""

    def __init__(self, body: str | None) -> None:
        self.body = body


def spoke(floor: Floor, agent: str, body: str = "said", result: object = None) -> Routing:
    events: list[BaseEvent] = []
    if result is not None:
        call = ToolCallEvent("transfer", id="c1")
        events = [call, ToolResultEvent.from_call(call, result=ToolResult(cast(Any, result), final=True))]
    return floor.spoke(agent, cast("AgentReply[Any, Any]", Reply(body)), events)


def at(floor: Floor) -> tuple[str | None, str, str | None]:
    return floor.speaker, floor.why.rule, floor.why.by


def test_the_host_speaks_first_and_then_the_floor_is_the_peoples() -> None:
    floor = Floor("host", TEAM, None)
    assert at(floor)[0] is None
    floor.people_spoke([], "mention", "alice")
    assert at(floor)[:2] == ("host", "host")
    assert floor.why.candidates == ["host", "analyst", "writer"]
    spoke(floor, "host")
    assert at(floor)[0] is None


def test_whoever_holds_the_floor_answers_follow_ups() -> None:
    floor = Floor("host", TEAM, "analyst")
    floor.people_spoke([], "mention", "alice")
    assert at(floor)[:2] == ("analyst", "sticky")


def test_a_holder_who_left_the_team_is_forgotten() -> None:
    floor = Floor("host", TEAM, "somebody else")
    floor.people_spoke([], "mention", "alice")
    assert at(floor)[0] == "host"


@pytest.mark.requirement("S4-03")
def test_a_hand_off_makes_the_target_speak_and_says_by_whom_and_why() -> None:
    floor = Floor("host", TEAM, None)
    floor.people_spoke([], "mention", "alice")
    routing = spoke(floor, "host", result=Handoff(target="analyst", reason="numbers"))
    assert routing == Routing(target="analyst", reason="numbers")
    assert at(floor)[0] == "analyst"
    assert (floor.why.rule, floor.why.by, floor.why.reason) == ("handoff", "host", "numbers")
    spoke(floor, "analyst", result=Handoff(target="host"))
    assert at(floor)[0] == "host"
    spoke(floor, "host")
    assert at(floor)[0] is None


def test_those_who_are_mentioned_speak_in_that_order() -> None:
    floor = Floor("host", TEAM, "analyst")
    floor.people_spoke(["writer", "analyst"], "mention", "alice")
    assert at(floor) == ("writer", "mention", "alice")
    spoke(floor, "writer")
    assert at(floor)[:2] == ("analyst", "mention")
    spoke(floor, "analyst", body="")
    assert at(floor)[0] is None


def test_a_person_chooses_before_or_after_the_agents_are_done() -> None:
    floor = Floor("host", TEAM, None)
    floor.people_spoke(["host", "writer"], "mention", "alice")
    spoke(floor, "host")
    floor.give("analyst", "bob")
    assert at(floor) == ("analyst", "person", "bob")
    spoke(floor, "analyst")
    assert at(floor)[0] is None
    floor.give("writer", "bob")
    assert at(floor)[:2] == ("writer", "person")


def test_the_same_hand_off_is_not_made_twice_in_a_run() -> None:
    floor = Floor("host", TEAM, None)
    floor.people_spoke([], "mention", "alice")
    spoke(floor, "host", result=Handoff(target="analyst"))
    spoke(floor, "analyst", result=Handoff(target="host"))
    assert "Answer yourself" in (floor.refusal("host", "analyst") or "")
    assert floor.refusal("host", "writer") is None


def test_a_hand_off_to_nobody_is_refused_and_the_floor_stays() -> None:
    floor = Floor("host", TEAM, None)
    floor.people_spoke([], "mention", "alice")
    routing = spoke(floor, "host", result=Handoff(target="ghost"))
    assert "ghost" in (routing.refused or "")
    assert "analyst, writer" in (routing.refused or "")
    assert at(floor)[0] == "host"
    assert "have the floor" in (floor.refusal("host", "host") or "")


def test_a_tool_may_finish_the_run() -> None:
    floor = Floor("host", TEAM, None)
    floor.people_spoke(["host", "writer"], "mention", "alice")
    assert spoke(floor, "host", result=Finish(reason="all is said")).reason == "all is said"
    assert at(floor)[0] is None


def test_a_silent_turn_gives_the_floor_back() -> None:
    floor = Floor("host", TEAM, None)
    floor.people_spoke([], "mention", "alice")
    spoke(floor, "host", body="")
    assert at(floor)[0] is None
