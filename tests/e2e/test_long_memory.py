"""A conversation of two thousand turns on a server with a database: what its agents are given, and what they know."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from salon import Agent, Settings, Team, create_app
from salon.contracts.events import MsgDone
from salon.contracts.types import Author, TextPart
from salon.memory.tokens import count_tokens
from tests.e2e.live import RoomClient, serving
from tests.fakes.watched import Watched

TURNS = 2_000
REAL = 12
"""How many of them people and agents take after the server was started anew."""

USER = {"X-User": "alice"}
ROOM = "long"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database that outlives a server."""
    kind = "sqlite" if request.param == "sqlite" else "postgres"
    url: str = request.getfixturevalue(f"{kind}_database_url")
    return url


class House:
    """A server with a team of two, and all that its models were given: for each call the prompt, then what was said."""

    def __init__(self, settings: Settings) -> None:
        model = Watched()
        self.given = model.given
        host = Agent("host", "You greet people.", model=model)
        clerk = Agent("clerk", "You know the shop.", model=model, intents=["opening hours"])
        self.app: FastAPI = create_app(settings, teams=[Team("desk", [host, clerk])])

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[RoomClient]:
        """Serve it, with Alice in the room."""
        async with serving(self.app) as address:
            client = await RoomClient(address, ROOM, headers=USER).open()
            yield client
            await client.close()

    def fill(self, turns: int) -> None:
        """Let so many turns have taken place, without a model."""
        room = self.app.state.runtime.lobby.find(ROOM)
        for number in range(turns):
            asked = f"And what about order number {number}? I will need it by the {number % 28 + 1}th."
            for author, text in ((_ALICE, asked), (_HOST, f"Order number {number} is on its way.")):
                message = f"filled_{number}_{author.id}"
                parts = [TextPart(kind="text", text=text)]
                room.append(MsgDone(event="message.done", message=message, author=author, parts=[*parts]))


_ALICE = Author(id="alice", role="user", name="alice")
_HOST = Author(id="host", role="agent")


async def talk(client: RoomClient, text: str) -> str:
    """Say something and give the last answer."""
    runs = len(client.bodies("run.finished"))
    await client.say(text)
    finished = await client.until_event("run.finished", runs + 1)
    assert finished["outcome"] == "success"
    return client.texts()[-1][1]


@pytest.mark.requirement("S1-16", "S2-23", "S2-32")
async def test_two_thousand_turns_keep_the_prompt_bounded_and_the_name_is_known_by_a_stored_fact(
    settings: Settings, database_url: str
) -> None:
    settings = settings.model_copy(update={"database_url": database_url, "user_header": "X-User"})
    first = House(settings)
    async with first.opened() as client:
        await talk(client, "Hello, my name is Alicia and I love Python.")
        await extracted(client)
        first.fill(TURNS - REAL - 1)
        await first.app.state.runtime.lobby.find(ROOM).log.stored()
    house = House(settings)
    async with house.opened() as client:
        for number in range(REAL - 2):
            await talk(client, f"Tell me more of point {number}.")
        await talk(client, "What are your opening hours?")
        assert "Alicia" in await talk(client, "What is my name?")
        assert client.bodies("agent.handoff")[0]["target"] == "clerk", "the whole team remembers, not one agent"
        async with httpx.AsyncClient(base_url=f"http://{client.address}", headers=USER) as http:
            stats = (await http.get(f"/threads/{ROOM}/stats")).json()
    assert stats["message_count"] >= 2 * TURNS
    for given in house.given:
        assert len(given) <= 1 + 1 + 20 + 1, "the prompt, notes on what was before, twenty messages, a hand-off"
        assert sum(map(count_tokens, given)) < 3_000
    last = house.given[-1]
    assert '- name: "Alicia"' in last[0]
    assert "Alicia" not in "".join(last[2:]), "it is not from the conversation that it knows"


async def extracted(client: RoomClient) -> None:
    """Have the server note what the user told of herself."""
    async with httpx.AsyncClient(base_url=f"http://{client.address}", headers=USER) as http:
        asked = await http.post("/jobs", json={"name": "extract_user_facts", "room": ROOM})
    assert asked.status_code == 202, asked.text
    job: str = asked.json()["id"]
    async with asyncio.timeout(10):
        while (job, "completed") not in [(body["job"], body["status"]) for body in client.bodies("job.updated")]:
            await client.read()
