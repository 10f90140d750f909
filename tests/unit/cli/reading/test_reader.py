from typing import Any

from salon.cli.reading.reader import RECENT, Reader
from salon.cli.reading.shown import Asked, Note, Said, Shown, Speech, SpeechEnded, Surfaced
from salon.clients.follow.follower import News, Picture
from salon.contracts.wire import Ephemeral
from tests.unit.clients.frames import JSON, as_welcome, entries, entry, said, snapshot, welcome

ANALYST = {"id": "analyst", "role": "agent"}
CHART = {"event": "ui.put", "surface": "u1", "owner": "analyst", "component": "progress", "version": 1}


def reader(**snap: Any) -> Reader:
    made = Reader(is_mine=lambda cause: cause == "mine")
    made.welcome(as_welcome(welcome()))
    made.read(Picture(snapshot(**snap), rewound=False))
    return made


def news(reader: Reader, *bodies: JSON, cause: str | None = None) -> list[Shown]:
    raw = [
        entry(n, body["event"], cause, **{k: v for k, v in body.items() if k != "event"})
        for n, body in enumerate(bodies, 1)
    ]
    return reader.read(News(entries(*raw)))


def turn(source: str = "model", rule: str = "host", **chosen: Any) -> JSON:
    return {
        "event": "turn.started",
        "turn": "t1",
        "run": "r1",
        "agent": "analyst",
        "chosen": {"rule": rule, **chosen},
        "source": source,
    }


def stream(*pieces: str, message: str = "m1", done: bool = True) -> list[JSON]:
    bodies: list[JSON] = [{"event": "message.started", "message": message, "author": ANALYST, "turn": "t1"}]
    length = 0
    for piece in pieces:
        length += len(piece)
        bodies.append({"event": "message.delta", "message": message, "text": piece, "at": length})
    return [*bodies, said(message, "".join(pieces), "analyst", "agent")] if done else bodies


def test_a_message_streams_piece_by_piece_and_is_not_repeated_when_it_is_done() -> None:
    assert news(reader(), *stream("It is ", "four.")) == [
        Speech("m1", "analyst", "It is "),
        Speech("m1", "analyst", "four."),
        SpeechEnded("m1"),
    ]


def test_words_of_a_mock_are_labelled() -> None:
    shown = news(reader(), turn("mock"), *stream("It is four."))
    assert Speech("m1", "analyst", "It is four.", mock=True) in shown


def test_a_message_that_was_cut_off_says_so() -> None:
    shown = news(reader(), *stream("It", done=False), said("m1", "It is", "analyst", "agent", partial=True))
    assert shown == [Speech("m1", "analyst", "It"), Speech("m1", "analyst", " is"), SpeechEnded("m1", partial=True)]


def test_others_words_are_shown_and_the_readers_own_are_not_repeated() -> None:
    assert news(reader(), said("m1", "hello")) == [Said("ann", "hello")]
    assert news(reader(), said("m2", "hi", "guest-me"), cause="mine") == []
    assert news(reader(), said("m3", "from another window", "guest-me")) == [Said("you", "from another window")]


def test_an_anonymous_persons_long_id_is_shortened() -> None:
    assert news(reader(), said("m1", "hello", "guest-0123456789abcdef")) == [Said("guest-0123", "hello")]


def test_a_handoff_is_one_line_with_its_reason() -> None:
    handoff = {"event": "agent.handoff", "source": "host", "target": "analyst", "reason": "needs\nnumbers"}
    mine = reader()
    assert news(mine, handoff) == [Note("host → analyst: needs numbers", "handoff")]
    assert mine.floor == "analyst"


def test_a_mention_explains_the_speaker_and_an_ordinary_turn_does_not() -> None:
    assert news(reader(), turn(rule="mention")) == [Note("analyst speaks: asked by name")]
    assert news(reader(), turn(rule="sticky")) == []


def test_a_tool_call_is_folded_to_one_line_when_it_is_done() -> None:
    ready = {"event": "tool.ready", "call": "c1", "name": "add", "args": {"a": 1, "b": 2}, "where": "server"}
    mine = reader()
    assert news(mine, {**ready, "agent": "analyst"}) == []
    assert mine.activity() == "analyst uses add"
    done = {"event": "tool.done", "call": "c1", "ok": True, "output": 3}
    assert news(mine, done) == [Note("analyst: add(a: 1, b: 2) → 3", "tool")]


def test_a_failed_tool_call_stands_out() -> None:
    mine = reader()
    news(mine, {"event": "tool.ready", "call": "c1", "name": "add", "args": {}, "where": "server"})
    failed = news(mine, {"event": "tool.done", "call": "c1", "ok": False, "output": "no such number"})
    assert failed == [Note("add() failed: no such number", "warn")]


def test_a_new_surface_is_shown_at_once_and_its_changes_once_at_the_end_of_the_turn() -> None:
    mine = reader()
    put = {**CHART, "props": {"label": "work", "value": 0.0}}
    steps = [
        {
            "event": "ui.patch",
            "surface": "u1",
            "version": n + 1,
            "ops": [{"op": "replace", "path": "/value", "value": n / 10}],
        }
        for n in range(1, 11)
    ]
    first, *rest = news(mine, turn(), put, *steps)
    assert isinstance(first, Surfaced)
    assert not first.changed
    assert rest == []
    (last,) = news(mine, {"event": "turn.finished", "turn": "t1", "outcome": "success"})
    assert isinstance(last, Surfaced)
    assert last.changed
    assert last.surface.props == {"label": "work", "value": 1.0}


def test_a_removed_surface_is_not_shown_again() -> None:
    mine = reader()
    news(mine, {**CHART, "props": {}}, {**CHART, "props": {}, "version": 2}, {"event": "ui.removed", "surface": "u1"})
    assert news(mine, {"event": "turn.finished", "turn": "t1", "outcome": "success"}) == []


def test_a_question_says_whether_it_is_the_readers_to_answer() -> None:
    question = {"event": "interrupt.opened", "interrupt": "i1", "run": "r1", "agent": "writer", "reason": "approval"}
    mine = reader()
    (open_to_all,) = news(mine, question)
    (anns,) = news(mine, {**question, "interrupt": "i2", "allowed": ["ann"]})
    assert isinstance(open_to_all, Asked)
    assert isinstance(anns, Asked)
    assert (open_to_all.mine, anns.mine) == (True, False)
    assert mine.activity() == "waiting for an answer"


def test_all_see_who_answered_a_question() -> None:
    question = {"event": "interrupt.opened", "interrupt": "i1", "run": "r1", "agent": "writer", "reason": "approval"}
    answer = {"event": "interrupt.resolved", "interrupt": "i1", "status": "resolved", "by": "ann", "value": True}
    mine = reader()
    news(mine, question)
    assert news(mine, answer) == [Note("ann answered writer's question: yes", "good")]
    assert mine.questions == {}
    news(mine, question)
    assert news(mine, {**answer, "by": "guest-me"}, cause="mine") == [
        Note("you answered writer's question: yes", "good")
    ]
    news(mine, question)
    expired = {"event": "interrupt.resolved", "interrupt": "i1", "status": "expired"}
    assert news(mine, expired) == [Note("nobody answered writer's question in time", "warn")]


def test_the_end_of_a_run_is_told_when_it_was_stopped_or_failed() -> None:
    started = {"event": "run.started", "run": "r1", "team": "demo"}
    ended = {"event": "run.finished", "run": "r1"}
    mine = reader()
    assert news(mine, started, {**ended, "outcome": "success"}) == []
    assert mine.ended == {"r1"}
    assert news(mine, started, {**ended, "outcome": "cancelled"}) == [Note("stopped", "warn")]
    failed = news(mine, started, {**ended, "outcome": "error", "reason": "model_error"})
    assert failed == [Note("this did not work: model_error", "bad")]
    assert mine.runs == set()


def test_control_characters_in_a_models_words_do_not_reach_the_terminal() -> None:
    shown = news(reader(), *stream("a\x1b[2Jb\x07"))
    assert shown[0] == Speech("m1", "analyst", "a[2Jb")


def test_a_newcomer_is_shown_the_recent_past_and_what_is_going_on() -> None:
    past = [{**said(f"m{n}", f"word {n}")} for n in range(RECENT + 5)]
    mine = Reader()
    mine.welcome(as_welcome(welcome()))
    shown = mine.read(
        Picture(
            snapshot(
                messages=past,
                open_messages=[{"event": "message.started", "message": "m99", "author": ANALYST}],
                partial={"m99": "So far"},
                surfaces=[{**CHART, "props": {"label": "work"}}],
                runs=[{"event": "run.started", "run": "r1", "team": "demo"}],
            ),
            rewound=False,
        )
    )
    assert [one.text for one in shown if isinstance(one, Said)] == [f"word {n}" for n in range(5, RECENT + 5)]
    assert shown[-1] == Speech("m99", "analyst", "So far")
    assert any(isinstance(one, Surfaced) for one in shown)
    assert mine.runs == {"r1"}


def test_a_picture_after_a_reconnect_shows_only_what_was_missed() -> None:
    mine = reader()
    news(mine, said("m1", "hello"), *stream("It is ", message="m2", done=False))
    later = [said("m1", "hello"), said("m2", "It is four.", "analyst", "agent"), said("m3", "thanks")]
    assert mine.read(Picture(snapshot(messages=later), rewound=False)) == [
        Speech("m2", "analyst", "four."),
        SpeechEnded("m2"),
        Said("ann", "thanks"),
    ]


def test_a_server_that_lost_the_room_is_told_of() -> None:
    mine = reader()
    news(mine, said("m1", "hello"))
    (note,) = mine.read(Picture(snapshot(), rewound=True))
    assert isinstance(note, Note)
    assert "started afresh" in note.text


def test_people_who_come_and_go_are_told_of_once_each() -> None:
    mine = reader()
    ann = {"client": "c2", "user": "ann", "role": "user", "name": "Ann"}

    def change(joins: list[JSON], leaves: list[str]) -> list[Shown]:
        frame = {"kind": "ephemeral", "room": "lab", "joins": joins, "leaves": leaves, "typing": [], "signals": {}}
        return mine.presence(Ephemeral.model_validate(frame))

    assert change([ann], []) == [Note("Ann came in")]
    assert change([{**ann, "client": "c3"}], []) == []
    assert mine.name("ann") == "Ann"
    assert change([], ["c2"]) == []
    assert change([], ["c3"]) == [Note("Ann left")]


def test_a_name_is_known_from_what_its_owner_said_before_presence_tells_it() -> None:
    mine = reader()
    news(mine, {**said("m1", "hello", "guest-77"), "author": {"id": "guest-77", "role": "user", "name": "Ann"}})
    assert mine.name("guest-77") == "Ann"


def test_a_fork_tells_how_to_go_there() -> None:
    (note,) = news(reader(), {"event": "room.forked", "room": "lab-2", "at": 9})
    assert note == Note("forked at 9; the new room: salon chat --room lab-2", "good")


def test_a_new_title_and_a_new_beginning_are_told() -> None:
    mine = reader()
    assert news(mine, {"event": "room.changed", "title": "Plans"}) == [Note("the room is called “Plans” now")]
    assert news(mine, {"event": "room.changed", "archived": True}) == []
    (note,) = news(mine, {"event": "room.cleared"})
    assert note == Note("all that was said is forgotten; the conversation begins anew")


def test_a_title_that_comes_while_somebody_speaks_is_told_afterwards() -> None:
    mine = reader()
    news(mine, {"event": "run.started", "run": "r1", "team": "team"})
    assert news(mine, {"event": "room.changed", "title": "Plans"}) == []
    finished = {"event": "run.finished", "run": "r1", "outcome": "success"}
    assert news(mine, finished) == [Note("the room is called “Plans” now")]


def test_the_status_line_says_what_the_agents_do() -> None:
    mine = reader()
    assert mine.activity() is None
    news(mine, {"event": "run.started", "run": "r1", "team": "demo"})
    assert mine.activity() == "working"
    news(mine, {"event": "agent.status", "agent": "analyst", "status": "thinking"})
    assert mine.activity() == "analyst is thinking"
    news(mine, {"event": "agent.status", "agent": "analyst", "status": "idle"})
    assert mine.activity() == "working"


def test_a_person_choosing_the_next_speaker_is_told_of() -> None:
    given = {"event": "floor.given", "agent": "analyst", "by": "guest-me"}
    assert news(reader(), given) == [Note("you gave the floor to analyst", "handoff")]


def test_a_message_taken_back_is_told_of() -> None:
    assert news(reader(), said("m1", "hello"), {"event": "message.removed", "message": "m1"})[-1] == Note(
        "a message was taken back"
    )


def test_files_and_data_in_a_message_are_named() -> None:
    body = said("m1", "see")
    body["parts"] += [
        {"kind": "file", "file_id": "f1", "media_type": "text/plain", "name": "list.txt"},
        {"kind": "data", "name": "ui_action", "data": {"pressed": "go"}},
        {"kind": "ui", "surface": "u1"},
    ]
    assert news(reader(), body) == [Said("ann", "see\n[file list.txt]\n[ui_action: pressed: go]")]


def test_a_failed_turn_and_a_declined_question_stand_out() -> None:
    finished = {"event": "turn.finished", "turn": "t1", "outcome": "error", "reason": "model_error"}
    assert news(reader(), turn(), finished) == [Note("the turn failed: model_error", "warn")]
    question = {"event": "interrupt.opened", "interrupt": "i1", "run": "r1", "agent": "writer", "reason": "input"}
    declined = {"event": "interrupt.resolved", "interrupt": "i1", "status": "cancelled"}
    assert news(reader(), question, {**declined, "by": "ann"})[-1] == Note("ann declined writer's question", "warn")
    assert news(reader(), question, declined)[-1] == Note("writer's question was withdrawn", "warn")


def test_a_patch_that_does_not_apply_leaves_the_surface_as_it_was() -> None:
    mine = reader()
    wrong = {
        "event": "ui.patch",
        "surface": "u1",
        "version": 2,
        "ops": [{"op": "replace", "path": "/nothing/here", "value": 1}],
    }
    news(mine, {**CHART, "props": {"label": "work"}}, wrong, {**wrong, "surface": "u2"})
    assert news(mine, {"event": "turn.finished", "turn": "t1", "outcome": "success"}) == []


def test_an_a2ui_surface_is_mentioned() -> None:
    (note,) = news(reader(), {"event": "ui.a2ui", "surface": "u9", "owner": "analyst", "messages": [{"x": 1}]})
    assert isinstance(note, Note)
    assert "A2UI" in note.text
