import random

from salon.clients.follow.follower import Follower, Gap, News, Picture
from tests.unit.clients.frames import JSON, entry, events, of_room, resync, subscribed


def note(seq: int) -> JSON:
    return entry(seq, "custom", name="n", value=seq)


def at(seq: int) -> Follower:
    """A follower that has seen everything up to `seq`."""
    follower = Follower("lab")
    follower.subscribe("s1")
    follower.receive(of_room(subscribed(seq)))
    return follower


def seqs(step: object) -> list[int]:
    assert isinstance(step, News)
    return [one.seq for one in step.entries]


def test_the_first_subscription_asks_for_the_whole_room() -> None:
    follower = Follower("lab")
    assert follower.subscribe("s1").recover is None
    step = follower.receive(of_room(subscribed(7)))
    assert isinstance(step, Picture)
    assert not step.rewound
    assert follower.position is not None
    assert follower.position.seq == 7
    assert list(follower.members) == ["c1"]


def test_entries_in_order_are_news_once() -> None:
    follower = at(3)
    assert seqs(follower.receive(of_room(events(note(4), note(5))))) == [4, 5]
    assert follower.receive(of_room(events(note(4), note(5)))) is None
    assert seqs(follower.receive(of_room(events(note(5), note(6))))) == [6]


def test_a_missing_entry_is_a_gap_until_the_room_is_subscribed_again() -> None:
    follower = at(3)
    assert follower.receive(of_room(events(note(5)))) == Gap()
    assert follower.receive(of_room(events(note(6)))) is None
    again = follower.subscribe("s2")
    assert again.recover is not None
    assert again.recover.seq == 3
    assert seqs(follower.receive(of_room(subscribed(6, recovered=[note(4), note(5), note(6)])))) == [4, 5, 6]
    assert seqs(follower.receive(of_room(events(note(7))))) == [7]


def test_a_gap_in_the_middle_of_a_frame_loses_and_doubles_nothing() -> None:
    follower = at(3)
    assert follower.receive(of_room(events(note(4), note(6)))) == Gap()
    follower.subscribe("s2")
    assert seqs(follower.receive(of_room(subscribed(6, recovered=[note(4), note(5), note(6)])))) == [4, 5, 6]


def test_what_arrives_before_the_subscription_is_answered_is_left_to_the_answer() -> None:
    follower = at(3)
    follower.subscribe("s2")
    assert follower.receive(of_room(events(note(4)))) is None
    assert seqs(follower.receive(of_room(subscribed(4, recovered=[note(4)])))) == [4]


def test_a_recovery_without_news_is_quiet() -> None:
    follower = at(3)
    follower.subscribe("s2")
    assert follower.receive(of_room(subscribed(3, recovered=[]))) is None


def test_an_unknown_kind_of_entry_counts_and_is_not_news() -> None:
    follower = at(3)
    assert follower.receive(of_room(events(entry(4, "confetti.thrown")))) is None
    assert seqs(follower.receive(of_room(events(note(5))))) == [5]


def test_another_epoch_means_that_the_log_was_rewound() -> None:
    follower = at(30)
    follower.subscribe("s2")
    step = follower.receive(of_room(subscribed(2, epoch="e2")))
    assert isinstance(step, Picture)
    assert step.rewound
    assert seqs(follower.receive(of_room(events(note(3))))) == [3]


def test_a_resync_replaces_what_was_held() -> None:
    follower = at(3)
    step = follower.receive(of_room(resync(90)))
    assert isinstance(step, Picture)
    assert not step.rewound
    assert seqs(follower.receive(of_room(events(note(91))))) == [91]


def test_other_rooms_are_not_followed() -> None:
    follower = at(3)
    assert follower.receive(of_room(events(note(4), room="attic"))) is None
    assert follower.receive(of_room(subscribed(90, room="attic"))) is None
    assert seqs(follower.receive(of_room(events(note(4))))) == [4]


def test_every_entry_is_news_exactly_once_however_frames_are_lost_doubled_and_cut() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        follower, log, seen = at(0), [note(seq) for seq in range(1, 41)], []
        cursor = 0
        while cursor < len(log):
            size = chance.randint(1, 5)
            frame = events(*log[cursor : cursor + size])
            cursor = min(len(log), cursor + size)
            for _ in range(chance.choice([0, 1, 1, 1, 2])):
                step = follower.receive(of_room(frame))
                if isinstance(step, News):
                    seen += seqs(step)
            if chance.random() < 0.2 or cursor == len(log):
                held = follower.subscribe("s").recover
                assert held is not None
                step = follower.receive(of_room(subscribed(cursor, recovered=log[held.seq : cursor])))
                seen += seqs(step) if step else []
        assert seen == list(range(1, 41)), f"seed {seed}"


def test_a_picture_can_be_asked_for_wherever_the_follower_is() -> None:
    follower = Follower("lab")
    assert follower.subscribe("s1", anew=True).recover is None
    follower.receive(of_room(subscribed(3)))
    asked = follower.subscribe("s2", anew=True)
    assert asked.recover is not None
    assert (asked.recover.epoch, asked.recover.seq) == ("none", 0)
    assert follower.receive(of_room(events(entry(4, "custom", name="n", value=4)))) is None
    answer = follower.receive(of_room(subscribed(9)))
    assert isinstance(answer, Picture)
    assert not answer.rewound
