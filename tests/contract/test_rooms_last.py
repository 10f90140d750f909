"""Rooms last: let go and opened again, ended or killed, they go on where they were, on every database."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from salon.contracts.actions import Cancel, Clear, Delete, Fork, Regenerate, RoomAction, Send
from salon.contracts.events import MsgDelta, MsgDone, RunFinished
from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.contracts.types import TextPart
from salon.errors import SalonError
from salon.rooms.lobby import Lobby
from salon.rooms.log import log_sql
from salon.rooms.log.log_memory import MemoryLogs
from salon.rooms.room import Room
from salon.store.tables import Draft, Message, Thread
from tests.logs import SqlShelf, shown
from tests.unit.rooms.stage import ALICE, BOB, Behaviour, Scripted, echo, open_turn, say

IDLE = 300.0


class House:
    """A process: a lobby over a shelf, and who answers in it. `crashed` and `restarted` are the next one."""

    def __init__(self, shelf: SqlShelf, *behaviours: Behaviour) -> None:
        self.shelf = shelf
        self.responder = Scripted(*behaviours)
        self.gone: list[tuple[str, str]] = []
        self.lobby = Lobby(
            responder=self.responder,
            logs=shelf.logs,
            private=MemoryLogs(clock=shelf.clock, publisher=shelf.published, window=50, seconds=60),
            clock=shelf.clock,
            max_rooms=100,
            idle=IDLE,
        )
        self.lobby.watch_gone(lambda room, why: self.gone.append((room, why)))
        shelf.when_lost = self.lobby.lost

    async def crashed(self, *behaviours: Behaviour) -> House:
        after = await self.shelf.crashed()
        for room in self.lobby.rooms():
            room.abandon()
        return House(after, *behaviours)

    async def restarted(self, *behaviours: Behaviour) -> House:
        await self.lobby.close()
        await self.shelf.writer.close(patience=5)
        return House(self.shelf.restarted(), *behaviours)

    async def half_said(self, room: Room) -> None:
        """Wait until readers see what `hangs` says."""
        await self.shelf.published.until(lambda: "half a sentence" in room.snapshot().partial.values())


def send(text: str = "hello", id: str = "a1", to: list[str] | None = None) -> Send:
    return Send(kind="send", id=id, room="r", parts=[TextPart(kind="text", text=text)], to=to)


def texts(room: Room) -> list[str]:
    parts = [part for message in room.snapshot().messages for part in message.parts]
    return [part.text for part in parts if isinstance(part, TextPart)]


async def answered(room: Room, text: str = "hello", id: str = "a1") -> None:
    receipt = await room.act(ALICE, send(text, id))
    assert isinstance(receipt.result, dict)
    async with asyncio.timeout(5):
        assert (await room.outcome(str(receipt.result["run"]))).outcome == "success"


async def hangs(stage: Stage, order: RunOrder) -> RunOutcome:
    """Says half of something and waits for ever."""
    open_turn(stage, order)
    say(stage, order, "half a ", "sentence", done=False)
    await asyncio.Event().wait()
    raise AssertionError


async def test_an_idle_room_is_let_go_and_comes_back_as_it_was_on_the_next_touch(sql: SqlShelf) -> None:
    house = House(sql, echo)
    room = await house.lobby.open("r", ALICE)
    await answered(room)
    sql.clock.advance(IDLE)
    house.lobby.sweep()
    assert house.lobby.find("r") is None
    again = await house.lobby.existing("r", BOB)
    assert again is not room
    assert (again.position, again.owner, again.shared) == (room.position, "alice", True)
    assert again.snapshot() == room.snapshot()
    whole = [entry for entry in sql.published.entries("r") if not isinstance(entry.body, MsgDelta)]
    assert await again.history(before=None, after=None, limit=100) == (whole, False)
    await answered(again, "again", "a2")
    assert texts(again) == ["hello", "you said it", "again", "you said it"]
    assert [entry.seq for entry in sql.published.entries("r")] == list(range(1, again.position.seq + 1))


@pytest.mark.requirement("S3-21", "S3-24")
async def test_rooms_go_on_after_a_restart_where_they_were(sql: SqlShelf) -> None:
    house = House(sql, echo)
    room = await house.lobby.create(ALICE, room="r", title="Plans", agent_id="helper")
    await answered(room)
    after = await house.restarted(echo)
    again = await after.lobby.existing("r", ALICE)
    assert again.position == room.position
    assert again.snapshot() == room.snapshot()
    assert (again.title, again.shared, again.log.head) == ("Plans", False, room.log.head)
    with pytest.raises(SalonError) as others:
        await after.lobby.existing("r", BOB)
    assert others.value.code == "not_found"
    await answered(again, "again", "a2")


async def test_a_run_that_was_on_in_a_crash_is_closed_and_the_room_answers_the_next_message(
    sql: SqlShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_sql, "DRAFT_SECONDS", 0.0)
    house = House(sql, hangs)
    room = await house.lobby.open("r", ALICE)
    await room.act(ALICE, send())
    await house.half_said(room)
    await sql.settled()
    after = await house.crashed(echo)
    again = await after.lobby.open("r", ALICE)
    assert again.position.epoch != room.position.epoch
    await again.log.stored()
    ended = [entry.body for entry in after.shelf.published.entries("r")]
    assert [body.event for body in ended] == ["message.done", "turn.finished", "run.finished"]
    partial, end = ended[0], ended[-1]
    assert isinstance(partial, MsgDone)
    assert (partial.partial, partial.parts) == (True, [TextPart(kind="text", text="half a sentence")])
    assert isinstance(end, RunFinished)
    assert (end.outcome, end.reason) == ("error", "interrupted")
    await answered(again, "still there?", "a2")
    assert texts(again) == ["hello", "half a sentence", "still there?", "you said it"]
    async with sql.database.reading() as conn:
        assert await conn.scalar(select(func.count()).select_from(Draft)) == 0


async def test_an_action_that_took_effect_before_a_crash_has_no_second_one(sql: SqlShelf) -> None:
    house = House(sql, hangs)
    room = await house.lobby.open("r", ALICE)
    first = await room.act(ALICE, send())
    after = await house.crashed(echo)
    again = await after.lobby.open("r", ALICE)
    second = await again.act(ALICE, send())
    assert (second.seq, second.result, second.duplicate) == (first.seq, first.result, True)
    assert texts(again).count("hello") == 1
    with pytest.raises(SalonError) as other:
        await again.act(ALICE, send("something else"))
    assert other.value.code == "conflict"


async def test_an_action_told_to_come_again_counts_once(sql: SqlShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sql, "PATIENCE", 0.01)
    house = House(sql, echo)
    room = await house.lobby.open("r", ALICE)
    sql.entries.open.clear()
    for _ in range(2):
        with pytest.raises(SalonError) as refused:
            await room.act(ALICE, send(to=[]))
        assert (refused.value.code, refused.value.reply_to) == ("unavailable", "a1")
    sql.entries.open.set()
    await sql.settled()
    assert (await room.act(ALICE, send(to=[]))).duplicate
    assert texts(room) == ["hello"]


async def test_a_room_that_another_process_has_written_is_lost_here_and_opened_again_as_it_is_there(
    sql: SqlShelf,
) -> None:
    house = House(sql, echo, hangs)
    room = await house.lobby.open("r", ALICE)
    await answered(room)
    other = House(sql.restarted(), echo)
    theirs = await other.lobby.open("r", BOB)
    await theirs.act(BOB, send("theirs", "b1", to=[]))
    with pytest.raises(SalonError) as refused:
        await room.act(ALICE, send("mine", "a2"))
    assert (refused.value.code, refused.value.spec.retryable) == ("unavailable", True)
    assert house.gone == [("r", "lost")]
    assert not room.runs.busy
    again = await house.lobby.open("r", ALICE)
    assert texts(again) == ["hello", "you said it", "theirs"]
    assert not (await again.act(ALICE, send("mine", "a2", to=[]))).duplicate
    assert texts(again)[-1] == "mine"


async def test_a_deleted_room_is_gone_for_good_and_its_name_is_taken(sql: SqlShelf) -> None:
    house = House(sql, echo)
    room = await house.lobby.open("r", ALICE)
    await answered(room)
    with pytest.raises(SalonError) as others:
        await room.act(BOB, Delete(kind="delete", id="b1", room="r"))
    assert others.value.code == "forbidden"
    await room.act(ALICE, Delete(kind="delete", id="d", room="r"))
    assert house.gone == [("r", "deleted")]
    for process in (house, await house.restarted(echo)):
        for ask in (process.lobby.open, process.lobby.existing):
            with pytest.raises(SalonError) as gone:
                await ask("r", ALICE)
            assert gone.value.code == "not_found"
        with pytest.raises(SalonError) as taken:
            await process.lobby.create(ALICE, room="r")
        assert taken.value.code == "conflict"


async def test_a_room_that_was_only_looked_into_leaves_nothing_also_when_it_is_deleted(sql: SqlShelf) -> None:
    house = House(sql, echo)
    looked = await house.lobby.open("looked", ALICE)
    await house.lobby.existing("looked", BOB)
    await looked.act(ALICE, Delete(kind="delete", id="d", room="looked"))
    await house.lobby.open("other", ALICE)
    after = await house.restarted(echo)
    for name in ("looked", "other"):
        with pytest.raises(SalonError) as nothing:
            await after.lobby.existing(name, ALICE)
        assert nothing.value.code == "not_found"
    async with sql.database.reading() as conn:
        assert await conn.scalar(select(func.count()).select_from(Thread)) == 0


@pytest.mark.requirement("S3-24")
async def test_a_room_that_is_made_is_there_before_anything_is_said(sql: SqlShelf) -> None:
    house = House(sql, echo)
    await house.lobby.create(ALICE, room="r", title="Plans")
    after = await house.crashed(echo)
    assert (await after.lobby.existing("r", ALICE)).title == "Plans"


async def test_a_fork_of_a_room_in_the_middle_of_a_run_lasts_and_both_go_on(sql: SqlShelf) -> None:
    house = House(sql, echo, hangs, echo)
    room = await house.lobby.open("r", ALICE)
    await answered(room)
    middle = room.position.seq
    await room.act(ALICE, send("two", "a2"))
    await house.half_said(room)
    for name, at in (("early", middle), ("late", room.position.seq)):
        await room.act(BOB, Fork(kind="fork", id=name, room="r", at=at, new_room=name))
    early, late = await house.lobby.existing("early"), await house.lobby.existing("late")
    await room.act(ALICE, Cancel(kind="cancel", id="c", room="r"))
    for fork in (early, late):
        await fork.log.stored()
    after = await house.crashed(echo)
    assert texts(await after.lobby.open("early")) == ["hello", "you said it"]
    assert texts(await after.lobby.open("late")) == ["hello", "you said it", "two", "half a sentence"]
    for name, source in (("early", early), ("late", late)):
        fork = await after.lobby.open(name)
        assert shown(fork.state) == shown(source.state)
        assert (fork.owner, fork.shared) == ("bob", True)
        await answered(fork, "another way", f"of-{name}")


async def test_what_was_taken_back_is_not_found_as_a_row_either(sql: SqlShelf) -> None:
    house = House(sql, echo)
    room = await house.lobby.open("r", ALICE)

    async def rows() -> list[str]:
        await room.log.stored()
        async with sql.database.reading() as conn:
            return list(await conn.scalars(select(Message.text).order_by(Message.seq)))

    async def act(action: RoomAction) -> None:
        receipt = await room.act(ALICE, action)
        if isinstance(receipt.result, dict):
            await room.outcome(str(receipt.result["run"]))

    await answered(room)
    await act(Regenerate(kind="regenerate", id="g", room="r", message=room.snapshot().messages[-1].message))
    assert await rows() == ["hello", "you said it"]
    await act(Clear(kind="clear", id="c", room="r"))
    assert await rows() == []
