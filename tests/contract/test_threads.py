"""What can be done with threads, on every database: by programs through ThreadStore, by users through Threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from salon.access.principal import principal_of
from salon.contracts.events import MsgDone, MsgRemoved, RoomCleared, RoomEvent, RoomForked, ToolDone, ToolReady
from salon.contracts.types import Author, Role, TextPart
from salon.errors import RequestError, SalonError
from salon.http.sessions.session import get_session
from salon.ids import new_id
from salon.rooms.threads import Threads
from salon.runtime.house import House, house_of
from salon.runtime.thread_store import ThreadStore
from salon.settings import Settings
from salon.store.database import Database
from salon.store.tables import Message, StoredEntry


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    house = house_of(database)
    yield house
    await house.close()


@pytest.fixture
def threads(house: House) -> Threads:
    return house.threads


@pytest.fixture
def store(house: House) -> ThreadStore:
    return ThreadStore(house.database)


def message(text: str, author: str = "ann", role: Role = "user", id: str | None = None) -> MsgDone:
    part = TextPart(kind="text", text=text)
    return MsgDone(event="message.done", message=id or new_id("msg"), author=Author(id=author, role=role), parts=[part])


def consultation(call: str = "call_1") -> list[RoomEvent]:
    """A group's turn: a person asks, one agent uses a tool, another one answers."""
    return [
        message("How is the project?", "ann", id="question"),
        ToolReady(event="tool.ready", call=call, name="look", args={"at": "board"}, where="server", agent="scout"),
        ToolDone(event="tool.done", call=call, ok=True, output="all green"),
        message("All green.", "scout", "agent", id="report"),
        message("So we ship on Friday.", "planner", "agent", id="plan"),
    ]


async def say(house: House, thread: str, *events: RoomEvent) -> None:
    room = await house.lobby.existing(thread)
    for said in events:
        room.append(said)
    await room.log.stored()


async def told(threads: Threads, thread: str) -> list[tuple[str, str, str | None, str | None, str]]:
    rows = await threads.messages(thread, None, tools=True)
    return [(row.message_id, row.kind, row.user_id, row.agent, row.text) for row in rows]


@contextmanager
def watching(name: str) -> Iterator[list[tuple[object, ...]]]:
    """What SQLAlchemy tells meanwhile of all databases."""
    told: list[tuple[object, ...]] = []

    def hear(*what: object) -> None:
        told.append(what)

    event.listen(Engine, name, hear)
    try:
        yield told
    finally:
        event.remove(Engine, name, hear)


def ids(found: Sequence[dict[str, object]]) -> list[object]:
    return [each["id"] for each in found]


@pytest.mark.requirement("S2-20")
async def test_a_thread_that_was_created_is_there_with_its_id(store: ThreadStore) -> None:
    made = await store.create(agent_id="agent_1", user_id="ann", title="Plans")
    assert made["id"]
    expected = {"agent_id": "agent_1", "user_id": "ann", "title": "Plans", "archived": False, "shared": False}
    assert made.items() >= expected.items()
    assert await store.get(made["id"]) == made
    assert await store.get((await store.create(agent_id="agent_1"))["id"], user_id=None)


@pytest.mark.requirement("S2-20")
async def test_a_session_of_an_application_reaches_the_same_threads(house: House, store: ThreadStore) -> None:
    made = await store.create(title="Plans")
    async with AsyncSession(house.database.engine) as session:
        assert await ThreadStore(session).get(made["id"]) == made


@pytest.mark.requirement("S3-18")
async def test_with_nothing_configured_threads_are_kept_in_a_file_where_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL")
    titles = []
    for title in ("Plans", "More plans"):
        async for session in get_session():
            await ThreadStore(session).create(title=title)
            titles.append({thread["title"] for thread in await ThreadStore(session).list()})
        await house_of(Settings.load().database_url).close()
    assert titles == [{"Plans"}, {"Plans", "More plans"}]
    assert (tmp_path / "salon.db").is_file()


@pytest.mark.requirement("S2-38")
async def test_an_archived_thread_is_listed_apart_until_it_is_brought_back(store: ThreadStore) -> None:
    kept, away = [(await store.create(user_id="ann"))["id"] for _ in range(2)]
    await store.create(user_id="bob")
    assert (await store.archive(away))["archived"] is True
    assert ids(await store.list(user_id="ann")) == [kept]
    assert ids(await store.list_archived(user_id="ann")) == [away]
    assert ids(await store.list_archived(user_id="bob")) == []
    assert (await store.unarchive(away))["archived"] is False
    assert ids(await store.list(user_id="ann")) == [away, kept]
    assert ids(await store.list_archived(user_id="ann")) == []


@pytest.mark.requirement("S2-39", "H-04")
async def test_a_fork_has_the_same_messages_in_the_same_order_by_the_same_authors(
    house: House, store: ThreadStore
) -> None:
    source = (await store.create(user_id="ann", title="Plans"))["id"]
    await say(house, source, *consultation())
    copy = await store.fork(source, title="Copy")
    assert copy["id"] != source
    assert copy.items() >= {"title": "Copy", "forked_from": source, "user_id": "ann", "message_count": 3}.items()
    said = await told(house.threads, copy["id"])
    assert said == await told(house.threads, source)
    assert [(kind, user or agent) for _, kind, user, agent, _ in said] == [
        ("message", "ann"),
        ("call", "scout"),
        ("result", None),
        ("message", "scout"),
        ("message", "planner"),
    ]
    await say(house, copy["id"], message("Only here."))
    assert len(await store.messages(source)) == 3
    assert len(await store.messages(copy["id"])) == 4


@pytest.mark.requirement("S2-39")
async def test_a_fork_is_stored_in_one_transaction_with_its_messages(house: House, store: ThreadStore) -> None:
    source = (await store.create(user_id="ann"))["id"]
    await say(house, source, *consultation())
    with watching("commit") as commits:
        await store.fork(source, title="Copy")
    assert len(commits) == 2, "the copy, and that it was made, in the log of the one that was copied"


async def test_a_fork_of_an_archived_thread_is_not_archived_and_keeps_its_title(
    house: House, store: ThreadStore
) -> None:
    source = (await store.create(user_id="ann", title="Plans"))["id"]
    await store.archive(source)
    copy = await store.fork(source)
    assert (copy["title"], copy["archived"]) == ("Plans", False)
    room = await house.lobby.existing(copy["id"])
    assert (room.title, room.archived) == ("Plans", False)


@pytest.mark.requirement("S2-40")
async def test_a_branch_ends_with_the_named_message(house: House, store: ThreadStore) -> None:
    source = (await store.create(user_id="ann"))["id"]
    await say(house, source, *consultation())
    branch = await store.branch(source, from_message_id="report", title="Other plan")
    assert [each["content"] for each in await store.messages(branch["id"])] == ["How is the project?", "All green."]
    assert (branch["title"], branch["forked_from"]) == ("Other plan", source)
    assert [kind for _, kind, *_ in await told(house.threads, branch["id"])] == ["message", "call", "result", "message"]


async def test_a_branch_from_before_its_source_was_named_has_that_name_too(house: House, store: ThreadStore) -> None:
    source = (await store.create(user_id="ann"))["id"]
    await say(house, source, *consultation())
    await store.rename(source, "Project")
    assert (await store.branch(source, from_message_id="report"))["title"] == "Project"


@pytest.mark.requirement("S2-40")
async def test_a_branch_from_an_unknown_message_is_an_error_and_makes_nothing(house: House, store: ThreadStore) -> None:
    source, other = [(await store.create(user_id="ann"))["id"] for _ in range(2)]
    await say(house, source, *consultation())
    await say(house, other, message("Elsewhere.", id="elsewhere"))
    for unknown in ("nothing", "elsewhere", "call_1"):
        with pytest.raises(SalonError) as refused:
            await store.branch(source, from_message_id=unknown)
        assert refused.value.code == "not_found"
    assert len(await store.list()) == 2


@pytest.mark.requirement("S2-41")
async def test_statistics_are_counted_live(house: House, store: ThreadStore) -> None:
    source = (await store.create(user_id="ann"))["id"]
    assert await store.get_stats(source) == {"message_count": 0, "total_bytes": 0, "forked_from": None}
    await say(house, source, *consultation())
    before = await store.get_stats(source)
    assert before["message_count"] == 3
    await say(house, source, message("é" * 1000, id="long"))
    after = await store.get_stats(source)
    assert after["message_count"] == 4
    assert after["total_bytes"] - before["total_bytes"] > 2000, "bytes, not characters"
    await say(house, source, MsgRemoved(event="message.removed", message="long"))
    assert await store.get_stats(source) == before
    copy = await store.fork(source)
    assert await store.get_stats(copy["id"]) == {**before, "forked_from": source}


async def test_a_deleted_thread_is_gone_for_every_reader(house: House, store: ThreadStore) -> None:
    gone = (await store.create(user_id="ann", title="Secret zebra"))["id"]
    await say(house, gone, message("A zebra, indeed."))
    await store.delete(gone)
    assert await store.list(user_id="ann") == await store.list_archived(user_id="ann") == []
    assert await store.search("zebra", user_id="ann") == []
    readers = [
        store.get(gone),
        store.messages(gone),
        store.get_stats(gone),
        store.rename(gone, "Back"),
        store.archive(gone),
        store.fork(gone),
        store.delete(gone),
        anext(house.threads.export(gone, None)),
    ]
    for reader in readers:
        with pytest.raises(SalonError) as refused:
            await reader
        assert refused.value.code == "not_found"
    with pytest.raises(SalonError):
        await house.threads.create("ann", id=gone)


@pytest.mark.requirement("S3-22")
async def test_threads_of_others_do_not_exist(house: House, threads: Threads) -> None:
    hers = (await threads.create("ann", title="Hers")).id
    await say(house, hers, *consultation())
    for attempt in (
        threads.get(hers, "bob"),
        threads.messages(hers, "bob"),
        threads.stats(hers, "bob"),
        threads.rename(hers, "Mine", "bob"),
        threads.archive(hers, "bob"),
        threads.unarchive(hers, "bob"),
        threads.fork(hers, "bob"),
        threads.branch(hers, "report", "bob"),
        threads.delete(hers, "bob"),
        anext(threads.export(hers, "bob")),
    ):
        with pytest.raises(SalonError) as refused:
            await attempt
        assert refused.value.code == "not_found"
    assert (await threads.list("bob")).items == []
    assert (await threads.get(hers, "ann")).title == "Hers"


async def test_a_shared_thread_is_everyones_and_only_its_owner_may_delete_it(threads: Threads) -> None:
    shared = (await threads.create("ann", shared=True)).id
    assert (await threads.rename(shared, "Ours", "bob")).title == "Ours"
    assert (await threads.fork(shared, "bob")).user_id == "bob"
    with pytest.raises(SalonError) as refused:
        await threads.delete(shared, "bob")
    assert refused.value.code == "forbidden"
    await threads.delete(shared, "ann")


async def test_a_list_goes_on_where_its_page_ended_though_threads_are_used_meanwhile(
    house: House, threads: Threads
) -> None:
    made = [(await threads.create("ann", title=str(n))).id for n in range(7)]
    first = await threads.list("ann", limit=3)
    assert [info.id for info in first.items] == made[:3:-1]
    await say(house, made[6], message("hello"))
    rest = await threads.list("ann", limit=10, cursor=first.cursor)
    assert ([info.id for info in rest.items], rest.cursor) == (made[3::-1], None)
    assert [info.id for info in (await threads.list("ann", limit=2, skip=5)).items] == made[1::-1]
    with pytest.raises(RequestError, match="cursor"):
        await threads.list("ann", cursor="nonsense")


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
async def test_a_title_that_is_none_is_refused_by_name(threads: Threads, title: str) -> None:
    made = (await threads.create("ann")).id
    for attempt in (threads.rename(made, title, "ann"), threads.create("ann", title=title)):
        with pytest.raises(RequestError) as refused:
            await attempt
        assert [detail.path for detail in refused.value.details] == ["/title"]


async def test_a_fork_beyond_the_end_is_refused(threads: Threads) -> None:
    made = (await threads.create("ann")).id
    for at in (0, 99):
        with pytest.raises(RequestError, match="fork at one of them"):
            await threads.fork(made, "ann", at=at)


@pytest.mark.requirement("S3-27")
async def test_threads_are_there_again_after_a_restart(sqlite_database_url: str) -> None:
    async with asyncio.timeout(20):
        house = house_of(sqlite_database_url)
        made = (await house.threads.create("ann", title="Plans")).id
        await say(house, made, *consultation())
        before = await told(house.threads, made)
        await house.close()
        again = house_of(sqlite_database_url)
        assert (await again.threads.get(made, "ann")).title == "Plans"
        assert await told(again.threads, made) == before
        await say(again, made, message("And on.", id="more"))
        assert [each[0] for each in await told(again.threads, made)][-1] == "more"
        await again.close()


@pytest.mark.requirement("S3-23")
async def test_a_message_in_a_long_chat_costs_as_many_statements_and_rows_as_in_a_short_one(house: House) -> None:
    made = (await house.threads.create("ann")).id
    await say(house, made, message("first"))

    async def cost() -> list[object]:
        with watching("before_cursor_execute") as executed:
            await say(house, made, message("one more"))
        return [statement for _conn, _cursor, statement, *_ in executed]

    short = await cost()
    for _ in range(100):
        await say(house, made, *(message(f"message {n}") for n in range(100)))
    assert (await house.threads.stats(made, None)).message_count > 10_000
    costs = [await cost() for _ in range(3)]
    assert any("INSERT INTO salon_entries" in str(statement) for statement in short)
    assert short in costs, "a snapshot may be due with one of them, never with all"
    async with house.database.reading() as conn:
        rows = (await conn.execute(select(func.count()).select_from(Message))).scalar_one()
        entries = (await conn.execute(select(func.count()).select_from(StoredEntry))).scalar_one()
    assert rows == 10_005
    assert entries <= rows + 2, "each message is one entry, stored once"


@pytest.mark.requirement("S2-39")
async def test_a_fork_far_back_has_the_messages_of_then_though_they_were_taken_away_later(
    house: House, store: ThreadStore
) -> None:
    source = (await store.create(user_id="ann"))["id"]
    await say(house, source, message("Gone soon.", id="soon"), MsgRemoved(event="message.removed", message="soon"))
    await say(house, source, *consultation())
    before = await told(house.threads, source)
    at = (await house.lobby.existing(source)).state.seq
    await say(house, source, MsgRemoved(event="message.removed", message="plan"), message("Later."))
    after_removal = (await house.lobby.existing(source)).state.seq
    await say(house, source, RoomCleared(event="room.cleared"), message("Anew."))
    copy = await house.threads.fork(source, "ann", at=at)
    assert await told(house.threads, copy.id) == before
    assert copy.message_count == 3
    assert [found.thread.id for found in await house.threads.search("Friday", "ann")] == [copy.id]
    middle = await house.threads.fork(source, "ann", at=after_removal)
    assert [key for key, *_ in await told(house.threads, middle.id)][:-1] == [key for key, *_ in before][:-1]
    assert [text for *_, text in await told(house.threads, source)] == ["Anew."]


async def test_a_room_tells_of_its_forks_whoever_makes_them(house: House, store: ThreadStore) -> None:
    source = (await store.create(user_id="ann"))["id"]
    await say(house, source, *consultation())
    at = (await house.lobby.existing(source)).state.seq
    copy = await store.fork(source, user_id="ann")
    branch = await store.branch(source, from_message_id="question")
    entries, _ = await (await house.lobby.existing(source)).history(before=None, after=at, limit=10)
    assert [(e.body.room, e.body.at) for e in entries if isinstance(e.body, RoomForked)] == [
        (copy["id"], at),
        (branch["id"], at - 4),
    ]


async def test_a_user_is_the_same_one_by_every_name_that_is_theirs(house: House, store: ThreadStore) -> None:
    """`auth0|bob` is no id on the wire; whoever that is over HTTP is the same one here."""
    made = await store.create(user_id="auth0|bob", title="Zebras")
    bob = principal_of("auth0|bob").user
    assert (await house.threads.get(made["id"], bob)).user_id == bob
    for user in ("auth0|bob", made["user_id"]):
        assert ids(await store.list(user_id=user)) == ids(await store.search("zebras", user_id=user)) == [made["id"]]
    with pytest.raises(SalonError):
        await store.get(made["id"], user_id="auth0|eve")


async def test_what_was_deleted_leaves_nothing_also_where_an_application_leaves_foreign_keys_off(
    sqlite_database_url: str,
) -> None:
    engine = create_async_engine(sqlite_database_url.replace("sqlite:", "sqlite+aiosqlite:"))
    house = house_of(engine)
    kept, gone = [(await house.threads.create("ann")).id for _ in range(2)]
    for thread in (kept, gone):
        await say(house, thread, *consultation())
    await house.threads.delete(gone, "ann")
    assert await house.threads.purge(house.clock.time() + 1) == 1
    async with engine.connect() as conn:
        for table in (StoredEntry, Message):
            assert set(await conn.scalars(select(table.thread_id))) == {kept}
    await house.close()
    await engine.dispose()


@pytest.mark.parametrize("odd", ["", "\0", "a\0b", "a b", "x" * 129])
async def test_a_thread_whose_id_cannot_be_is_not_there(threads: Threads, odd: str) -> None:
    for attempt in (threads.get(odd, None), threads.rename(odd, "Title", None), threads.delete(odd, None)):
        with pytest.raises(SalonError) as refused:
            await attempt
        assert refused.value.code == "not_found"
    with pytest.raises(RequestError, match="cursor"):
        await threads.list("ann", cursor="1.0 a\0b")
