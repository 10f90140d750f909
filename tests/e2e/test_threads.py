"""Rooms that last, over real sockets and HTTP: named, put away, found, forked, branched, cleared and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
import websockets

from salon import Settings, create_app
from tests.e2e.live import RoomClient, clients, kind, serving

JSON = dict[str, Any]

USER_HEADER = "X-Authenticated-User"


@pytest.fixture
async def address(settings: Settings) -> AsyncIterator[str]:
    async with serving(create_app(settings)) as address:
        yield address


class House:
    """A server whose proxy names the users, as each of them reaches it."""

    def __init__(self, address: str, stack: AsyncExitStack) -> None:
        self.address = address
        self._stack = stack

    async def http(self, user: str) -> httpx.AsyncClient:
        made = httpx.AsyncClient(base_url=f"http://{self.address}", headers={USER_HEADER: user})
        return await self._stack.enter_async_context(made)

    async def socket(self, user: str, room: str) -> RoomClient:
        client = RoomClient(self.address, room, headers={USER_HEADER: user})
        self._stack.push_async_callback(client.close)
        return await client.open()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Where the threads of a house are kept."""
    if request.param == "sqlite":
        return "sqlite:///:memory:"
    url: str = request.getfixturevalue("postgres_database_url")
    return url


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nothing but people changes a room here: the server gives no titles of its own."""
    return settings.model_copy(update={"background_jobs": False})


@pytest.fixture
async def house(settings: Settings, database_url: str) -> AsyncIterator[House]:
    settings = settings.model_copy(update={"user_header": USER_HEADER, "database_url": database_url})
    async with serving(create_app(settings)) as address, AsyncExitStack() as stack:
        yield House(address, stack)


async def stored(client: RoomClient) -> list[JSON]:
    """A room's whole stored log."""
    entries: list[JSON] = []
    more = True
    while more:
        asked = await client.send("history", room=client.room, after=entries[-1]["seq"] if entries else 0, limit=200)
        page = await client.ack(asked)
        entries += page["entries"]
        more = page["more"]
    return entries


def messages_of(entries: list[JSON]) -> list[JSON]:
    return [entry["body"] for entry in entries if entry["body"]["event"] == "message.done"]


def text_of(message: JSON) -> str:
    return "".join(part.get("text", "") for part in message["parts"])


def spoken(entries: list[JSON]) -> str:
    return "\n".join(text_of(message) for message in messages_of(entries))


async def do(client: RoomClient, action: str, **payload: Any) -> JSON:
    """Do something in the client's room; gives the ack's or error's payload."""
    return await client.ack(await client.send(action, room=client.room, **payload))


async def talk(client: RoomClient, text: str) -> None:
    """Say something and wait until it is answered."""
    run = (await client.ack(await client.say(text)))["result"]["run"]
    async with asyncio.timeout(10):
        while run not in [ended["run"] for ended in client.bodies("run.finished")]:
            await client.read()


async def threads(client: RoomClient, **asked: Any) -> list[str]:
    """The rooms that a search or list finds."""
    answer = await client.ack(await client.send("threads", limit=50, **asked))
    return [row["room"] for row in answer["threads"]]


async def test_a_title_and_the_archive_are_seen_by_everyone_and_by_those_who_come_later(address: str) -> None:
    async with clients(address, "plans", 2) as (one, two):
        assert (await do(one, "rename", title="Summer plans"))["kind"] == "ack"
        assert (await do(two, "archive", archived=True))["kind"] == "ack"
        for client in (one, two):
            await client.until_event("room.changed", 2)
            assert client.bodies("room.changed") == [
                {"event": "room.changed", "title": "Summer plans"},
                {"event": "room.changed", "archived": True},
            ]
        async with clients(address, "plans", 1) as (late,):
            assert late.snapshot is not None
            assert (late.snapshot["title"], late.snapshot["archived"]) == ("Summer plans", True)
        assert await threads(one) == []
        assert await threads(one, archived=True) == ["plans"]
        assert (await do(two, "archive", archived=False))["kind"] == "ack"
        assert await threads(one) == ["plans"]


async def test_a_branch_ends_with_the_message_it_was_made_from(address: str) -> None:
    async with clients(address, "trunk", 1) as (client,):
        for text in ("One", "Two"):
            await talk(client, f"@host {text}")
        first = client.bodies("message.done")[0]["message"]
        done = await do(client, "branch", from_message=first, new_room="another-way")
        assert done["result"] == {"room": "another-way"}
        refused = await do(client, "branch", from_message="no-such-message", new_room="nowhere")
        assert refused["code"] == "not_found"
        taken = await do(client, "branch", from_message=first, new_room="another-way")
        assert taken["code"] == "conflict"
        async with clients(address, "another-way", 1) as (branch,):
            assert branch.snapshot is not None
            assert [message["message"] for message in branch.snapshot["messages"]] == [first]
            assert branch.snapshot["runs"] == []
            await talk(branch, "@host And now?")
        assert await threads(client, query="no-such-words") == []


async def test_a_room_is_forked_in_mid_stream_and_both_go_on_alike_before_and_each_its_own_way_after() -> None:
    settings = Settings(host="127.0.0.1", port=0, mock_pace=0.002, background_jobs=False)
    async with (
        serving(create_app(settings)) as address,
        clients(address, "trunk", 2) as (one, two),
    ):
        await talk(one, "@host Hello")
        await one.say("@writer Tell me something longer about the sea")
        await one.until_event("message.delta", len(one.bodies("message.delta")) + 3)
        at = one.last
        done = await do(one, "fork", at=at, new_room="fork")
        assert done["kind"] == "ack"
        assert len(one.bodies("run.finished")) == 1, "it is still being answered"
        async with clients(address, "fork", 2) as (here, there):
            await asyncio.gather(talk(here, "@host What is new here?"), one.until_event("run.finished", 2))
            await there.until_event("run.finished")
            await talk(two, "@host What is new there?")
            trunk, fork = await stored(one), await stored(here)
            before = [entry for entry in trunk if entry["seq"] <= at]
            assert [entry for entry in fork if entry["seq"] <= at] == before
            assert len(before) > 5
            assert here.entries == there.entries
            assert ("What is new here?" in spoken(fork), "What is new there?" in spoken(fork)) == (True, False)
            assert ("What is new here?" in spoken(trunk), "What is new there?" in spoken(trunk)) == (False, True)
            # What was said up to the fork stands there; in the trunk it was said to its end.
            [cut] = [message for message in messages_of(fork) if message.get("partial")]
            [whole] = [message for message in messages_of(trunk) if message["message"] == cut["message"]]
            assert "partial" not in whole
            assert text_of(whole).startswith(text_of(cut))
            assert text_of(cut)


async def test_a_cleared_room_begins_anew_for_everyone(address: str) -> None:
    async with clients(address, "slate", 2) as (owner, guest):
        await talk(owner, "@host Remember the number 4711")
        refused = await do(guest, "clear")
        assert refused["code"] == "forbidden"
        assert (await do(owner, "clear"))["kind"] == "ack"
        await guest.until_event("room.cleared")
        async with clients(address, "slate", 1) as (late,):
            assert late.snapshot is not None
            assert (late.snapshot["messages"], late.snapshot["more"]) == ([], False)
        assert await threads(owner, query="4711") == []
        assert (await do(owner, "stats"))["result"]["message_count"] == 0


async def test_a_deleted_room_is_gone_for_its_watchers_and_for_all_who_come_later(address: str) -> None:
    async with clients(address, "secret", 2) as (owner, guest):
        await talk(owner, "@host This will not last")
        assert (await do(guest, "delete"))["code"] == "forbidden"
        asked = await owner.send("delete", room="secret")
        for client in (owner, guest):
            gone = await client.until(kind("unsubscribed"))
            assert gone["payload"] == {"kind": "unsubscribed", "room": "secret", "code": "deleted"}
        assert (await owner.ack(asked))["kind"] == "ack"
        for action in ("subscribe", "stats", "rename", "history"):
            more: JSON = {"rename": {"title": "Back"}, "history": {"limit": 5}}
            assert (await do(guest, action, **more.get(action, {})))["code"] == "not_found", action
        assert await threads(owner) == []
        assert await threads(owner, query="last") == []
        fork = await owner.ack(await owner.send("fork", room="secret", at=1, new_room="copy"))
        assert fork["code"] == "not_found"


async def test_the_default_room_is_nobodys_to_delete(address: str) -> None:
    async with clients(address, "default", 1) as (client,):
        assert (await do(client, "delete"))["code"] == "forbidden"


async def test_a_thread_is_the_same_over_http_and_on_the_socket(house: House) -> None:
    http = await house.http("ada")
    made = await http.post("/threads", json={"title": "Sales", "room": "sales"})
    assert made.status_code == 201
    row = made.json()
    assert (row["room"], row["title"], row["user"], row["messages"]) == ("sales", "Sales", "ada", 0)
    ada = await house.socket("ada", "sales")
    assert ada.welcome["user"] == "ada"
    assert ada.snapshot is not None
    assert ada.snapshot["title"] == "Sales"
    await talk(ada, "@host Hello")

    messages = (await http.get("/threads/sales/messages")).json()["messages"]
    assert [said["body"] for said in messages] == ada.bodies("message.done")
    more = (await http.get("/threads/sales/messages", params={"after": messages[0]["seq"]})).json()["messages"]
    assert more == messages[1:]
    stats = (await http.get("/threads/sales/stats")).json()
    assert stats == (await do(ada, "stats"))["result"]
    assert stats["message_count"] == 2
    assert stats["total_bytes"] > 100

    changed = await http.patch("/threads/sales", json={"title": "Sales by quarter", "archived": True})
    assert (changed.json()["title"], changed.json()["archived"]) == ("Sales by quarter", True)
    await ada.until_event("room.changed", 2)
    listed = (await http.get("/threads", params={"archived": True})).json()
    assert [each["room"] for each in listed["threads"]] == ["sales"]
    assert listed == {"threads": (await ada.ack(await ada.send("threads", limit=9, archived=True)))["threads"]}

    assert (await http.delete("/threads/sales")).status_code == 204
    gone = await ada.until(kind("unsubscribed"))
    assert gone["payload"]["code"] == "deleted"
    for path in ("/threads/sales", "/threads/sales/messages", "/threads/sales/stats", "/threads/sales/export"):
        answer = await http.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), path


async def test_a_thread_of_ones_own_does_not_exist_for_others_and_a_shared_one_is_found_by_its_id(house: House) -> None:
    ada, bob = await house.http("ada"), await house.http("bob")
    await ada.post("/threads", json={"title": "My diary", "room": "diary"})
    await ada.post("/threads", json={"title": "Our plans", "room": "plans", "shared": True})
    hers = await house.socket("ada", "diary")
    await talk(hers, "@host My secret is a pomegranate")
    asked = [
        bob.get("/threads/diary"),
        bob.get("/threads/diary/messages"),
        bob.get("/threads/diary/stats"),
        bob.get("/threads/diary/export"),
        bob.patch("/threads/diary", json={"title": "Mine now"}),
        bob.post("/threads/diary/fork", json={}),
        bob.post("/threads/diary/branch", json={"from_message": hers.bodies("message.done")[0]["message"]}),
        bob.delete("/threads/diary"),
    ]
    for answer in await asyncio.gather(*asked):
        assert answer.status_code == 404, answer.request.url
    for query in ("diary", "pomegranate", "plans"):
        assert (await bob.get("/threads", params={"query": query})).json() == {"threads": []}
    his = await house.socket("bob", "elsewhere")
    attempts: JSON = {"subscribe": {}, "history": {"limit": 5}, "rename": {"title": "Mine"}, "stats": {}}
    for action, more in attempts.items():
        refused = await his.ack(await his.send(action, room="diary", **more))
        assert refused["code"] == "not_found", action
    assert await threads(his, query="pomegranate") == []

    assert (await bob.get("/threads/plans")).json()["title"] == "Our plans"
    assert (await bob.patch("/threads/plans", json={"title": "Everyone's plans"})).status_code == 200
    kept = await bob.delete("/threads/plans")
    assert (kept.status_code, kept.json()["error"]["code"]) == (403, "forbidden")


async def test_a_search_finds_titles_and_what_was_said_and_says_where(house: House) -> None:
    http = await house.http("ada")
    await http.post("/threads", json={"title": "All about pomegranates", "room": "fruit"})
    ada = await house.socket("ada", "shopping")
    await talk(ada, "@host We need pomegranates and milk")
    said = ada.bodies("message.done")[0]
    found = (await ada.ack(await ada.send("threads", query="pomegranates", limit=10)))["threads"]
    assert [row["room"] for row in found] == ["fruit", "shopping"]
    assert "message" not in found[0]
    assert "pomegranates" in found[1]["snippet"]
    entry = next(entry for entry in ada.entries if entry["body"] == said)
    shown = await ada.ack(await ada.send("history", room="shopping", before=found[1]["seq"] + 1, limit=1))
    assert shown["entries"][0]["body"]["message"] == found[1]["message"]
    assert entry["seq"] <= found[1]["seq"]
    assert found == (await http.get("/threads", params={"query": "pomegranates"})).json()["threads"]


async def test_lists_come_in_pages_without_gaps(house: House) -> None:
    http = await house.http("ada")
    for n in range(5):
        await http.post("/threads", json={"room": f"t{n}"})
    seen: list[str] = []
    page: dict[str, Any] = {"cursor": None}
    while "cursor" in page:
        after = {"cursor": page["cursor"]} if page["cursor"] else {}
        page = (await http.get("/threads", params={"limit": 2, **after})).json()
        seen += [row["room"] for row in page["threads"]]
    assert sorted(seen) == [f"t{n}" for n in range(5)]


async def test_copies_are_made_over_http_and_say_what_they_were_made_of(house: House) -> None:
    http = await house.http("ada")
    ada = await house.socket("ada", "trunk")
    for text in ("One", "Two"):
        await talk(ada, f"@host {text}")
    first = ada.bodies("message.done")[0]["message"]
    fork = (await http.post("/threads/trunk/fork", json={"title": "Copy"})).json()
    branch = (await http.post("/threads/trunk/branch", json={"from_message": first, "room": "b"})).json()
    early = (await http.post("/threads/trunk/fork", json={"at": 1})).json()
    assert (fork["title"], fork["forked_from"], fork["messages"]) == ("Copy", "trunk", 4)
    assert (branch["room"], branch["forked_from"], branch["messages"]) == ("b", "trunk", 1)
    assert early["messages"] == 0
    for path, body, status, param in (
        ("trunk/fork", {"at": 10_000}, 400, "at"),
        ("trunk/fork", {"at": 0}, 400, "at"),
        ("trunk/fork", {"room": "b"}, 409, None),
        ("trunk/branch", {"from_message": "no-such-message"}, 404, None),
        ("trunk/branch", {}, 400, "from_message"),
    ):
        refused = await http.post(f"/threads/{path}", json=body)
        assert (refused.status_code, refused.json()["error"]["param"]) == (status, param), (path, body)


async def test_what_was_exported_is_the_same_when_imported(house: House) -> None:
    ada, bob = await house.http("ada"), await house.http("bob")
    client = await house.socket("ada", "team/sales")
    await ada.patch("/threads/team/sales", json={"title": "Sales"})
    await talk(client, "@analyst Chart our sales by quarter")
    answer = await ada.get("/threads/team/sales/export")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == 'attachment; filename="team-sales.jsonl"'
    lines = {"content-type": "application/x-ndjson"}
    made = await bob.post("/threads/import", content=answer.content, headers=lines)
    assert made.status_code == 201
    row = made.json()
    assert (row["title"], row["user"], row["shared"]) == ("Sales", "bob", False)
    old = (await ada.get("/threads/team/sales/messages")).json()["messages"]
    new = (await bob.get(f"/threads/{row['room']}/messages")).json()["messages"]
    assert [said["body"] for said in old] == [said["body"] for said in new]
    broken = await bob.post("/threads/import", content=answer.content + b"oops\n", headers=lines)
    assert broken.status_code == 400
    assert "line" in broken.json()["error"]["message"]


async def test_a_page_of_another_site_cannot_bring_a_thread_in(house: House) -> None:
    http = await house.http("ada")
    foreign = {"origin": "https://elsewhere.example", "content-type": "text/plain"}
    answer = await http.post("/threads/import", content=b"{}", headers=foreign)
    assert answer.status_code == 403


async def test_a_user_that_two_headers_name_is_nobody(house: House) -> None:
    async with websockets.connect(
        f"ws://{house.address}/ws/agent", additional_headers=[(USER_HEADER, "ada"), (USER_HEADER, "bob")]
    ) as ws:
        async with asyncio.timeout(5):
            await ws.wait_closed()
        assert ws.close_code == 4501
