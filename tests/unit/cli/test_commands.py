import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from salon.cli.main import app
from salon.store.migrations import HEAD


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command sends the log to its own stderr."""
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    yield
    root.level, root.handlers = before
    structlog.reset_defaults()


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_agents_are_listed_without_a_server() -> None:
    code, out, _ = run("agents")
    assert code == 0
    assert "host speaks first" in out
    assert "may hand over to: analyst" in out
    assert "mock: a simulation answers" in out


def test_agents_are_listed_for_programs() -> None:
    code, out, _ = run("agents", "--json")
    listed = json.loads(out)
    assert code == 0
    assert listed["mode"] == "mock"
    assert listed["teams"][0]["host"] == "host"
    assert {agent["source"] for agent in listed["agents"]} == {"mock"}
    assert all(agent["tools"] for agent in listed["agents"] if agent["name"] != "host")


def test_an_application_that_is_not_there_is_an_error_and_not_a_traceback() -> None:
    code, _, err = run("agents", "--app", "nowhere:app")
    assert code == 1
    assert "nowhere" in err
    assert "Traceback" not in err


def test_contracts_are_written_and_checked(tmp_path: Path) -> None:
    out = str(tmp_path)
    assert run("contracts", "--out", out, "--check")[0] == 1
    assert run("contracts", "--out", out)[0] == 0
    assert run("contracts", "--out", out, "--check") == (0, "", "")
    wire = tmp_path / "schema" / "wire.schema.json"
    wire.write_text(wire.read_text() + " ")
    code, text, _ = run("contracts", "--out", out, "--check")
    assert code == 1
    assert "wire.schema.json" in text
    assert "run `salon contracts`" in text


@pytest.mark.requirement("S3-27")
def test_tables_are_brought_up_to_date_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/salon.db")
    code, out, _ = run("migrate")
    assert (code, out) == (0, f"the database was empty; now at step {HEAD}\n")
    assert run("migrate")[1] == f"nothing to do: step {HEAD}\n"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////nowhere/salon.db", "which is not a folder. Make it"),
        ("postgresql://someone:hush@127.0.0.1:1/chats", "the store does not answer now"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, url: str, told: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    code, _, err = run("migrate")
    assert code == 1
    assert "DATABASE_URL" in err
    assert told in err
    assert "hush" not in err


def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eight")
    code, _, err = run("serve")
    assert code == 1
    assert "PORT" in err
    assert "TCP port" in err


def test_the_version_is_told() -> None:
    assert run("--version")[1].startswith("salon ")


@pytest.mark.parametrize("room", ["a b", "", "../x", "x" * 129])
def test_a_room_that_cannot_be_is_refused_with_the_form_of_a_room_id(room: str) -> None:
    code, _, err = run("chat", "--room", room, "--url", "ws://127.0.0.1:1")
    assert code == 1
    assert "--room" in err
    assert "starts with a letter or digit" in err
