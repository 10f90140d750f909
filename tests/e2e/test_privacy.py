"""A private room is its owner's, whichever door somebody else tries; a proxy names who is who."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from salon import Settings, create_app
from tests.e2e.live import RoomClient
from tests.serving import serving

USER_HEADER = "X-Authenticated-User"


class House:
    """A server whose proxy names the users."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self.url = url
        self._stack = stack

    async def http(self, user: str = "") -> httpx.AsyncClient:
        return await self._stack.enter_async_context(
            httpx.AsyncClient(base_url=self.url, headers={USER_HEADER: user}, timeout=10)
        )


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    settings = settings.model_copy(update={"user_header": USER_HEADER, "background_jobs": False})
    async with serving(create_app(settings)) as url, AsyncExitStack() as stack:
        yield House(url, stack)


def speaking(room: str, text: str = "What is my name?", **more: Any) -> dict[str, Any]:
    return {"model": f"room:{room}", "messages": [{"role": "user", "content": text}], **more}


async def models(http: httpx.AsyncClient) -> list[str]:
    return [model["id"] for model in (await http.get("/v1/models")).json()["data"]]


async def test_a_private_room_is_no_model_but_for_its_owner(house: House) -> None:
    ada = await house.http("ada")
    room = (await ada.post("/threads", json={"title": "Mine"})).json()["room"]
    assert (await ada.post("/v1/chat/completions", json=speaking(room, "My name is Ada"))).status_code == 200
    assert f"room:{room}" in await models(ada)
    assert (await ada.get(f"/v1/models/room:{room}")).status_code == 200
    for stranger in (await house.http("bob"), await house.http()):
        for claim in ({}, {"user": "ada"}):
            refused = await stranger.post("/v1/chat/completions", json=speaking(room, **claim))
            assert (refused.status_code, refused.json()["error"]["param"]) == (404, "model")
        assert f"room:{room}" not in await models(stranger)
        assert (await stranger.get(f"/v1/models/room:{room}")).status_code == 404
    assert (await ada.get(f"/threads/{room}/stats")).json()["message_count"] == 2, "nobody else said anything"


async def test_whom_the_proxy_names_is_the_speaker_in_a_shared_room_whatever_the_request_claims(house: House) -> None:
    bob, nobody = await house.http("bob"), await house.http()
    for http in (bob, nobody):
        assert (await http.post("/v1/chat/completions", json=speaking("lounge", user="ada"))).status_code == 200
    messages = (await bob.get("/threads/lounge/messages")).json()["messages"]
    assert [m["body"]["author"]["id"] for m in messages if m["body"]["author"]["role"] == "user"] == ["bob", "api:ada"]
    assert (await bob.get("/threads/lounge")).json()["user"] == "bob", "who opened it owns it"


async def test_nobody_can_make_the_default_room_their_own(house: House) -> None:
    ada, bob = await house.http("ada"), await house.http("bob")
    assert (await ada.post("/threads", json={"room": "default"})).status_code == 409
    assert (await ada.post("/v1/chat/completions", json=speaking("default"))).status_code == 200
    assert (await bob.post("/v1/chat/completions", json=speaking("default"))).status_code == 200
    assert (await ada.delete("/threads/default")).status_code == 403
    client = await RoomClient(house.url.removeprefix("http://"), "default", headers={USER_HEADER: "bob"}).open()
    await client.close()
