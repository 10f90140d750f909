"""The hub with a room behind it and a link in front: what a client is told, and what others notice of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from salon.contracts.components import Screen
from salon.errors import Close, SalonError
from salon.hub.broker_memory import MemoryBroker
from salon.hub.connection import Connection
from salon.hub.hub import Hub
from salon.settings import Settings
from tests.clock import ManualClock
from tests.unit.hub.fakes import FakeLink, FakeRooms, FakeThreads


@dataclass
class House:
    hub: Hub
    rooms: FakeRooms
    threads: FakeThreads
    clock: ManualClock

    def enter(self, room: str = "default") -> Guest:
        link = FakeLink()
        return Guest(link, self.hub.admit(link, room=room))


@dataclass
class Guest:
    link: FakeLink
    connection: Connection

    def say(self, type_: str, **payload: Any) -> None:
        self.connection.receive(orjson.dumps({"type": type_, "payload": payload}).decode())

    def do(self, kind: str, **payload: Any) -> None:
        if kind not in ("signal", "seen"):
            payload.setdefault("id", kind)
        self.say("action", kind=kind, **payload)

    async def until(self, kind: str, count: int = 1) -> dict[str, Any]:
        await self.link.until(lambda: len(self.link.payloads(kind)) >= count)
        return self.link.payloads(kind)[count - 1]

    async def error(self, count: int = 1) -> dict[str, Any]:
        await self.link.until(lambda: len(self.link.errors()) >= count)
        return self.link.errors()[count - 1]

    async def watch(self, room: str = "r", **wish: Any) -> dict[str, Any]:
        count = len(self.link.payloads("subscribed")) + 1
        self.do("subscribe", room=room, **wish)
        return await self.until("subscribed", count)

    def send(self, text: str = "hi", id: str = "s1", room: str = "r") -> None:
        self.do("send", id=id, room=room, parts=[{"kind": "text", "text": text}])


def made(clock: ManualClock, **settings: Any) -> House:
    broker = MemoryBroker()
    rooms, threads = FakeRooms(broker), FakeThreads()
    hub = Hub(
        rooms=rooms,
        threads=threads,
        broker=broker,
        clock=clock,
        settings=Settings(**settings),
        mode="mock",
        server="salon/test",
        schema_hash="h",
    )
    return House(hub, rooms, threads, clock)


@pytest.fixture
async def house(clock: ManualClock) -> AsyncIterator[House]:
    built = made(clock)
    yield built
    await built.hub.close()


def connected(house: House) -> Guest:
    guest = house.enter()
    guest.do("connect", versions=["1"], name="Ann")
    return guest


async def test_a_newcomer_gets_the_state_and_then_every_entry(house: House) -> None:
    guest = connected(house)
    answer = await guest.watch()
    assert answer["position"] == {"epoch": "e", "seq": 1}
    assert (answer["was_recovering"], answer["recovered"], answer["events"]) == (False, False, [])
    assert answer["snapshot"]["state"] == {"seq": 1}
    assert answer["first_seq"] == 1
    for _ in range(3):
        house.rooms["r"].append()
    await guest.until("events")
    assert guest.link.entries() == [2, 3, 4]


async def test_a_room_knows_what_its_watchers_can_draw_beyond_the_catalogue(house: House) -> None:
    guest, plain = house.enter(), connected(house)
    guest.do("connect", versions=["1"], components=["chart", "seat-map", "not a name"], catalogs=["airline"])
    for each in (guest, plain):
        await each.watch()
    screens = house.rooms["r"].screens
    assert screens == {guest.connection.id: Screen(frozenset({"seat-map"}), frozenset({"airline"}))}
    guest.connection.gone()
    assert screens == {}


@pytest.mark.requirement("S4-04")
async def test_entries_of_one_moment_are_one_write_and_the_same_object_for_everyone(house: House) -> None:
    guests = [connected(house) for _ in range(3)]
    for guest in guests:
        await guest.watch()
    before = [len(guest.link.writes) for guest in guests]
    for lane in ("state_update", "action", "state_update"):
        house.rooms["r"].append(lane)
    for guest in guests:
        await guest.until("events", 3)
    fanned = [guest.link.writes[start:] for guest, start in zip(guests, before, strict=True)]
    assert [len(writes) for writes in fanned] == [1, 1, 1]
    assert fanned[0][0] is fanned[1][0] is fanned[2][0]


async def test_no_entry_is_missed_or_doubled_around_the_answer(house: House) -> None:
    early, late = connected(house), connected(house)
    await early.watch()
    room = house.rooms["r"]
    room.append()  # published, not yet sent to anyone
    answer = await late.watch()
    room.append()
    await late.until("events")
    assert answer["position"]["seq"] == 2
    assert late.link.entries() == [3]
    assert early.link.entries() == [2, 3]


async def test_recovery_gives_exactly_the_gap(house: House) -> None:
    room = house.rooms["r"]
    for _ in range(9):
        room.append()
    guest = connected(house)
    answer = await guest.watch(recover={"epoch": "e", "seq": 4})
    assert (answer["was_recovering"], answer["recovered"]) == (True, True)
    assert [entry["seq"] for entry in answer["events"]] == [5, 6, 7, 8, 9, 10]
    assert "snapshot" not in answer


@pytest.mark.parametrize("since", [{"epoch": "other", "seq": 4}, {"epoch": "e", "seq": 99}, {"epoch": "e", "seq": 0}])
async def test_a_position_that_cannot_be_recovered_gives_a_snapshot(house: House, since: dict[str, Any]) -> None:
    room = house.rooms["r"]
    room.kept = 3
    for _ in range(9):
        room.append()
    answer = await connected(house).watch(recover=since)
    assert (answer["was_recovering"], answer["recovered"], answer["events"]) == (True, False, [])
    assert answer["snapshot"]["state"] == {"seq": 10}


async def test_a_gap_larger_than_told_gives_a_snapshot(clock: ManualClock) -> None:
    house = made(clock, recover_events=5)
    for _ in range(9):
        house.rooms["r"].append()
    assert (await connected(house).watch(recover={"epoch": "e", "seq": 1}))["recovered"] is False
    assert (await connected(house).watch(recover={"epoch": "e", "seq": 5}))["recovered"] is True
    await house.hub.close()


async def test_who_wants_no_snapshot_gets_none_or_learns_that_there_is_no_other_way(house: House) -> None:
    guest = connected(house)
    assert "snapshot" not in await guest.watch("r1", snapshot=False)
    guest.do("subscribe", room="r2", snapshot=False, recover={"epoch": "x", "seq": 0})
    error = await guest.error()
    assert (error["code"], error["room"], error["reply_to"]) == ("unrecoverable_position", "r2", "subscribe")
    assert house.hub.watched == 1
    await guest.watch("r2")


async def test_a_client_with_a_gap_starts_over_without_leaving(house: House) -> None:
    guest = connected(house)
    await guest.watch()
    house.rooms["r"].append()
    answer = await guest.watch(recover={"epoch": "e", "seq": 1})
    assert [entry["seq"] for entry in answer["events"]] == [2]
    house.rooms["r"].append()
    await guest.link.until(lambda: 3 in guest.link.entries())
    assert guest.link.entries().count(3) == 1


async def test_after_unsubscribing_nothing_of_the_room_comes(house: House) -> None:
    guest = connected(house)
    await guest.watch()
    guest.do("unsubscribe", room="r")
    answer = await guest.until("unsubscribed")
    assert (answer["room"], answer["reply_to"]) == ("r", "unsubscribe")
    assert house.hub.watched == 0
    house.rooms["r"].append()
    guest.say("ping")
    await guest.link.until(lambda: any(frame["type"] == "pong" for frame in guest.link.frames))
    assert guest.link.entries() == []


@pytest.mark.requirement("S4-35")
async def test_rooms_do_not_hear_of_each_other(house: House) -> None:
    one, two = connected(house), connected(house)
    await one.watch("r1")
    await two.watch("r2")
    house.rooms["r1"].append()
    await one.until("events")
    house.rooms["r2"].append()
    await two.until("events")
    assert {frame["payload"]["room"] for frame in one.link.frames if "room" in frame["payload"]} == {"r1"}
    assert {frame["payload"]["room"] for frame in two.link.frames if "room" in frame["payload"]} == {"r2"}


async def test_an_action_is_acknowledged_with_where_its_effect_stands(house: House) -> None:
    guest = house.enter()
    guest.do("connect", versions=["1"], tools=[{"name": "pick"}])
    guest.send()
    ack = await guest.until("ack")
    assert ack == {
        "kind": "ack",
        "reply_to": "s1",
        "duplicate": False,
        "room": "r",
        "seq": 2,
        "result": {"tools": ["pick"]},
    }


async def test_a_client_acts_as_its_session(house: House) -> None:
    first = house.enter()
    first.do("connect", versions=["1"])
    welcome = await first.until("welcome")
    second = house.enter()
    second.do("connect", versions=["1"], session=welcome["session"], name="Ann")
    second.send()
    await second.until("ack")
    ((principal, _),) = house.rooms["r"].acted
    assert (principal.user, principal.name) == (welcome["user"], "Ann")


async def test_a_refused_action_says_why_and_which(house: House) -> None:
    house.rooms["r"].refusal = SalonError("busy", "Wait for the run to end.", retry_after=2.0)
    guest = connected(house)
    guest.send()
    error = await guest.error()
    assert error == {
        "code": "busy",
        "message": "Wait for the run to end.",
        "retryable": True,
        "fatal": False,
        "retry_after": 2.0,
        "reply_to": "s1",
        "room": "r",
    }


@pytest.mark.requirement("S4-37")
async def test_a_defect_is_told_by_its_number_and_never_by_its_text(
    house: House, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    house.rooms["r"].refusal = RuntimeError("the password is swordfish")
    guest = connected(house)
    with caplog.at_level(logging.ERROR):
        guest.send()
        error = await guest.error()
    assert (error["code"], error["reply_to"], error["room"]) == ("internal", "s1", "r")
    assert not any(b"swordfish" in text for text in guest.link.texts)
    number = error["message"].rsplit(" ", 1)[1].rstrip(".")
    assert number.startswith("err_")
    assert number in caplog.text + capsys.readouterr().out
    guest.do("history", room="r", limit=5)
    await guest.until("history")


async def test_a_room_that_cannot_be_opened_is_not_watched(house: House) -> None:
    house.rooms.refusal = SalonError("limit_exceeded", "No more rooms.")
    guest = connected(house)
    guest.do("subscribe", room="r")
    assert (await guest.error())["code"] == "limit_exceeded"
    house.rooms.refusal = None
    await guest.watch()


async def test_commands_take_effect_in_their_order(house: House) -> None:
    guest = connected(house)
    guest.do("subscribe", room="r")
    guest.do("signal", room="r", typing=True)
    guest.do("unsubscribe", room="r")
    guest.do("unsubscribe", room="r", id="again")
    guest.send()
    await guest.until("ack")
    kinds = [frame["payload"].get("kind") or frame["payload"]["code"] for frame in guest.link.frames]
    assert kinds == ["welcome", "not_subscribed", "subscribed", "unsubscribed", "ack"]


async def test_leaving_a_room_that_could_not_be_entered_is_told(house: House) -> None:
    house.rooms.refusal = SalonError("limit_exceeded", "No more rooms.")
    guest = connected(house)
    guest.do("subscribe", room="r")
    guest.do("unsubscribe", room="r")
    assert (await guest.error(2))["code"] == "not_subscribed"


@pytest.mark.requirement("S4-34")
async def test_a_slow_action_delays_no_ping_and_no_other_connection(house: House) -> None:
    house.rooms["r"].acting = asyncio.Event()
    slow, other = connected(house), connected(house)
    slow.send()
    slow.say("ping", nonce="n")
    other.send(room="r2")
    await slow.link.until(lambda: any(frame["type"] == "pong" for frame in slow.link.frames))
    await other.until("ack")
    assert slow.link.payloads("ack") == []
    house.rooms["r"].acting.set()
    await slow.until("ack")


async def test_history_comes_in_pages_no_larger_than_told(clock: ManualClock) -> None:
    house = made(clock, history_page=3)
    for _ in range(9):
        house.rooms["r"].append()
    guest = connected(house)
    guest.do("history", room="r", limit=1000, before=9)
    page = await guest.until("history")
    assert [entry["seq"] for entry in page["entries"]] == [6, 7, 8]
    assert (page["more"], page["position"]["seq"], page["reply_to"]) == (True, 10, "history")
    await house.hub.close()


@pytest.mark.requirement("S4-20")
async def test_who_does_not_know_the_handshake_gets_the_state_first(house: House) -> None:
    guest = house.enter("lounge")
    guest.say("action", message="hi")
    await guest.until("ack")
    kinds = [frame["payload"]["kind"] for frame in guest.link.frames]
    assert kinds[0] == "subscribed"
    assert guest.link.payloads("subscribed")[0]["room"] == guest.link.payloads("ack")[0]["room"] == "lounge"
    ((_, action),) = house.rooms["lounge"].acted
    assert action.model_dump()["parts"] == [{"kind": "text", "text": "hi"}]


async def test_comings_goings_and_typing_reach_the_others(house: House) -> None:
    ann = connected(house)
    assert [member["name"] for member in (await ann.watch())["members"]] == ["Ann"]
    bob = connected(house)
    assert len((await bob.watch())["members"]) == 2
    news = await ann.until("ephemeral")
    assert bob.connection.id in [member["client"] for member in news["joins"]]
    bob.do("signal", room="r", typing=True, status="writing")
    news = await ann.until("ephemeral", 2)
    assert news["typing"] == [bob.connection.id]
    assert news["signals"] == {bob.connection.id: {"status": "writing"}}
    bob.do("seen", room="r", seq=1)
    assert (await ann.until("ephemeral", 3))["signals"] == {bob.connection.id: {"seen": 1}}
    bob.connection.gone()
    assert (await ann.until("ephemeral", 4))["leaves"] == [bob.connection.id]


async def test_typing_ends_by_itself(house: House) -> None:
    ann, bob = connected(house), connected(house)
    await ann.watch()
    await bob.watch()
    await ann.until("ephemeral")
    bob.do("signal", room="r", typing=True)
    assert (await ann.until("ephemeral", 2))["typing"]
    house.clock.advance(31)
    house.hub.tick()
    assert (await ann.until("ephemeral", 3))["typing"] == []


async def test_each_gets_the_presence_it_wants(house: House) -> None:
    both, comings, signals, neither = (connected(house) for _ in range(4))
    await both.watch()
    await comings.watch(ephemeral=False)
    assert (await signals.watch(presence=False))["members"] == []
    await neither.watch(presence=False, ephemeral=False)
    await both.until("ephemeral")
    listed = {member["client"] for member in both.link.payloads("ephemeral")[0]["joins"]}
    assert listed == {both.connection.id, comings.connection.id}
    assert (await comings.until("ephemeral"))["signals"] == {}
    comings.do("signal", room="r", typing=True)
    told = await signals.until("ephemeral")
    assert (told["typing"], told["joins"]) == ([comings.connection.id], [])
    assert neither.link.payloads("ephemeral") == []


async def test_nobody_is_told_of_having_come_alone(house: House) -> None:
    ann, bob = connected(house), connected(house)
    await ann.watch()
    await bob.watch(presence=False)
    ann.do("signal", room="r", typing=True)
    news = await ann.until("ephemeral")
    assert news["typing"]
    assert bob.link.payloads("ephemeral")[0]["joins"] == []


@pytest.mark.requirement("S4-36")
async def test_a_reader_that_stalls_gets_a_resync_and_then_is_sent_away_and_others_notice_nothing(
    clock: ManualClock,
) -> None:
    house = made(clock, outbox_frames=16)
    stalled, live = connected(house), connected(house)
    await stalled.watch()
    await live.watch()
    room = house.rooms["r"]

    async def flood() -> None:
        for _ in range(40):
            last = room.append("action")
            last = room.append()
        await live.link.until(lambda: live.link.entries()[-1:] == [last])

    stalled.link.paused = True
    await flood()
    stalled.link.paused = False
    stalled.connection.drained()
    resync = stalled.link.payloads("resync")[0]
    assert (resync["position"], resync["reason"]) == (room.position.model_dump(), "slow_consumer")
    await flood()
    assert stalled.link.entries()[0] == resync["position"]["seq"] + 1
    stalled.link.paused = True
    await flood()
    clock.advance(9.9)
    house.hub.tick()
    assert stalled.link.code() is None
    clock.advance(0.2)
    house.hub.tick()
    assert stalled.link.code() is Close.SLOW_CONSUMER
    assert live.link.entries() == list(range(2, room.position.seq + 1))
    assert house.hub.connections == 1
    await house.hub.close()


async def test_a_large_answer_waits_for_a_reader_that_is_behind(house: House) -> None:
    guest = connected(house)
    guest.link.paused = True
    guest.say("ping")
    guest.do("subscribe", room="r")
    guest.say("ping")
    for _ in range(5):
        await asyncio.sleep(0)
    guest.link.paused = False
    guest.connection.drained()
    await guest.until("subscribed")
    assert [frame["type"] for frame in guest.link.frames] == ["state_update", "pong", "pong", "state_update"]


async def test_answers_that_are_never_read_end_the_connection(clock: ManualClock) -> None:
    house = made(clock, outbox_frames=16)
    guest = connected(house)
    await guest.watch()
    guest.link.paused = True
    for _ in range(17):
        guest.say("ping")
    assert guest.link.code() is Close.SLOW_CONSUMER
    assert (house.hub.connections, house.hub.watched) == (0, 0)
    await house.hub.close()


async def test_silence_is_pinged_and_then_ends_the_connection(house: House) -> None:
    guest = connected(house)
    house.clock.advance(25)
    house.hub.tick()
    (ping,) = [frame for frame in guest.link.frames if frame["type"] == "ping"]
    assert ping["payload"] == {"nonce": "1", "sent": house.clock.time()}
    house.clock.advance(10)
    house.hub.tick()
    assert guest.link.code() is Close.NO_PONG


async def test_too_many_connections_are_not_let_in(clock: ManualClock) -> None:
    house = made(clock, max_connections=3, max_connections_per_ip=2)
    first = house.hub.admit(FakeLink(), address="10.0.0.1")
    house.hub.admit(FakeLink(), address="10.0.0.1")
    with pytest.raises(SalonError, match="address"):
        house.hub.admit(FakeLink(), address="10.0.0.1")
    house.hub.admit(FakeLink(), address="10.0.0.2")
    with pytest.raises(SalonError, match="as many connections"):
        house.hub.admit(FakeLink(), address="10.0.0.3")
    first.gone()
    first.gone()
    house.hub.admit(FakeLink(), address="10.0.0.1")
    await house.hub.close()


async def test_what_was_asked_for_is_done_though_its_asker_left(house: House) -> None:
    house.rooms["r"].acting = asyncio.Event()
    guest = connected(house)
    guest.send()
    await asyncio.sleep(0)
    guest.connection.gone()
    assert house.hub.connections == 0
    house.rooms["r"].acting.set()
    async with asyncio.timeout(5):
        await guest.connection.finished()
    assert len(house.rooms["r"].acted) == 1
    assert guest.link.payloads("ack") == []


async def test_a_room_is_not_watched_for_someone_who_left_meanwhile(house: House) -> None:
    guest = connected(house)
    guest.do("subscribe", room="r")
    guest.connection.gone()
    async with asyncio.timeout(5):
        await guest.connection.finished()
    assert house.hub.watched == 0


async def test_a_server_that_stops_says_so_and_lets_nobody_in(house: House) -> None:
    guest = connected(house)
    await guest.watch()
    await house.hub.close()
    assert guest.link.payloads("notice")[0]["code"] == "draining"
    assert guest.link.code() is Close.DRAINING
    assert (house.hub.connections, house.hub.watched) == (0, 0)
    with pytest.raises(SalonError) as refused:
        house.enter()
    assert refused.value.code == "unavailable"


async def test_every_touch_of_a_room_says_who_touches_it(house: House) -> None:
    guest = connected(house)
    await guest.watch("r")
    guest.send()
    await guest.until("ack")
    guest.do("history", room="r", limit=1)
    await guest.until("history")
    user = guest.link.payloads("welcome")[0]["user"]
    assert [(room, who.user) for room, who in house.rooms.guests] == [("r", user)] * 3


async def test_watchers_of_a_room_that_is_no_more_are_told_after_its_last_entry_and_it_is_forgotten(
    house: House,
) -> None:
    guest, other = connected(house), connected(house)
    await guest.watch("r")
    await other.watch("elsewhere")
    house.rooms["r"].append()
    house.hub.room_gone("r", "deleted")
    assert guest.link.entries() == [2]
    assert guest.link.frames[-1]["payload"] == {"kind": "unsubscribed", "room": "r", "code": "deleted"}
    assert other.link.payloads("unsubscribed") == []
    assert house.hub.watched == 1
    house.rooms.refusal = SalonError("not_found", "there is no room 'r'")
    guest.do("signal", room="r", typing=True)
    assert (await guest.error(1))["code"] == "not_subscribed"
    guest.send()
    assert (await guest.error(2))["code"] == "not_found"


async def test_a_room_that_nobody_watches_may_go_unnoticed(house: House) -> None:
    guest = connected(house)
    house.hub.room_gone("r", "deleted")
    assert guest.link.payloads("unsubscribed") == []


async def test_threads_are_listed_for_the_one_who_asks_in_pages_no_larger_than_told(clock: ManualClock) -> None:
    house = made(clock, history_page=10)
    guest = connected(house)
    guest.do("threads", limit=500, query="talk", cursor="here")
    answer = await guest.until("threads")
    assert answer == {
        "kind": "threads",
        "reply_to": "threads",
        "cursor": "next",
        "threads": [
            {
                "room": "r",
                "title": "A talk",
                "archived": False,
                "shared": True,
                "created_at": 1,
                "updated_at": 2,
                "messages": 3,
            }
        ],
    }
    user = guest.link.payloads("welcome")[0]["user"]
    assert house.threads.asked == [{"user": user, "archived": None, "query": "talk", "cursor": "here", "limit": 10}]


async def test_the_size_of_a_thread_is_told_to_those_who_may_read_it(house: House) -> None:
    guest = connected(house)
    guest.do("stats", id="s1", room="r")
    user = guest.link.payloads("welcome")[0]["user"]
    result = {"room": "r", "user": user, "message_count": 3}
    assert await guest.until("ack") == {
        "kind": "ack",
        "reply_to": "s1",
        "duplicate": False,
        "room": "r",
        "result": result,
    }
    house.threads.refusal = SalonError("not_found", "there is no room 'r'")
    guest.do("stats", id="s2", room="r")
    refused = await guest.error()
    assert (refused["code"], refused["reply_to"], refused["room"]) == ("not_found", "s2", "r")
