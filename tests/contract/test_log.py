"""What every log guarantees to rooms and readers, wherever it is kept."""

from __future__ import annotations

import pytest

from salon.contracts.events import MsgRemoved, ToolDone, ToolReady
from salon.contracts.types import TextPart
from salon.errors import SalonError
from tests.logs import HEAD, Pen, Shelf, delta, said, shown, starts, ticks


async def test_a_reader_gets_the_whole_gap_or_nothing(shelf: Shelf) -> None:
    pen = shelf.begin()
    pen.write(*ticks(60))
    await pen.log.stored()
    assert pen.gap(57) == [58, 59, 60]
    assert pen.gap(10) == list(range(11, 61))
    assert pen.gap(60) == []
    assert pen.gap(9) is None  # the window has fifty
    assert pen.gap(61) is None


async def test_old_entries_leave_the_window_by_age(shelf: Shelf) -> None:
    pen = shelf.begin()
    pen.write(*ticks(1))
    shelf.clock.advance(61)
    pen.write(*ticks(1))
    await pen.log.stored()
    assert [pen.gap(0), pen.gap(1)] == [None, [2]]
    shelf.clock.advance(61)
    assert [pen.gap(1), pen.gap(2)] == [None, []]


async def test_history_pages_forwards_and_backwards_without_superseded_kinds(shelf: Shelf) -> None:
    pen = shelf.begin()
    pen.write(starts(), delta("hi", 2), said("m"), *ticks(7))
    assert await pen.page(limit=3) == ([8, 9, 10], True)
    assert await pen.page(before=8) == ([1, 3, 4, 5, 6, 7], False)
    assert await pen.page(before=8, limit=6) == ([1, 3, 4, 5, 6, 7], False)
    assert await pen.page(after=3, limit=2) == ([4, 5], True)
    assert await pen.page(after=8) == ([9, 10], False)
    assert await pen.page(after=10) == ([], False)
    assert pen.log.first == 1


async def test_an_entry_is_read_back_as_it_was_let_out(shelf: Shelf) -> None:
    pen = shelf.begin()
    pen.write(said("m", "naïve \x00 ☃ \U0001f600"))
    entries, _ = await pen.log.page(before=None, after=None, limit=10)
    assert entries == shelf.published.entries("r") == pen.log.since(0)


async def test_the_state_at_a_place_is_what_the_log_adds_up_to_there(shelf: Shelf) -> None:
    pen = shelf.begin()
    pen.write(said("a"), starts(), delta("one ", 4), delta("two ", 8))
    there = shown(pen.state)
    pen.write(delta("three", 13), said("m"), MsgRemoved(event="message.removed", message="a"))
    state = await pen.log.state_at(4)
    assert state is not None
    assert (shown(state), state.seq) == (there, 4)
    now = await pen.log.state_at(7)
    assert now is not None
    assert shown(now) == shown(pen.state) == shown(pen.log.state)
    now.messages.clear()
    assert pen.log.state.messages


async def test_a_message_is_found_by_its_id_when_it_is_whole(shelf: Shelf) -> None:
    pen = shelf.begin()
    pen.write(starts("a"), said("b"), said("a"))
    await pen.log.stored()
    assert [await pen.log.seq_of(message) for message in ("a", "b", "c")] == [3, 2, None]


async def test_a_log_knows_which_ids_are_taken(shelf: Shelf) -> None:
    pen = shelf.begin()
    ready = ToolReady(event="tool.ready", call="c1", name="clock", args={}, where="server")
    done = ToolDone(event="tool.done", call="c1", ok=True, output="noon")
    pen.write(said("a"), starts("b"), ready, done)
    await pen.log.stored()
    assert [await pen.log.holds(id) for id in ("a", "b", "c1", "c1:result")] == [True, False, True, True]
    assert await pen.log.seq_of("c1") is None, "it is no message"


async def test_a_log_lets_out_everything_once_in_order(shelf: Shelf) -> None:
    pen = shelf.begin()
    for n in range(20):
        pen.write(starts(f"m{n}"), delta("x", 1, f"m{n}"), said(f"m{n}"))
        if n % 7 == 0:
            await pen.log.stored()
    await pen.log.stored()
    assert [entry.seq for entry in shelf.published.entries("r")] == list(range(1, 61))
    assert pen.log.state == pen.state


async def test_a_fork_begins_with_what_was_there_and_both_go_on(shelf: Shelf) -> None:
    pen = shelf.begin()
    pen.write(said("a"), said("b"))
    there = shown(pen.state)
    pen.write(said("c"))
    forked = await shelf.logs.fork("r", pen.log, 2, "f", HEAD)
    assert forked is not None
    fork = Pen("f", forked, shelf.clock)
    assert shown(fork.state) == there
    assert fork.write(said("other")) == 3
    pen.write(said("d"))
    await fork.log.stored()
    assert [m.message for m in fork.log.state.messages] == ["a", "b", "other"]
    assert [m.message for m in pen.state.messages] == ["a", "b", "c", "d"]
    assert fork.log.epoch != pen.log.epoch


async def test_a_fork_in_the_middle_of_a_message_has_what_it_had_said(shelf: Shelf) -> None:
    pen = shelf.begin()
    pen.write(starts(), delta("half a ", 7), delta("sentence", 15))
    forked = await shelf.logs.fork("r", pen.log, 2, "f", HEAD)
    assert forked is not None
    assert forked.state.streaming["m"].text() == "half a "
    pen.write(*(delta("x", 16 + n) for n in range(100)))  # more than the window has
    forked = await shelf.logs.fork("r", pen.log, pen.state.seq, "g", HEAD)
    assert forked is not None
    assert forked.state.streaming["m"].text() == "half a sentence" + 100 * "x"


async def test_rooms_do_not_share_a_log(shelf: Shelf) -> None:
    one, two = shelf.begin("one"), shelf.begin("two")
    one.write(said("a", "secret"))
    two.write(said("b"))
    await one.log.stored()
    await two.log.stored()
    entries, _ = await two.log.page(before=None, after=None, limit=10)
    assert [entry.body for entry in entries] == [said("b")]
    assert [await one.log.seq_of("b"), await two.log.seq_of("b")] == [None, 1]
    assert two.log.state.messages[0].parts == [TextPart(kind="text", text="hi")]


async def test_a_log_that_nobody_began_is_not_found(shelf: Shelf) -> None:
    assert await shelf.logs.find("nothing") is None


async def test_nothing_is_wrong_with_a_new_log(shelf: Shelf) -> None:
    pen = shelf.begin()
    pen.log.check()
    await pen.log.stored()
    await pen.log.close()
    assert shelf.published.items == []
    assert [pen.log.head, list(pen.log.receipts), pen.gap(0)] == [HEAD, [], []]
    with pytest.raises(SalonError):
        pen.write(delta("x", 1))
