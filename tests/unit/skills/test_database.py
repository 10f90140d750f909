"""Rows go in and come out, and no name or value becomes a part of a statement."""

import asyncio
import json
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salon import Agent, DatabaseSkill
from salon.errors import SalonError


def with_file(path: Path, **config: object) -> DatabaseSkill:
    with sqlite3.connect(path) as made:
        made.execute(
            "CREATE TABLE IF NOT EXISTS findings (id INTEGER PRIMARY KEY, topic TEXT, score REAL, at DATETIME)"
        )
        made.execute("CREATE TABLE IF NOT EXISTS secrets (word TEXT)")
    agent = Agent(
        "a", "You research.", skills={"db": DatabaseSkill({"connection_string": f"sqlite:///{path}", **config})}
    )
    skill = agent.skills["db"]
    assert isinstance(skill, DatabaseSkill)
    skill.kept = agent  # type: ignore[attr-defined]
    return skill


@pytest.mark.requirement("S1-23")
async def test_what_is_put_in_is_read_back(tmp_path: Path) -> None:
    db = with_file(tmp_path / "own.db")
    assert await db.db_insert("findings", {"topic": "tea", "score": 0.5, "at": "2026-01-31T12:00:00"}) == {
        "table": "findings",
        "inserted": 1,
    }
    await db.db_insert("findings", {"topic": "rain", "score": 2})
    read = await db.db_query("findings", where={"topic": "tea"})
    assert read["rows"] == [{"id": 1, "topic": "tea", "score": 0.5, "at": "2026-01-31T12:00:00"}]
    newest = await db.db_query("findings", where={"topic": ["tea", "rain"]}, order_by="-id", limit=1)
    assert [row["topic"] for row in newest["rows"]] == ["rain"]  # type: ignore[union-attr, index, call-overload]
    assert (await db.db_query("findings", where={"at": None}))["rows"] != []
    await db.cleanup()


async def test_a_table_is_read_whatever_sqlite_let_others_write_into_it(tmp_path: Path) -> None:
    db = with_file(tmp_path / "own.db")
    with sqlite3.connect(tmp_path / "own.db") as made:
        made.execute("CREATE TABLE odd (at DATETIME, day DATE, price NUMERIC(10, 2))")
        made.execute("INSERT INTO odd VALUES (1700000000, 'yesterday', 'a lot'), ('2026-01-31 12:00:00', NULL, 2.5)")
    assert (await db.db_query("odd"))["rows"] == [
        {"at": 1700000000, "day": "yesterday", "price": "a lot"},
        {"at": "2026-01-31T12:00:00", "day": None, "price": 2.5},
    ]
    await db.cleanup()


async def test_a_file_stays_as_it_is_and_one_that_is_not_there_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = with_file(tmp_path / "own.db")
    await db.db_insert("findings", {"topic": "tea"})
    await db.cleanup()
    with sqlite3.connect(tmp_path / "own.db") as made:
        assert made.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-9f8e7d6c5b4a39281706f5e4d3c2b1a0")
    address = f"sqlite:///{tmp_path / 'typo.db'}"
    agent = Agent("a", "You.", model="openai/gpt-4o", skills={"db": DatabaseSkill(address)})
    missing = agent.skills["db"]
    assert isinstance(missing, DatabaseSkill)
    with pytest.raises(SalonError, match="there is no such file"):
        await missing.db_query("findings")
    assert not (tmp_path / "typo.db").exists()


@pytest.mark.requirement("S1-23")
@pytest.mark.parametrize(
    "table",
    [
        "findings; DROP TABLE secrets",
        'findings" --',
        "main.findings",
        "sqlite_master",
        "pragma_database_list",
        "dbstat",
        "salon_threads",
        "pg_shadow",
        "",
        "1a",
        "ﬁndings",
    ],
)
async def test_a_table_that_is_no_plain_name_is_refused(tmp_path: Path, table: str) -> None:
    db = with_file(tmp_path / "own.db")
    with pytest.raises(SalonError, match="table"):
        await db.db_insert(table, {"topic": "x"})
    with pytest.raises(SalonError, match="table"):
        await db.db_query(table)
    await db.cleanup()


@pytest.mark.requirement("S1-23")
def test_whatever_stands_for_a_name_or_value_nothing_but_a_row_comes_of_it(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    with_file(path)
    with sqlite3.connect(path) as made:
        made.execute("INSERT INTO secrets VALUES ('xyzzy')")
    names = st.one_of(st.sampled_from(["findings", "topic", "score", "id", "secrets"]), st.text(max_size=40))
    values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text(), max_size=3))

    async def attempt(table: str, row: dict[str, object], order: str) -> None:
        db = with_file(path, tables=["findings"])
        for call in (db.db_insert(table, row), db.db_query(table, row, order_by=order)):  # type: ignore[arg-type]
            with suppress(SalonError):
                assert "xyzzy" not in json.dumps(await call)
        await db.cleanup()

    @settings(max_examples=150)
    @given(names, st.dictionaries(names, values, max_size=4), names)
    def attack(table: str, row: dict[str, object], order: str) -> None:
        asyncio.run(attempt(table, row, order))

    attack()
    with sqlite3.connect(path) as made:
        tables = {name for (name,) in made.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert tables == {"findings", "secrets"}
        assert made.execute("SELECT * FROM secrets").fetchall() == [("xyzzy",)]


@pytest.mark.parametrize(
    "value", ["'); DROP TABLE findings; --", "\\", "Robert'--", "%s", ":topic", "$1", "\U0001f375", "a" * 5000]
)
async def test_a_value_comes_back_as_it_went_in(tmp_path: Path, value: str) -> None:
    db = with_file(tmp_path / "own.db")
    await db.db_insert("findings", {"topic": value})
    assert (await db.db_query("findings", where={"topic": value}))["rows"][0]["topic"] == value  # type: ignore[index, call-overload]
    await db.cleanup()


async def test_models_get_the_listed_tables_only_and_no_writing_where_it_is_for_reading(tmp_path: Path) -> None:
    def tools(**config: object) -> list[str]:
        agent = Agent("a", "You.", skills={"db": DatabaseSkill(config)})
        return sorted(tool.name for tool in agent.get_all_tools())

    assert tools() == []
    assert tools(tables=["findings"]) == ["db_insert", "db_query"]
    assert tools(tables=["findings"], read_only=True) == ["db_query"]
    db = with_file(tmp_path / "own.db", tables=["findings"], read_only=True)
    with pytest.raises(SalonError, match="may not be used; there are: findings"):
        await db.db_query("secrets")
    with pytest.raises(SalonError, match="reading only"):
        await db.db_insert("findings", {"topic": "x"})
    await db.cleanup()


@pytest.mark.requirement("S1-23")
@pytest.mark.parametrize(
    "address", ["postgresql://research_db", "postgresql://...", "postgresql://a@127.0.0.1:1/none", ""]
)
async def test_on_the_mock_a_database_that_is_not_there_is_embedded_and_says_so(address: str) -> None:
    db = Agent("a", "You.", model="openai/gpt-4o", skills={"db": DatabaseSkill(address)}).skills["db"]
    assert isinstance(db, DatabaseSkill)
    assert (await db.db_query("research_findings"))["rows"] == []
    told = await db.db_insert("research_findings", {"content": "tea is old", "category": "history"})
    assert str(told["database"]).startswith("embedded")
    await db.db_insert("research_findings", {"content": "more", "tags": ["a", "b"]})
    assert (await db.db_query("research_findings", where={"category": "history"}))["rows"] == [
        {"content": "tea is old", "category": "history", "tags": None}
    ]
    await db.cleanup()


async def test_with_a_real_model_a_database_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-9f8e7d6c5b4a39281706f5e4d3c2b1a0")
    for address in ("postgresql://research_db", "postgresql://a@127.0.0.1:1/none"):
        agent = Agent("a", "You.", model="openai/gpt-4o", skills={"db": DatabaseSkill(address)})
        db = agent.skills["db"]
        assert isinstance(db, DatabaseSkill)
        with pytest.raises(SalonError) as refused:
            await db.db_insert("t", {"a": 1})
        assert refused.value.code == "unavailable"
        await db.cleanup()


@pytest.mark.parametrize(
    "row", [{}, {"topic": object()}, {"topic": 2**70}, {"topic": "\0"}, {"score": float("nan")}, {"at": "now"}]
)
async def test_a_row_that_cannot_be_one_is_refused_by_name(tmp_path: Path, row: dict[str, object]) -> None:
    db = with_file(tmp_path / "own.db")
    with pytest.raises(SalonError, match=next(iter(row), "row")):
        await db.db_insert("findings", row)  # type: ignore[arg-type]
    await db.cleanup()


@pytest.mark.parametrize(
    "config", [{"tables": "findings"}, {"tables": ["a b"]}, {"connection_string": 5}, {"url": "x"}]
)
def test_settings_that_cannot_be_used_are_refused_when_it_is_made(config: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(config))):
        DatabaseSkill(config)


@pytest.mark.requirement("S1-23")
async def test_rows_of_postgresql_go_in_by_their_columns_types(postgres_url: str) -> None:
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(postgres_url)
    async with engine.begin() as conn:
        await conn.execute(text("DROP TABLE IF EXISTS own_findings"))
        made = "CREATE TABLE own_findings (topic text, at timestamptz, day date, n bigint, ok boolean, extra jsonb)"
        await conn.execute(text(made))
    await engine.dispose()
    agent = Agent("a", "You.", skills={"db": DatabaseSkill(postgres_url)})
    db = agent.skills["db"]
    assert isinstance(db, DatabaseSkill)
    row = {
        "topic": "'; --",
        "at": "2026-01-31T12:00:00+01:00",
        "day": "2026-01-31",
        "n": 7,
        "ok": True,
        "extra": {"a": [1]},
    }
    told = await db.db_insert("own_findings", row)  # type: ignore[arg-type]
    assert "database" not in told
    read = await db.db_query("own_findings", where={"topic": "'; --", "ok": True, "n": 7})
    assert read["rows"] == [{**row, "at": "2026-01-31T11:00:00+00:00"}]
    for wrong in ({"n": "many"}, {"topic": 5, "nothing": 1}, {"at": "soon"}):
        with pytest.raises(SalonError) as refused:
            await db.db_insert("own_findings", wrong)  # type: ignore[arg-type]
        assert refused.value.code == "bad_request"
    with pytest.raises(SalonError, match="there is no 'own_nothing'"):
        await db.db_query("own_nothing")
    await db.cleanup()
