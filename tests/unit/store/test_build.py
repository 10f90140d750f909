from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy.engine.interfaces import DBAPIConnection

from salon.store.engine.build import SWITCHES, WRITE_AHEAD, prepare


class Cursor(sqlite3.Cursor):
    """SQLite while others that start at the same moment change the file's journal, too."""

    busy = 0
    code = sqlite3.SQLITE_BUSY

    def execute(self, sql: str, *_: object) -> sqlite3.Cursor:  # type: ignore[override]
        if sql == WRITE_AHEAD and Cursor.busy:
            Cursor.busy -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = Cursor.code
            raise error
        return super().execute(sql)


class Connection(sqlite3.Connection):
    def cursor(self, *_: object) -> Cursor:  # type: ignore[override]
        return super().cursor(Cursor)


def journal(file: Path, busy: int, code: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(Cursor, "busy", busy)
    monkeypatch.setattr(Cursor, "code", code)
    connection = sqlite3.connect(file, factory=Connection)
    try:
        prepare(cast(DBAPIConnection, connection), None)
        mode: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
    finally:
        connection.close()
    return mode


def test_servers_that_start_at_once_on_a_new_file_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert journal(tmp_path / "salon.db", SWITCHES - 1, sqlite3.SQLITE_BUSY, monkeypatch) == "wal"


@pytest.mark.parametrize(("busy", "code"), [(SWITCHES, sqlite3.SQLITE_BUSY), (1, sqlite3.SQLITE_READONLY)])
def test_a_file_that_stays_busy_or_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: int, code: int
) -> None:
    with pytest.raises(sqlite3.OperationalError):
        journal(tmp_path / "salon.db", busy, code, monkeypatch)
