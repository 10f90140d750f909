"""What a search finds, on every database: whatever is typed, nothing of others, nothing that was deleted."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, insert, update

from salon.store.database import Database
from salon.store.messages.rows import Found, MessageRows
from salon.store.tables import Message, Thread


@pytest.fixture
async def rows(database: Database) -> MessageRows:
    """Three threads of two users."""
    await add(database, "cooking", "ann", "Dinner ideas", "Apples and walnuts go well together", "I roasted an apple")
    await add(database, "work", "ann", "Project Orion", "The projects were delayed", "We need an apple-pie chart")
    await add(database, "other", "bob", "My project", "Bob's own apple secret")
    return MessageRows(database)


async def add(database: Database, thread: str, user: str | None, title: str | None, *texts: str) -> None:
    record = {"id": thread, "user_id": user, "title": title, "shared": False, "epoch": "e"}
    async with database.writing() as conn:
        await conn.execute(insert(Thread).values(created_at=1, updated_at=len(thread), **record))
        for seq, text in enumerate(texts, 1):
            await conn.execute(
                insert(Message).values(
                    thread_id=thread, owner=user, message_id=f"{thread}-{seq}", seq=seq, kind="message", role="user",
                    user_id=user, text=text, data=b"{}", created_at=1,
                )
            )  # fmt: skip


def names(found: list[Found]) -> list[str]:
    return [each.thread.id for each in found]


@pytest.mark.requirement("S2-42")
async def test_titles_and_contents_are_searched_titles_first(rows: MessageRows) -> None:
    assert names(await rows.search("dinner", "ann")) == ["cooking"]
    assert sorted(names(await rows.search("apple", "ann"))) == ["cooking", "work"]
    found = await rows.search("project", "ann")
    assert [(each.thread.id, each.message_id, each.seq) for each in found] == [("work", "work-1", 1)]


@pytest.mark.requirement("S2-42")
async def test_nothing_of_another_user_is_ever_found(rows: MessageRows, database: Database) -> None:
    assert names(await rows.search("project", "bob")) == ["other"]
    assert await rows.search("secret", "ann") == []
    assert await rows.search("walnuts", "bob") == []
    assert await rows.search("project OR apple OR secret", "carol") == []
    await add(database, "nobodys", None, "A project of nobody", "apple")
    assert "nobodys" not in names(await rows.search("apple OR project", "ann"))
    assert sorted(names(await rows.search("apple", None))) == ["cooking", "nobodys", "other", "work"]


@pytest.mark.parametrize("user", ["ann@work.org", "o'brien", 'a "quoted" \\ one', "--", "ann' OR 'x", "日本"])
async def test_a_user_may_have_any_name(database: Database, user: str) -> None:
    await add(database, "theirs", user, "A project", "apple")
    await add(database, "others", "ann", "A project", "apple")
    rows = MessageRows(database)
    assert names(await rows.search("project", user)) == names(await rows.search("apple", user)) == ["theirs"]


@pytest.mark.requirement("S2-42")
async def test_a_find_shows_a_piece_of_the_best_message_and_where_it_stands(rows: MessageRows) -> None:
    [found] = await rows.search("walnut", "ann")
    assert (found.message_id, found.seq) == ("cooking-1", 1)
    assert found.snippet == "Apples and walnuts go well together"
    [titled] = await rows.search("orion", "ann")
    assert (titled.message_id, titled.snippet) == (None, None)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("APPLES", ["cooking", "work"]),
        ("roasting apples", ["cooking"]),
        ('"roasted an apple"', ["cooking"]),
        ('"apple roasted"', []),
        ("walnuts OR orion", ["cooking", "work"]),
        ("apple -walnuts", ["cooking", "work"]),
        ("apple -delayed -chart", ["cooking"]),
        ("apple-pie", ["work"]),
        ("the", ["work"]),
    ],
)
async def test_words_phrases_or_and_without_are_understood(rows: MessageRows, typed: str, expected: list[str]) -> None:
    assert sorted(names(await rows.search(typed, "ann"))) == expected


async def test_what_was_deleted_is_not_found(rows: MessageRows, database: Database) -> None:
    async with database.writing() as conn:
        await conn.execute(update(Thread).where(Thread.id == "work").values(deleted_at=5))
        await conn.execute(delete(Message).where(Message.message_id == "cooking-1"))
    assert await rows.search("orion OR delayed OR walnuts", "ann") == []
    assert await rows.page("work") == []
    assert names(await rows.search("apple", "ann")) == ["cooking"]


async def test_what_was_changed_is_found_as_it_is_now(rows: MessageRows, database: Database) -> None:
    async with database.writing() as conn:
        await conn.execute(update(Thread).where(Thread.id == "work").values(title="Project Lyra"))
        await conn.execute(update(Message).where(Message.message_id == "work-1").values(text="They are on time"))
    assert names(await rows.search("lyra time", "ann")) == [], "all the words stand in one title or one message"
    assert names(await rows.search("lyra", "ann")) == names(await rows.search("time", "ann")) == ["work"]
    assert await rows.search("orion OR delayed", "ann") == []


async def test_a_long_message_is_stored_and_found_by_its_beginning(database: Database) -> None:
    text = "unicorn " + " ".join(f"word{n:06}" for n in range(200_000))
    await add(database, "long", "ann", None, text)
    [found] = await MessageRows(database).search("unicorn", "ann")
    assert found.snippet is not None
    assert found.snippet.startswith("unicorn word000000")
    assert len(found.snippet) < 200


async def test_a_tool_call_is_not_found_as_if_it_had_been_said(rows: MessageRows, database: Database) -> None:
    async with database.writing() as conn:
        await conn.execute(update(Message).where(Message.message_id == "cooking-1").values(kind="call"))
    assert await rows.search("walnuts", "ann") == []


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=40) | st.text(alphabet="apple\"'*^(){}:+-|&!<>\\ \0ORANDTNE\udc80", max_size=40))
async def test_nothing_that_is_typed_is_an_error(rows: MessageRows, typed: str) -> None:
    assert {each.thread.user_id for each in await rows.search(typed, "ann")} <= {"ann"}


async def test_a_search_is_as_many_statements_whatever_is_stored(rows: MessageRows, database: Database) -> None:
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    for n in range(30):
        await add(database, f"more-{n}", "ann", "An apple", "apple " * 50)
    event.listen(Engine, "before_cursor_execute", note)  # of all engines: a database may have more than one
    try:
        assert len(await rows.search("apple", "ann", limit=20)) == 20
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(statements) == 3


async def test_the_archive_is_searched_by_itself_however_much_else_there_is(
    rows: MessageRows, database: Database
) -> None:
    await add(database, "away", "ann", "An old apple", "One apple more.")
    async with database.writing() as conn:
        await conn.execute(update(Thread).where(Thread.id == "away").values(archived_at=1.0))
    for n in range(5):
        await add(database, f"near-{n}", "ann", "Apple apple", "apple " * 50)
    assert names(await rows.search("apple", "ann", limit=2, archived=True)) == ["away"]
    near = names(await rows.search("apple", "ann", limit=50, archived=False))
    assert "away" not in near
    assert len(near) >= 5
    assert "away" in names(await rows.search("apple", "ann", limit=50))
