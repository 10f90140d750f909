"""The lobby: one room per name, whoever asks and whenever; idle ones make space, and private ones are nobody else's."""

import asyncio
from collections.abc import Sequence

import pytest

from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.contracts.types import TextPart
from salon.errors import SalonError
from salon.rooms.lobby import Lobby
from salon.rooms.log.log_memory import MemoryLog, MemoryLogs
from salon.rooms.log.port import Head, Log
from tests.clock import ManualClock
from tests.unit.rooms.stage import ALICE, BOB, Recorder, Scripted

IDLE = 300.0
WORDS = [TextPart(kind="text", text="hello")]


class Gated:
    """Something that waits until the test lets it go on."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self) -> None:
        self.entered.set()
        await self.let_go.wait()


class SlowLogs(MemoryLogs):
    """Logs that keep whoever looks for one, and whoever ends one, waiting if the test says so."""

    looking: Gated | None = None
    ending: Gated | None = None

    async def find(self, room: str) -> Log | None:
        if self.looking is not None:
            await self.looking()
        return await super().find(room)

    def make(self, room: str, head: Head, *, lasting: bool) -> Log:
        log = super().make(room, head, lasting=lasting)
        assert isinstance(log, MemoryLog)
        close = log.close

        async def slowly() -> None:
            if self.ending is not None:
                await self.ending()
            await close()

        log.close = slowly  # type: ignore[method-assign]
        return log


class House:
    """A lobby with what it needs, in which time passes when the test says so."""

    def __init__(self, *, max_rooms: int = 100, watched: Sequence[str] = ()) -> None:
        self.clock = ManualClock()
        self.published = Recorder()
        self.logs = SlowLogs(clock=self.clock, publisher=self.published, window=50, seconds=60)
        self.stay = asyncio.Event()
        self.lobby = Lobby(
            responder=Scripted(self.waits),
            logs=self.logs,
            private=self.logs,
            clock=self.clock,
            max_rooms=max_rooms,
            idle=IDLE,
            in_use=watched.__contains__,
        )
        self.gone: list[tuple[str, str]] = []
        self.lobby.watch_gone(lambda room, why: self.gone.append((room, why)))

    async def waits(self, stage: Stage, order: RunOrder) -> RunOutcome:
        await self.stay.wait()
        return RunOutcome(outcome="success")

    def open(self) -> list[str]:
        return [room.id for room in self.lobby.rooms()]


def code(refused: pytest.ExceptionInfo[SalonError]) -> str:
    return refused.value.code


async def test_a_full_lobby_lets_go_of_the_room_that_was_idle_longest() -> None:
    house = House(max_rooms=2)
    await house.lobby.open("a")
    house.clock.advance(1)
    await house.lobby.open("b")
    house.clock.advance(1)
    await house.lobby.open("a")
    await house.lobby.open("c")
    assert house.open() == ["a", "c"]


async def test_a_full_lobby_refuses_only_when_every_room_is_watched_or_busy() -> None:
    house = House(max_rooms=2, watched=["watched"])
    await house.lobby.open("watched")
    busy = await house.lobby.open("busy")
    run = (await busy.order(ALICE, parts=None)).run
    with pytest.raises(SalonError) as full:
        await house.lobby.open("third")
    assert code(full) == "limit_exceeded"
    house.stay.set()
    await busy.outcome(run)
    await house.lobby.open("third")
    assert house.open() == ["watched", "third"]


async def test_rooms_in_which_nothing_happens_are_let_go_and_others_stay() -> None:
    house = House(watched=["watched"])
    for name in ("idle", "watched", "busy", "used"):
        await house.lobby.open(name)
    await (await house.lobby.open("busy")).order(ALICE, parts=None)
    house.clock.advance(IDLE)
    await house.lobby.open("used")
    house.lobby.sweep()
    assert house.open() == ["watched", "busy", "used"]
    await house.lobby.close()


async def test_opens_of_one_room_at_the_same_time_give_one_room() -> None:
    house = House()
    house.logs.looking = Gated()
    opening = [asyncio.create_task(house.lobby.open("r", who)) for who in (ALICE, BOB, None)]
    await house.logs.looking.entered.wait()
    house.logs.looking.let_go.set()
    async with asyncio.timeout(5):
        rooms = await asyncio.gather(*opening)
    assert len(set(rooms)) == 1
    assert [entry.seq for entry in house.published.entries("r")] == [1]


async def test_who_leaves_while_a_room_opens_keeps_nobody_else_from_it() -> None:
    house = House()
    house.logs.looking = Gated()
    first, second = (asyncio.create_task(house.lobby.open("r")) for _ in range(2))
    await house.logs.looking.entered.wait()
    first.cancel()
    house.logs.looking.let_go.set()
    async with asyncio.timeout(5):
        await asyncio.wait([first])
        assert (await second).id == "r"
    assert first.cancelled()


async def test_opening_a_room_that_is_being_let_go_waits_until_it_is_gone() -> None:
    house = House()
    before = await house.lobby.open("r")
    house.logs.ending = Gated()
    house.clock.advance(IDLE)
    house.lobby.sweep()
    opening = asyncio.create_task(house.lobby.open("r"))
    async with asyncio.timeout(5):
        await house.logs.ending.entered.wait()
        assert not opening.done()
        house.logs.ending.let_go.set()
        after = await opening
    assert after is not before
    with pytest.raises(SalonError) as gone:
        before.say(ALICE, WORDS)
    assert (code(gone), gone.value.spec.retryable) == ("unavailable", True)


async def test_a_room_that_cannot_be_read_now_is_opened_by_the_next_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()

    async def silent(room: str) -> Log | None:
        raise SalonError("unavailable", "no answer", room=room)

    with monkeypatch.context() as broken:
        broken.setattr(house.logs, "find", silent)
        for ask in (house.lobby.open, house.lobby.existing):
            with pytest.raises(SalonError) as refused:
                await ask("r")
            assert code(refused) == "unavailable"
    assert (await house.lobby.open("r")).id == "r"


async def test_a_room_that_people_open_is_shared_and_belongs_to_who_came_first() -> None:
    house = House()
    room = await house.lobby.open("r", ALICE)
    assert (room.owner, room.shared) == ("alice", True)
    assert await house.lobby.open("r", BOB) is room
    assert await house.lobby.existing("r", BOB) is room


async def test_a_room_that_is_made_is_its_owners_alone_unless_shared() -> None:
    house = House()
    room = await house.lobby.create(ALICE, title="Plans", agent_id="helper")
    assert (room.title, room.owner, room.shared, room.log.head.agent_id) == ("Plans", "alice", False, "helper")
    for ask in (house.lobby.open, house.lobby.existing):
        with pytest.raises(SalonError) as refused:
            await ask(room.id, BOB)
        assert code(refused) == "not_found"
        assert await ask(room.id, ALICE) is await ask(room.id) is room
    shared = await house.lobby.create(ALICE, room="shared", shared=True)
    assert await house.lobby.open("shared", BOB) is shared


async def test_only_what_is_there_is_existing_and_only_what_is_not_can_be_made() -> None:
    house = House()
    with pytest.raises(SalonError) as nothing:
        await house.lobby.existing("r", ALICE)
    room = await house.lobby.open("r", ALICE)
    with pytest.raises(SalonError) as made:
        await house.lobby.create(BOB, room="r")
    with pytest.raises(SalonError) as forked:
        await house.lobby.fork(room, "r", 1, ALICE)
    assert [code(nothing), code(made), code(forked)] == ["not_found", "conflict", "conflict"]


async def test_a_fork_belongs_to_who_made_it_and_is_as_open_as_its_source() -> None:
    house = House()
    secret = await house.lobby.create(ALICE, room="secret")
    public = await house.lobby.open("public", ALICE)
    forks = [await house.lobby.fork(source, f"{source.id}-2", 1, BOB) for source in (secret, public)]
    assert [(fork.owner, fork.shared) for fork in forks] == [("bob", False), ("bob", True)]


async def test_a_deleted_room_ends_for_everyone_with_its_run() -> None:
    house = House()
    room = await house.lobby.open("r", ALICE)
    run = (await room.order(ALICE, parts=None)).run
    await house.lobby.delete(room)
    assert (await room.outcome(run)).outcome == "cancelled"
    assert house.gone == [("r", "deleted")]
    assert house.lobby.find("r") is None


async def test_what_is_lost_stops_at_once_and_without_a_word() -> None:
    house = House()
    room = await house.lobby.open("r", ALICE)
    run = (await room.order(ALICE, parts=None)).run
    written = len(house.published.items)
    house.lobby.lost("r")
    house.lobby.lost("unknown")
    assert (await room.outcome(run)).outcome == "error"
    assert (house.gone, len(house.published.items)) == ([("r", "lost")], written)
    with pytest.raises(SalonError):
        room.say(ALICE, WORDS)


async def test_closing_the_lobby_ends_every_run_and_waits_for_rooms_that_are_being_let_go() -> None:
    house = House()
    await house.lobby.open("idle")
    busy = await house.lobby.open("busy")
    run = (await busy.order(ALICE, parts=None)).run
    house.logs.ending = Gated()
    house.clock.advance(IDLE)
    house.lobby.sweep()
    closing = asyncio.create_task(house.lobby.close())
    async with asyncio.timeout(5):
        await house.logs.ending.entered.wait()
        assert (await busy.outcome(run)).outcome == "cancelled"
        assert not closing.done()
        house.logs.ending.let_go.set()
        await closing
