from __future__ import annotations

import pytest

from salon.contracts.events import Entry, MsgDone, RoomEvent, RunFinished
from salon.contracts.feed import Published
from salon.contracts.types import Author, Obj, TextPart
from salon.jobs import dispatch
from salon.jobs.dispatch import Dispatch, Due


class Talk:
    """Publishes what happens in rooms to a dispatch, and collects what is due."""

    def __init__(self, made: Dispatch) -> None:
        self.dispatch = made
        self.titled = False
        self._seq = 0

    def says(self, author: str, *, room: str = "room", role: str = "user") -> list[Due]:
        part = TextPart(kind="text", text="words")
        who = Author.model_validate({"id": author, "role": role})
        return self._happens(room, MsgDone(event="message.done", message="msg_1", author=who, parts=[part]))

    def ends(self, outcome: str = "success", *, room: str = "room") -> list[Due]:
        body = {"event": "run.finished", "run": "run_1", "outcome": outcome}
        return self._happens(room, RunFinished.model_validate(body))

    def _happens(self, room: str, body: RoomEvent) -> list[Due]:
        self._seq += 1
        entry = Entry(seq=self._seq, at=0.0, body=body)
        return self.dispatch.after(Published(room, entry, "state_update", b""), titled=self.titled)


@pytest.fixture
def talk() -> Talk:
    return Talk(Dispatch(summary_every=4, facts_every=2))


TITLE = Due("generate_title", {"thread_id": "room"}, "generate_title:room")
SUMMARY = Due("summarize_thread", {"thread_id": "room"}, "summarize_thread:room")


def test_a_room_without_a_title_gets_one_when_a_run_ended_well(talk: Talk) -> None:
    assert talk.says("ada") == []
    assert talk.ends("error") == talk.ends("cancelled") == talk.ends("interrupt") == []
    assert talk.ends() == [TITLE]
    assert talk.ends() == [TITLE], "until it has one; the key keeps it to one job at a time"
    talk.titled = True
    assert talk.ends() == []


def test_a_summary_is_due_after_so_many_messages(talk: Talk) -> None:
    talk.titled = True
    for _ in range(3):
        assert talk.says("planner", role="agent") == []
        assert talk.ends() == []
    assert talk.says("planner", role="agent") == [], "while the run goes on nothing is due"
    assert talk.ends() == [SUMMARY]
    assert talk.ends() == []


def test_facts_are_due_after_so_many_messages_of_one_user_from_the_first_of_them_on(talk: Talk) -> None:
    talk.titled = True
    talk.says("ada")
    talk.says("bo")
    assert talk.ends() == []
    talk.says("ada")
    payload: Obj = {"thread_id": "room", "user_id": "ada", "after": 0}
    assert talk.ends() == [Due("extract_user_facts", payload, "extract_user_facts:room:ada")]
    talk.says("bo")
    (due, *_) = [due for due in talk.ends() if due.name == "extract_user_facts"]
    assert (due.payload["user_id"], due.payload["after"]) == ("bo", 1)


@pytest.mark.parametrize("user", ["anonymous", "api:ada"])
def test_facts_are_kept_of_nobody_whom_none_knows(talk: Talk, user: str) -> None:
    talk.titled = True
    for _ in range(3):
        talk.says(user)
    assert talk.ends() == []


def test_rooms_are_counted_apart_and_a_room_that_is_gone_is_forgotten(talk: Talk) -> None:
    talk.titled = True
    for number in range(3):
        talk.says("planner", role="agent", room=f"room-{number % 2}")
        talk.says("planner", role="agent")
    assert talk.ends(room="room-0") == []
    talk.dispatch.forget("room")
    talk.says("planner", role="agent")
    assert talk.ends() == []


def test_what_is_counted_is_bounded(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "ROOMS", 2)
    monkeypatch.setattr(dispatch, "USERS", 2)
    talk.titled = True
    for user in ("ada", "bo", "cy", "ada"):
        talk.says(user)
    assert [due.name for due in talk.ends()] == ["summarize_thread"], "ada was forgotten in favour of cy"
    talk.says("ada", room="room-1")
    talk.says("ada", room="room-2")
    talk.says("ada")
    assert talk.ends() == [], "the room was forgotten in favour of two others"
