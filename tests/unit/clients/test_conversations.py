"""The room client behaves as `ui-contracts/vectors/conversations.json` says, and so does the TypeScript one."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from salon.clients.backoff import Backoff
from salon.clients.errors import ErrorAnswer, LinkRefused
from salon.clients.room import Room
from salon.contracts.wire import Ack
from tests.unit.clients.frames import JSON, text
from tests.unit.clients.server import Desk, House

VECTORS = json.loads((Path(__file__).parents[3] / "ui-contracts" / "vectors" / "conversations.json").read_text())


@pytest.mark.parametrize("conversation", VECTORS["conversations"], ids=lambda conversation: conversation["name"])
async def test_the_client_behaves_as_the_shared_vectors_say(conversation: JSON) -> None:
    async with asyncio.timeout(5), House.opened() as house:
        play = Play(house, Room(f"{house.url}/ws/agent", "lab", backoff=Backoff(floor=0, ceiling=0)))
        try:
            for step in conversation["steps"]:
                await play.step(step)
        finally:
            await play.over()


class Play:
    """One conversation, the server's side and the program's."""

    def __init__(self, house: House, room: Room) -> None:
        self._house = house
        self._room = room
        self._desk: Desk | None = None
        self._ids: dict[str, str] = {}
        self._asked: dict[str, asyncio.Task[Ack]] = {}
        self._news = asyncio.Event()
        self._watching = asyncio.create_task(self._watch())

    async def step(self, step: JSON) -> None:
        verb, value = next(iter(step.items()))
        match verb:
            case "joins" | "comes back":
                await self._joined(value, first=verb == "joins")
            case "hears":
                await self._hears(value)
            case "says":
                await self._says(value)
            case "closes":
                await (await self._here()).hangs_up(value)
                self._desk = None
            case "loses":
                (await self._here()).vanishes()
                self._desk = None
            case "asks":
                self._asked[step["as"]] = asyncio.create_task(self._room.send(value))
                await asyncio.sleep(0)
            case "answered":
                assert (await self._asked[value]).seq == step["seq"]
            case "refused":
                with pytest.raises(ErrorAnswer if "code" in step else LinkRefused) as refused:
                    await self._asked[value]
                assert getattr(refused.value, "code", None) == step.get("code")
            case "knows":
                await self._knows(value)
            case "ended":
                with pytest.raises(LinkRefused):
                    await self._watching
            case _:
                pytest.fail(f"nobody can {verb}")

    async def over(self) -> None:
        """Leave, whatever happened."""
        self._watching.cancel()
        with suppress(asyncio.CancelledError, LinkRefused):
            await self._watching

    async def _watch(self) -> None:
        async with self._room as room:
            self._news.set()
            async for _ in room:
                self._news.set()

    async def _here(self) -> Desk:
        self._desk = self._desk or await self._house.next_client()
        return self._desk

    async def _joined(self, seq: int, *, first: bool) -> None:
        await self._hears({"kind": "connect"})
        await self._says({"kind": "welcome"})
        await self._hears({"kind": "subscribe"})
        answer: JSON = {"position": {"epoch": "e1", "seq": seq}, "was_recovering": not first, "recovered": not first}
        await self._says({"kind": "subscribed", **answer, **({"snapshot": {}} if first else {})})
        if first:
            await self._knows(seq)

    async def _hears(self, wanted: JSON) -> None:
        frame = await (await self._here()).hears()
        heard = {"kind": frame["type"], **frame["payload"]} if "payload" in frame else frame
        for key, value in wanted.items():
            named = isinstance(value, str) and value.startswith("$")
            assert heard[key] == (self._ids.setdefault(value, heard[key]) if named else value)

    async def _says(self, what: JSON) -> None:
        defaults = VECTORS["defaults"]
        payload: JSON = {**defaults.get(what["kind"], {}), **what}
        if "reply_to" in payload:
            payload["reply_to"] = self._ids[payload["reply_to"]]
        if "snapshot" in payload:
            payload["snapshot"] = {**defaults["snapshot"], **payload["snapshot"]}
        for key in ("entries", "events"):
            if key in payload:
                payload[key] = [_entry(entry) for entry in payload[key]]
        type_ = payload.pop("kind") if payload["kind"] in {"error", "ping"} else "state_update"
        await (await self._here()).says(text(payload, type_))

    async def _knows(self, seq: int) -> None:
        while self._room.position is None or self._room.position.seq != seq:
            self._news.clear()
            await self._news.wait()


def _entry(given: Any) -> Any:
    """Where only the place of an entry counts, a vector gives no more."""
    if not isinstance(given, int):
        return given
    return {"seq": given, "at": 1, "body": {"event": "custom", "name": "tick", "value": given}}
