"""The protocol of one connection: every frame and tick has the effects that the contract promises, no others."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from salon.contracts.actions import room_of
from salon.contracts.decode import ClientMessage, decode_client
from salon.contracts.runs import Principal
from salon.contracts.wire import Ack, ErrorPayload, Welcome
from salon.errors import Close, RequestError
from salon.hub.session import Do, Effect, HangUp, Say, SayPing, SayPong, Session, State, guest
from tests.unit.hub.fakes import terms

T0 = 1000.0
LIMITS = terms().limits


def session(room: str = "default", **settings: Any) -> Session:
    return Session(terms(**settings), connection="con_1", secret="secret-1", room=room, now=T0)


def frame(type_: str, **payload: Any) -> ClientMessage:
    made: ClientMessage = decode_client(
        orjson.dumps({"type": type_, "payload": payload}),
        LIMITS,
        room="default",
        new_id=lambda: "made-up",
        now=0.0,
    )
    return made


def action(kind: str, **payload: Any) -> ClientMessage:
    if kind not in ("signal", "seen"):
        payload.setdefault("id", "a1")
    return frame("action", kind=kind, **payload)


def send(**payload: Any) -> ClientMessage:
    return action("send", room="r", parts=[{"kind": "text", "text": "hi"}], **payload)


def connected(**settings: Any) -> Session:
    made = session(**settings)
    made.receive(action("connect", versions=["1"]), T0)
    return made


def said(effects: list[Effect]) -> list[Any]:
    return [effect.payload for effect in effects if isinstance(effect, Say)]


def done(effects: list[Effect]) -> list[Any]:
    return [effect.command for effect in effects if isinstance(effect, Do)]


def closed(effects: list[Effect]) -> Close | None:
    return next((effect.code for effect in effects if isinstance(effect, HangUp)), None)


def refused(effects: list[Effect]) -> ErrorPayload:
    (error,) = said(effects)
    assert isinstance(error, ErrorPayload)
    return error


def test_connect_is_answered_with_the_terms() -> None:
    (welcome,) = said(session().receive(action("connect", versions=["2", "1"], client="test"), T0))
    assert isinstance(welcome, Welcome)
    assert (welcome.version, welcome.connection, welcome.reply_to, welcome.mode) == ("1", "con_1", "a1", "mock")
    assert (welcome.ping_every, welcome.pong_within) == (25.0, 10.0)
    assert welcome.limits == terms().limits


def test_a_returning_client_is_the_same_user_and_nobody_learns_its_secret_from_that() -> None:
    first = session()
    (welcome,) = said(first.receive(action("connect", versions=["1"]), T0))
    again = Session(terms(), connection="con_2", secret="secret-2", room="default", now=T0)
    (back,) = said(again.receive(action("connect", versions=["1"], session=welcome.session), T0))
    assert back.user == welcome.user == guest("secret-1")
    assert welcome.session not in welcome.user
    assert guest("secret-2") != guest("secret-1")


def test_a_guest_is_called_what_it_calls_itself_and_stays_a_guest() -> None:
    ann = session()
    [welcome] = said(ann.receive(action("connect", versions=["1"], name="\u202e Ann\n\x00 Lee "), T0))
    assert (welcome.user, ann.principal.name) == (guest("secret-1"), "Ann Lee")


def test_a_version_that_is_not_spoken_ends_the_connection() -> None:
    effects = session().receive(action("connect", versions=["2"]), T0)
    assert refused(effects).code == "unsupported_version"
    assert refused(effects).fatal
    assert closed(effects) is Close.UNSUPPORTED_VERSION


def test_connecting_twice_ends_the_connection() -> None:
    effects = connected().receive(action("connect", versions=["1"], id="a2"), T0)
    assert (refused(effects).code, refused(effects).reply_to) == ("bad_request", "a2")
    assert closed(effects) is Close.PROTOCOL_ERROR


@pytest.mark.parametrize("first", [frame("ping"), send(), frame("pong"), action("seen", room="default", seq=1)])
def test_any_other_first_frame_is_someone_anonymous_in_the_default_room(first: ClientMessage) -> None:
    made = session(room="lounge")
    effects = made.receive(first, T0)
    assert done(effects)[0].kind == "subscribe"
    assert done(effects)[0].room == "lounge"
    assert made.state is State.READY


@pytest.mark.requirement("S4-16")
def test_a_ping_is_answered_with_its_nonce_or_without_one() -> None:
    assert connected().receive(frame("ping", nonce="n"), T0) == [SayPong("n")]
    assert connected().receive(frame("ping"), T0) == [SayPong(None)]


def test_a_first_frame_that_cannot_be_read_leaves_the_handshake_open() -> None:
    made = session()
    assert refused(made.receive(RequestError("no"), T0)).code == "bad_request"
    assert made.state is State.AWAITING_CONNECT
    assert isinstance(said(made.receive(action("connect", versions=["1"]), T0))[0], Welcome)


def test_saying_nothing_ends_the_connection_in_time_and_not_before() -> None:
    made = session()
    assert made.tick(T0 + 9.9) == []
    assert closed(made.tick(T0 + 10)) is Close.HANDSHAKE_TIMEOUT


@pytest.mark.requirement("S4-16")
def test_silence_is_pinged_and_then_ends_the_connection() -> None:
    made = connected()
    made.tick(T0 + 10)
    assert made.tick(T0 + 24.9) == []
    assert made.tick(T0 + 25) == [SayPing("1")]
    assert made.tick(T0 + 34.9) == []
    assert closed(made.tick(T0 + 35)) is Close.NO_PONG


@pytest.mark.parametrize("sign", [frame("pong", nonce="other"), send(), RequestError("no")])
def test_any_frame_after_a_ping_is_a_sign_of_life(sign: Any) -> None:
    made = connected()
    made.tick(T0 + 10)
    made.tick(T0 + 25)
    made.receive(sign, T0 + 30)
    assert made.tick(T0 + 35) == []
    assert made.tick(T0 + 54.9) == []
    assert made.tick(T0 + 55) == [SayPing("2")]


def test_a_binary_frame_ends_the_connection() -> None:
    assert closed(connected().receive_binary()) is Close.PROTOCOL_ERROR


def test_ten_unreadable_frames_within_a_minute_end_the_connection() -> None:
    made = connected()
    for n in range(9):
        assert closed(made.receive(RequestError("no"), T0 + n)) is None
    effects = made.receive(RequestError("no"), T0 + 59)
    assert refused(effects).fatal
    assert closed(effects) is Close.TOO_MANY_ERRORS


def test_unreadable_frames_now_and_then_are_only_refused() -> None:
    made = connected()
    for n in range(50):
        assert closed(made.receive(RequestError("no"), T0 + 7 * n)) is None


def test_more_actions_than_the_burst_are_refused_with_a_time_to_wait() -> None:
    made = connected()
    for n in range(40):
        made.receive(send(id=f"a{n}"), T0)
        made.answered()
    error = refused(made.receive(send(id="late"), T0))
    assert (error.code, error.retryable, error.reply_to) == ("rate_limited", True, "late")
    assert error.retry_after == pytest.approx(0.05)
    assert done(made.receive(send(id="late"), T0 + 0.051))


def test_who_does_not_slow_down_is_cut_off() -> None:
    made = connected()
    codes = [closed(made.receive(send(id=f"a{n}"), T0)) for n in range(241)]
    assert codes[239] is None
    assert codes[240] is Close.RATE_LIMITED


def test_pings_are_bounded_too_but_far_above_any_use() -> None:
    made = connected()
    answers = [made.receive(frame("ping"), T0) for _ in range(401)]
    assert answers[399] == [SayPong(None)]
    assert refused(answers[400]).code == "rate_limited"


def test_too_many_actions_that_wait_for_their_answer_are_refused() -> None:
    made = connected(actions_inflight=2)
    made.receive(send(id="a1"), T0)
    made.receive(send(id="a2"), T0)
    assert refused(made.receive(send(id="a3"), T0)).code == "limit_exceeded"
    made.answered()
    assert done(made.receive(send(id="a3"), T0))


def test_rooms_are_counted() -> None:
    made = connected(rooms_per_connection=2)
    for room in ("r1", "r2"):
        assert done(made.receive(action("subscribe", room=room), T0))
    error = refused(made.receive(action("subscribe", room="r3"), T0))
    assert (error.code, error.room) == ("limit_exceeded", "r3")
    made.receive(action("unsubscribe", room="r1"), T0)
    assert done(made.receive(action("subscribe", room="r3"), T0))


def test_a_room_that_could_not_be_watched_does_not_count() -> None:
    made = connected(rooms_per_connection=1)
    made.receive(action("subscribe", room="r1"), T0)
    made.unwatched("r1")
    assert done(made.receive(action("subscribe", room="r2"), T0))


def test_subscribing_again_needs_a_position_to_go_on_from() -> None:
    made = connected()
    made.receive(action("subscribe", room="r"), T0)
    assert refused(made.receive(action("subscribe", room="r"), T0)).code == "already_subscribed"
    assert done(made.receive(action("subscribe", room="r", recover={"epoch": "e", "seq": 1}), T0))


@pytest.mark.parametrize(
    "stray",
    [action("unsubscribe", room="r"), action("signal", room="r", typing=True), action("seen", room="r", seq=1)],
)
def test_what_concerns_watching_needs_a_subscription(stray: ClientMessage) -> None:
    assert refused(connected().receive(stray, T0)).code == "not_subscribed"


def test_acting_in_a_room_does_not_need_a_subscription() -> None:
    assert [command.kind for command in done(connected().receive(send(), T0))] == ["send"]


def test_a_signal_carries_little() -> None:
    made = connected()
    made.receive(action("subscribe", room="r"), T0)
    assert refused(made.receive(action("signal", room="r", data={"x": "y" * 4096}), T0)).code == "too_large"
    assert done(made.receive(action("signal", room="r", data={"x": "y"}), T0))


def test_a_page_of_history_has_one_end() -> None:
    error = refused(connected().receive(action("history", room="r", before=9, after=1, limit=5), T0))
    assert error.code == "bad_request"
    assert error.details is not None
    assert error.details[0].path == "/payload/after"


def test_a_newer_token_is_acknowledged() -> None:
    assert said(connected().receive(action("refresh", token="t"), T0)) == [
        Ack(kind="ack", reply_to="a1", duplicate=False)
    ]


def test_the_error_of_a_client_has_no_effect() -> None:
    stray = frame("error", code="internal", message="mine", retryable=False, fatal=False)
    assert connected().receive(stray, T0) == []


def test_what_arrives_after_the_end_has_no_effect() -> None:
    made = connected()
    made.close()
    made.close()
    assert made.receive(send(), T0) == made.tick(T0 + 100) == made.receive_binary() == []


class Conversation(RuleBasedStateMachine):
    """Whatever a client says, and whenever: what is promised about every connection holds."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.session = session(actions_inflight=5, rooms_per_connection=3)
        self.effects: list[Effect] = []
        self.running = 0
        self.heard = T0
        self.ended = False

    def take(self, effects: list[Effect]) -> None:
        assert not (self.ended and effects)
        self.running += len(done(effects))
        if closed(effects) is not None:
            assert isinstance(effects[-1], HangUp)
            self.ended = True
        for effect in effects[:-1]:
            assert not isinstance(effect, HangUp)
        for payload in said(effects):
            if isinstance(payload, ErrorPayload) and payload.fatal:
                assert self.ended
        self.effects = effects

    def hear(self, message: Any) -> None:
        self.heard = self.now
        self.take(self.session.receive(message, self.now))

    @rule(versions=st.sampled_from([["1"], ["0", "1"], ["9"]]))
    def connect(self, versions: list[str]) -> None:
        fresh = self.session.state is State.AWAITING_CONNECT
        self.hear(action("connect", versions=versions))
        if not self.ended:
            assert fresh
            assert "1" in versions

    @rule(room=st.sampled_from("abcd"), recover=st.sampled_from([None, {"epoch": "e", "seq": 0}]))
    def subscribe(self, room: str, recover: object) -> None:
        self.hear(action("subscribe", room=room, recover=recover))

    @rule(room=st.sampled_from("abcd"))
    def unsubscribe(self, room: str) -> None:
        watched = room in self.session.rooms
        self.hear(action("unsubscribe", room=room))
        assert watched or all(command.kind == "subscribe" for command in done(self.effects))

    @rule()
    def say(self) -> None:
        self.hear(send())

    @rule()
    def ping(self) -> None:
        self.hear(frame("ping", nonce="n"))

    @rule()
    def mumble(self) -> None:
        self.hear(RequestError("unreadable"))

    @precondition(lambda self: self.running)
    @rule()
    def answer(self) -> None:
        self.running -= 1
        self.session.answered()

    @rule(seconds=st.floats(0, 40))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        due = self.session.due
        self.take(self.session.tick(self.now))
        if self.now < due:
            assert self.effects == []
        if closed(self.effects) is Close.NO_PONG:
            assert self.now - self.heard >= 35

    @invariant()
    def nothing_is_unbounded(self) -> None:
        assert self.running <= 5
        assert len(self.session.rooms) <= 3

    @invariant()
    def the_end_is_the_end(self) -> None:
        assert self.session.ended() is self.ended


TestConversation = Conversation.TestCase


def test_a_search_for_threads_is_about_no_room() -> None:
    session = connected(actions_inflight=1)
    [asked] = done(session.receive(action("threads", limit=5), T0))
    assert (asked.kind, room_of(asked)) == ("threads", None)
    error = refused(session.receive(action("threads", id="t2", limit=5), T0))
    assert (error.code, error.reply_to, error.room) == ("limit_exceeded", "t2", None)


def test_who_is_known_without_asking_stays_who_it_is() -> None:
    known = Session(terms(), connection="c", secret="s", room="r", now=T0, user=Principal("ada", "Ada"))
    [welcome] = said(known.receive(action("connect", versions=["1"], session="of-another", name="Bo"), T0))
    assert (welcome.user, known.principal) == ("ada", Principal("ada", "Ada"))
