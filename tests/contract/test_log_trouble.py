"""Logs in a database when something is wrong: another process, a lost answer, what no database can hold, a bad row."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import delete, func, select, update
from structlog.testing import capture_logs

from salon.contracts.runs import Receipt
from salon.errors import SalonError
from salon.rooms.log import log_sql
from salon.rooms.log.receipts import Kept
from salon.store.log.rows import RoomWrite
from salon.store.tables import Draft, Message, StoredEntry, StoredReceipt, StoredSnapshot, Thread
from tests.logs import GatedEntries, Pen, SqlShelf, everything, said, shown, ticks


async def refused(pen: Pen) -> SalonError:
    with pytest.raises(SalonError) as error:
        await pen.log.stored()
    return error.value


async def seal(sql: SqlShelf) -> tuple[str, int | None]:
    async with sql.database.reading() as conn:
        [row] = await conn.execute(select(Thread.epoch, Thread.sealed))
    return row.epoch, row.sealed


async def test_a_log_that_another_process_has_written_is_refused_and_the_others_is_found(sql: SqlShelf) -> None:
    pen = sql.begin()
    pen.write(said("a"))
    await pen.log.stored()
    other = sql.restarted()
    theirs = await other.found()
    theirs.write(said("theirs"))
    await theirs.log.stored()
    pen.write(said("ours"))
    assert (await refused(pen)).code == "unavailable"
    assert sql.lost == ["r"]
    with pytest.raises(SalonError):
        pen.log.check()
    assert [entry.body for entry in sql.published.entries("r")] == [said("a")]
    again = await sql.found()
    assert [m.message for m in again.log.state.messages] == ["a", "theirs"]


@pytest.mark.parametrize("ended", [False, True])
async def test_who_has_lost_a_log_cannot_seal_it_any_more(sql: SqlShelf, ended: bool) -> None:
    pen = sql.begin()
    pen.write(said("a"))
    await pen.log.stored()
    if ended:
        await pen.log.close()
        sql = sql.restarted()
        pen = await sql.found()
    theirs = await sql.restarted().found()
    theirs.write(said("theirs"))
    await theirs.log.stored()
    stands = await seal(sql)
    pen.log.keep_receipt(Kept("alice", "a", b"", Receipt(), sql.clock.time()))
    assert (await refused(pen)).code == "unavailable"
    await pen.log.close()
    assert await seal(sql) == stands
    theirs.write(said("more"))
    await theirs.log.stored()


@pytest.mark.parametrize("said_before", [True, False])
async def test_a_room_that_was_let_go_during_an_outage_is_not_opened_before_its_log_is_stored(
    sql: SqlShelf, monkeypatch: pytest.MonkeyPatch, said_before: bool
) -> None:
    pen = sql.begin()
    pen.write(said("a"))
    await pen.log.stored()
    sql.entries.open.clear()
    if said_before:
        pen.write(said("b"))
    with monkeypatch.context() as patch:
        patch.setattr(log_sql, "PATIENCE", 0.01)
        with pytest.raises(SalonError):
            await pen.log.close()
    with pytest.raises(SalonError) as early:
        await sql.logs.find("r")
    assert early.value.code == "unavailable"
    sql.entries.open.set()
    await sql.settled()
    again = await sql.found()
    assert again.state.seq == pen.state.seq
    again.write(said("c"))
    await again.log.stored()
    assert sql.lost == []


async def test_one_rooms_trouble_is_not_the_others(sql: SqlShelf) -> None:
    pens = [sql.begin(name) for name in ("one", "bad", "two")]
    other = sql.restarted().begin("bad")
    other.write(said("theirs"))
    await other.log.stored()
    for pen in pens:
        pen.write(said(f"of-{pen.room}"))
    await pens[0].log.stored()
    await pens[2].log.stored()
    assert (await refused(pens[1])).code == "unavailable"
    assert sql.lost == ["bad"]


async def test_what_no_database_can_hold_costs_its_own_room_only(
    sql: SqlShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = sql.begin("good"), sql.begin("bad")
    take = bad.log.take  # type: ignore[attr-defined]

    def poisoned() -> RoomWrite:
        write: RoomWrite = take()
        write.messages = [message._replace(seq=2**70) for message in write.messages]
        return write

    monkeypatch.setattr(bad.log, "take", poisoned)
    bad.write(said("b"))
    good.write(said("g"))
    with capture_logs() as logged:
        await good.log.stored()
        assert (await refused(bad)).code == "unavailable"
    assert [line["room"] for line in logged if line["event"] == "log_lost"] == ["bad"]
    assert sql.lost == ["bad"]
    good.log.check()


async def test_a_conflict_right_after_an_outage_does_not_keep_the_others_waiting(sql: SqlShelf) -> None:
    pen = sql.begin("one")
    other = sql.restarted().begin("one")
    other.write(said("theirs"))
    await other.log.stored()
    sql.entries.trouble = SalonError("unavailable", "no answer")
    pen.write(said("ours"))
    await sql.entries.asked.wait()
    sql.entries.trouble = None
    await refused(pen)
    two = sql.begin("two")
    two.log.check()
    two.write(said("a"))
    await two.log.stored()


class Forgetful(GatedEntries):
    """A database whose answer to the first commit is lost on the way."""

    async def store(self, writes: Sequence[RoomWrite]) -> None:
        await super().store(writes)
        if self.tries == 1:
            raise SalonError("unavailable", "the connection broke")


async def test_a_commit_whose_answer_was_lost_counts_once(sql: SqlShelf) -> None:
    again = sql.restarted(Forgetful(sql.database))
    for pen in (again.begin(), again.begin("other")):
        pen.write(said("a"), *ticks(2))
        pen.log.keep_receipt(Kept("alice", "a", b"", Receipt(seq=1), sql.clock.time()))
    await pen.log.stored()
    assert [again.entries.tries, again.lost] == [2, []]
    assert [entry.seq for entry in again.published.entries("r")] == [1, 2, 3]
    pen.write(said("b"))
    await pen.log.close()
    async with sql.database.reading() as conn:
        entries = select(StoredEntry.seq).where(StoredEntry.thread_id == "other").order_by(StoredEntry.seq)
        assert list(await conn.scalars(entries)) == [1, 2, 3, 4]


@pytest.mark.parametrize("table", [StoredEntry, StoredSnapshot, StoredReceipt])
async def test_a_room_whose_row_is_broken_says_so_and_works_again_when_it_is_repaired(
    sql: SqlShelf, table: type[StoredEntry | StoredSnapshot | StoredReceipt]
) -> None:
    pen = sql.begin()
    pen.write(said("secret"), *ticks(60))
    pen.log.keep_receipt(Kept("alice", "a", b"", Receipt(seq=1), sql.clock.time()))
    await pen.log.close()
    column = table.receipt if table is StoredReceipt else table.data  # type: ignore[union-attr]
    after = sql.restarted()
    if table is StoredEntry:
        async with sql.database.writing() as conn:
            await conn.execute(delete(StoredSnapshot))
    async with sql.database.writing() as conn:
        whole = (await conn.execute(select(column))).scalars().first()
        await conn.execute(update(table).where(column == whole).values({column: b'{"half": "a sec'}))
    with capture_logs() as logged, pytest.raises(SalonError) as broken:
        await after.logs.find("r")
    assert [broken.value.code, broken.value.spec.retryable] == ["unavailable", True]
    incident = broken.value.message.rpartition(" ")[2]
    assert incident.startswith("err")
    assert incident in str(logged)
    assert "half" not in f"{logged} {broken.value.message}"
    async with sql.database.writing() as conn:
        await conn.execute(update(table).where(column == b'{"half": "a sec').values({column: whole}))
    again = await after.found()
    assert shown(again.log.state) == shown(pen.log.state)
    again.write(said("b"))
    await again.log.stored()


async def test_a_broken_row_in_the_history_is_told_to_who_reads_it_and_keeps_nobody_from_speaking(
    sql: SqlShelf,
) -> None:
    pen = sql.begin()
    pen.write(*ticks(60))
    await pen.log.close()
    async with sql.database.writing() as conn:
        await conn.execute(update(StoredEntry).where(StoredEntry.seq == 5).values(data=b"\xff\x00"))
    again = await sql.restarted().found()
    assert await again.page(after=10, limit=2) == ([11, 12], True)
    for reading in (again.page(before=10), again.log.state_at(9)):
        with pytest.raises(SalonError) as broken:
            await reading
        assert broken.value.code == "unavailable"
    again.write(said("b"))
    await again.log.stored()


async def test_every_character_that_a_message_may_have_is_stored_and_found(sql: SqlShelf) -> None:
    text = "\x00 nul \x00, \x7f, ￿, \U0001f600 and \\u0000"
    pen = sql.begin()
    pen.write(said("m", text), *everything())
    await pen.log.stored()
    again = await (await sql.crashed()).found()
    assert again.log.state.messages == [said("m", text)]
    assert again.log.state == pen.state
    async with sql.database.reading() as conn:
        found = select(Message.text).where(Message.message_id == "m")
        assert "nul" in ((await conn.scalar(found)) or "")
        assert await conn.scalar(select(func.count()).select_from(Draft)) == 0
