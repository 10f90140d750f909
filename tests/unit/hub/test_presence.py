"""What is told of people coming, going and typing, merged between two looks."""

from salon.contracts.actions import Signal
from salon.contracts.types import Member
from salon.hub.presence import MAX_LISTED, Presence


def member(client: str) -> Member:
    return Member(client=client, user=f"u-{client}", role="user")


def signal(**said: object) -> Signal:
    return Signal.model_validate({"kind": "signal", "room": "r", **said})


def room_of(*clients: str) -> Presence:
    presence = Presence("r")
    for client in clients:
        presence.join(member(client))
    presence.take()
    return presence


def test_comings_and_goings_are_merged() -> None:
    presence = room_of("a")
    presence.join(member("b"))
    presence.leave("a")
    assert presence.moved
    news = presence.take()
    assert ([m.client for m in news.joins], news.leaves) == (["b"], ["a"])
    assert not presence.moved


def test_who_comes_and_goes_between_two_looks_is_told_as_gone_since_a_newcomer_may_know_them() -> None:
    presence = room_of("a")
    presence.join(member("b"))
    assert [m.client for m in presence.members()] == ["a", "b"]
    presence.leave("b")
    news = presence.take()
    assert (news.joins, news.leaves) == ([], ["b"])
    assert [m.client for m in presence.members()] == ["a"]


def test_who_goes_and_comes_back_is_told_as_present() -> None:
    presence = room_of("a")
    presence.leave("a")
    presence.join(member("a"))
    news = presence.take()
    assert ([m.client for m in news.joins], news.leaves) == (["a"], [])


def test_everyone_who_types_is_told_each_time() -> None:
    presence = room_of("a", "b")
    presence.signal("a", signal(typing=True), 0)
    presence.signal("b", signal(typing=True), 0)
    assert presence.take().typing == ["a", "b"]
    presence.signal("a", signal(typing=False), 1)
    assert presence.take().typing == ["b"]


def test_repeating_oneself_is_no_news() -> None:
    presence = room_of("a")
    presence.signal("a", signal(typing=True), 0)
    presence.take()
    presence.signal("a", signal(typing=True), 20)
    assert not presence.spoke


def test_typing_that_is_not_repeated_expires() -> None:
    presence = room_of("a")
    presence.signal("a", signal(typing=True, status="here"), 0)
    presence.take()
    presence.expire(29.9)
    assert not presence.spoke
    presence.expire(30)
    assert presence.take().typing == []
    assert presence.members()[0].status is None


def test_signals_are_merged_and_told_to_newcomers() -> None:
    presence = room_of("a")
    presence.signal("a", signal(status="busy"), 0)
    presence.signal("a", signal(data={"cursor": 3}), 0)
    presence.seen("a", 7)
    assert presence.take().signals == {"a": {"status": "busy", "data": {"cursor": 3}, "seen": 7}}
    assert presence.members()[0].status == "busy"


def test_who_is_gone_types_no_more_and_signals_nothing() -> None:
    presence = room_of("a", "b")
    presence.signal("a", signal(typing=True, status="x"), 0)
    presence.leave("a")
    news = presence.take()
    assert (news.typing, news.signals, news.leaves) == ([], {}, ["a"])
    presence.signal("a", signal(typing=True), 0)
    presence.seen("a", 1)
    presence.leave("a")
    presence.expire(100)
    assert not presence.moved
    assert not presence.spoke


def test_a_crowd_is_not_listed_whole() -> None:
    assert len(room_of(*(f"c{n}" for n in range(1000))).members()) == MAX_LISTED
