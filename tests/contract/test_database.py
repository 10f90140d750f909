"""What every database guarantees to those who store in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from sqlalchemy import delete, event, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from structlog.testing import capture_logs

from salon.errors import SalonError
from salon.http.sessions.session import get_session
from salon.store.database import Database
from salon.store.tables import Message, Thread


def thread(id: str, title: str | None = None) -> dict[str, object]:
    return {"id": id, "title": title, "shared": False, "created_at": 1.5, "updated_at": 1.5, "epoch": "e"}


async def count(database: Database) -> int:
    async with database.reading() as conn:
        return (await conn.execute(select(func.count()).select_from(Thread))).scalar_one()


@pytest.mark.requirement("S3-16", "S3-27")
async def test_an_empty_database_gets_its_tables_on_first_use(database: Database) -> None:
    assert await count(database) == 0
    async with database.writing() as conn:
        await conn.execute(insert(Thread).values(thread("one")))
    assert await count(database) == 1


@pytest.mark.requirement("S3-16")
@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
async def test_postgresql_is_reached_by_every_form_of_its_address(postgres_database_url: str, scheme: str) -> None:
    given = scheme + postgres_database_url.removeprefix("postgresql+asyncpg") + "?sslmode=disable"
    database = Database(given)
    assert (database.kind, await count(database)) == ("postgresql", 0)
    await database.close()


@pytest.mark.requirement("S3-16")
@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
async def test_sqlite_is_reached_by_every_form_of_its_address(sqlite_database_url: str, scheme: str) -> None:
    database = Database(scheme + sqlite_database_url.removeprefix("sqlite"))
    assert (database.kind, await count(database)) == ("sqlite", 0)
    await database.close()


async def test_what_fails_on_the_way_is_not_stored(database: Database) -> None:
    async def fail() -> None:
        async with database.writing() as conn:
            await conn.execute(insert(Thread).values(thread("one")))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await count(database) == 0


async def test_a_single_change_needs_no_transaction_and_leaves_none_of_its_ways_behind(database: Database) -> None:
    async def fail() -> None:
        async with database.writing() as conn:
            await conn.execute(insert(Thread).values(thread("b")))
            raise RuntimeError

    stored = await database.change(lambda conn: conn.execute(insert(Thread).values(thread("a"))).rowcount)
    assert stored == 1
    with pytest.raises(RuntimeError):
        await fail()
    assert await count(database) == 1


async def test_what_breaks_a_rule_of_the_tables_is_no_outage(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.writing() as conn:
            await conn.execute(insert(Thread), [thread("one"), thread("one")])
    with pytest.raises(DBAPIError):
        async with database.reading() as conn:
            await conn.execute(text("SELECT nothing FROM nowhere"))
    assert await count(database) == 0


async def test_a_text_may_hold_what_the_database_cannot(database: Database) -> None:
    async with database.writing() as conn:
        await conn.execute(insert(Thread).values(thread("one", "before\0after")))
    async with database.reading() as conn:
        assert (await conn.execute(select(Thread.title))).scalar_one() == "before\N{REPLACEMENT CHARACTER}after"


async def test_many_writers_and_readers_at_once_lose_nothing(database: Database) -> None:
    async def write(name: str) -> None:
        async with database.writing() as conn:
            before = (await conn.execute(select(func.count()).select_from(Message))).scalar_one()
            await conn.execute(insert(Thread).values(thread(name, str(before))))

    async with asyncio.timeout(30):
        await asyncio.gather(*(write(f"t{n}") for n in range(40)), *(count(database) for _ in range(40)))
    assert await count(database) == 40


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) FROM n"


@asynccontextmanager
async def reader(database: Database) -> AsyncIterator[asyncio.Task[None]]:
    """A task that waits for a statement which takes long."""
    begun = asyncio.Event()

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute", once=True)
    def started(*_: object) -> None:
        begun.set()

    async def read() -> None:
        async with database.reading() as conn:
            await conn.execute(text(ENDLESS))

    async with asyncio.timeout(10):
        task = asyncio.create_task(read())
        await begun.wait()
        await asyncio.sleep(0)
        yield task


async def test_a_cancelled_statement_costs_nobody_else_anything(database: Database) -> None:
    async with database.writing() as conn:
        await conn.execute(insert(Thread).values(thread("one")))
    async with reader(database) as task:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await count(database) == 1


async def test_nothing_is_left_of_a_task_that_is_cancelled_again_while_it_ends(database: Database) -> None:
    await database.open()
    for turns in range(3):
        async with reader(database) as task:
            task.cancel()
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert await count(database) == 0
    await database.close()
    if others := asyncio.all_tasks() - {cast(asyncio.Task[None], asyncio.current_task())}:
        _, left = await asyncio.wait(others, timeout=10)
        assert not left


@pytest.mark.requirement("S3-17")
async def test_the_echo_logs_statements_and_none_of_their_values(database_url: str) -> None:
    database = Database(database_url, echo=True)
    with capture_logs() as logs:
        async with database.writing() as conn:
            await conn.execute(insert(Thread).values(thread("one", "a secret title")))
        await database.write(lambda conn: conn.execute(delete(Thread).where(Thread.title == "a secret title")))
        await database.close()
    statements = [line["statement"] for line in logs if line["event"] == "sql"]
    assert any("INSERT INTO salon_threads" in statement for statement in statements)
    assert any("DELETE FROM salon_threads" in statement for statement in statements)
    assert "a secret title" not in str(logs)


async def test_without_the_echo_no_statement_is_logged(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with capture_logs() as logs:
        await count(database)
    assert "SELECT" not in str(logs) + caplog.text


class TestUsersOwn:
    """A database of an application's engine, session or connection."""

    @pytest.fixture
    async def engine(self, database: Database) -> AsyncIterator[AsyncEngine]:
        if database.engine.url.database == ":memory:":
            engine = create_async_engine("sqlite+aiosqlite:///:memory:")
        else:
            engine = create_async_engine(database.engine.url)
        yield engine
        await engine.dispose()

    async def test_an_engine_a_session_and_a_connection_are_one_database(self, engine: AsyncEngine) -> None:
        database = Database.of(engine)
        assert database is not None
        async with AsyncSession(engine) as session, engine.connect() as conn:
            bound = AsyncSession(conn)
            assert {Database.of(engine), Database.of(session), Database.of(conn), Database.of(bound)} == {database}
            assert Database.of(database) is database

    async def test_it_stores_beside_the_applications_own_tables(self, engine: AsyncEngine) -> None:
        async with engine.begin() as conn:
            await conn.exec_driver_sql("CREATE TABLE messages (id INTEGER PRIMARY KEY)")
        database = Database.of(engine)
        async with database.writing() as conn:
            await conn.execute(insert(Thread).values(thread("one")))
        assert await asyncio.gather(*(count(database) for _ in range(5))) == [1] * 5
        async with AsyncSession(engine) as session:
            assert (await session.execute(text("SELECT count(*) FROM messages"))).scalar_one() == 0

    async def test_closing_leaves_the_engine_open(self, engine: AsyncEngine) -> None:
        database = Database.of(engine)
        assert await count(database) == 0
        async with engine.connect() as conn:
            await database.close()
            assert (await conn.exec_driver_sql("SELECT 1")).scalar_one() == 1

    async def test_a_session_that_is_bound_to_nothing_is_refused(self) -> None:
        with pytest.raises(ValueError, match="bound to no engine"):
            Database.of(AsyncSession())

    async def test_an_address_is_the_database_that_a_server_of_this_process_uses(
        self, sqlite_database_url: str
    ) -> None:
        used = Database(sqlite_database_url)
        assert Database.of(sqlite_database_url.replace("sqlite:", "sqlite+aiosqlite:")) is used
        await used.close()
        assert Database("sqlite:///:memory:") is not Database.of("sqlite:///:memory:")
        await Database.of("sqlite:///:memory:").close()

    async def test_an_address_is_one_database_until_it_is_closed(self, database_url: str) -> None:
        database = Database.of(database_url)
        assert Database.of(database_url) is database
        await database.close()
        assert Database.of(database_url) is not database
        await Database.of(database_url).close()


async def test_the_session_dependency_gives_the_configured_database(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    async for session in get_session():
        session.add(Thread(**thread("kept")))
        await session.commit()
    async for session in get_session():
        session.add(Thread(**thread("not committed")))
        await session.flush()
    async for session in get_session():
        assert (await session.scalars(select(Thread.id))).all() == ["kept"]
    await Database.of(database_url).close()


class TestOutage:
    """When a database does not answer."""

    async def test_a_server_that_is_not_there_is_unavailable_without_a_word_why(self) -> None:
        database = Database("postgresql://someone:a-password@127.0.0.1:1/chats")
        with capture_logs() as logs, pytest.raises(SalonError) as told:
            await database.open()
        assert (told.value.code, told.value.retry_after) == ("unavailable", 1)
        assert str(told.value) == "the store does not answer now; try again"
        (line,) = [line for line in logs if line["event"] == "database_silent"]
        assert line["reason"] == "ConnectionRefusedError"
        assert "a-password" not in str(told.value) + str({**line, "exc_info": None})

    async def test_a_database_that_is_not_there_is_unavailable_and_the_log_says_so(self, postgres_url: str) -> None:
        database = Database(postgres_url + "_of_nobody")
        with capture_logs() as logs, pytest.raises(SalonError, match="does not answer"):
            await database.open()
        assert [line["reason"] for line in logs] == ["InvalidCatalogNameError"]
        await database.close()

    async def test_connections_that_a_server_dropped_are_replaced(self, postgres_database_url: str) -> None:
        database, operator = Database(postgres_database_url), Database(postgres_database_url)

        async def drop_all_others() -> None:
            async with operator.reading() as conn:
                await conn.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                    )
                )

        async def lose() -> None:
            async with database.writing() as conn:
                await conn.execute(insert(Thread).values(thread("lost")))
                await drop_all_others()
                await conn.execute(insert(Thread).values(thread("lost too")))

        with pytest.raises(SalonError, match="does not answer"):
            await lose()
        assert await count(database) == 0
        await drop_all_others()
        assert await count(database) == 0
        await database.close()
        await operator.close()

    async def test_a_file_that_is_no_database_is_unavailable(self, sqlite_database_url: str) -> None:
        path = Database(sqlite_database_url).engine.url.database
        assert path is not None
        with open(path, "w") as file:  # noqa: PTH123, ASYNC230 - a line of text
            file.write("These are not the bytes of a database, and there are many of them." * 99)
        database = Database(sqlite_database_url)
        with capture_logs() as logs, pytest.raises(SalonError, match="does not answer"):
            await database.open()
        assert [line["reason"] for line in logs] == ["SQLITE_NOTADB"]
        await database.close()

    async def test_a_file_that_another_process_writes_for_long_is_unavailable(self, sqlite_database_url: str) -> None:
        database, other = Database(sqlite_database_url), Database(sqlite_database_url)
        await database.open()
        async with other.writing() as held:
            await held.execute(insert(Thread).values(thread("held")))
            async with database.reading() as conn:
                assert (await conn.execute(select(func.count()).select_from(Thread))).scalar_one() == 0
                await conn.exec_driver_sql("PRAGMA busy_timeout = 1")
            with pytest.raises(SalonError, match="does not answer"):
                async with database.writing():
                    pytest.fail("both write")
        assert await count(database) == 1
        await database.close()
        await other.close()
