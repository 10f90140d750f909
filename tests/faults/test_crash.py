"""The server is killed while many talk and agents answer, again and again, and rooms go on where they were."""

from __future__ import annotations

import asyncio
import random
import socket
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.crash_server import serve
from tests.faults.crowd import Speaker
from tests.faults.forked import fork, kill

JSON = dict[str, Any]

ROOMS = 3
SPEAKERS = 2
KILLS = 3
FRAMES = 300
"""The server dies before so many frames have come from it."""
SEED = 20261121
WITHIN = 60.0
"""Seconds for each life of the server; far more than one needs, since the machine may be busy."""


class Fuse:
    """Burns with each frame that anyone is told, down to the end."""

    def __init__(self) -> None:
        self.end = asyncio.Event()
        self._left = 0

    def light(self, length: int) -> None:
        self._left = length
        self.end.clear()

    def burn(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.end.set()


@dataclass
class Found:
    """What the crashes left behind in all rooms."""

    said: int = 0
    acked: int = 0
    resent: int = 0
    interrupted: int = 0
    partial: int = 0
    removed: int = 0


@asynccontextmanager
async def serving(listening: socket.socket, database_url: str) -> AsyncIterator[None]:
    """A server that is killed at the end."""
    server = fork(serve, listening, database_url)
    try:
        async with asyncio.timeout(WITHIN):
            yield
    finally:
        kill(server)


async def crashes(database_url: str, kills: int, seed: int = SEED) -> Found:
    """Let people talk in a few rooms while the server is killed so often, then look at all that is left."""
    dice = random.Random(seed)
    fuse = Fuse()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        crowd = [
            Speaker(address, f"room-{room}", f"{room}-{one}", random.Random(f"{seed} {room} {one}"), fuse.burn)
            for room in range(ROOMS)
            for one in range(SPEAKERS)
        ]
        for _ in range(kills):
            fuse.light(dice.randrange(1, FRAMES))
            async with asyncio.TaskGroup() as talk, serving(listening, database_url):
                for speaker in crowd:
                    talk.create_task(speaker.speak())
                await fuse.end.wait()
        async with serving(listening, database_url):
            return await inspect(crowd)


async def inspect(crowd: Sequence[Speaker]) -> Found:
    """Everyone comes back and gets an answer; then each room's log is compared with what its people were told."""
    for speaker in crowd:
        await speaker.come_back()
    await asyncio.gather(*(speaker.settle() for speaker in crowd))
    assert await asyncio.gather(*(speaker.is_answered() for speaker in crowd)) == ["success"] * len(crowd)
    found = Found()
    for room in {speaker.room: speaker for speaker in crowd}:
        people = [speaker for speaker in crowd if speaker.room == room]
        log = await people[0].whole_log()
        everything_said_is_there_once_and_in_order(log, people)
        what_was_shown_is_what_is_stored(log, people)
        nothing_is_left_open(log)
        what_was_cut_off_says_so(log, people, found)
        found.said += sum(len(speaker.said) for speaker in people)
        found.acked += sum(len(speaker.acked) for speaker in people)
        found.resent += sum(message.again for speaker in people for message in speaker.acked)
    for speaker in crowd:
        await speaker.client.close()
    return found


def everything_said_is_there_once_and_in_order(log: Sequence[JSON], people: Sequence[Speaker]) -> None:
    seqs = [entry["seq"] for entry in log]
    assert seqs == sorted(set(seqs))
    stored = [entry for entry in log if is_said(entry)]
    times = Counter(entry["cause"] for entry in stored)
    at = {entry["cause"]: entry for entry in stored}
    for speaker in people:
        assert not speaker.waiting
        assert {message.id for message in speaker.said} == {m.id for m in speaker.acked} | {
            m.id for m in speaker.refused
        }
        for message in speaker.acked:
            assert times[message.id] == 1, f"{message.id} is there {times[message.id]} times"
            assert (at[message.id]["seq"], words(at[message.id]["body"])) == (message.seq, message.text)
        assert not [message.id for message in speaker.refused if message.id in times]
        order = {message.id: number for number, message in enumerate(speaker.said)}
        heard = [order[entry["cause"]] for entry in stored if entry["cause"] in order]
        assert heard == sorted(heard)


def what_was_shown_is_what_is_stored(log: Sequence[JSON], people: Sequence[Speaker]) -> None:
    by_seq = {entry["seq"]: entry for entry in log}
    for speaker in people:
        heard = [entry for entry in speaker.client.entries if entry["seq"] <= log[-1]["seq"]]  # it goes on
        durable = [entry for entry in heard if entry["body"]["event"] not in TRANSIENT]
        missing = [(entry, by_seq.get(entry["seq"])) for entry in durable if by_seq.get(entry["seq"]) != entry]
        assert not missing, missing[:3]


TRANSIENT = {"message.delta", "reasoning.delta", "tool.args", "job.updated"}


def nothing_is_left_open(log: Sequence[JSON]) -> None:
    for noun, ends in (("run", {"finished"}), ("turn", {"finished"}), ("message", {"done", "removed"})):
        started = Counter(e["body"][noun] for e in log if e["body"]["event"] == f"{noun}.started")
        ended = Counter(e["body"][noun] for e in log if e["body"]["event"] in {f"{noun}.{end}" for end in ends})
        assert set(started.values()) == {1}
        assert {key: ended[key] for key in started} == started
    for entry in log:
        assert entry["body"]["event"] != "run.finished" or entry["body"]["outcome"] != "error" or interrupted(entry)


def what_was_cut_off_says_so(log: Sequence[JSON], people: Sequence[Speaker], found: Found) -> None:
    cut = {entry["body"]["run"] for entry in log if interrupted(entry)}
    streamed = {e["body"]["message"]: e["body"] for e in log if e["body"]["event"] == "message.started"}
    heard = heard_of(people)
    for entry in log:
        body = entry["body"]
        message = streamed.get(body.get("message", ""))
        if message is None or body["event"] == "message.started":
            continue
        if body["event"] == "message.removed":
            found.removed += message["run"] in cut
            continue
        text, seen = words(body), heard.get(body["message"], "")
        if body.get("partial"):
            found.partial += message["run"] in cut
            assert text
            assert text.startswith(seen) or seen.startswith(text)
        else:
            assert text.startswith(seen)
    found.interrupted += len(cut)


def heard_of(people: Sequence[Speaker]) -> dict[str, str]:
    """What someone heard of each message that they heard from the beginning."""
    longest: dict[str, str] = {}
    for speaker in people:
        texts: dict[str, str] = {}
        for body in (entry["body"] for entry in speaker.client.entries):
            if body["event"] == "message.started":
                texts[body["message"]] = ""
            elif body["event"] == "message.delta" and len(texts.get(body["message"], "")) == body["at"] - len(
                body["text"]
            ):
                texts[body["message"]] = texts.get(body["message"], "") + body["text"]
        for message, text in texts.items():
            longest[message] = max(longest.get(message, ""), text, key=len)
    return longest


def is_said(entry: JSON) -> bool:
    body = entry["body"]
    return bool(body["event"] == "message.done" and body["author"]["role"] == "user")


def interrupted(entry: JSON) -> bool:
    body = entry["body"]
    how = [body["event"], body.get("outcome"), body.get("reason")]
    return how == ["run.finished", "error", "interrupted"]


def words(body: JSON) -> str:
    return "".join(part.get("text", "") for part in body["parts"])


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_whatever_was_acked_survives_a_killed_server_once_and_in_order_and_every_room_goes_on(
    request: pytest.FixtureRequest, kind: str
) -> None:
    url = await asyncio.to_thread(request.getfixturevalue, f"{kind}_database_url")
    found = await crashes(url, KILLS)
    assert found.acked > KILLS * ROOMS
    assert found.interrupted
    assert found.resent
