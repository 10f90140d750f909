"""What a log in a database guarantees beyond every log: kept first, then let out, and found again."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from salon.contracts.runs import Receipt
from salon.errors import SalonError
from salon.rooms.log import log_sql
from salon.rooms.log.port import Log
from salon.rooms.log.receipts import KEEP_SECONDS, Kept
from salon.rooms.state import RoomState, fold_all
from salon.store.tables import Draft, Message, StoredEntry, StoredReceipt, StoredSnapshot, Table, Thread
from tests.logs import HEAD, OPENED, Pen, SqlShelf, delta, everything, said, shown, starts, ticks


@pytest.fixture
def prompt_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafts are due at once."""
    monkeypatch.setattr(log_sql, "DRAFT_SECONDS", 0.0)


@pytest.fixture
def small_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot every ten entries, of which one in fifty seqs is kept."""
    monkeypatch.setattr(log_sql, "SNAPSHOT_EVERY", 10)
    monkeypatch.setattr(log_sql, "SEAL_WITH_SNAPSHOT", 5)
    monkeypatch.setattr(log_sql, "MILESTONE", 50)


async def count(sql: SqlShelf, table: type[Table]) -> int:
    async with sql.database.reading() as conn:
        return (await conn.execute(select(func.count()).select_from(table))).scalar_one()


async def updated_at(sql: SqlShelf) -> float:
    async with sql.database.reading() as conn:
        return (await conn.execute(select(Thread.updated_at))).scalar_one()


def receipt(action: str, at: float, seq: int = 1) -> Kept:
    return Kept("alice", action, b"digest", Receipt(seq=seq, result={"run": "run-1"}), at)


async def folded(log: Log) -> RoomState:
    entries, more = await log.page(before=None, after=0, limit=10_000)
    assert not more
    return fold_all(RoomState(), entries)


async def test_nothing_is_let_out_before_it_is_stored_and_what_follows_waits_in_order(sql: SqlShelf) -> None:
    sql.entries.open.clear()
    pen = sql.begin()
    pen.write(starts(), delta("a", 1), said("other"), delta("b", 2))
    await sql.entries.asked.wait()
    pen.write(said("m"))
    assert [sql.published.items, pen.gap(0), pen.log.state.seq] == [[], [], 0]
    sql.entries.open.set()
    await pen.log.stored()
    assert [entry.body.event for entry in sql.published.entries("r")] == [
        "message.started",
        "message.delta",
        "message.done",
        "message.delta",
        "message.done",
    ]
    assert pen.gap(0) == [1, 2, 3, 4, 5]
    assert pen.log.state == pen.state


async def test_a_delta_with_nothing_before_it_is_let_out_at_once(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(starts())
    await pen.log.stored()
    sql.entries.open.clear()
    pen.write(delta("a", 1))
    assert pen.log.state.streaming["m"].text() == "a"


@pytest.mark.requirement("S3-25")
async def test_who_waits_too_long_for_the_store_is_told_so_and_nothing_is_lost(
    sql: SqlShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_sql, "PATIENCE", 0.01)
    sql.entries.open.clear()
    pen = sql.begin()
    pen.write(said("m"))
    with pytest.raises(SalonError) as late:
        await pen.log.stored()
    assert [late.value.code, late.value.spec.retryable] == ["unavailable", True]
    sql.entries.open.set()
    await sql.settled()
    await pen.log.stored()
    assert [entry.body for entry in sql.published.entries("r")] == [said("m")]


async def test_while_the_store_fails_nothing_is_taken_on_and_it_goes_on_by_itself(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(said("a"))
    sql.entries.trouble = SalonError("unavailable", "no answer")
    await sql.entries.asked.wait()
    with pytest.raises(SalonError) as refused:
        pen.log.check()
    assert refused.value.code == "unavailable"
    sql.entries.trouble = None
    await pen.log.stored()
    pen.log.check()
    assert await pen.page() == ([1], False)


async def test_a_log_that_ended_in_order_goes_on_where_it_was(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(starts(), delta("hi", 2), said("m"), *ticks(2), starts("n"), delta("x", 1, "n"))
    await pen.log.close()
    again = await sql.restarted().found()
    assert [again.log.epoch, again.log.state.seq, again.log.first] == [pen.log.epoch, 7, 1]
    assert again.log.head == HEAD
    assert [again.gap(7), again.gap(6)] == [[], None]
    assert again.write(*ticks(1)) == 8
    await again.log.stored()
    assert await again.page(after=5) == ([6, 8], False)


async def test_no_seq_is_given_twice_under_one_epoch(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(starts(), delta("a", 1))
    await pen.log.close()
    after = sql.restarted()
    again = await after.found()
    again.write(delta("b", 2))  # leaves nothing in the store
    await again.log.stored()
    assert [entry.seq for entry in after.published.entries("r")] == [3]
    third = await (await after.crashed()).found()
    assert third.log.epoch != again.log.epoch


async def test_a_log_that_broke_off_goes_on_under_a_new_epoch(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(starts(), said("m"))
    await pen.log.stored()
    again = await (await sql.crashed()).found()
    assert again.log.epoch != pen.log.epoch
    assert shown(again.log.state) == shown(pen.log.state)
    assert again.write(*ticks(1)) == 3
    await again.log.close()
    third = await sql.restarted().found()
    assert [third.log.epoch, third.log.state.seq] == [again.log.epoch, 3]


async def test_closing_waits_for_the_seal_also_when_something_else_is_being_stored(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(said("m"))
    await pen.log.stored()
    sql.entries.asked.clear()
    sql.entries.open.clear()
    pen.log.keep_receipt(receipt("a", sql.clock.time()))
    await sql.entries.asked.wait()
    sql.entries.open.set()
    await pen.log.close()
    again = await sql.restarted().found()
    assert again.log.epoch == pen.log.epoch


async def test_letting_a_room_go_is_no_news_about_its_thread(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(said("m"))
    await pen.log.stored()
    said_at = await updated_at(sql)
    sql.clock.advance(100)
    pen.log.keep_receipt(receipt("a", sql.clock.time()))
    await pen.log.close()
    assert await updated_at(sql) == said_at
    again = await sql.restarted().found()
    sql.clock.advance(100)
    again.write(said("n"))
    await again.log.stored()
    assert await updated_at(sql) == said_at + 200


async def test_what_was_only_read_is_not_written(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(said("m"))
    await pen.log.close()
    after = sql.restarted()
    again = await after.found()
    await again.page()
    await again.log.close()
    assert after.entries.tries == 0


@pytest.mark.usefixtures("prompt_drafts")
async def test_a_half_streamed_message_keeps_its_text_after_a_crash(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(starts(), delta("half \x00a ", 8), delta("sentence", 16))
    await pen.log.stored()
    await sql.settled()
    pen.write(delta(", and what came since", 37))
    again = await (await sql.crashed()).found()
    saved = again.log.state.streaming["m"]
    assert [saved.text(), saved.length] == ["half \N{REPLACEMENT CHARACTER}a sentence", 16]
    again.write(said("m", "half a sentence"))
    await again.log.stored()
    assert await count(sql, Draft) == 0


@pytest.mark.usefixtures("prompt_drafts")
async def test_a_finished_message_leaves_no_draft_whatever_came_first(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(starts(), delta("a", 1))
    await pen.log.stored()
    await sql.settled()
    assert await count(sql, Draft) == 1
    sql.entries.open.clear()
    sql.entries.asked.clear()
    pen.write(delta("b", 2), said("m"))  # the next draft is due while the end of the message is being stored
    await sql.entries.asked.wait()
    sql.entries.open.set()
    await sql.settled()
    assert await count(sql, Draft) == 0


async def test_looking_into_a_room_leaves_no_trace_and_saying_something_does(sql: SqlShelf) -> None:
    looked = sql.begin("looked", lasting=False)
    looked.write(OPENED)
    assert [entry.seq for entry in sql.published.entries("looked")] == [1]
    assert await looked.page() == ([1], False)
    await looked.log.stored()
    await looked.log.close()
    looked.log.keep_receipt(receipt("delete", sql.clock.time()))
    await sql.settled()
    assert await count(sql, Thread) == 0

    used = sql.begin("used", lasting=False)
    used.write(OPENED, said("m"))
    await used.log.stored()
    assert await used.page() == ([1, 2], False)
    assert [await count(sql, Thread), await count(sql, StoredEntry)] == [1, 2]


async def test_receipts_are_found_again_for_as_long_as_they_count(sql: SqlShelf) -> None:
    pen = sql.begin()
    old = receipt("old", sql.clock.time())
    pen.write(said("m"))
    pen.log.keep_receipt(old)
    await pen.log.stored()
    sql.clock.advance(KEEP_SECONDS / 2)
    new = receipt("new", sql.clock.time(), seq=2)
    pen.write(said("n"))
    pen.log.keep_receipt(new)
    await pen.log.stored()
    crashed = await sql.crashed()
    assert list((await crashed.found()).log.receipts) == [old, new]
    sql.clock.advance(KEEP_SECONDS / 2 + 1)
    again = await crashed.found()
    assert list(again.log.receipts) == [new]
    newer = receipt("old", sql.clock.time(), seq=3)
    again.write(said("o"))
    again.log.keep_receipt(newer)  # a client that counts from one begins anew
    await again.log.stored()
    assert list((await crashed.found()).log.receipts) == [new, newer]
    assert await count(sql, StoredReceipt) == 2


async def test_a_receipt_without_an_effect_is_stored_before_it_is_given(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(said("m"))
    await pen.log.stored()
    pen.log.keep_receipt(receipt("cancel", sql.clock.time()))
    await pen.log.stored()
    assert await count(sql, StoredReceipt) == 1


async def test_a_fork_has_the_rows_of_what_it_begins_with(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(said("a"), starts(), delta("half", 4), *ticks(2), said("later"))
    forked = await sql.logs.fork("r", pen.log, 4, "f", HEAD)
    assert forked is not None
    fork = Pen("f", forked, sql.clock)
    fork.write(said("m", "half"))
    await fork.log.stored()
    assert await fork.page() == ([1, 2, 4, 5], False)
    async with sql.database.reading() as conn:
        rows = await conn.execute(
            select(Message.message_id, Message.seq, Message.owner).where(Message.thread_id == "f").order_by(Message.seq)
        )
        assert [tuple(row) for row in rows] == [("a", 1, "alice"), ("m", 5, "alice")]
        [thread] = await conn.execute(select(Thread.__table__).where(Thread.id == "f"))
    assert (thread.forked_from, thread.forked_at, thread.user_id) == ("r", 4, "alice")
    again = await (await sql.crashed()).found("f")
    assert shown(again.log.state) == shown(fork.state)


@pytest.mark.usefixtures("small_snapshots")
async def test_a_room_is_loaded_from_its_last_snapshot_and_equals_what_its_whole_log_adds_up_to(sql: SqlShelf) -> None:
    pen = sql.begin()
    for n in range(60):
        pen.write(said(f"m{n}"), *everything()) if n == 17 else pen.write(said(f"m{n}"))
        await pen.log.stored()
    await sql.settled()
    assert await count(sql, StoredSnapshot) == 2  # the last of each fifty
    snapshot, tail = await sql.entries.state_at("r", pen.state.seq)
    assert snapshot is not None
    assert len(tail) < 10
    crashed = await sql.crashed()
    again = await crashed.found()
    assert shown(again.log.state) == shown(await folded(again.log)) == shown(pen.state)
    assert again.log.state == pen.state
    there = await again.log.state_at(30)
    assert there is not None
    assert there.seq == 30
    await again.log.close()
    assert (await crashed.found()).log.state == pen.state


@pytest.mark.usefixtures("small_snapshots")
async def test_a_log_that_ends_in_order_with_much_since_its_snapshot_gets_another(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(*ticks(4))
    await pen.log.close()
    assert await count(sql, StoredSnapshot) == 0
    again = await sql.restarted().found()
    again.write(*ticks(1))
    await again.log.close()
    _, tail = await sql.entries.state_at("r", 5)
    assert [await count(sql, StoredSnapshot), tail] == [1, []]
