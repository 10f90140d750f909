"""Agents that are not of a room's team: found when somebody addresses them, and asked once."""

from __future__ import annotations

import asyncio

import pytest

from salon.contracts.actions import Send
from salon.contracts.runs import Principal, Responder
from salon.contracts.types import TextPart
from salon.errors import RequestError
from salon.rooms.lobby import Lobby
from salon.rooms.log.log_memory import MemoryLogs
from salon.rooms.room import Room
from tests.clock import ManualClock
from tests.fakes.answering import Scripted, saying
from tests.unit.rooms.stage import ALICE, Recorder


class Hall:
    """A room whose team is `host`, and a guest `clerk`, who is found when the gate is open."""

    def __init__(self, clock: ManualClock) -> None:
        self.clerk = Scripted("clerk", saying("It is the clerk"), roster=("clerk",))
        self.host = Scripted("crew", saying("It is the host"), roster=("host",))
        self.asked: list[tuple[str, str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        logs = MemoryLogs(clock=clock, publisher=Recorder(), window=100, seconds=60)
        self.lobby = Lobby(
            responder=self.host, logs=logs, private=logs, clock=clock, max_rooms=9, guests=self.find, idle=3600
        )

    async def find(self, name: str, who: Principal) -> Responder | None:
        self.asked.append((name, who.user))
        await self.gate.wait()
        return self.clerk if name == "clerk" else None

    async def room(self) -> Room:
        return await self.lobby.open("r")


def send(text: str, *, id: str = "a1", to: list[str] | None = None) -> Send:
    """The action of saying something."""
    return Send(kind="send", id=id, room="r", parts=[TextPart(kind="text", text=text)], to=to)


@pytest.fixture
def hall(clock: ManualClock) -> Hall:
    return Hall(clock)


@pytest.mark.parametrize("action", [send("Hello", to=["clerk"]), send("@clerk hello")])
async def test_whoever_is_addressed_and_not_of_the_team_is_found_and_answers(hall: Hall, action: Send) -> None:
    room = await hall.room()
    receipt = await room.act(ALICE, action)
    assert receipt.result is not None
    await room.outcome(str(receipt.result["run"]))
    assert [order.speakers for order in hall.clerk.orders] == [("clerk",)]
    assert hall.host.orders == []
    assert hall.asked == [("clerk", "alice")]
    await hall.lobby.close()


async def test_nobody_is_looked_for_when_the_team_is_addressed_or_nobody_is(hall: Hall) -> None:
    room = await hall.room()
    for number, action in enumerate([send("Hello"), send("@host hello"), send("mail me@clerk.com")]):
        receipt = await room.act(ALICE, action.model_copy(update={"id": f"a{number}"}))
        assert receipt.result is not None
        await room.outcome(str(receipt.result["run"]))
    assert hall.asked == []
    assert len(hall.host.orders) == 3
    await hall.lobby.close()


async def test_a_name_that_nobody_has_is_an_error_in_to_and_a_word_in_a_text(hall: Hall) -> None:
    room = await hall.room()
    with pytest.raises(RequestError, match="there is no agent 'nobody' here"):
        await room.act(ALICE, send("Hello", to=["nobody"]))
    with pytest.raises(RequestError, match="there is no agent 'clerk' here"):
        await room.act(ALICE, send("Hello", id="a2", to=["host", "clerk"]))
    receipt = await room.act(ALICE, send("@nobody hello", id="a3"))
    assert receipt.result is not None
    await room.outcome(str(receipt.result["run"]))
    assert len(hall.host.orders) == 1
    await hall.lobby.close()


async def test_an_action_sent_again_while_its_guest_is_looked_for_counts_once(hall: Hall) -> None:
    room = await hall.room()
    hall.gate.clear()
    both = [asyncio.create_task(room.act(ALICE, send("Hello", to=["clerk"]))) for _ in range(2)]
    await asyncio.sleep(0)
    hall.gate.set()
    async with asyncio.timeout(5):
        first, second = await asyncio.gather(*both)
    assert first.result is not None
    await room.outcome(str(first.result["run"]))
    assert (first.duplicate, second.duplicate) == (False, True)
    assert first.result == second.result
    assert len(hall.clerk.orders) == 1
    said = [entry for entry in room.state.messages if entry.author.id == "alice"]
    assert len(said) == 1
    await hall.lobby.close()
