"""What people do with a room's record: naming it, putting it away, beginning anew, branching off and deleting it."""

import pytest

from salon.contracts.actions import Archive, Branch, Clear, Delete, Fork, Rename, RoomAction, Send
from salon.contracts.events import MsgDone, RoomChanged
from salon.contracts.runs import Principal
from salon.contracts.types import TextPart
from salon.errors import SalonError
from salon.rooms.room import Room
from tests.unit.rooms.stage import ALICE, BOB, House, echo
from tests.unit.rooms.test_room import Gate

CLEAR = Clear(kind="clear", id="c", room="r")
DELETE = Delete(kind="delete", id="d", room="r")


async def talked(house: House) -> Room:
    """Alice's room, with a question and an answer."""
    room = await house.lobby.open("r", ALICE)
    said = await room.act(ALICE, Send(kind="send", id="s", room="r", parts=[TextPart(kind="text", text="hello")]))
    assert said.result is not None
    await room.outcome(str(said.result["run"]))
    return room


async def refusal(room: Room, who: Principal, action: RoomAction) -> str:
    """The code with which an action is refused; nothing may have changed then."""
    before = room.position
    with pytest.raises(SalonError) as caught:
        await room.act(who, action)
    assert room.position == before
    return caught.value.code


async def test_everyone_in_a_shared_room_may_name_it_and_put_it_away() -> None:
    house = House(echo)
    room = await talked(house)
    await room.act(BOB, Rename(kind="rename", id="n", room="r", title="Plans"))
    await room.act(BOB, Archive(kind="archive", id="a", room="r", archived=True))
    assert (room.title, room.archived) == ("Plans", True)
    await room.act(ALICE, Archive(kind="archive", id="b", room="r", archived=False))
    changes = [e.body for e in house.published.entries("r") if isinstance(e.body, RoomChanged)]
    assert [(c.title, c.archived) for c in changes] == [("Plans", None), (None, True), (None, False)]


async def test_a_title_says_something() -> None:
    room = await talked(House(echo))
    assert await refusal(room, ALICE, Rename(kind="rename", id="n", room="r", title="  ")) == "bad_request"


async def test_only_the_owner_begins_anew_and_not_in_the_middle_of_an_answer() -> None:
    gate = Gate()
    room = await talked(House(echo, gate))
    assert await refusal(room, BOB, CLEAR) == "forbidden"
    await room.act(ALICE, Send(kind="send", id="s2", room="r", parts=[TextPart(kind="text", text="more")]))
    await gate.entered.wait()
    with pytest.raises(SalonError, match="run is on"):
        await room.act(ALICE, CLEAR)
    room.cancel()
    receipt = await room.act(ALICE, CLEAR)
    assert receipt.seq == room.position.seq
    assert room.snapshot().messages == []


async def test_a_branch_is_the_room_up_to_a_message_and_an_unknown_one_copies_nothing() -> None:
    house = House(echo)
    room = await talked(house)
    question = next(e.body for e in house.published.entries("r") if isinstance(e.body, MsgDone))
    await room.act(BOB, Branch(kind="branch", id="b", room="r", from_message=question.message, new_room="r2"))
    branch = house.lobby.find("r2")
    assert branch is not None
    assert branch.snapshot().messages == [question]
    assert branch.owner == BOB.user
    stray = Branch(kind="branch", id="b2", room="r", from_message="msg-of-another-room", new_room="r3")
    assert await refusal(room, BOB, stray) == "not_found"
    assert house.lobby.find("r3") is None


async def test_a_fork_before_the_beginning_is_refused() -> None:
    room = await talked(House(echo))
    assert await refusal(room, ALICE, Fork(kind="fork", id="f", room="r", at=0, new_room="r2")) == "bad_request"


async def test_a_room_that_its_owner_deletes_ends_for_everyone() -> None:
    house = House(echo)
    gone: list[tuple[str, str]] = []
    house.lobby.watch_gone(lambda room, why: gone.append((room, why)))
    room = await talked(house)
    assert await refusal(room, BOB, DELETE) == "forbidden"
    assert (await room.act(ALICE, DELETE)).duplicate is False
    assert gone == [("r", "deleted")]
    assert house.lobby.find("r") is None


async def test_nobodys_room_is_nobodys_to_delete() -> None:
    room = await House(echo).lobby.open("default", ALICE)
    assert await refusal(room, ALICE, DELETE) == "forbidden"
