"""Which addresses of databases are understood, and what is said of the others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from salon.store.database import Database
from salon.store.engine.address import ephemeral, parse


@pytest.mark.requirement("S3-16")
@pytest.mark.parametrize(
    ("given", "driver", "database"),
    [
        ("postgresql+asyncpg://user:password@localhost:5433/dnd_agent_db", "postgresql+asyncpg", "dnd_agent_db"),
        ("postgresql://user@db/chats", "postgresql+asyncpg", "chats"),
        ("postgres://user@db/chats", "postgresql+asyncpg", "chats"),
        ("sqlite:////tmp/some.db", "sqlite+aiosqlite", "/tmp/some.db"),
        ("sqlite+aiosqlite:////tmp/some.db", "sqlite+aiosqlite", "/tmp/some.db"),
        ("sqlite://", "sqlite+aiosqlite", ":memory:"),
        ("sqlite:///:memory:", "sqlite+aiosqlite", ":memory:"),
    ],
)
def test_every_documented_form_is_understood(given: str, driver: str, database: str) -> None:
    url = parse(given)
    assert (url.drivername, url.database) == (driver, database)
    assert ephemeral(url) == (database == ":memory:")


def test_a_relative_file_stays_where_the_server_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse("sqlite:///salon.db").database == str(tmp_path / "salon.db")


def test_the_ssl_mode_of_hosted_databases_is_what_the_driver_calls_it() -> None:
    assert dict(parse("postgresql://u@h/d?sslmode=require").query) == {"ssl": "require"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("", "is not the address of a database"),
        ("salon.db", "is not the address of a database"),
        ("postgresql://u:hush@h:port/d", "is not the address of a database"),
        ("mysql://u:hush@h/d", "starts with mysql://, which is not known"),
        ("postgresql+psycopg2://u:hush@h/d", "starts with postgresql+psycopg2://, which is not known"),
        ("postgresql://u:hush@h/d?colour=red", "has the parameter colour, which is not known: leave it out"),
    ],
)
def test_what_is_wrong_is_told_without_the_address(given: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"^DATABASE_URL") as refused:
        Database(given)
    assert told in str(refused.value)
    assert "hush" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_file_that_cannot_be_written_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    for path, told in [
        (tmp_path / "nowhere/salon.db", "is not a folder. Make it"),
        (tmp_path / "file/salon.db", "is not a folder. Make it"),
        (tmp_path, "which is a folder: name a file in it"),
    ]:
        with pytest.raises(ValueError, match=r"^DATABASE_URL") as refused:
            Database(f"sqlite:///{path}")
        assert told in str(refused.value)
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path) != tmp_path)  # root may write everywhere
    with pytest.raises(ValueError, match="this user may not write"):
        Database(f"sqlite:///{tmp_path}/salon.db")


def test_a_missing_driver_is_told_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ValueError, match=r"pip install 'salon\[postgres\]'"):
        Database("postgresql://u@h/d")


def test_people_are_shown_where_it_is_and_no_password(tmp_path: Path) -> None:
    assert Database("sqlite:///:memory:").place == "memory, until the server stops"
    assert Database(f"sqlite:///{tmp_path}/salon.db").place == f"{tmp_path}/salon.db"
    behind_tls = Database("postgresql://salon:hush@db.example:5433/rooms?sslmode=require")
    assert behind_tls.place == "PostgreSQL, db.example/rooms"
