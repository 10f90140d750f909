"""A client that does not keep up loses its backlog, gets the present state instead, and costs nobody anything."""

from __future__ import annotations

import asyncio

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.contracts.feed import Published
from salon.hub.frames import Batch, Frames
from salon.hub.outbox import Outbox
from tests.clock import ManualClock
from tests.unit.hub.fakes import FakeLink, published

SMALL = {"max_frames": 10, "max_bytes": 10_000}


class Room:
    """Stands for the owner: `resync` gives where the room is, and `overrun` is counted."""

    def __init__(self) -> None:
        self.seq = 0
        self.overruns = 0

    def resync(self, room: str) -> Frames:
        return Frames(
            [orjson.dumps({"type": "state_update", "payload": {"kind": "resync", "room": room, "to": self.seq}})]
        )

    def overrun(self) -> None:
        self.overruns += 1

    def next(self, count: int = 1, *, room: str = "r", text: str = "x") -> Batch:
        items: list[Published] = []
        for _ in range(count):
            self.seq += 1
            items.append(published(self.seq, room=room, text=text))
        return Batch(room, items, 1.0)


def text(name: str) -> Frames:
    return Frames([orjson.dumps({"type": "state_update", "payload": {"kind": name}})])


def parts(**limits: int) -> tuple[Outbox, FakeLink, Room, ManualClock]:
    link, room, clock = FakeLink(), Room(), ManualClock()
    return Outbox(link, room, clock, **{**SMALL, **limits}), link, room, clock


def stuck(outbox: Outbox) -> float | None:
    return outbox.stuck_since


def kinds(link: FakeLink) -> list[str]:
    return [frame["payload"]["kind"] for frame in link.frames]


def resume(link: FakeLink, outbox: Outbox) -> None:
    link.paused = False
    outbox.drained()


def test_what_is_the_same_for_all_is_passed_on_as_it_is() -> None:
    outbox, link, room, _ = parts()
    batch = room.next()
    outbox.fan(batch)
    assert link.writes == [batch]


@pytest.mark.requirement("S4-36")
def test_entries_that_had_to_wait_come_in_fewer_frames_and_with_every_seq() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    for _ in range(60):
        outbox.fan(room.next())
    assert outbox.waiting[0] == 1
    assert link.texts == []
    resume(link, outbox)
    assert len(link.texts) == 1
    assert link.entries() == list(range(1, 61))
    outbox.fan(room.next())
    assert link.entries() == list(range(1, 62))


def test_waiting_entries_of_different_rooms_stay_in_their_own_frames() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    for name in ("a", "b", "b", "a"):
        outbox.fan(room.next(room=name))
    resume(link, outbox)
    assert [(p["room"], len(p["entries"])) for p in link.payloads("events")] == [("a", 1), ("b", 2), ("a", 1)]


def test_answers_and_entries_keep_their_order() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    outbox.fan(room.next())
    outbox.reply(text("ack"))
    outbox.fan(room.next())
    resume(link, outbox)
    assert kinds(link) == ["events", "ack", "events"]


def test_the_ephemeral_does_not_wait() -> None:
    outbox, link, _, _ = parts()
    outbox.whisper(text("ephemeral"))
    link.paused = True
    outbox.whisper(text("late"))
    resume(link, outbox)
    assert kinds(link) == ["ephemeral"]


@pytest.mark.requirement("S4-36")
def test_too_much_that_waits_is_replaced_by_one_resync() -> None:
    outbox, link, room, clock = parts()
    link.paused = True
    outbox.reply(text("ack"))
    for _ in range(40):
        outbox.fan(room.next(text="y" * 1000))
    assert outbox.waiting == (1, len(text("ack").wire))
    assert stuck(outbox) == clock.monotonic()
    resume(link, outbox)
    assert kinds(link) == ["ack", "resync"]
    assert link.payloads("resync")[0]["to"] == 40
    assert stuck(outbox) is None
    outbox.fan(room.next())
    assert link.entries() == [41]


def test_each_room_that_lost_entries_gets_its_own_resync() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    for n in range(40):
        outbox.fan(room.next(room=f"r{n % 2}", text="y" * 1000))
    resume(link, outbox)
    assert sorted(p["room"] for p in link.payloads("resync")) == ["r0", "r1"]


def test_a_room_that_lost_nothing_goes_on_without_resync() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    for _ in range(20):
        outbox.fan(room.next(room="loud", text="y" * 1000))
    outbox.fan(room.next(room="quiet"))
    resume(link, outbox)
    assert kinds(link) == ["events", "resync"]
    assert link.payloads("events")[0]["room"] == "quiet"


def test_a_room_that_was_left_or_started_over_needs_no_resync() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    for _ in range(20):
        outbox.fan(room.next(text="y" * 1000))
    outbox.forget("r")
    resume(link, outbox)
    assert link.texts == []


def test_a_link_that_pauses_again_gets_the_rest_later() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    for _ in range(3):
        outbox.fan(room.next())
        outbox.reply(text("ack"))

    write = link.write

    def one_at_a_time(frames: Frames) -> None:
        write(frames)
        link.paused = True

    link.write = one_at_a_time  # type: ignore[method-assign]
    for _ in range(6):
        resume(link, outbox)
    assert kinds(link) == ["events", "ack"] * 3


def test_more_answers_than_the_bound_end_the_connection() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    for _ in range(10):
        outbox.reply(text("ack"))
    assert room.overruns == 0
    outbox.reply(text("ack"))
    assert room.overruns == 1


def test_one_answer_may_be_larger_than_the_bound() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    outbox.reply(text("ack"))
    outbox.reply(text("s" * 20_000))
    outbox.reply(text("ack"))
    assert room.overruns == 0
    outbox.reply(text("s" * 20_000))
    assert room.overruns == 1


async def test_who_is_about_to_say_much_waits_until_nothing_waits() -> None:
    outbox, link, _, _ = parts()
    await outbox.flowing()
    link.paused = True
    outbox.reply(text("ack"))
    flowing = asyncio.create_task(outbox.flowing())
    await asyncio.sleep(0)
    assert not flowing.done()
    resume(link, outbox)
    async with asyncio.timeout(5):
        await flowing


async def test_after_the_end_nothing_goes_out_and_nobody_waits() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    outbox.reply(text("ack"))
    flowing = asyncio.create_task(outbox.flowing())
    await asyncio.sleep(0)
    outbox.close()
    async with asyncio.timeout(5):
        await flowing
        await outbox.flowing()
    resume(link, outbox)
    outbox.fan(room.next())
    outbox.reply(text("ack"))
    outbox.whisper(text("x"))
    assert link.texts == []
    assert outbox.waiting == (0, 0)


@given(st.lists(st.sampled_from(["fan", "burst", "big", "reply", "pause", "resume"]), max_size=60))
def test_whatever_happens_a_reader_sees_no_gap_and_memory_is_bounded(steps: list[str]) -> None:
    outbox, link, room, _ = parts()
    replies = 0
    for step in steps:
        match step:
            case "fan":
                outbox.fan(room.next())
            case "burst":
                outbox.fan(room.next(30))
            case "big":
                outbox.fan(room.next(text="y" * 3000))
            case "reply" if outbox.waiting[0] < 5:
                outbox.reply(text("ack"))
                replies += 1
            case "pause":
                link.paused = True
            case "resume":
                resume(link, outbox)
            case _:
                pass
        assert outbox.waiting[0] <= SMALL["max_frames"]
        assert outbox.waiting[1] <= SMALL["max_bytes"]
    resume(link, outbox)
    last = 0
    for frame in link.frames:
        payload = frame["payload"]
        if payload["kind"] == "resync":
            assert payload["to"] >= last
            last = payload["to"]
        for item in payload.get("entries", []):
            assert item["seq"] == last + 1
            last = item["seq"]
    assert last == room.seq
    assert kinds(link).count("ack") == replies
    assert room.overruns == 0


def test_a_room_that_was_left_needs_no_resync_when_another_overflows() -> None:
    outbox, link, room, _ = parts()
    link.paused = True
    outbox.fan(room.next(room="left"))
    outbox.forget("left")
    assert outbox.waiting == (0, 0)
    for _ in range(20):
        outbox.fan(room.next(room="here", text="y" * 1000))
    resume(link, outbox)
    assert [payload["room"] for payload in link.payloads("resync")] == ["here"]
